import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=CHECKOUT, check=True, capture_output=True,
    )  # fmt: skip
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that has the wheel, and sees this one's dependencies."""
    place = tmp_path_factory.mktemp("env")
    venv.create(place, with_pip=False, symlinks=True)
    python = place / "bin" / "python"
    site = next(place.glob("lib/python*/site-packages"))
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", "--quiet",
         "--disable-pip-version-check", str(wheel)],
        check=True, capture_output=True,
    )  # fmt: skip
    # Added at the end of the path and without its own .pth files: what is installed comes first, the checkout never.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place / "bin"


def run(program: Path, *argv: str, home: Path) -> subprocess.CompletedProcess[str]:
    """As a person would: in a folder of their own, with a home of their own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("VEGA_", "ANTHROPIC_", "PYTHON"))}
    env["VEGA_HOME"] = str(home / "vega")
    return subprocess.run(
        [str(program), *argv],
        check=False,
        cwd=home,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=50,
    )


def test_the_wheel_holds_the_data_that_ships(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("themes", "sessions", "examples"):
        assert any(name.startswith(f"vega_tui/_data/{folder}/") for name in names), folder
    assert not any(name.startswith(("tests/", "bench/")) for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "vega_tui/py.typed" in names


def test_the_installed_program_says_its_version(installed: Path, tmp_path: Path) -> None:
    done = run(installed / "vega-tui", "--version", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("vega-tui ")


def test_the_installed_program_runs_from_where_it_is_installed(installed: Path, tmp_path: Path) -> None:
    done = run(installed / "python", "-c", "import vega_tui; print(vega_tui.__file__)", home=tmp_path)
    assert done.stdout.startswith(str(installed.parent))


def test_the_installed_program_answers(installed: Path, tmp_path: Path) -> None:
    done = run(installed / "vega-tui", "-p", "hello", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()
