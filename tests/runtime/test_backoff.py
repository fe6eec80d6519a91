"""Backoff between restarts: ours, on top of OTP, off unless asked."""

import asyncio
from typing import Any

import pytest

from tests.runtime.kit import BOOM, Lab, now, obedient, turns, virtual, worker
from vega_tui.runtime import (
    Backoff,
    BackoffKind,
    ChildRestarting,
    GaveUp,
    Other,
    Process,
    Restarting,
    Strategy,
    System,
)
from vega_tui.runtime.restart import Streak, delay_s

FOUR = Backoff(kind=BackoffKind.CONSTANT, initial_s=4.0)


def test_the_three_kinds_grow_as_they_say() -> None:
    def first_four(kind: BackoffKind) -> list[float]:
        return [delay_s(Backoff(kind=kind, initial_s=2.0, factor=3.0, max_s=20.0), n) for n in (1, 2, 3, 4)]

    assert first_four(BackoffKind.EXPONENTIAL) == [2.0, 6.0, 18.0, 20.0]
    assert first_four(BackoffKind.LINEAR) == [2.0, 4.0, 6.0, 8.0]
    assert first_four(BackoffKind.CONSTANT) == [2.0] * 4


def test_a_long_streak_stays_at_the_cap() -> None:
    assert delay_s(Backoff(initial_s=1.0, factor=10.0, max_s=30.0), 100_000) == 30.0


def test_jitter_spreads_both_ways_and_never_passes_the_cap() -> None:
    backoff = Backoff(kind=BackoffKind.CONSTANT, initial_s=10.0, jitter=0.5, max_s=12.0)
    assert [delay_s(backoff, 1, chance) for chance in (0.0, 0.5, 1.0)] == [5.0, 10.0, 12.0]


def test_a_quiet_time_starts_the_streak_anew() -> None:
    backoff = Backoff(initial_s=1.0, reset_after_s=60.0)
    streak = Streak()
    delays = [streak.next_delay_s(backoff, ran_s=ran, chance=0.5) for ran in (0, 59, 60, 0)]
    assert delays == [1.0, 2.0, 1.0, 2.0]


@virtual
async def test_a_child_in_its_backoff_shows_when_it_will_restart(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a", backoff=FOUR), worker("b"), intensity=3)
    await lab.end("a")
    await asyncio.sleep(1)
    info = sup.child("a")
    assert (info.state, info.pid, info.restarting_in_s, info.attempt) == ("restarting", None, 3.0, 1)
    assert info.last_reason is not None
    assert info.last_reason.text == BOOM.text
    [event] = [event for event in lab.events if isinstance(event, Restarting)]
    assert (event.delay_s, event.attempt, event.intensity, event.reason) == (4.0, 1, 3, BOOM)
    await asyncio.sleep(3)
    await lab.settle()
    assert lab.running() == ["a", "b"]


@virtual
async def test_the_supervisor_answers_during_a_backoff(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a", backoff=FOUR), worker("b"))
    await lab.end("a")
    await lab.end("b")
    await sup.start_child(worker("c"))
    assert (now(), lab.running()) == (0, ["b", "c"])


@virtual
async def test_a_manual_restart_ends_the_backoff(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a", backoff=FOUR))
    await lab.end("a")
    started = await sup.restart_child("a")
    assert (now(), started.pid) == (0, lab.pid("a"))
    await asyncio.sleep(10)
    await lab.settle()
    assert (lab.pid("a"), sup.info().restarts_total) == (started.pid, 1)


@virtual
async def test_terminating_and_deleting_end_the_backoff(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a", backoff=FOUR))
    await lab.end("a")
    with pytest.raises(ChildRestarting):
        await sup.delete_child("a")
    await sup.terminate_child("a")
    await asyncio.sleep(10)
    await lab.settle()
    assert (lab.running(), sup.child("a").state) == ([], "stopped")
    await sup.delete_child("a")
    assert lab.kept() == []


@virtual
async def test_one_for_all_stops_the_siblings_at_once_and_starts_all_after_the_backoff(
    system: System,
) -> None:
    lab = Lab(system)
    await lab.start(worker("a"), worker("b", backoff=FOUR), worker("c"), strategy=Strategy.ONE_FOR_ALL, intensity=1)
    lab.trace()
    await lab.end("b")
    assert lab.trace() == ["-b", "-c", "-a"]
    await asyncio.sleep(4)
    await lab.settle()
    assert lab.trace() == ["+a", "+b", "+c"]


@virtual
async def test_a_manual_restart_during_a_one_for_all_backoff_starts_all(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"), worker("b", backoff=FOUR), worker("c"), strategy=Strategy.ONE_FOR_ALL)
    await lab.end("b")
    lab.trace()
    await sup.restart_child("b")
    assert (lab.trace(), now()) == (["+a", "+b", "+c"], 0)


@virtual
async def test_a_round_of_another_child_takes_a_waiting_one_along(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"), worker("b", backoff=FOUR), strategy=Strategy.REST_FOR_ONE)
    await lab.end("b")
    await lab.end("a")
    first = lab.pid("b")
    await asyncio.sleep(10)
    await lab.settle()
    assert (lab.pid("b"), sup.info().restarts_total) == (first, 2)


@virtual
async def test_a_failed_restart_is_tried_again_after_the_next_delay(system: System) -> None:
    at: list[float] = []

    async def failing_once(self: Process) -> None:
        at.append(now())
        if len(at) == 2:
            self.exit(Other("not yet"))
        self.ack()
        await obedient(self)

    lab = Lab(system)
    doubling = Backoff(initial_s=1.0)
    await lab.start(worker("a", start=failing_once, init=True, backoff=doubling))
    await lab.end("a")
    await asyncio.sleep(10)
    await lab.settle()
    assert at == [0.0, 1.0, 3.0]
    assert lab.running() == ["a"]


@virtual
async def test_the_intensity_counts_during_backoffs_too(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a", backoff=FOUR), intensity=1, period_s=60.0)
    await lab.end("a")
    await asyncio.sleep(5)
    await lab.end("a")
    assert not lab.alive
    assert [event.reason for event in lab.events if isinstance(event, GaveUp)] == [BOOM]


@virtual
async def test_an_endlessly_failing_start_lets_others_run(system: System) -> None:
    starts: list[str] = []
    healed: list[bool] = []

    async def broken(self: Process) -> None:
        starts.append("a")
        if len(starts) > 1 and not healed:
            self.exit(Other("broken"))
        self.ack()
        await obedient(self)

    lab = Lab(system)
    await lab.start(worker("a", start=broken, init=True), worker("b"), intensity=float("inf"))
    system.send(lab.pid("a"), BOOM)
    await turns(500)
    assert len(starts) > 10
    await lab.sup.terminate_child("a")
    healed.append(True)
    await lab.settle()
    assert lab.running() == ["b"]


@virtual
async def test_a_start_function_that_always_raises_lets_others_run(system: System) -> None:
    starts: list[str] = []

    def broken(process: Process) -> Any:  # Any: a body or nothing
        starts.append("a")
        if len(starts) > 1:
            raise RuntimeError("boom")
        return obedient(process)

    lab = Lab(system)
    await lab.start(worker("a", start=broken), intensity=float("inf"))
    system.send(lab.pid("a"), BOOM)
    await turns(50)
    assert 10 < len(starts) <= 50
    await lab.sup.terminate_child("a")
    assert (lab.alive, lab.running()) == (True, [])
