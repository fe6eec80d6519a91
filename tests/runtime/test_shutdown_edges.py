"""Where an end meets code that is ending already, or will not end."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.fakes.virtual_loop import run_virtual
from tests.runtime.kit import BOOM, Lab, now, puppet, turns, virtual, worker
from vega_tui.runtime import (
    BRUTAL_KILL,
    INFINITY,
    KILL,
    KILLED,
    NORMAL,
    SHUTDOWN,
    ChildSpec,
    Error,
    ExitReason,
    ExitSignal,
    Process,
    StartError,
    SupervisorSpec,
    System,
)


async def slow_to_clean_up(self: Process, seconds: float = 30.0) -> None:
    try:
        await self.receive()
    finally:
        await asyncio.sleep(seconds)


@pytest.mark.parametrize(("shutdown_s", "expected"), [(0.2, 0.2), (2.0, 2.0), (0.0, 0.0), (0.01, 0.01)])
@virtual
async def test_a_child_that_is_cleaning_up_already_has_shutdown_s_to_end(
    system: System, shutdown_s: float, expected: float
) -> None:
    lab = Lab(system)
    await lab.start(worker("a", start=slow_to_clean_up, shutdown_s=shutdown_s))
    await turns()
    system.exit(lab.pid("a"), BOOM)
    await turns()
    began = now()
    await lab.sup.terminate_child("a")
    # What swallows the kill too is dead after a moment's grace.
    assert expected <= round(now() - began, 3) <= expected + 0.05


@virtual
async def test_a_brutal_kill_ends_a_child_that_is_cleaning_up_at_once(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a", start=slow_to_clean_up, shutdown_s=BRUTAL_KILL))
    await turns()
    system.exit(lab.pid("a"), BOOM)
    await turns()
    began = now()
    await lab.sup.terminate_child("a")
    assert now() - began <= 0.05


@pytest.mark.parametrize("asked_before", [False, True])
@virtual
async def test_shutdown_infinity_waits_for_code_that_does_not_trap(system: System, asked_before: bool) -> None:
    lab = Lab(system)
    await lab.start(worker("a", start=slow_to_clean_up, shutdown_s=INFINITY))
    await turns()
    if asked_before:
        system.exit(lab.pid("a"), BOOM)
        await turns()
    began = now()
    await lab.sup.terminate_child("a")
    assert now() - began == 30.0


@virtual
async def test_a_second_signal_that_says_nothing_of_time_does_not_lengthen_the_first_ones_grace(
    system: System,
) -> None:
    pid = await system.spawn(slow_to_clean_up)
    await turns()
    gone = system.when_exited(pid)
    system.exit(pid, BOOM)
    await asyncio.sleep(4.0)
    system.exit(pid, SHUTDOWN)
    assert await gone == BOOM
    assert round(now(), 3) == 5.05


@virtual
async def test_a_kill_ends_the_time_that_an_earlier_signal_gave(system: System) -> None:
    """The first one's timer would declare it dead at 5.05 s with the wrong reason, if the kill had not taken it."""
    pid = await system.spawn(slow_to_clean_up)
    await turns()
    gone = system.when_exited(pid)
    system.exit(pid, BOOM)
    await asyncio.sleep(5.03)
    system.kill(pid)
    assert await gone == KILLED


