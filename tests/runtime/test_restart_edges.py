"""Where a restart, a refusal to start and a child in its backoff meet."""

import gc
import weakref
from typing import Any

import pytest

from tests.runtime.kit import BOOM, Lab, now, obedient, turns, virtual, worker
from vega_tui.runtime import (
    INFINITY,
    NORMAL,
    SHUTDOWN,
    AlreadyPresent,
    AutoShutdown,
    Backoff,
    BackoffKind,
    CallFailed,
    ChildCount,
    ChildNotFound,
    ChildRestarting,
    Error,
    ExitReason,
    Other,
    Process,
    Restart,
    Shutdown,
    StartError,
    Strategy,
    System,
)


@pytest.mark.parametrize("reason", [NORMAL, SHUTDOWN, Shutdown("later"), Other("bad"), BOOM])
@virtual
async def test_an_exit_before_ack_refuses_to_start(system: System, reason: ExitReason) -> None:
    async def refuses(self: Process) -> None:
        self.exit(reason)

    lab = Lab(system)
    await lab.start()
    with pytest.raises(StartError) as caught:
        await lab.sup.start_child(worker("n", start=refuses, init=True))
    assert caught.value.reason == reason
    assert (lab.alive, lab.kept()) == (True, [])
    with pytest.raises(StartError):
        await system.start(refuses)


@virtual
async def test_a_body_that_returns_before_ack_refuses_with_normal(system: System) -> None:
    async def returns(self: Process) -> None:
        return None

    lab = Lab(system)
    await lab.start()
    with pytest.raises(StartError) as caught:
        await lab.sup.start_child(worker("n", start=returns, init=True))
    assert caught.value.reason == NORMAL


class Flaky:
    """A body with an init phase that fails while `down` is set; `starts` has the time of each try."""

    def __init__(self) -> None:
        self.down = False
        self.starts: list[float] = []

    async def __call__(self, process: Process) -> None:
        self.starts.append(now())
        if self.down:
            raise OSError("down")
        process.ack()
        await obedient(process)

    def delays(self) -> list[float]:
        return [round(b - a, 3) for a, b in zip(self.starts, self.starts[1:], strict=False)]


@pytest.mark.parametrize("ran_s", [0.0, 0.2, 100.0])
@pytest.mark.parametrize("strategy", [Strategy.ONE_FOR_ONE, Strategy.ONE_FOR_ALL])
@virtual
async def test_a_backoff_grows_while_starts_fail_however_long_the_child_ran_before(
    system: System, ran_s: float, strategy: Strategy
) -> None:
    flaky = Flaky()
    lab = Lab(system)
    backoff = Backoff(initial_s=1.0, reset_after_s=0.3)
    child = worker("a", start=flaky, init=True, backoff=backoff)
    await lab.start(child, worker("b"), intensity=INFINITY, strategy=strategy)
    await system.wait(await system.spawn(_sleeps, ran_s))
    flaky.down = True
    await lab.end("a")
    flaky.starts.clear()
    await system.wait(await system.spawn(_sleeps, 40.0))
    assert flaky.delays() == [2.0, 4.0, 8.0, 16.0]


async def _sleeps(self: Process, seconds: float) -> None:
    try:
        await self.receive(timeout_s=seconds)
    except TimeoutError:
        pass


@virtual
async def test_a_healthy_run_after_failed_starts_ends_the_row(system: System) -> None:
    flaky = Flaky()
    lab = Lab(system)
    backoff = Backoff(initial_s=1.0, reset_after_s=10.0)
    await lab.start(worker("a", start=flaky, init=True, backoff=backoff), intensity=INFINITY)
    flaky.down = True
    await lab.end("a")
    await system.wait(await system.spawn(_sleeps, 4.0))
    flaky.down = False
    await system.wait(await system.spawn(_sleeps, 40.0))
    await lab.end("a")
    assert lab.sup.child("a").delay_s == 1.0


SIGNIFICANT: dict[str, Any] = {"restart": Restart.TRANSIENT, "significant": True}


@virtual
async def test_a_significant_child_that_comes_back_with_another_ones_backoff_is_not_gone(system: System) -> None:
    lab = Lab(system)
    backoff = Backoff(kind=BackoffKind.CONSTANT, initial_s=0.5)
    await lab.start(
        worker("a", **SIGNIFICANT),
        worker("b", backoff=backoff),
        worker("c", **SIGNIFICANT),
        strategy=Strategy.REST_FOR_ONE,
        auto_shutdown=AutoShutdown.ALL_SIGNIFICANT,
    )
    await lab.end("b")
    await lab.end("a", NORMAL)
    assert lab.alive
    await system.wait(await system.spawn(_sleeps, 1.0))
    assert lab.running() == ["b", "c"]
    await lab.end("c", NORMAL)
    assert not lab.alive


