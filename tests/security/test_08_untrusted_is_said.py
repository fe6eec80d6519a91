"""Line 8: who opens a project whose `.vega/` counts for nothing is told so on the screen, and how it would count."""

import os
import subprocess
import sys
from pathlib import Path

from tests.journeys.terminal import Terminal


def project(tmp_path: Path) -> Path:
    inner = tmp_path / "project" / ".vega"
    inner.mkdir(parents=True)
    (inner / "config.yaml").write_text("mode: edits\n")
    return inner.parent


def test_an_untrusted_project_is_said_on_a_small_screen_and_one_that_is_trusted_is_not(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", project(tmp_path)
    terminal = Terminal(tmp_path / "another", folder, columns=80, rows=24)
    try:
        terminal.until("vega-tui config trust: this .vega/ is not read, nobody trusts it")
    finally:
        terminal.close()
    subprocess.run(
        [sys.executable, "-m", "vega_tui", "config", "trust"],
        cwd=folder, env={**os.environ, "VEGA_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])},
        check=True, timeout=30, capture_output=True,
    )  # fmt: skip
    terminal = Terminal(home, folder, columns=80, rows=24)
    try:
        terminal.until("waits for your first")  # the host is there, and what is to be told has been
        terminal.type("stream 3 at 0 tag ONE\r").until("ENDONE")
        assert "config trust" not in terminal.text
    finally:
        terminal.close()


def test_what_is_wrong_with_the_keymap_is_said_too(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "keymap.yaml").write_text("no such command: x\n")
    terminal = Terminal(home, tmp_path, columns=200, rows=24)
    try:
        terminal.until("keymap.yaml")
    finally:
        terminal.close()
