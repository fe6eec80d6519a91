import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


def run(program: Path, home: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", str(program)],
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
    said = run(EXAMPLES / "library.py", tmp_path)
    assert "helper lives its life number 2" in said
    assert "on the board: root/team/ada, root/team/bob" in said


def test_the_example_of_the_otp_core_restarts_the_child_that_crashed(tmp_path: Path) -> None:
    said = run(EXAMPLES / "otp_core.py", tmp_path).splitlines()
    assert said[:2] == ["apples 42", "pears 42"]
    assert said[-2:] == ["pears running life 1 ", "apples running life 2 ValueError: can't count 'a worm'"]


def test_the_program_of_the_readme_runs(tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    (tmp_path / "program.py").write_text(program)
    said = run(tmp_path / "program.py", tmp_path)
    assert "simulated" in said
    assert said.splitlines()[-1] == "RunFinished"


def test_the_package_itself_loads_nothing(tmp_path: Path) -> None:
    code = "import sys, vega_tui; print([name for name in sys.modules if name.startswith('vega_tui.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
