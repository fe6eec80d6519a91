"""Packages of outsiders: what they offer under an entry point is there, and what is broken costs nobody else."""

import importlib
import os
import sys
from pathlib import Path

import pytest

from tests.cli.said import Fd, Said
from vega_tui.commands.table import load_table

STARS = '''
from vega_tui.tools.tool import tool

@tool(kind="agents")
async def stars(near: str) -> str:
    """Stars near another."""
    return f"Sheliak is near {near}"
'''
BROKEN = {
    "missing": "import a_module_that_nobody_has\n",
    "leaves": "raise SystemExit(3)\n",
    "raises": "raise ValueError('first line\\nsecond \\x1b[31mline')\n",
    "wrong": "stars = COMMANDS = 7\n",
    "taken": "from vega_tui.tools.builtins.bash import bash as stars\n"
             "from vega_tui.commands.builtins.settings import COMMANDS\n",
    "wont_parse": "def (\n",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("VEGA_", "ANTHROPIC_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("VEGA_HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(sys, "stdin", None)


def install(folder: Path, name: str, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if somebody had installed a package of this name."""
    module = f"vega_outsider_{name}"
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / f"{module}.py").write_text(body)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    points = f"[vega_tui.tools]\n{name} = {module}:stars\n"
    if "COMMANDS" in body or "tool" not in body:
        points += f"[vega_tui.commands]\n{name} = {module}\n"
    (info / "entry_points.txt").write_text(points)
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    importlib.invalidate_caches()
    monkeypatch.delitem(sys.modules, module, raising=False)


def test_a_tool_of_another_package_reaches_the_agents_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: Fd
) -> None:
    install(tmp_path / "site", "stars", STARS, monkeypatch)
    said = Said(capfdbinary, "-p", 'tool stars {"near": "Vega"}')
    assert (said.code, said.err) == (0, "")
    assert "Sheliak is near Vega" in said.out
    found = {each["what"]: each["verdict"] for each in Said(capfdbinary, "doctor", "--json").json}
    assert found["plugins"] == "ok"


@pytest.mark.parametrize("name", list(BROKEN))
def test_a_broken_package_is_named_by_the_doctor_and_left_out(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: Fd
) -> None:
    install(tmp_path / "site", name, BROKEN[name], monkeypatch)
    install(tmp_path / "more", "stars", STARS, monkeypatch)
    said = Said(capfdbinary, "-p", 'tool stars {"near": "Vega"}')
    assert (said.code, said.err) == (0, "")
    assert "Sheliak is near Vega" in said.out
    doctor = Said(capfdbinary, "doctor", "--json")
    assert doctor.code == 1
    named = [each["text"] for each in doctor.json if each["what"] == "plugin"]
    assert [text.split(" is left out: ")[0] for text in named] == [
        f"tool {name} (vega_outsider_{name}:stars)",
        f"command {name} (vega_outsider_{name})",
    ]
    assert not any("\n" in text or "\x1b" in text for text in named)
    assert "theme" in load_table().by_slash
