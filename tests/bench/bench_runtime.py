"""The runtime's costs beside Erlang/OTP 25's, which were measured on one scheduler of a like machine.

Times are process CPU, best of several rounds: other work on the machine disturbs them least that way.
"""

import asyncio
import gc
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from vega_tui.runtime import (
    INFINITY,
    SHUTDOWN,
    Call,
    ChildSpec,
    Down,
    Pid,
    Process,
    Strategy,
    Supervisor,
    SupervisorSpec,
    System,
)

ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured line: ours and OTP's, and what we aim for, in the same unit."""

    what: str
    ours: float
    otp: float | None
    aim: float | None
    unit: str = "µs"


@dataclass(slots=True)
class Ping:
    sender: Pid
    number: int


async def idle(self: Process) -> None:
    async for _ in self.mailbox:
        pass


async def brief(self: Process) -> None:
    return None


async def echo(self: Process) -> None:
    async for message in self.mailbox:
        match message:
            case Call(request=request):
                message.reply(request)
            case Ping(sender=sender):
                self.send(sender, message)
            case BaseException():
                raise message
            case _:
                pass


async def in_a_process(system: System, work: Callable[[Process], Awaitable[float]]) -> float:
    """What `work` returns, run inside a process of its own."""
    results: list[float] = []

    async def body(self: Process) -> None:
        results.append(await work(self))

    pid = await system.spawn(body)
    await system.wait(pid)
    return results[0]


async def best(once: Callable[[], Awaitable[float]], rounds: int = ROUNDS) -> float:
    """The smallest of several runs, garbage collected before each."""
    values: list[float] = []
    for _ in range(rounds):
        gc.collect()
        values.append(await once())
    return min(values)


def us_each(started: float, count: int) -> float:
    """Microseconds of process CPU for each of `count` since `started`."""
    return (time.process_time() - started) / count * 1e6


async def spawn_exit_monitor(self: Process) -> float:
    count = 2000
    started = time.process_time()
    for _ in range(count):
        self.spawn_monitor(brief)
        assert isinstance(await self.receive(), Down)
    return us_each(started, count)


async def round_trip(self: Process) -> float:
    count = 5000
    peer = self.spawn(echo)
    started = time.process_time()
    for number in range(count):
        self.send(peer, Ping(self.pid, number))
        await self.receive()
    value = us_each(started, count)
    self.system.kill(peer)
    return value


async def call_round_trip(self: Process) -> float:
    count = 3000
    peer = self.spawn(echo)
    started = time.process_time()
    for number in range(count):
        await self.call(peer, number)
    value = us_each(started, count)
    self.system.kill(peer)
    return value


async def selective_receive(self: Process) -> float:
    """Find one message behind 200,000 others."""
    for _ in range(200_000):
        self.send(self.pid, 0)
    self.send(self.pid, "mine")
    started = time.process_time()
    await self.receive(lambda message: message == "mine")
    return us_each(started, 1)


async def kill_and_down(self: Process) -> float:
    count = 2000
    victims = [self.spawn_monitor(idle)[0] for _ in range(count)]
    await asyncio.sleep(0)
    started = time.process_time()
    for victim in victims:
        self.system.kill(victim)
        await self.receive()
    return us_each(started, count)


class Ups:
    """Counts the children that came up, for whoever waits for so many of them."""

    def __init__(self) -> None:
        self._missing = 0
        self._all_up = asyncio.get_running_loop().create_future()

    def expect(self, count: int) -> asyncio.Future[None]:
        self._missing = count
        self._all_up = asyncio.get_running_loop().create_future()
        return self._all_up

    def one(self) -> None:
        self._missing -= 1
        if self._missing == 0:
            self._all_up.set_result(None)


async def reporting(self: Process, ups: Ups) -> None:
    ups.one()
    await echo(self)


async def start_tree(system: System, strategy: Strategy, count: int, ups: Ups) -> Supervisor:
    children = [ChildSpec(id=str(number), start=reporting, args=(ups,)) for number in range(count)]
    return await system.start_supervisor(
        SupervisorSpec(strategy=strategy, intensity=INFINITY, period_s=5.0, children=children)
    )


