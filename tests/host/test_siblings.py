"""Siblings that nobody grouped don't share a fate; those of a declared supervisor do, and it is said of them."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from tests.fakes.face import Face, FaceFactory
from vega_tui.agent.blueprint import Agent
from vega_tui.core import events as ev
from vega_tui.core.ids import ROOT
from vega_tui.core.words import Mode, ProcessKind
from vega_tui.host import Host
from vega_tui.host.child_specs import Team, member
from vega_tui.host.posts import Post
from vega_tui.host.session import LiveSession
from vega_tui.llm.simulator import Simulator
from vega_tui.llm.simulator.reply import Fault
from vega_tui.llm.simulator.scenario import Line, Scenario, When
from vega_tui.protocol import operations as op
from vega_tui.protocol.process_state import ENDED
from vega_tui.protocol.rows import ProcessRow
from vega_tui.runtime import Backoff, BackoffKind, ChildSpec, Restart, Strategy, SupervisorSpec

QUICK = Backoff(kind=BackoffKind.CONSTANT, initial_s=0.01)
SLOW = Backoff(initial_s=300.0)


@pytest.fixture
async def me(face: FaceFactory) -> Face:
    return await (await face()).open(mode=Mode.YOLO)


@pytest.fixture
def session(host: Host, me: Face) -> LiveSession:
    return host.directory.get(me.row.id)


async def start(session: LiveSession, name: str, restart: Restart) -> str:
    """An idle agent below the root."""
    path = f"{ROOT}/{name}"
    await session.tree.start_agent(session.make_seat(path, Agent(name="worker"), "", "you"), restart)
    return path


async def state_of(me: Face, path: str) -> str:
    """Its state now; empty before the store has it."""
    return next((row.state for row in (await me.show()).processes if row.path == path), "")


async def fail_for_good(me: Face, path: str) -> None:
    """Kill it until nobody restarts it any more."""
    while True:
        while await state_of(me, path) in {"", "RSTR", *ENDED}:
            await asyncio.sleep(0)  # between the event and the row of the store
        seen = len(me.events)
        await me.act(op.PROCESS_KILL, path)
        told = await me.until(
            ev.Event,
            lambda event: event.process == path and isinstance(event, ev.ProcessStarted | ev.ProcessGaveUp),
            after=seen,
        )
        if isinstance(told, ev.ProcessGaveUp):
            return


@pytest.mark.parametrize("restart", [Restart.PERMANENT, Restart.TRANSIENT])
async def test_one_childs_failures_use_up_its_own_restarts_and_nobody_elses(
    me: Face, session: LiveSession, restart: Restart
) -> None:
    session.tree.backoff = QUICK
    names = [f"w{number}" for number in range(12)]
    paths = [await start(session, name, restart) for name in names]
    for path in paths[:3]:
        await fail_for_good(me, path)
    for path in paths[:3]:
        row = await me.process(path)
        assert (row.state, row.restart_at) == ("kill", 0.0)
        assert row.reason_text.startswith("gave up")
    for path in paths[3:]:
        row = await me.process(path)
        assert (row.state, row.incarnation) == ("wait", 1)


async def test_an_agent_that_gave_up_is_started_again_by_hand_with_a_new_allowance(
    me: Face, session: LiveSession
) -> None:
    session.tree.backoff = QUICK
    path = await start(session, "w", Restart.PERMANENT)
    await fail_for_good(me, path)
    await me.act(op.PROCESS_RESTART, path)
    await me.until(ev.ProcessStarted, lambda event: event.process == path and event.incarnation == 7)
    assert (await me.process(path)).state == "wait"


async def test_terminating_an_agent_in_its_backoff_calls_its_restart_off(me: Face, session: LiveSession) -> None:
    session.tree.backoff = SLOW
    path = await start(session, "w", Restart.PERMANENT)
    await me.act(op.PROCESS_KILL, path)
    await me.until(ev.ProcessRestarting, lambda event: event.process == path)
    await me.act(op.PROCESS_TERMINATE, path)
    await me.until(ev.ProcessTerminated, lambda event: event.process == path)
    row = await me.process(path)
    assert (row.state, row.now, row.restart_at) == ("done", "terminated", 0.0)
    await me.act(op.PROCESS_RESTART, path)
    await me.until(ev.ProcessStarted, lambda event: event.process == path and event.incarnation == 2)


async def test_what_a_declared_supervisor_takes_along_is_shown_as_that_and_no_restart_is_due(
    me: Face, session: LiveSession
) -> None:
    top = f"{ROOT}/top"

    def child(name: str, backoff: Backoff = QUICK) -> tuple[Post, ChildSpec]:
        path = f"{top}/{name}"
        seat = session.make_seat(path, Agent(name="worker"), "", "you")
        return member(session, Post(session=session.session, path=path, seat=seat, restart="permanent"), backoff)

    post = Post(session=session.session, path=top, kind=ProcessKind.SUPERVISOR, restart="temporary")
    flags = SupervisorSpec(strategy=Strategy.ONE_FOR_ONE, intensity=2)
    team = Team(post, flags, [child("fails"), child("waits", SLOW), child("well")])
    await session.tree.start_team(team)
    await me.act(op.PROCESS_KILL, f"{top}/waits")
    await me.until(ev.ProcessRestarting, lambda event: event.process == f"{top}/waits")
    await me.act(op.PROCESS_KILL, f"{top}/fails")
    await me.until(ev.ProcessStarted, lambda event: event.process == f"{top}/fails" and event.incarnation == 2)
    await me.act(op.PROCESS_KILL, f"{top}/fails")
    await me.until(ev.ProcessExited, lambda event: event.process == top)
    well, waits = await me.process(f"{top}/well"), await me.process(f"{top}/waits")
    assert (well.state, well.reason, well.now) == ("FAIL", "taken along", "with fails, which failed too often")
    assert (waits.state, waits.restart_at, waits.reason_text) == ("kill", 0.0, "with fails, which failed too often")


BROKEN = Scenario(replies=(Line(when=When(tag="broken"), say="one two three", fault=Fault(kind="cut", after=2)),))


@pytest.mark.parametrize(
    ("prompt", "end"), [("cut 3", ("done", 2)), ("be kind #broken", ("FAIL", 6))], ids=["once", "always"]
)
async def test_a_hundred_agents_of_which_every_fifth_fails_all_end_in_a_true_state(
    host: Host, work: Path, prompt: str, end: tuple[str, int]
) -> None:
    async with Simulator(words_per_s=0, first_word_s=0, scenario=BROKEN) as simulator:
        me = await (await Face.join(host.connect(), simulator.url, work)).open(mode=Mode.YOLO)
        session = host.directory.get(me.row.id)
        session.tree.backoff = QUICK
        session.tree.max_living = 1000
        tasks = {f"{ROOT}/w{number}": "say fine" if number % 5 else prompt for number in range(100)}
        for path, task in tasks.items():
            # A life that goes on hears no task again: what breaks each of them stands in the system prompt.
            seat = session.make_seat(path, Agent(name="worker", system=task), task, "you")
            await session.tree.start_agent(seat, Restart.TRANSIENT)
        shown = await ends(me, set(tasks))
        await me.close()
    states = Counter((tasks[path], row.state, row.incarnation) for path, row in shown.items())
    assert states == {(prompt, *end): 20, ("say fine", "done", 1): 80}
    assert not any(row.restart_at for row in shown.values())
    assert all(row.reason_text.startswith("gave up") for row in shown.values() if row.state == "FAIL")


async def ends(me: Face, paths: set[str]) -> dict[str, ProcessRow]:
    """The rows of these processes when all have ended, and none is on its way."""
    async with asyncio.timeout(50):
        while True:
            shown = {row.path: row for row in (await me.show()).processes if row.path in paths}
            if all(row.state in ENDED for row in shown.values()) and paths == set(shown):
                return shown
            await asyncio.sleep(0.2)
