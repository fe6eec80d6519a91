"""Groups of processes and their boards."""

import asyncio

import pytest

from tests.runtime.kit import BOOM, Lab, puppet, turns, virtual, worker
from vega_tui.runtime import (
    Call,
    CallTimeout,
    GroupNotEmpty,
    GroupNotFound,
    Groups,
    Joined,
    Left,
    Note,
    Pid,
    Process,
    System,
    VersionConflict,
)
from vega_tui.runtime.board import Board


@virtual
async def test_joining_and_leaving_say_whether_they_changed_anything(system: System) -> None:
    groups = Groups(system)
    p = await puppet(system)
    assert (groups.join("g", p.pid), groups.join("g", p.pid)) == (True, False)
    assert (groups.leave("g", p.pid), groups.leave("g", p.pid)) == (True, False)


@virtual
async def test_a_process_may_be_in_many_groups_and_leave_all(system: System) -> None:
    groups = Groups(system)
    p = await puppet(system)
    groups.join("g", p.pid)
    groups.join("h", p.pid)
    assert groups.leave_all(p.pid) == ["g", "h"]
    assert groups.groups_of(p.pid) == []


@virtual
async def test_a_member_leaves_when_it_ends_and_everyone_hears_of_it(system: System) -> None:
    changes: list[Joined | Left] = []
    groups = Groups(system, changes.append)
    p = await puppet(system)
    groups.join("g", p.pid)
    await p.end(BOOM)
    assert (groups.members("g"), changes) == ([], [Joined("g", p.pid), Left("g", p.pid)])


@virtual
async def test_what_is_not_there_is_not_found(system: System) -> None:
    groups = Groups(system)
    p = await puppet(system)
    with pytest.raises(GroupNotFound):
        groups.join("g", p.pid, create=False)
    with pytest.raises(GroupNotFound):
        groups.members("g")
    await p.end()
    with pytest.raises(GroupNotFound):
        groups.join("g", p.pid)


@virtual
async def test_a_group_with_members_cannot_be_deleted(system: System) -> None:
    groups = Groups(system)
    p = await puppet(system)
    groups.join("g", p.pid)
    with pytest.raises(GroupNotEmpty):
        groups.delete("g")
    groups.leave("g", p.pid)
    groups.delete("g")
    assert groups.names() == []


@virtual
async def test_a_broadcast_gives_each_members_reply_or_error(system: System) -> None:
    async def doubling(self: Process) -> None:
        async for message in self.mailbox:
            if isinstance(message, Call) and isinstance(message.request, int):
                message.reply(message.request * 2)

    async def mute(_: Process) -> None:
        await asyncio.sleep(1000)

    groups = Groups(system)
    pids: list[Pid] = [await system.spawn(body) for body in (doubling, mute, doubling)]
    for pid in pids:
        groups.join("g", pid)
    results = await groups.broadcast("g", 21, timeout_s=1.0)
    assert (results[pids[0]], results[pids[2]]) == (42, 42)
    assert isinstance(results[pids[1]], CallTimeout)


@virtual
async def test_a_message_to_a_group_reaches_every_member(system: System) -> None:
    groups = Groups(system)
    members = [await puppet(system), await puppet(system)]
    for member in members:
        groups.join("g", member.pid)
    assert groups.send("g", "hi") == 2
    await turns()
    assert [member.inbox for member in members] == [["hi"], ["hi"]]


@virtual
async def test_a_successor_takes_its_predecessors_place_in_every_group(system: System) -> None:
    changes: list[Joined | Left] = []
    groups = Groups(system, changes.append)
    lab = Lab(system)
    await lab.start(worker("a"))
    old = lab.pid("a")
    groups.join("g", old)
    groups.join("h", old)
    await lab.end("a")
    new = lab.pid("a")
    assert groups.groups_of(new) == ["g", "h"]
    assert changes[-1] == Joined("h", new, old)


@virtual
async def test_a_restart_by_hand_keeps_the_groups_too(system: System) -> None:
    groups = Groups(system)
    lab = Lab(system)
    sup = await lab.start(worker("a"))
    groups.join("g", lab.pid("a"))
    await sup.terminate_child("a")
    assert groups.members("g") == []
    await sup.restart_child("a")
    assert [member.pid for member in groups.members("g")] == [lab.pid("a")]


def test_versions_count_writes_and_a_stale_write_is_refused() -> None:
    board = Board()
    assert board.set("k", "one", writer="a", expected=0).version == 1
    assert board.set("k", "two", writer="b", expected=1).version == 2
    with pytest.raises(VersionConflict):
        board.set("k", "three", writer="a", expected=1)
    note = board.get("k")
    assert note is not None
    assert (note.value, note.writer) == ("two", "b")


def test_a_deleted_key_counts_on_and_may_be_written_as_new() -> None:
    board = Board()
    board.set("k", "one", writer="a")
    assert (board.delete("k", writer="a"), board.delete("k", writer="a")) == (True, False)
    assert (board.get("k"), board.keys(), board.snapshot()) == (None, [], {})
    assert board.set("k", "two", writer="a", expected=0).version == 3


def test_watchers_hear_of_every_change_until_they_stop() -> None:
    board = Board()
    heard: list[Note] = []
    stop = board.watch(heard.append)
    board.set("k", 1, writer="a")
    board.delete("k", writer="a")
    stop()
    board.set("k", 2, writer="a")
    assert [(note.value, note.deleted) for note in heard] == [(1, False), (None, True)]


def test_a_board_comes_back_as_it_was() -> None:
    board, other = Board(), Board()
    board.set("k", 1, writer="a")
    board.set("gone", 1, writer="a")
    board.delete("gone", writer="a")
    other.load(board.notes())
    assert other.notes() == board.notes()
    assert other.set("k", 2, writer="b", expected=1).version == 2
