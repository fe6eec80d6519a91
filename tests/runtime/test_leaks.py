"""What is over is forgotten: after a thousand of anything the system holds no more than before."""

import asyncio
from typing import Any

import pytest

from tests.runtime.kit import Lab, obedient, puppet, turns, virtual, worker
from vega_tui.runtime import (
    BRUTAL_KILL,
    Backoff,
    ChildSpec,
    Groups,
    OnFailure,
    Pid,
    Process,
    Restart,
    StartError,
    Strategy,
    Supervision,
    Supervisions,
    SupervisorSpec,
    System,
)

MANY = 50


async def child(self: Process, *_: object) -> None:
    self.ack()
    await obedient(self)


@virtual
async def test_a_wait_that_was_cancelled_is_forgotten(system: System) -> None:
    lasting = await puppet(system)
    for _ in range(MANY):
        waiting = asyncio.ensure_future(system.wait(lasting.pid))
        await turns(2)
        waiting.cancel()
    await turns()
    assert not system._waiters.get(lasting.pid)


@virtual
async def test_waits_of_others_survive_a_cancelled_one(system: System) -> None:
    lasting = await puppet(system)
    kept = asyncio.ensure_future(system.wait(lasting.pid))
    dropped = asyncio.ensure_future(system.wait(lasting.pid))
    await turns(2)
    dropped.cancel()
    await turns()
    reason = await lasting.end()
    assert await kept == reason


@virtual
async def test_a_group_forgets_what_a_child_was_in_when_nobody_can_follow_it(system: System) -> None:
    groups = Groups(system)
    template = worker("t", start=child, init=True, restart=Restart.TEMPORARY)
    simple = await system.start_supervisor(SupervisorSpec(strategy=Strategy.SIMPLE_ONE_FOR_ONE, children=[template]))
    plain = await system.start_supervisor(SupervisorSpec())
    for _ in range(MANY):
        one = await simple.start_child([])
        assert one.pid is not None
        groups.join("team", one.pid)
        await simple.terminate_child(one.pid)
        two = await plain.start_child(worker("k", start=child, init=True))
        assert two.pid is not None
        groups.join("team", two.pid)
        await plain.terminate_child("k")
        await plain.delete_child("k")
    assert not groups._inheritance
    groups.close()


@virtual
async def test_a_group_keeps_a_stopped_childs_place_until_it_is_started_again(system: System) -> None:
    groups = Groups(system)
    lab = Lab(system)
    await lab.start(worker("a"))
    groups.join("team", lab.pid("a"))
    await lab.sup.terminate_child("a")
    await lab.sup.restart_child("a")
    assert groups.groups_of(lab.pid("a")) == ["team"]
    groups.close()


@virtual
async def test_a_group_forgets_the_children_of_a_killed_supervisor(system: System) -> None:
    groups = Groups(system)
    lab = Lab(system)
    await lab.start(worker("a"), worker("b"))
    groups.join("team", lab.pid("a"))
    system.kill(lab.sup.pid)
    await turns()
    assert not groups._inheritance
    groups.close()


@pytest.mark.parametrize("strategy", OnFailure)
@pytest.mark.parametrize("how", ["brutal", "shutdown", "crash"])
@virtual
async def test_a_supervision_is_forgotten_with_its_process(system: System, strategy: OnFailure, how: str) -> None:
    supervisions = Supervisions(system)
    lab = Lab(system)
    shutdown: Any = BRUTAL_KILL if how == "brutal" else 1.0
    await lab.start(intensity=1000)
    for number in range(MANY):
        spec = ChildSpec(id=str(number), start=child, init=True, shutdown_s=shutdown)
        mine = supervisions.supervised(spec, Supervision(strategy=strategy, max_restarts=0))
        await lab.sup.start_child(mine)
        if how == "crash":
            for pid in system.processes():
                info = system.info(pid)
                if info is not None and info.child_id == str(number) and info.supervisor is not None:
                    system.send(pid, ValueError())
            await lab.settle()
        kept = lab.kept()
        if str(number) in kept:
            await lab.sup.terminate_child(str(number))
        if str(number) in lab.kept():
            await lab.sup.delete_child(str(number))
    await turns()
    assert not supervisions._of
    supervisions.close()


@virtual
async def test_a_supervision_of_what_did_not_start_is_forgotten(system: System) -> None:
    supervisions = Supervisions(system)

    def fails(self: Process) -> Any:
        raise ValueError

    lab = Lab(system)
    await lab.start()
    for number in range(5):
        with pytest.raises(StartError):
            spec = ChildSpec(id=str(number), start=fails)
            await lab.sup.start_child(supervisions.supervised(spec, Supervision()))
    assert not supervisions._of
    supervisions.close()


@virtual
async def test_nothing_is_left_of_a_thousand_lives(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a", backoff=Backoff(initial_s=0.1, factor=1.0)), intensity=10_000)
    watcher = await puppet(system, trap_exit=True)
    for _ in range(MANY):
        one = await puppet(system, linked_to=watcher)
        await watcher.monitor(one.pid)
        await one.end(ValueError())
        await lab.end("a")
        await asyncio.sleep(1)
    living: set[Pid] = {lab.sup.pid, lab.pid("a"), watcher.pid}
    assert set(system.table) == living
    assert set(system.links._of) == {lab.sup.pid, lab.pid("a")}
    assert not system.monitors._by_ref
    assert not system.lingering
    assert not system._waiters
