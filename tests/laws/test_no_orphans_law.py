"""Whatever happens at whatever moment, also in the middle of slow starts and stops: no child runs twice, none is
lost from sight, and nothing outlives the system."""

import asyncio
from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.virtual_loop import run_virtual
from tests.runtime.kit import turns
from vega_tui.core.errors import VegaError
from vega_tui.runtime import (
    BRUTAL_KILL,
    INFINITY,
    SHUTDOWN,
    Backoff,
    ChildSpec,
    Error,
    ExitSignal,
    Other,
    Process,
    Restart,
    Strategy,
    Supervisor,
    SupervisorSpec,
    System,
)
from vega_tui.runtime.process import State

MOMENTS = (0.0, 0.05, 0.1, 0.3, 1.0)


class Temper:
    """How one worker starts, stops and fails; drawn once per child spec."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.init_s = random.choice((0.0, 0.0, 0.2))
        self.stop_s = random.choice((0.0, 0.1, 2.0))
        self.fails = random.choice((0.0, 0.0, 0.3))
        self.kind = random.choice(("plain", "plain", "trapping", "cleaning", "stubborn"))

    async def body(self, process: Process) -> None:
        process.trap_exit = self.kind == "trapping"
        await asyncio.sleep(self.init_s)
        if process.incarnation > 1 and self._random.random() < self.fails:
            process.exit(Other("init"))
        process.ack()
        try:
            await self._serve(process)
        finally:
            if self.kind == "cleaning":
                await asyncio.sleep(self.stop_s)

    async def _serve(self, process: Process) -> None:
        while True:
            try:
                message = await process.receive()
            except asyncio.CancelledError:
                if self.kind != "stubborn" or process.dead:
                    raise
                continue
            if isinstance(message, ExitSignal):
                await asyncio.sleep(self.stop_s)
                process.exit(message.reason)
            if isinstance(message, Error):
                raise message.exception


def worker(random: Random, name: str) -> ChildSpec:
    return ChildSpec(
        id=name,
        start=Temper(random).body,
        init=True,
        restart=random.choice((Restart.PERMANENT, Restart.PERMANENT, Restart.TRANSIENT, Restart.TEMPORARY)),
        shutdown_s=random.choice((0.0, 0.5, 1.0, BRUTAL_KILL)),
        backoff=random.choice((None, Backoff(initial_s=0.2))),
    )


def tree(random: Random, depth: int, prefix: str) -> SupervisorSpec:
    children: list[ChildSpec] = []
    for number in range(random.randint(1, 4)):
        name = f"{prefix}{number}"
        if depth and random.random() < 0.3:
            children.append(ChildSpec(id=name, start=tree(random, depth - 1, name)))
        else:
            children.append(worker(random, name))
    strategy = random.choice([each for each in Strategy if each is not Strategy.SIMPLE_ONE_FOR_ONE])
    return SupervisorSpec(strategy=strategy, intensity=random.choice((2, 10, INFINITY)), children=children)


async def disturb(random: Random, system: System, sup: Supervisor) -> None:
    """One thing at random, to a random process or child; a refusal is fine."""
    pid = random.choice([*system.processes(), sup.pid])
    try:
        child = random.choice([*(info.id for info in sup.which_children()), "none"]) or "none"
        async with asyncio.timeout(5):
            match random.choice(("kill", "exit", "crash", "crash", "terminate", "restart", "delete", "start")):
                case "kill" if pid is not sup.pid:
                    system.kill(pid)
                case "exit" if pid is not sup.pid:
                    system.exit(pid, SHUTDOWN)
                case "crash":
                    system.send(pid, Error(RuntimeError("boom")))
                case "terminate":
                    await sup.terminate_child(child)
                case "restart":
                    await sup.restart_child(child)
                case "delete":
                    await sup.delete_child(child)
                case "start":
                    await sup.start_child(worker(random, f"new{random.randint(0, 2)}"))
                case _:
                    pass
    except (VegaError, TimeoutError):
        pass


def sight(system: System) -> None:
    """Every living process but the roots stands under a living supervisor that knows it, and each place has one."""
    places: Counter[tuple[object, object]] = Counter()
    for pid, process in system.table.items():
        above = process.place.supervisor
        if above is None or process.state in (State.STARTING, State.STOPPING):
            continue
        sup = system.supervisor(above)
        if sup is None:
            # Its supervisor was killed: one that traps exits decides for itself when to go.
            assert process.trap_exit
            continue
        places[above, process.place.child_id] += 1
        assert pid in [info.pid for info in sup.which_children()]
    assert all(count == 1 for count in places.values())


async def course(seed: int, length: int) -> None:
    random = Random(seed)
    async with System(random=random) as system:
        sup = await system.start_supervisor(tree(random, 2, "c"))
        async with asyncio.TaskGroup() as disturbances:
            for _ in range(length):
                await asyncio.sleep(random.choice(MOMENTS))
                disturbances.create_task(disturb(random, system, sup))
        await asyncio.sleep(0.2)
        await turns()  # whoever acknowledged at this very moment is entered
        sight(system)
    assert system.processes() == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 15))
def test_no_child_is_lost_doubled_or_left_behind(seed: int, length: int) -> None:
    run_virtual(course(seed, length))


@pytest.mark.nightly
@settings(max_examples=10_000, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_no_child_is_lost_doubled_or_left_behind_10000_times(seed: int, length: int) -> None:
    run_virtual(course(seed, length))