async def restart_rounds(system: System, strategy: Strategy, count: int, rounds: int) -> tuple[float, float]:
    """p50 and p99 in µs, from the crash of the middle child until all of its round are up."""
    ups = Ups()
    sup = await start_tree(system, strategy, count, ups)
    await asyncio.sleep(0)
    middle = str(count // 2)
    group = {Strategy.ONE_FOR_ALL: count, Strategy.REST_FOR_ONE: count - count // 2}.get(strategy, 1)
    times: list[float] = []
    gc.collect()
    for _ in range(rounds):
        pid = sup.child(middle).pid
        assert pid is not None
        error = ValueError("boom")
        all_up = ups.expect(group)
        started = time.process_time()
        system.send(pid, error)
        await all_up
        times.append(us_each(started, 1))
    await sup.stop()
    times.sort()
    return times[len(times) // 2], times[min(len(times) - 1, len(times) * 99 // 100)]


async def orderly_stop(system: System, count: int) -> float:
    sup = await start_tree(system, Strategy.ONE_FOR_ONE, count, Ups())
    await asyncio.sleep(0)
    started = time.process_time()
    await sup.stop(SHUTDOWN)
    return us_each(started, 1)


async def start_all(system: System, count: int) -> float:
    started = time.process_time()
    sup = await start_tree(system, Strategy.ONE_FOR_ONE, count, Ups())
    value = us_each(started, 1)
    await sup.stop(SHUTDOWN)
    return value


async def memory_per_process(system: System, count: int = 10_000) -> float:
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    pids = [await system.spawn(idle) for _ in range(count)]
    await asyncio.sleep(0)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    for pid in pids:
        system.kill(pid)
    await asyncio.sleep(0.2)
    return (after - before) / count


OTP_RESTART: dict[tuple[Strategy, int], float] = {
    (Strategy.ONE_FOR_ONE, 10): 7.3,
    (Strategy.ONE_FOR_ONE, 100): 7.0,
    (Strategy.ONE_FOR_ONE, 1000): 14.0,
    (Strategy.REST_FOR_ONE, 10): 25.3,
    (Strategy.REST_FOR_ONE, 100): 196.5,
    (Strategy.REST_FOR_ONE, 1000): 2871.9,
    (Strategy.ONE_FOR_ALL, 10): 37.0,
    (Strategy.ONE_FOR_ALL, 100): 408.6,
    (Strategy.ONE_FOR_ALL, 1000): 4916.8,
}


def show(figures: Sequence[Figure]) -> None:
    """Print ours, OTP's and the aim side by side."""
    print(f"{'':58} {'ours':>10} {'OTP 25':>10} {'aim':>10}")
    for figure in figures:
        otp = "" if figure.otp is None else f"{figure.otp:,.1f}"
        aim = "" if figure.aim is None else f"{figure.aim:,.0f}"
        late = " over" if figure.aim is not None and figure.ours > figure.aim else ""
        print(f"{figure.what:58} {figure.ours:>10,.1f} {otp:>10} {aim:>10} {figure.unit}{late}")


async def main() -> None:
    """Measure everything; a quarter of a minute."""
    figures: list[Figure] = []
    async with System() as system:
        for what, work, otp, aim in (
            ("spawn + exit + monitor", spawn_exit_monitor, 1.064, 15.0),
            ("message round trip", round_trip, 0.430, 10.0),
            ("call round trip", call_round_trip, 1.169, None),
            ("kill an idle process until DOWN", kill_and_down, 1.225, None),
            ("selective receive behind 200,000 others", selective_receive, 3000.0, None),
        ):
            ours = await best(lambda work=work: in_a_process(system, work))
            figures.append(Figure(what=what, ours=ours, otp=otp, aim=aim))
        for (strategy, count), otp in OTP_RESTART.items():
            rounds = 300 if strategy is Strategy.ONE_FOR_ONE else max(5, 500 // count)
            p50, p99 = await restart_rounds(system, strategy, count, rounds)
            aims = {(Strategy.ONE_FOR_ONE, 10): 40.0, (Strategy.ONE_FOR_ALL, 1000): 25_000.0}
            what = f"restart {strategy}, {count} children, p50 (p99 {p99:,.0f})"
            figures.append(Figure(what=what, ours=p50, otp=otp, aim=aims.get((strategy, count))))
        started = await best(lambda: start_all(system, 1000))
        figures.append(Figure(what="start a supervisor of 1,000", ours=started, otp=2966.5, aim=None))
        stopped = await best(lambda: orderly_stop(system, 1000))
        figures.append(Figure(what="orderly stop of 1,000", ours=stopped, otp=2345.2, aim=None))
        memory = await memory_per_process(system)
        figures.append(Figure(what="memory of an idle process", ours=memory, otp=2698, aim=5000, unit="bytes"))
    show(figures)