@virtual
async def test_an_earlier_grace_does_not_end_a_child_that_a_supervisor_gave_more_time(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a", start=slow_to_clean_up, args=(8.0,), shutdown_s=20.0))
    await turns()
    system.exit(lab.pid("a"), BOOM)
    await asyncio.sleep(3.0)
    await lab.sup.terminate_child("a")
    assert now() == 8.0
    assert lab.exits()["a"] == BOOM


async def _raises_in_cleanup(self: Process) -> None:
    try:
        await self.receive()
    finally:
        raise ValueError("cleanup")


async def _exits_in_cleanup(self: Process) -> None:
    try:
        await self.receive()
    finally:
        self.exit(NORMAL)


CLEANUPS: list[tuple[Callable[[Process], Awaitable[None]], ExitReason, object]] = [
    (_raises_in_cleanup, KILL, KILLED),
    (_exits_in_cleanup, KILL, KILLED),
    (_exits_in_cleanup, BOOM, BOOM),
    (_exits_in_cleanup, SHUTDOWN, SHUTDOWN),
    (_raises_in_cleanup, SHUTDOWN, ValueError),
]


@pytest.mark.parametrize(("body", "signal", "expected"), CLEANUPS)
@virtual
async def test_the_reason_of_an_end_is_the_signals_unless_cleanup_failed_and_always_killed_for_a_kill(
    system: System, body: Any, signal: ExitReason, expected: object
) -> None:
    pid = await system.spawn(body)
    await turns()
    gone = system.when_exited(pid)
    system.exit(pid, signal)
    reason = await gone
    assert (type(reason.exception) if isinstance(reason, Error) and reason != BOOM else reason) == expected


async def ignores_the_kill(self: Process) -> None:
    for _ in range(3):
        try:
            await asyncio.sleep(0.2)
        except asyncio.CancelledError:
            pass


ACTS: list[Callable[[Process, Process], object]] = [
    lambda me, other: me.register("taken"),
    lambda me, other: me.link(other.pid),
    lambda me, other: me.monitor(other.pid),
    lambda me, other: me.spawn(ignores_the_kill),
    lambda me, other: me.spawn_link(ignores_the_kill),
    lambda me, other: me.spawn_monitor(ignores_the_kill),
    lambda me, other: me.start_link(ignores_the_kill),
]


@pytest.mark.parametrize("act", ACTS)
@virtual
async def test_a_dead_process_whose_code_lingers_takes_part_in_nothing(
    system: System, act: Callable[[Process, Process], Any]
) -> None:
    reached: list[str] = []
    others: list[Process] = []

    async def other(self: Process) -> None:
        others.append(self)
        await self.receive()

    async def lingers(self: Process) -> None:
        await ignores_the_kill(self)
        reached.append("act")
        done = act(self, others[0])
        if asyncio.iscoroutine(done):
            await done
        reached.append("never")

    await system.spawn(other)
    pid = await system.spawn(lingers)
    await turns()
    system.kill(pid)
    await asyncio.sleep(2.0)
    info = system.info(others[0].pid)
    assert info is not None
    assert (system.whereis("taken"), info.links, info.monitored_by) == (None, frozenset(), ())
    assert system.processes() == [others[0].pid]
    assert reached == ["act"]


@virtual
async def test_a_process_that_is_declared_dead_in_its_init_phase_is_a_failed_start(system: System) -> None:
    starting = asyncio.ensure_future(system.start(ignores_the_kill))
    await turns()
    (pid,) = system.processes()
    system.kill(pid)
    await asyncio.wait((starting,), timeout=5.0)
    assert starting.done()
    with pytest.raises(StartError) as caught:
        await starting
    assert caught.value.reason == KILLED
    assert now() < 0.2


@virtual
async def test_a_start_timeout_ends_the_child_and_not_its_starter(system: System) -> None:
    async def never_ready(self: Process) -> None:
        await self.receive()

    starter = await puppet(system)
    with pytest.raises(StartError):
        await starter.do(lambda me: me.start_link(never_ready, timeout_s=1.0))
    await turns()
    assert starter.alive


@virtual
async def test_a_failed_restart_leaves_no_child_shown_as_starting(system: System) -> None:
    starts: list[int] = []

    async def once(self: Process) -> None:
        starts.append(1)
        if len(starts) > 1:
            raise OSError
        self.ack()
        await self.receive()

    lab = Lab(system)
    await lab.start(worker("a", start=once, init=True))
    system.exit(lab.pid("a"), SHUTDOWN)
    await lab.sup.terminate_child("a")
    with pytest.raises(StartError):
        await lab.sup.restart_child("a")
    info = lab.sup.child("a")
    assert (info.state, info.pid) == ("stopped", None)


# ---- close


def _closed(
    start: Callable[[System, list[object]], Awaitable[object]], close_within_s: float | None = None
) -> tuple[float, list[object]]:
    """How long close took, and what the processes noted."""
    notes: list[object] = []

    async def main() -> float:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: notes.append(context["message"]))
        async with System(close_within_s=close_within_s) as system:
            await start(system, notes)
            await turns()
            began = now()
        return now() - began

    return run_virtual(main()), notes


def test_close_stops_every_root_in_its_order_also_when_one_dies_meanwhile() -> None:
    async def start(system: System, notes: list[object]) -> None:
        async def careful(self: Process) -> None:
            self.trap_exit = True
            self.ack()
            notes.append(await self.receive())

        async def crashy(self: Process) -> None:
            await self.receive()
            raise ValueError

        async def last(self: Process) -> None:
            self.trap_exit = True
            self.ack()
            await self.receive()
            self.send("w", "bye")
            await asyncio.sleep(0.1)

        await system.start_supervisor(SupervisorSpec(intensity=0, children=[ChildSpec(id="w", name="w", start=crashy)]))
        sup = await system.start_supervisor(SupervisorSpec(children=[ChildSpec(id="b", start=careful, init=True)]))
        notes.append(sup.pid)
        await system.start_supervisor(SupervisorSpec(children=[ChildSpec(id="c", start=last, init=True)]))

    took, notes = _closed(start)
    assert notes[1:] == [ExitSignal(notes[0], SHUTDOWN)]  # type: ignore[arg-type]  # a pid
    assert took < 0.2


def test_close_gives_a_process_that_ignores_it_its_grace_once() -> None:
    async def stubborn(self: Process) -> None:
        for _ in range(4):  # the exit signal, the kill, once more when declared dead; the fourth ends the test's loop
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError:
                pass

    async def start(system: System, notes: list[object]) -> None:
        await system.spawn(stubborn)

    took, notes = _closed(start)
    assert took <= 6.0
    assert len(notes) == 1


def test_close_within_a_time_waits_little_longer() -> None:
    async def stubborn(self: Process) -> None:
        self.trap_exit = True
        for _ in range(3):
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError:
                pass

    async def start(system: System, notes: list[object]) -> None:
        await system.spawn(stubborn)

    took, _ = _closed(start, close_within_s=1.0)
    assert took <= 2.0
