"""The demo's supervisors, watched over a connection: who is restarted, and what happens past the intensity."""

import pytest

from tests.fakes.face import Face, FaceFactory
from vega_tui.core import events as ev
from vega_tui.protocol import operations as op
from vega_tui.protocol.description import Described

DRILLS = "root/drills"
PAIR, LINE = f"{DRILLS}/pair", f"{DRILLS}/line"


@pytest.fixture
async def me(face: FaceFactory) -> Face:
    return await (await face()).open(demo=True)


async def kill(me: Face, path: str, *, life: int = 1) -> None:
    """Kill it, end its backoff, and wait for its next life."""
    await me.act(op.PROCESS_KILL, path)
    await me.until(ev.ProcessRestarting, lambda event: event.process == path and event.incarnation == life + 1)
    await me.act(op.PROCESS_RESTART, path)
    await begun(me, path, life + 1)


async def begun(me: Face, path: str, life: int) -> None:
    await me.until(ev.ProcessStarted, lambda event: event.process == path and event.incarnation == life)


async def lives(me: Face, *paths: str) -> list[int]:
    return [(await me.process(path)).incarnation for path in paths]


async def describe(me: Face, path: str) -> Described:
    return await me.connection.call(op.PROCESS_DESCRIBE, op.ProcessRef(session=me.row.id, process=path))


async def test_one_for_one_restarts_the_child_that_died_and_no_other(me: Face) -> None:
    await kill(me, "root/workers/w1")
    assert await lives(me, "root/workers", "root/workers/w1", "root/workers/w2") == [1, 2, 1]


async def test_one_for_all_restarts_all_children_in_their_order(me: Face) -> None:
    await kill(me, f"{PAIR}/right")
    await begun(me, f"{PAIR}/left", 2)
    started = [event.process for event in me.events if isinstance(event, ev.ProcessStarted) and event.incarnation == 2]
    assert started == [f"{PAIR}/left", f"{PAIR}/right"]
    assert await lives(me, PAIR, LINE) == [1, 1]
    own = (await describe(me, PAIR)).own
    assert own is not None
    assert own.used == 1


async def test_rest_for_one_restarts_the_child_that_died_and_those_after_it(me: Face) -> None:
    await kill(me, f"{LINE}/second")
    await begun(me, f"{LINE}/third", 2)
    assert await lives(me, f"{LINE}/first", f"{LINE}/second", f"{LINE}/third") == [1, 2, 2]


async def test_past_its_intensity_a_supervisor_gives_up_and_the_one_above_brings_it_back_whole(me: Face) -> None:
    for life in (1, 2):
        await kill(me, f"{PAIR}/left", life=life)
    await me.act(op.PROCESS_KILL, f"{PAIR}/left")
    gave_up = await me.until(ev.ProcessGaveUp)
    assert (gave_up.process, gave_up.intensity) == (PAIR, 2)
    ended = await me.until(ev.ProcessExited, lambda event: event.process == PAIR)
    assert (ended.reason, ended.text, ended.abnormal) == ("gave up", "more than 2 restarts in 60 s", True)
    await begun(me, PAIR, 2)
    await begun(me, f"{PAIR}/right", 4)
    assert await lives(me, DRILLS, PAIR, f"{PAIR}/left") == [1, 2, 4]
    assert (await me.process(PAIR)).lives == ("gave up",)
    above = (await describe(me, DRILLS)).own
    assert above is not None
    assert above.used == 1


async def test_giving_up_climbs_when_the_one_above_has_none_left_either(me: Face) -> None:
    for life in (1, 2):
        await me.act(op.PROCESS_KILL, PAIR)
        await begun(me, f"{PAIR}/right", life + 1)
    await me.act(op.PROCESS_KILL, PAIR)
    assert (await me.until(ev.ProcessGaveUp)).process == DRILLS
    await begun(me, f"{LINE}/third", 2)
    await begun(me, DRILLS, 2)
    assert await lives(me, "root", "root/workers") == [1, 1]


