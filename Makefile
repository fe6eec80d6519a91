# Everything a fresh machine needs is Python 3.11 or newer, git and make; .venv is made on first use.
# A name on the path may be a shim of a version that isn't there, so each is tried.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: run demo test fuzz test-nightly check bench otp-diff snap clean

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "vega-tui needs Python 3.11 or newer; none is on the path" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/pip install --quiet --disable-pip-version-check -e . --group dev
	touch $(STAMP)

run: $(STAMP)
	@$(BIN)/vega-tui

demo: $(STAMP)
	@$(BIN)/vega-tui demo

test: $(STAMP)
	$(BIN)/python -m pytest -n 2

# The shell law with bash as its oracle: make fuzz [SECONDS=600] [SEED=1]
fuzz: $(STAMP)
	$(BIN)/python -m tests.fuzz $(or $(SECONDS),600) $(SEED)

test-nightly: $(STAMP)
	$(BIN)/python -m pytest -m nightly

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright --warnings
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python -m tests.bench

# Needs Erlang: apt-get install erlang-base
otp-diff: $(STAMP)
	$(BIN)/python -m tests.otp_diff

snap: $(STAMP)
	SNAPSHOT_UPDATE=1 $(BIN)/python -m pytest tests/tui_app/test_snapshots.py tests/cli/test_documents.py

clean:
	rm -rf $(VENV) dist build
