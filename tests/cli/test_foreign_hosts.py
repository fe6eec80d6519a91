"""A host that may be somebody else's: nothing is asked of it, whatever the command line wants."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.cli.said import Fd, Said
from tests.fakes.running_host import RunningHost
from vega_tui.core.home import Home


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[tuple[Home, RunningHost]]:
    for name in [name for name in os.environ if name.startswith(("VEGA_", "ANTHROPIC_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("VEGA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    home = Home()
    home.ensure()
    running = RunningHost(home)
    running.start()
    try:
        yield home, running
    finally:
        running.stop()


@pytest.mark.parametrize("argv", [["ps"], ["send", "root", "hi"], ["approvals", "approve", "a"]])
def test_in_a_folder_that_others_can_write_it_is_not_spoken_to(
    running: tuple[Home, RunningHost], capfdbinary: Fd, argv: list[str]
) -> None:
    home, there = running
    home.socket.parent.chmod(0o770)
    said = Said(capfdbinary, *argv)
    assert (said.code, said.out) == (5, "")
    assert "chmod 700" in said.err
    assert there.host.asked == []
