"""Vega's Supervision on OTP supervisors, and the original's faults that must not come back."""

import asyncio

import pytest

from tests.runtime.kit import BOOM, Lab, obedient, turns, virtual, worker
from vega_tui.core.errors import UserError
from vega_tui.runtime import (
    NORMAL,
    SHUTDOWN,
    UNLIMITED,
    Backoff,
    BackoffKind,
    ChildSpec,
    ExitReason,
    GaveUp,
    Groups,
    OnFailure,
    Pid,
    Process,
    Restart,
    Strategy,
    Supervision,
    Supervisions,
    SupervisorSpec,
    System,
)


class Agent:
    """One process `a` under Supervision, with a sibling `other` beside it under the root."""

    def __init__(self, system: System) -> None:
        self.lab = Lab(system)
        self.calls: list[tuple[str, object]] = []
        self._system = system
        self._supervisions = Supervisions(system)

    async def start(
        self,
        strategy: OnFailure = OnFailure.RESTART,
        *,
        max_restarts: int = 3,
        window_s: float = 0.0,
        backoff: Backoff | None = None,
        root_intensity: float = 100,
    ) -> None:
        supervision = Supervision(
            strategy=strategy,
            max_restarts=max_restarts,
            window_s=window_s,
            backoff=backoff,
            on_failure=lambda reason: self.calls.append(("failure", reason)),
            on_restart=lambda attempt: self.calls.append(("restart", attempt)),
            on_give_up=lambda reason: self.calls.append(("give up", reason)),
        )
        child = worker("a", name="a", restart=Restart.TRANSIENT)
        await self.lab.start(
            worker("other"), self._supervisions.supervised(child, supervision), intensity=root_intensity
        )

    @property
    def pid(self) -> Pid | None:
        return self._system.whereis("a")

    async def end(self, how: ExitReason = BOOM) -> None:
        assert self.pid is not None
        self._system.send(self.pid, how)
        await self.lab.settle()


@virtual
async def test_a_failure_is_told_and_restarted_until_max_restarts_and_then_given_up(system: System) -> None:
    agent = Agent(system)
    await agent.start(max_restarts=2)
    for _ in range(3):
        await agent.end()
    restarts = [("failure", BOOM), ("restart", 1), ("failure", BOOM), ("restart", 2)]
    assert agent.calls == [*restarts, ("failure", BOOM), ("give up", BOOM)]
    assert agent.pid is None
    assert agent.lab.running() == ["other"]


@virtual
async def test_max_restarts_0_never_restarts(system: System) -> None:
    agent = Agent(system)
    await agent.start(max_restarts=0)
    await agent.end()
    assert agent.calls == [("failure", BOOM), ("give up", BOOM)]
    assert agent.pid is None


@virtual
async def test_unlimited_restarts_never_give_up(system: System) -> None:
    agent = Agent(system)
    await agent.start(max_restarts=UNLIMITED)
    for _ in range(200):
        await agent.end()
    assert agent.pid is not None
    assert agent.calls[-1] == ("restart", 200)


@virtual
async def test_failures_leave_the_window(system: System) -> None:
    agent = Agent(system)
    await agent.start(max_restarts=1, window_s=10.0)
    for _ in range(4):
        await agent.end()
        await asyncio.sleep(11)
    assert agent.pid is not None


@virtual
async def test_window_0_counts_for_ever(system: System) -> None:
    agent = Agent(system)
    await agent.start(max_restarts=1, window_s=0.0)
    await agent.end()
    await asyncio.sleep(1_000_000)
    await agent.end()
    assert agent.pid is None


@virtual
async def test_stop_tells_the_failure_and_leaves_the_process_down(system: System) -> None:
    agent = Agent(system)
    await agent.start(OnFailure.STOP)
    await agent.end()
    assert (agent.calls, agent.pid, agent.lab.running()) == ([("failure", BOOM)], None, ["other"])


@virtual
async def test_escalate_lets_the_supervisor_above_apply_its_own_strategy(system: System) -> None:
    agent = Agent(system)
    await agent.start(OnFailure.ESCALATE, root_intensity=1)
    await agent.end()
    assert agent.calls == [("failure", BOOM), ("restart", 1)]
    assert agent.pid is not None
    await agent.end()
    assert agent.calls[2:] == [("failure", BOOM), ("give up", BOOM)]
    assert not agent.lab.alive


