import tomllib
from pathlib import Path

from vega_tui import __version__


def test_the_constant_is_the_release_of_the_project_file() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == __version__
