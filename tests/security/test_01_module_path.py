"""Line 1: nothing of the folder that we are started from is ever on a module path of ours."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.terminal import Terminal
from tests.security.poisoned import poison, ran
from vega_tui.core.own_process import environment

SCRIPT = Path(sys.executable).with_name("vega-tui")
ROOT = Path(__file__).parents[2]


class Trap:
    """A poisoned project, a home, and what runs there."""

    def __init__(self, tmp: Path) -> None:
        self.folder, self.canary, self.home = tmp / "project", tmp / "canary", tmp / "home"
        self.folder.mkdir()
        poison(self.folder, self.canary)
        theirs = ("VEGA_", "ANTHROPIC_", "PYTHON")
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
        self.env["VEGA_HOME"] = str(self.home)

    def run(self, *argv: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(each) for each in argv], cwd=self.folder, env=self.env | env, timeout=50, capture_output=True,
            text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    @property
    def ran(self) -> set[str]:
        return ran(self.canary)

    def spare_python_itself(self) -> None:
        """Remove what `python -m` imports from the current folder before the module it was asked for, and ourselves."""
        for name in ("vega_tui", "logging", "asyncio"):
            (self.folder / name / "__init__.py").unlink()
            (self.folder / name).rmdir()
        (self.folder / "vega_tui.py").unlink()
        (self.folder / "nothing.py").write_text("")
        while True:
            self.run(sys.executable, "-m", "nothing")
            if not (found := self.ran):
                return
            self.canary.unlink()
            for name in found:
                (self.folder / f"{name}.py").unlink()


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Trap]:
    made = Trap(tmp_path)
    yield made
    made.run(SCRIPT, "host", "stop")


def test_the_trap_works(trap: Trap) -> None:
    trap.run(sys.executable, "-c", "import yaml")
    assert "yaml" in trap.ran


@pytest.mark.parametrize(
    "words",
    [
        ["host", "start"],
        ["doctor"],
        ["config", "show"],
        ["ps"],
        ["--help"],
        ["-p", "hello"],
        ["-p", 'tool grep {"pattern": "canary"}'],
        ["-p", 'tool bash {"command": "echo out"}', "--yolo"],
    ],
)
def test_no_command_runs_a_module_of_the_folder(trap: Trap, words: list[str]) -> None:
    done = trap.run(SCRIPT, *words)
    assert done.returncode == 0, done.stderr
    assert trap.ran == set()


def test_the_host_is_not_steered_by_the_environment_either(trap: Trap) -> None:
    steered = {"PYTHONPATH": str(trap.folder), "PYTHONSTARTUP": "os.py", "PYTHONUSERBASE": str(trap.folder)}
    # -I: what the face's own interpreter reads is the person's; the host is started by us.
    done = trap.run(sys.executable, "-I", SCRIPT, "host", "start", **steered, PYTHONWARNINGS="error::yaml.Bad")
    assert done.returncode == 0, done.stderr
    assert trap.ran == set()


def test_relative_places_of_the_environment_are_not_passed_on() -> None:
    given = {
        "PATH": ":/usr/bin:.:bin:/bin", "LD_LIBRARY_PATH": "lib:", "LD_PRELOAD": "./evil.so:libgood.so /abs.so",
        "PYTHONPATH": "/x", "PYTHONHOME": "/x", "OPENSSL_CONF": "evil.cnf", "BASH_ENV": "/x", "HOME": "/h", "LANG": "C",
    }  # fmt: skip
    assert environment(given) == {
        "PATH": "/usr/bin:/bin", "LD_PRELOAD": "libgood.so:/abs.so", "HOME": "/h", "LANG": "C"
    }  # fmt: skip


def test_a_host_works_in_the_root_folder(trap: Trap) -> None:
    assert trap.run(SCRIPT, "host", "start").returncode == 0
    pid = (trap.home / "run" / "host.lock").read_text().strip()
    if Path("/proc/self/cwd").exists():
        assert Path(f"/proc/{pid}/cwd").readlink() == Path("/")
        seen = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        assert not [each for each in seen if each.startswith(b"PYTHON")]


def test_the_screen_and_the_host_it_starts_run_no_module_of_the_folder(trap: Trap) -> None:
    terminal = Terminal(trap.home, trap.folder, program=str(SCRIPT))
    try:
        terminal.until("Message root").type("stream 3 at 0 tag ONE\r").until("ENDONE")
    finally:
        terminal.close()
    assert trap.ran == set()


def test_an_isolated_agent_runs_no_module_of_the_folder_that_its_program_works_in(trap: Trap) -> None:
    program = Path(__file__).with_name("isolated_team.py")
    done = trap.run(sys.executable, "-P", program, PYTHONPATH=str(ROOT))
    assert done.returncode == 0, done.stderr
    assert trap.ran == set()


@pytest.mark.parametrize("words", [["doctor"], ["-p", "hello"], ["host", "start"]])
def test_as_a_module_only_what_python_itself_looks_for_first_is_taken_from_the_folder(
    trap: Trap, words: list[str]
) -> None:
    trap.spare_python_itself()
    done = trap.run(sys.executable, "-m", "vega_tui", *words)
    assert done.returncode == 0, done.stderr
    assert trap.ran == set()