@virtual
async def test_a_normal_end_is_no_failure_and_leaves_no_supervisor_behind(system: System) -> None:
    agent = Agent(system)
    await agent.start()
    await agent.end(NORMAL)
    assert (agent.calls, agent.lab.running()) == ([], ["other"])
    assert len(system.processes()) == 2


@virtual
async def test_the_backoff_grows_and_starts_anew_after_a_quiet_time(system: System) -> None:
    backoff = Backoff(kind=BackoffKind.EXPONENTIAL, initial_s=1.0, reset_after_s=100.0)
    agent = Agent(system)
    await agent.start(max_restarts=UNLIMITED, backoff=backoff)
    delays: list[float] = []
    for quiet_s in (0.0, 0.0, 0.0, 100.0):
        await asyncio.sleep(quiet_s)
        began = asyncio.get_running_loop().time()
        await agent.end()
        while agent.pid is None:
            await asyncio.sleep(0.5)
        delays.append(asyncio.get_running_loop().time() - began)
    assert delays == [1.0, 2.0, 4.0, 1.0]


@virtual
async def test_a_supervisor_spec_is_refused_as_the_process(system: System) -> None:
    with pytest.raises(UserError):
        Supervisions(system).supervised(ChildSpec(id="s", start=SupervisorSpec()), Supervision())


@virtual
async def test_B2_a_stop_on_request_is_no_failure(system: System) -> None:
    agent = Agent(system)
    await agent.start()
    await agent.end(SHUTDOWN)
    assert agent.calls == []


@virtual
async def test_B3_one_crash_of_100_under_one_for_all_is_one_round(system: System) -> None:
    lab = Lab(system)
    names = [str(number) for number in range(100)]
    sup = await lab.start(*map(worker, names), strategy=Strategy.ONE_FOR_ALL, intensity=3)
    lab.trace()
    await lab.end("42")
    await asyncio.sleep(60)
    trace = lab.trace()
    assert sorted(trace) == sorted([f"-{name}" for name in names] + [f"+{name}" for name in names])
    assert sup.info().restarts_total == 1


@virtual
async def test_B4_a_deleted_child_does_not_come_back_and_a_restarted_one_runs_once(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"), worker("b"))
    await sup.terminate_child("a")
    await sup.restart_child("a")
    await sup.terminate_child("b")
    await sup.delete_child("b")
    await asyncio.sleep(60)
    assert (lab.running(), lab.kept()) == (["a"], ["a"])
    assert len(system.processes()) == 2


@virtual
async def test_B5_an_unsupervised_process_is_not_restarted(system: System) -> None:
    pid = await system.spawn(obedient, name="a")
    await turns()
    system.send(pid, BOOM)
    await system.wait(pid)
    await asyncio.sleep(60)
    assert system.processes() == []


@virtual
async def test_B5_a_restarted_process_keeps_its_name_label_and_groups(system: System) -> None:
    groups = Groups(system)
    lab = Lab(system)
    await lab.start(worker("a", name="a", label="mine"))
    old = lab.pid("a")
    groups.join("team", old)
    await lab.end("a")
    new = lab.pid("a")
    info = system.info(new)
    assert info is not None
    assert (system.whereis("a"), info.label, info.incarnation) == (new, "mine", 2)
    assert [member.pid for member in groups.members("team")] == [new]


@virtual
async def test_B5_a_backoff_does_not_hold_up_the_shutdown(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a", backoff=Backoff(initial_s=1000.0)))
    await lab.end("a")
    await sup.stop()
    assert asyncio.get_running_loop().time() < 1


@virtual
async def test_B7_ended_processes_leave_nothing_behind(system: System) -> None:
    async def brief(_: Process) -> None:
        return None

    for _ in range(500):
        await system.wait(await system.spawn(brief, name="same"))
    assert (system.processes(), system.registry.names()) == ([], [])


@virtual
async def test_giving_up_reaches_nobody_else(system: System) -> None:
    agent = Agent(system)
    await agent.start(max_restarts=0)
    await agent.end()
    assert [event.child_id for event in agent.lab.events if isinstance(event, GaveUp)] == ["a"]
    assert agent.lab.alive
