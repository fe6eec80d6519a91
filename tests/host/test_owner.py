"""The owner of a process is the only one that touches its conversation: forks, switches and pauses come to it."""

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import Any

import pytest

from tests.fakes.face import Face, FaceFactory
from vega_tui.core import events as ev
from vega_tui.core.errors import UserError, VegaError
from vega_tui.core.messages import text_of
from vega_tui.core.words import InputMode, RunStatus, StopReason
from vega_tui.host import Host
from vega_tui.llm.simulator import Simulator
from vega_tui.protocol import operations as op
from vega_tui.sessions.lifecycle import validate


def fork(me: Face, **wanted: Any) -> Awaitable[op.Forked]:
    return me.connection.call(op.SESSION_FORK, op.Fork(session=me.row.id, **wanted))


async def settled(me: Face) -> None:
    """Nothing of the session is under way or waits."""
    snapshot = await me.show()
    while snapshot.inputs or any(row.run for row in snapshot.processes):
        snapshot = await me.show()


async def whole(me: Face) -> None:
    """What was said is on its branch, each entry behind the one before it, and the root still answers."""
    assert "ProcessExited" not in me.names()
    said = [event for event in me.events if isinstance(event, ev.EntryAdded)]
    shown = {
        entry.id
        for branch in (await me.connection.call(op.BRANCH_LIST, op.SessionRef(session=me.row.id))).branches
        for entry in await me.entries(branch=branch.name)
    }
    assert [event.entry.note or text_of(event.entry.content) for event in said if event.entry.id not in shown] == []
    assert (await me.say("hello")).status is RunStatus.COMPLETED
    assert text_of((await me.entries())[-1].content)
    assert validate(me.events) == []


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_fork_right_behind_a_message_waits_for_no_luck(face: FaceFactory, *, at_once: bool) -> None:
    me = await (await face()).open()
    await me.say("hello")
    for _ in range(8):
        if at_once:
            told = await asyncio.gather(me.send("say yes"), fork(me), return_exceptions=True)
            refused = told[1]
        else:
            await me.send("say yes")
            refused = (await asyncio.gather(fork(me), return_exceptions=True))[0]
        assert isinstance(refused, op.Forked | UserError), refused
        await settled(me)
    await whole(me)


async def test_a_fork_at_the_end_of_a_run_takes_nothing_along(face: FaceFactory) -> None:
    me = await (await face()).open()
    for number in range(6):
        await me.send(f"stream 20 at 0 tag T{number}")
        await me.send(f"say follow{number}", mode=InputMode.FOLLOWUP)
        forked = None
        while forked is None:
            with contextlib.suppress(UserError):
                forked = await fork(me)
        await settled(me)
    await whole(me)


async def test_a_switch_at_the_end_of_a_run_takes_nothing_along(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.say("hello")
    await fork(me, name="other")
    for number in range(6):
        await me.send(f"stream 20 at 0 tag T{number}")
        moved = False
        while not moved:
            wanted = op.BranchSwitch(session=me.row.id, branch="other" if number % 2 else "main")
            with contextlib.suppress(UserError):
                await me.connection.call(op.BRANCH_SWITCH, wanted)
                moved = True
        await settled(me)
    await whole(me)


async def test_while_a_run_is_under_way_its_conversation_stays_where_it_is(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.say("hello")
    await fork(me, name="other")
    await me.send('tool bash {"command": "date"}')
    await me.asked()
    with pytest.raises(UserError, match="under way"):
        await fork(me)
    with pytest.raises(UserError, match="under way"):
        await me.connection.call(op.BRANCH_SWITCH, op.BranchSwitch(session=me.row.id, branch="main"))
    assert (await me.show()).session is not None
    assert {event.branch for event in me.events if isinstance(event, ev.BranchMoved)} == {"other"}


async def test_forks_side_by_side_get_names_of_their_own(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.say("hello")
    forked = await asyncio.gather(*(fork(me) for _ in range(10)))
    assert len({branch.branch for branch in forked}) == 10
    twice = await asyncio.gather(fork(me, name="same"), fork(me, name="same"), return_exceptions=True)
    assert sum(isinstance(told, UserError) for told in twice) == 1
    await whole(me)


async def test_a_fork_of_a_root_that_was_ended_is_there_when_it_lives_again(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.say("say one")
    await me.say("say two")
    first = (await me.entries())[1].id
    await me.act(op.PROCESS_TERMINATE, "root")
    await me.until(ev.ProcessExited)
    forked = await fork(me, entry=first)
    assert (await me.say("say three")).status is RunStatus.COMPLETED
    assert [text_of(entry.content) for entry in await me.entries(branch=forked.branch)][-1] == "three"
    assert len(await me.entries(branch=forked.branch)) == 4


async def test_a_message_that_waits_is_heard_on_the_branch_that_it_finds(
    face: FaceFactory, simulator: Simulator
) -> None:
    me = await (await face()).open()
    await me.say("hello")
    await me.act(op.PROCESS_TERMINATE, "root")
    await me.until(ev.ProcessExited)
    forked, _ = await asyncio.gather(fork(me), me.send("say yes"), return_exceptions=True)
    await me.until(ev.RunFinished, lambda event: event.seq > me.events[0].seq, after=len(me.events) - 1)
    await settled(me)
    assert isinstance(forked, op.Forked | UserError)
    yes = [event for event in me.events if isinstance(event, ev.EntryAdded) and event.entry.kind == "assistant"]
    assert text_of(yes[-1].entry.content) == "yes"


async def test_an_entry_that_the_log_refuses_ends_the_run_and_that_is_said(
    host: Host, face: FaceFactory, simulator: Simulator
) -> None:
    me = await (await face()).open()
    await me.say("hello")
    # A bug, made by hand: the conversation stands where its branch doesn't.
    host.directory.live[me.row.id].root().conversation._position.head = "e_elsewhere"  # pyright: ignore[reportPrivateUsage, reportOptionalMemberAccess]  no door leads to a bug
    before = len(simulator.requests)
    finished = await me.say('tool bash {"command": "date"}')
    assert finished.stop_reason is not StopReason.TEXT
    exited = await me.until(ev.ProcessExited)
    assert "log" in exited.text
    await me.until(ev.ProcessStarted, lambda event: event.incarnation == 2)
    assert len(simulator.requests) == before  # nothing was asked that isn't in the log
    assert (await me.say("say yes")).status is RunStatus.COMPLETED
    notes = [entry.note for entry in await me.entries() if entry.kind == "system"]
    assert any("refused" in note for note in notes)
    assert text_of((await me.entries())[-1].content) == "yes"


async def test_a_pause_is_kept_over_a_restart_and_one_of_what_has_ended_is_refused(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.act(op.PROCESS_PAUSE, "root")
    await me.act(op.PROCESS_KILL, "root")
    await me.until(ev.ProcessStarted, lambda event: event.incarnation == 2)
    await me.send("hello")
    await me.until(ev.RunStarted)
    for _ in range(20):
        await me.show()
    assert "TurnStarted" not in me.names()
    await me.act(op.PROCESS_RESUME, "root")
    assert (await me.until(ev.RunFinished)).status is RunStatus.COMPLETED
    await me.act(op.PROCESS_TERMINATE, "root")
    await me.until(ev.ProcessExited, lambda event: event.incarnation == 2)
    with pytest.raises(VegaError, match="not running"):
        await me.act(op.PROCESS_PAUSE, "root")
