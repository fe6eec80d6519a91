import asyncio

import pytest

from tests.library.conftest import Make
from vega_tui import Agent, AgentStart, ChildSpec, Mode, Orchestrator, ProcessFailed, SupervisorSpec
from vega_tui.core.errors import UserError
from vega_tui.runtime import GroupNotEmpty, GroupNotFound, VersionConflict

HELPER = Agent(name="helper")


async def test_a_broadcast_gives_each_members_answer_or_its_error(make: Make) -> None:
    orch = await make(mode=Mode.YOLO)
    good, bad = await orch.spawn(HELPER), await orch.spawn(HELPER)
    await orch.spawn(HELPER)
    for proc in (good, bad):
        assert orch.join("crew", proc)
        assert not orch.join("crew", proc)
    waiting = asyncio.create_task(orch.broadcast("crew", "stall", timeout_s=None))
    while len([p for p in orch.session.board.processes.values() if p.run]) < 2:
        await orch.services.bus.flush()
        await asyncio.sleep(0)
    await bad.kill()
    good.interrupt()
    results = await waiting
    assert list(results) == [good.path, bad.path]
    assert isinstance(results[bad.path], ProcessFailed)
    answers = await orch.broadcast("crew", "hello")
    assert list(answers) == [good.path]
    assert isinstance(answers[good.path], str)


async def test_a_broadcast_that_takes_too_long_says_so_for_whom(orch: Orchestrator) -> None:
    proc = await orch.spawn(HELPER)
    orch.join("crew", proc)
    answers = await orch.broadcast("crew", "stall", timeout_s=0.1)
    assert "no answer within" in str(answers[proc.path])


async def test_an_ended_member_is_out_and_a_group_is_dropped_only_when_empty(orch: Orchestrator) -> None:
    proc = await orch.spawn(HELPER)
    orch.join("crew", proc)
    with pytest.raises(GroupNotEmpty):
        orch.delete_group("crew")
    await proc.kill()
    assert orch.members("crew") == []
    orch.delete_group("crew")
    with pytest.raises(GroupNotFound):
        orch.members("crew")
    with pytest.raises(GroupNotFound):
        orch.leave("crew", proc)


async def test_a_message_to_an_ended_member_brings_it_back_into_its_groups(orch: Orchestrator) -> None:
    proc = await orch.spawn(HELPER)
    orch.join("crew", proc)
    await proc.kill()
    assert proc.groups == ["crew"]
    await proc.send("hello")
    assert orch.members("crew") == [proc]


async def test_a_board_refuses_a_write_over_what_was_not_seen(orch: Orchestrator) -> None:
    board = orch.board("crew")
    first = board.set("plan", ["a"], by="ada", expected=0)
    board.set("plan", ["a", "b"], by="bob", expected=first.version)
    with pytest.raises(VersionConflict):
        board.set("plan", [], by="ada", expected=first.version)
    note = board.get("plan")
    assert note is not None
    assert (note.value, note.version, note.writer) == (["a", "b"], 2, "bob")


async def test_a_board_keeps_what_json_keeps_and_nothing_shared(orch: Orchestrator) -> None:
    board, mine = orch.board("crew"), ["a"]
    board.set("plan", mine)
    mine.append("b")
    assert board.snapshot() == {"plan": ["a"]}
    with pytest.raises(UserError, match="JSON"):
        board.set("plan", object())


async def test_a_watcher_hears_of_every_change_in_order(orch: Orchestrator) -> None:
    board = orch.board("crew")
    changes = board.changes()
    first = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    board.set("plan", 1)
    board.set("plan", 2)
    board.delete("plan")
    seen = [await first, await anext(changes), await anext(changes)]
    assert [(note.version, note.value, note.deleted) for note in seen] == [
        (1, 1, False),
        (2, 2, False),
        (3, None, True),
    ]
    watchers = board._board._watchers
    assert len(watchers) == 2
    await changes.aclose()
    assert len(watchers) == 1


async def test_children_of_a_killed_supervisor_are_in_their_groups_again(orch: Orchestrator) -> None:
    children = [ChildSpec(id=name, start=AgentStart(Agent(name=name))) for name in ("a", "b")]
    team = await orch.start_supervisor(SupervisorSpec(children=children), name="team")
    procs = [team.child("a"), team.child("b")]
    for proc in procs:
        orch.join("crew", proc)
    orch.system.kill(team.supervisor.pid)
    async with asyncio.timeout(10):
        while any(proc.incarnation < 2 for proc in procs) or len(orch.members("crew")) < 2:
            await asyncio.sleep(0)
    assert set(orch.members("crew")) == set(procs)
