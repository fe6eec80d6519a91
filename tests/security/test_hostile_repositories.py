"""Show 4: repositories that mean harm, opened through every door, trusted and not: nothing runs, hangs, or is taken."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.terminal import Terminal
from tests.security.hostile import REPOSITORIES, SECRET, rules_that_wait, settings_of_a_thief

SCRIPT = Path(sys.executable).with_name("vega-tui")


class Visit:
    """A repository just cloned, a home that knows nothing of it, and a PATH that has the current folder in it."""

    def __init__(self, tmp: Path, build: Callable[[Path, Path], None]) -> None:
        self.folder, self.canary, self.home = tmp / "clone", tmp / "canary", tmp / "home"
        self.folder.mkdir()
        build(self.folder, self.canary)
        theirs = ("VEGA_", "ANTHROPIC_", "PYTHON")
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
        self.env |= {"VEGA_HOME": str(self.home), "HOME": str(tmp / "person"), "PATH": f".:{os.environ['PATH']}:"}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(SCRIPT), *words], cwd=self.folder, env=self.env, timeout=40, capture_output=True, check=False,
            stdin=subprocess.DEVNULL, encoding="utf-8", errors="replace",
        )  # fmt: skip


@pytest.fixture(params=REPOSITORIES, ids=lambda build: build.__name__)
def visit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Visit]:
    made = Visit(tmp_path, request.param)
    yield made
    if (made.home / "run" / "host.sock").exists():  # else nothing was left, and asking would be one more start
        made.run("host", "stop")


TOOLS = (
    'tool list {"depth": 10, "limit": 5000}',
    'tool grep {"pattern": "."}',
    'tool read {"path": "README.md"}',
    'tool bash {"command": "git status"}',
)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("trusted", [False, True])
def test_a_hostile_repository_runs_nothing_hangs_nothing_and_widens_nothing(visit: Visit, trusted: bool) -> None:
    if trusted:
        visit.run("config", "trust")  # some can't be: then they stay as they are
    shown = visit.run("config", "show", "--json")
    assert shown.returncode == 0, shown.stderr
    found = json.loads(shown.stdout)
    assert (found["mode"], found["base_url"], found["api_key_env"], found["budget_usd"], found["read_only"]) == (
        "manual", "", "ANTHROPIC_API_KEY", None, False
    )  # fmt: skip
    assert found["max_turns"] < 1_000
    assert visit.run("doctor").returncode == 0
    for words in TOOLS[trusted * 2 :][:2]:  # each is a start of its own: half of them in either case
        done = visit.run("-p", words)
        assert "a bug" not in done.stderr
        assert SECRET not in done.stdout + done.stderr
    assert not visit.canary.exists()


@pytest.mark.timeout(120)
def test_a_hostile_repository_is_opened_on_the_screen_and_nothing_of_it_runs(visit: Visit) -> None:
    terminal = Terminal(visit.home, visit.folder, program=str(SCRIPT))
    try:
        terminal.until("Message root").type('tool list {"depth": 3}\r').until("list")
        terminal.type("stream 3 at 0 tag ONE\r").until("ENDONE")
    finally:
        terminal.close()
    assert not visit.canary.exists()
    assert SECRET not in terminal.text


@pytest.mark.parametrize("build", [rules_that_wait, settings_of_a_thief])
def test_what_can_never_be_trusted_is_refused_in_one_line(tmp_path: Path, build: Callable[[Path, Path], None]) -> None:
    visit = Visit(tmp_path, build)
    refused = visit.run("config", "trust")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert ".vega/config.yaml" in refused.stderr
