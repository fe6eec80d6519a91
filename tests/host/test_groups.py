from pathlib import Path

import pytest

from tests.fakes.face import Face
from vega_tui.core import events as ev
from vega_tui.core.home import Home
from vega_tui.core.words import Mode
from vega_tui.host import Host
from vega_tui.llm.simulator import Simulator
from vega_tui.runtime import GroupNotFound
from vega_tui.sessions.store import Store


async def test_groups_and_boards_come_back_with_their_session(home: Home, simulator: Simulator, work: Path) -> None:
    async with Host(home) as first:
        me = await (await Face.join(first.connect(), simulator.url, work)).open(mode=Mode.YOLO)
        await me.say('tool spawn {"name": "keeper", "prompt": "hello", "restart": "permanent"}')
        await me.until(ev.RunFinished, lambda event: event.process == "root/keeper")
        groups = first.directory.get(me.row.id).groups
        for group in ("crew", "idlers"):
            groups.join(group, "root/keeper")
        groups.leave("idlers", "root/keeper")
        board = groups.board("crew")
        board.set("plan", {"steps": [1, 2]}, by="root/keeper")
        board.set("plan", {"steps": [1]}, by="you")
        board.set("gone", 1)
        board.delete("gone")
        await me.close()
    async with Host(home) as second:
        me = await (await Face.join(second.connect(), simulator.url, work)).open(latest=True)
        groups = second.directory.get(me.row.id).groups
        assert groups.members("crew") == ["root/keeper"]
        with pytest.raises(GroupNotFound):
            groups.members("idlers")
        note = groups.board("crew").get("plan")
        assert note is not None
        assert (note.value, note.version, note.writer) == ({"steps": [1]}, 2, "you")
        assert groups.board("crew").keys() == ["plan"]
        assert groups.board("crew").set("gone", 2).version == 3
        await me.close()
    async with await Store.open(home.database) as store:
        assert await store.compare() == []


async def test_what_happens_in_groups_and_on_boards_reaches_every_face(
    host: Host, simulator: Simulator, work: Path
) -> None:
    me = await (await Face.join(host.connect(), simulator.url, work)).open()
    groups = host.directory.get(me.row.id).groups
    groups.join("crew", "root")
    groups.board("crew").set("plan", [1, "two"], by="root")
    written = await me.until(ev.BoardWritten)
    assert (written.board, written.key, written.value, written.revision, written.by) == (
        "crew", "plan", [1, "two"], 1, "root",
    )  # fmt: skip
    groups.leave("crew", "root")
    left = await me.until(ev.GroupLeft)
    assert (left.process, left.group, left.ended) == ("root", "crew", False)
    groups.delete("crew")
    await me.until(ev.GroupDeleted)
    await me.close()