@virtual
async def test_a_significant_child_in_its_own_backoff_is_not_gone(system: System) -> None:
    lab = Lab(system)
    backoff = Backoff(initial_s=0.5)
    await lab.start(
        worker("a", **SIGNIFICANT),
        worker("b", backoff=backoff, **SIGNIFICANT),
        auto_shutdown=AutoShutdown.ALL_SIGNIFICANT,
    )
    await lab.end("b")
    await lab.end("a", NORMAL)
    assert lab.alive


@virtual
async def test_a_significant_child_that_nobody_brings_back_is_gone(system: System) -> None:
    lab = Lab(system)
    backoff = Backoff(initial_s=0.5)
    await lab.start(
        worker("a", **SIGNIFICANT),
        worker("b", backoff=backoff),
        worker("c", restart=Restart.TEMPORARY, significant=True),
        strategy=Strategy.REST_FOR_ONE,
        auto_shutdown=AutoShutdown.ALL_SIGNIFICANT,
    )
    await lab.end("b")
    await lab.end("a", NORMAL)
    assert not lab.alive


@virtual
async def test_a_restart_by_hand_out_of_the_backoff_says_that_it_failed_and_goes_on_trying(system: System) -> None:
    flaky = Flaky()
    lab = Lab(system)
    await lab.start(worker("a", start=flaky, init=True, backoff=Backoff(initial_s=5.0)))
    flaky.down = True
    await lab.end("a")
    with pytest.raises(StartError) as caught:
        await lab.sup.restart_child("a")
    assert isinstance(caught.value.reason, Error)
    assert isinstance(caught.value.reason.exception, OSError)
    await lab.settle()
    assert lab.sup.child("a").state == "restarting"
    flaky.down = False
    assert (await lab.sup.restart_child("a")).pid is not None


@virtual
async def test_the_id_of_a_child_that_is_being_restarted_is_already_present(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a", backoff=Backoff(initial_s=5.0)))
    await lab.end("a")
    with pytest.raises(AlreadyPresent):
        await lab.sup.start_child(worker("a"))
    with pytest.raises(ChildRestarting):
        await lab.sup.delete_child("a")


@virtual
async def test_a_dynamic_child_that_has_ended_is_terminated_without_error(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("t", restart=Restart.TEMPORARY), strategy=Strategy.SIMPLE_ONE_FOR_ONE)
    assert lab.sup.count_children() == ChildCount(specs=1, active=0, supervisors=0, workers=0)
    pid = (await lab.sup.start_child([])).pid
    assert pid is not None
    system.exit(pid, SHUTDOWN)
    await turns()
    await lab.sup.terminate_child(pid)
    with pytest.raises(ChildNotFound):
        await lab.sup.terminate_child(lab.sup.pid)


@virtual
async def test_active_children_are_those_that_live(system: System) -> None:
    async def unlinked(self: Process) -> None:
        assert self.parent is not None
        self.unlink(self.parent)
        await obedient(self)

    lab = Lab(system)
    await lab.start(worker("t", start=unlinked, restart=Restart.TEMPORARY))
    await turns()
    assert lab.sup.count_children().active == 1
    system.send(lab.pid("t"), NORMAL)
    await turns()
    assert lab.sup.count_children() == ChildCount(specs=1, active=0, supervisors=0, workers=1)


@virtual
async def test_a_child_that_waits_for_its_restart_keeps_nothing_of_the_code_that_crashed(system: System) -> None:
    seen: list[weakref.ref[Big]] = []

    async def crashes(self: Process) -> None:
        held = Big()
        seen.append(weakref.ref(held))
        await self.receive()
        try:
            raise KeyError(held.number)
        except KeyError:
            raise OSError(2, "not there", "file")

    lab = Lab(system)
    await lab.start(worker("a", start=crashes, backoff=Backoff(initial_s=5.0)))
    lab.events = []
    system._listeners.clear()
    await turns()
    system.send(lab.pid("a"), "go")
    await lab.settle()
    gc.collect()
    assert seen[0]() is None
    reason = lab.sup.child("a").last_reason
    assert isinstance(reason, Error)
    assert isinstance(reason.exception, OSError)
    assert reason.text == "FileNotFoundError: [Errno 2] not there: 'file'"


class Big:
    number = 7


@virtual
async def test_a_dead_supervisors_handle_says_that_it_is_dead(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a"))
    system.kill(lab.sup.pid)
    await turns()
    sup = lab.sup
    for read in (
        sup.which_children,
        sup.count_children,
        sup.info,
        lambda: sup.child("a"),
        lambda: sup.get_childspec("a"),
        lambda: sup.supervisor_of("a"),
    ):
        with pytest.raises(CallFailed):
            read()
    with pytest.raises(CallFailed):
        await sup.start_child(worker("b"))
    with pytest.raises(CallFailed):
        await sup.settled()
    await sup.stop()