async def test_a_process_is_described_with_its_flags_its_order_and_those_above(me: Face) -> None:
    told = await describe(me, f"{LINE}/second")
    assert [child.process for child in told.siblings] == [f"{LINE}/first", f"{LINE}/second", f"{LINE}/third"]
    assert told.as_child is not None
    assert (told.as_child.restart, told.as_child.shutdown_s) == ("permanent", 5.0)
    assert told.as_child.backoff is not None
    assert (told.as_child.backoff.delays, told.as_child.backoff.capped) == ((3.0, 6.0, 12.0), True)
    assert [(one.path, one.shown, one.strategy, one.keeps) for one in told.above[:2]] == [
        (LINE, True, "rest_for_one", 3),
        (DRILLS, True, "one_for_one", 2),
    ]
    assert [life.incarnation for life in told.lives] == [1]


async def test_a_restart_that_is_due_is_described_with_what_is_left_of_it(me: Face) -> None:
    await me.act(op.PROCESS_KILL, f"{PAIR}/left")
    await me.until(ev.ProcessRestarting, lambda event: event.process == f"{PAIR}/left")
    told = (await describe(me, f"{PAIR}/left")).as_child
    assert told is not None
    assert told.restart_in_s is not None
    assert (told.state, told.attempt, told.restart_of_s) == ("restarting", 1, 3.0)
    assert 0 < told.restart_in_s <= 3.0


async def test_a_terminated_child_stays_down_under_its_supervisor_and_can_be_started_again(me: Face) -> None:
    await me.act(op.PROCESS_TERMINATE, f"{PAIR}/left")
    told = await describe(me, PAIR)
    assert [child.state for child in told.children] == ["stopped", "running"]
    await me.act(op.PROCESS_RESTART, f"{PAIR}/left")
    await begun(me, f"{PAIR}/left", 2)
    assert (await lives(me, f"{PAIR}/right")) == [1]


async def test_a_child_that_a_siblings_restart_took_along_waits_for_it_and_says_with_whom(me: Face) -> None:
    await me.act(op.PROCESS_KILL, f"{PAIR}/left")
    await me.until(ev.ProcessExited, lambda event: event.process == f"{PAIR}/right")
    taken = await me.process(f"{PAIR}/right")
    assert (taken.state, taken.now) == ("RSTR", "with left")
    assert taken.restart_at > 0
    assert [row.restarts for row in (await me.show()).processes if row.path == f"{PAIR}/right"] == [()]


async def test_terminating_a_child_in_its_backoff_calls_the_round_off_for_all_it_would_take_along(me: Face) -> None:
    await me.act(op.PROCESS_KILL, f"{PAIR}/left")
    await me.until(ev.ProcessExited, lambda event: event.process == f"{PAIR}/right")
    await me.act(op.PROCESS_TERMINATE, f"{PAIR}/left")
    for name in ("left", "right"):
        await me.until(ev.ProcessTerminated, lambda event, name=name: event.process == f"{PAIR}/{name}")
        row = await me.process(f"{PAIR}/{name}")
        assert (row.state, row.now, row.restart_at) == ("done", "terminated", 0.0)
    await me.act(op.PROCESS_RESTART, f"{PAIR}/right")
    await begun(me, f"{PAIR}/right", 2)


async def test_the_last_restart_left_is_an_alert_of_the_supervisor(me: Face) -> None:
    await kill(me, f"{PAIR}/left")
    told = await me.until(ev.AlertRaised, lambda event: event.process == PAIR)
    assert told.alert.message == "1 of 2 restarts in 60 s; 1 left before it gives up"


async def test_a_restart_that_leaves_room_for_more_is_no_alert(me: Face) -> None:
    await kill(me, "root/workers/w1")
    assert [alert.process for alert in (await me.show()).alerts] == []


async def test_a_killed_supervisors_children_end_with_it_and_their_next_lives_live(me: Face) -> None:
    await me.act(op.PROCESS_KILL, PAIR)
    for name in ("left", "right"):
        await begun(me, f"{PAIR}/{name}", 2)
        path = f"{PAIR}/{name}"
        await me.until(ev.ProcessExited, lambda event, path=path: event.process == path and event.incarnation == 1)
        row = await me.process(path)
        assert (row.state, row.incarnation, row.lives) == ("wait", 2, ("killed",))
        ended = [life.reason for life in (await describe(me, path)).lives]
        assert ended == ["killed", ""]
