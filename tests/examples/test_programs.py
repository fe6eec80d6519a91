import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, home: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", str(EXAMPLES / name)],
        cwd=home,
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    return done.stdout


def test_the_library_example_runs_without_a_key(tmp_path: Path) -> None:
    said = run("library.py", tmp_path)
    assert "helper lives its life number 2" in said
    assert "on the board: root/team/ada, root/team/bob" in said


def test_the_example_of_the_otp_core_restarts_the_child_that_crashed(tmp_path: Path) -> None:
    said = run("otp_core.py", tmp_path).splitlines()
    assert said[:2] == ["apples 42", "pears 42"]
    assert said[-2:] == ["pears running life 1 ", "apples running life 2 ValueError: can't count 'a worm'"]


def test_the_package_itself_loads_nothing(tmp_path: Path) -> None:
    code = "import sys, vega_tui; print([name for name in sys.modules if name.startswith('vega_tui.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
