"""A home that a program names is as much ours as the one of the environment: nothing an agent calls gets into it."""

from pathlib import Path
from typing import Literal

import pytest

from tests.library.conftest import Make
from vega_tui import Agent, Mode
from vega_tui.core.home import Home, own_homes
from vega_tui.host import Host

Isolation = Literal["task", "process"]
CALLS = [
    'tool write {{"path": "{home}/rules.yaml", "content": "allow: [bash]"}}',
    'tool write {{"path": "{home}/trusted_folders.json", "content": "x"}}',
    'tool read {{"path": "{home}/vega.db"}}',
    'tool bash {{"command": "cp notes.md {home}/config.yaml"}}',
    'tool bash {{"command": "cat {home}/vega.db"}}',
    'tool bash {{"command": "cat notes.md > {home}/keymap.yaml"}}',
]


@pytest.mark.parametrize("isolation", ["task", "process"])
@pytest.mark.parametrize("where", ["beside", "inside"])
async def test_a_home_given_by_name_is_protected(make: Make, tmp_path: Path, where: str, isolation: Isolation) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "notes.md").write_text("one\n")
    home = Home((work if where == "inside" else tmp_path) / "its")
    asked = list[str]()

    async def no(approval: object) -> bool:
        asked.append(str(approval))
        return False

    orch = await make(home=home.root, mode=Mode.AUTO, approve=no)
    agent = await orch.spawn(Agent(name="a", isolation=isolation, tools=("bash", "read", "write")))
    for call in CALLS:
        before = len(asked)
        await agent.send(call.format(home=home.root))
        assert len(asked) == before + 1, call
    assert not any((home.root / name).exists() for name in ("rules.yaml", "config.yaml", "keymap.yaml"))


async def test_a_home_that_was_given_back_is_a_folder_as_any_other(tmp_path: Path) -> None:
    async with Host(Home(tmp_path / "one")):
        assert f"{tmp_path}/one/" in own_homes()
    assert f"{tmp_path}/one/" not in own_homes()
