import os
import subprocess
import sys
from pathlib import Path

from tests.fakes.model_server import ModelServer
from vega_tui.approvals.rules_file import load_rules
from vega_tui.core.config import load
from vega_tui.core.home import Home
from vega_tui.core.words import Mode

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_every_file_is_looked_at_here() -> None:
    assert {path.name for path in EXAMPLES.iterdir()} == {
        "config.yaml", "rules.yaml", "review-diff.sh", "library.py", "otp_core.py",
    }  # fmt: skip


def test_the_settings_can_be_taken_over_as_they_are(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.ensure()
    home.config.write_text((EXAMPLES / "config.yaml").read_text())
    found = load(home, tmp_path, env={})
    assert (found.mode, found.budget_usd, found.prices["my-local-model"]["input"]) == (Mode.EDITS, 5.0, 0.0)


def test_the_rules_can_be_taken_over_as_they_are() -> None:
    rules = load_rules(EXAMPLES / "rules.yaml", "your")
    assert {rule.effect for rule in rules} == {"allow", "ask", "deny"}


def test_the_review_of_a_diff_asks_the_model_and_gives_its_exit_code_on(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True, capture_output=True)

    git("init", "-q")
    (tmp_path / "bird.txt").write_text("a cormorant\n")
    git("add", "bird.txt")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "vega-tui").write_text(f'#!/bin/sh\nexec {sys.executable} -m vega_tui "$@"\n')
    (programs / "vega-tui").chmod(0o755)
    with ModelServer() as model:
        env = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "VEGA_HOME": str(tmp_path / "home"),
            "ANTHROPIC_BASE_URL": model.url,
            "ANTHROPIC_API_KEY": "sk-test",
        }
        done = subprocess.run(
            [str(EXAMPLES / "review-diff.sh"), "run touch made"],
            cwd=tmp_path, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "cormorant" in model.heard()
    assert done.returncode == 4
    assert "a tool that nobody could allow" in done.stderr
    assert not (tmp_path / "made").exists()
