"""OTP conformance, rows I: restart intensity and escalation."""

import asyncio

from tests.runtime.kit import BOOM, Lab, obedient, turns, virtual, worker
from vega_tui.runtime import (
    NORMAL,
    SHUTDOWN,
    ChildSpec,
    Exited,
    Other,
    Process,
    Restart,
    Shutdown,
    Strategy,
    SupervisorSpec,
    System,
)


@virtual
async def test_I93_intensity_0_ends_the_supervisor_at_the_first_crash(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"), worker("b"), intensity=0)
    gone = system.when_exited(sup.pid)
    lab.trace()
    await lab.end("a")
    assert await gone == SHUTDOWN
    assert lab.trace() == ["-a", "-b"]


@virtual
async def test_I93_giving_up_is_reported_with_the_last_reason(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"), intensity=0, period_s=7.0)
    await lab.end("a")
    [event] = lab.gave_up()
    assert (event.pid, event.failed_child, event.reason, event.intensity, event.period_s) == (
        sup.pid,
        "a",
        BOOM,
        0,
        7.0,
    )


@virtual
async def test_I94_as_many_crashes_as_the_intensity_are_restarted(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a"), intensity=3, period_s=5.0)
    lab.trace()
    for _ in range(3):
        await lab.end("a")
    assert (lab.alive, lab.trace()) == (True, ["-a", "+a"] * 3)
    await lab.end("a")
    assert not lab.alive


@virtual
async def test_I97_restarts_leave_the_window_after_the_period(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a"), intensity=1, period_s=1.0)
    for _ in range(3):
        await lab.end("a")
        await asyncio.sleep(2.1)
    assert lab.running() == ["a"]


@virtual
async def test_I97_the_period_is_exact(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a"), intensity=1, period_s=1.0)
    await lab.end("a")
    await asyncio.sleep(1.001)
    await lab.end("a")
    assert lab.alive
    await asyncio.sleep(0.999)
    await lab.end("a")
    assert not lab.alive


@virtual
async def test_I97_a_restart_exactly_as_old_as_the_period_still_counts(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a"), intensity=1, period_s=1.0)
    await lab.end("a")
    await asyncio.sleep(1.0)
    await lab.end("a")
    assert not lab.alive


@virtual
async def test_I100_one_round_counts_once_however_many_siblings_restart(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(*map(worker, "abcde"), strategy=Strategy.ONE_FOR_ALL, intensity=1)
    await lab.end("c")
    assert lab.running() == list("abcde")
    assert sup.info().restarts_in_period == 1


@virtual
async def test_I101_temporary_children_do_not_count(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a", restart=Restart.TEMPORARY), worker("b"), intensity=0)
    await lab.end("a")
    assert (lab.alive, lab.running()) == (True, ["b"])


@virtual
async def test_I102_a_transient_childs_orderly_exit_does_not_count(system: System) -> None:
    lab = Lab(system)
    transient = [worker(name, restart=Restart.TRANSIENT) for name in "ab"]
    await lab.start(*transient, intensity=0)
    await lab.end("a", NORMAL)
    await lab.end("b", Shutdown("x"))
    assert (lab.alive, lab.kept()) == (True, ["a", "b"])


@virtual
async def test_I103_a_permanent_childs_normal_exit_counts(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"), intensity=0)
    gone = system.when_exited(sup.pid)
    await lab.end("a", NORMAL)
    assert await gone == SHUTDOWN


@virtual
async def test_I104_restarts_by_hand_do_not_count(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"), intensity=0)
    for _ in range(5):
        await sup.terminate_child("a")
        await sup.restart_child("a")
    assert (lab.alive, lab.running()) == (True, ["a"])


@virtual
async def test_I107_retries_of_a_failed_restart_go_on_from_the_failed_child(system: System) -> None:
    starts: list[str] = []

    async def failing_twice(self: Process) -> None:
        starts.append("b")
        if len(starts) in (2, 3):
            self.exit(Other("not yet"))
        self.ack()
        await obedient(self)

    lab = Lab(system)
    b = worker("b", start=failing_twice, init=True)
    await lab.start(worker("a"), b, worker("c"), strategy=Strategy.REST_FOR_ONE, intensity=3)
    lab.trace()
    await lab.end("b")
    await lab.settle()
    assert lab.trace() == ["-b", "-c", "+b", "-b", "+b", "-b", "+b", "+c"]
    assert lab.sup.info().restarts_in_period == 3


@virtual
async def test_I107_each_failed_restart_counts(system: System) -> None:
    starts: list[str] = []

    async def never_again(self: Process) -> None:
        starts.append("b")
        if len(starts) > 1:
            self.exit(Other("broken"))
        self.ack()
        await obedient(self)

    lab = Lab(system)
    sup = await lab.start(worker("b", start=never_again, init=True), intensity=3)
    gone = system.when_exited(sup.pid)
    await lab.end("b")
    assert await gone == SHUTDOWN
    assert len(starts) == 1 + 3


def over(inner: SupervisorSpec, name: str) -> ChildSpec:
    return ChildSpec(id=name, start=inner)


@virtual
async def test_I108_a_sub_supervisor_that_gave_up_is_restarted_with_fresh_workers(system: System) -> None:
    lab = Lab(system)
    sub = SupervisorSpec(intensity=0, children=[worker("w")])
    sup = await lab.start(over(sub, "c"), intensity=5)
    old = sup.supervisor_of("c")
    assert old is not None
    first = old.child("w").pid
    assert first is not None
    lab.trace()
    system.send(first, BOOM)
    await lab.settle()
    assert lab.trace() == ["-w", "-c", "+c", "+w"]
    new = sup.supervisor_of("c")
    assert new is not None
    assert new.pid is not old.pid


@virtual
async def test_I110_a_chain_of_intensity_0_ends_up_to_the_starter(system: System) -> None:
    lab = Lab(system)
    inner = SupervisorSpec(intensity=0, children=[worker("w", name="w")])
    middle = SupervisorSpec(intensity=0, children=[over(inner, "inner")])
    await lab.start(over(middle, "middle"), intensity=0)
    pid = system.whereis("w")
    assert pid is not None
    system.send(pid, BOOM)
    await turns(60)
    ends = [(event.child_id, event.reason) for event in lab.events if isinstance(event, Exited)]
    assert ends == [("w", BOOM), ("inner", SHUTDOWN), ("middle", SHUTDOWN), (None, SHUTDOWN)]
