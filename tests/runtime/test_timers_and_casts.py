"""Messages that come later, requests that want no reply, and what can be tied and freed from outside a process."""

import asyncio

import pytest

from tests.runtime.kit import BOOM, Puppet, now, puppet, turns, virtual
from vega_tui.runtime import (
    NOPROC,
    NORMAL,
    SHUTDOWN,
    Cast,
    Down,
    ExitSignal,
    NoProcess,
    Pid,
    Process,
    Server,
    System,
    start_server,
)


@virtual
async def test_a_message_that_was_sent_for_later_comes_then(system: System) -> None:
    one = await puppet(system)
    system.send_after(2.0, one.pid, "late")
    system.send_after(1.0, one.pid, "soon")
    system.send_after(0.0, one.pid, "at once")
    assert one.inbox == []
    await asyncio.sleep(1.5)
    assert one.inbox == ["at once", "soon"]
    await asyncio.sleep(1.0)
    assert one.inbox == ["at once", "soon", "late"]


@virtual
async def test_a_timer_that_is_cancelled_sends_nothing_and_says_what_was_left(system: System) -> None:
    one = await puppet(system)
    timer = system.send_after(5.0, one.pid, "never")
    await asyncio.sleep(2.0)
    assert timer.cancel() == 3.0
    assert timer.cancel() is None
    fired = system.send_after(1.0, one.pid, "came")
    await asyncio.sleep(10.0)
    assert fired.cancel() is None
    assert one.inbox == ["came"]
    assert not system._timers._due


@virtual
async def test_a_process_sends_itself_a_message_for_later(system: System) -> None:
    got: list[tuple[object, float]] = []

    async def body(self: Process) -> None:
        self.send_after(3.0, self.pid, "tick")
        got.append((await self.receive(), now()))

    await system.wait(await system.spawn(body))
    assert got == [("tick", 3.0)]


@virtual
async def test_a_name_is_looked_up_when_the_message_is_due(system: System) -> None:
    first, second = await puppet(system), await puppet(system)
    await first.do(lambda me: me.register("desk"))
    system.send_after(1.0, "desk", "for whoever")
    system.send_after(1.0, "nobody", "lost")
    await first.end()
    await second.do(lambda me: me.register("desk"))
    await asyncio.sleep(2.0)
    assert second.inbox == ["for whoever"]


@virtual
async def test_an_end_takes_the_timers_of_its_process_along(system: System) -> None:
    one = await puppet(system)
    timers = [system.send_after(1000.0, one.pid, number) for number in range(3)]
    await one.end()
    assert [timer.cancel() for timer in timers] == [None, None, None]
    assert not system._timers._due


@virtual
async def test_closing_the_system_leaves_no_timer(system: System) -> None:
    timer = system.send_after(1000.0, "nobody", "x")
    await system.close()
    assert timer.cancel() is None


@pytest.mark.parametrize("delay", [-1.0, float("nan"), -float("inf")])
@virtual
async def test_a_delay_that_is_no_length_of_time_is_refused(system: System, delay: float) -> None:
    one = await puppet(system)
    with pytest.raises(ValueError, match="delay_s"):
        system.send_after(delay, one.pid, "x")
    assert not system._timers._due


class Counter(Server):
    def __init__(self) -> None:
        self.seen: list[object] = []

    async def handle_cast(self, request: object) -> None:
        self.seen.append(request)


@virtual
async def test_a_cast_reaches_the_server_and_is_never_an_error(system: System) -> None:
    server = Counter()
    pid = await start_server(system, server, name="counter")
    assert pid is not None
    sender = await puppet(system)
    system.cast(pid, 1)
    await sender.do(lambda me: me.cast("counter", 2))
    system.cast("nobody", 3)
    await turns()
    assert server.seen == [1, 2]
    system.exit(pid, SHUTDOWN)
    await turns()
    system.cast(pid, 4)
    other = await puppet(system)
    system.cast(other.pid, 5)
    await turns()
    assert other.inbox == [Cast(5)]


@virtual
async def test_a_name_can_be_freed_and_taken_by_another(system: System) -> None:
    first, second = await puppet(system), await puppet(system)
    await first.do(lambda me: me.register("desk"))
    await second.do(lambda me: me.unregister("desk"))
    assert system.whereis("desk") is None
    await second.do(lambda me: me.register("desk"))
    assert system.whereis("desk") is second.pid
    await first.do(lambda me: me.register("other"))
    system.unregister("desk")
    with pytest.raises(NoProcess):
        system.unregister("desk")


@virtual
async def test_two_processes_are_linked_from_outside(system: System) -> None:
    one, other = await puppet(system, trap_exit=True), await puppet(system)
    system.link(one.pid, other.pid)
    await other.end(BOOM)
    assert one.inbox == [ExitSignal(other.pid, BOOM)]


@virtual
async def test_a_link_from_outside_can_be_cut_from_outside(system: System) -> None:
    one, other = await puppet(system), await puppet(system)
    system.link(one.pid, other.pid)
    system.unlink(other.pid, one.pid)
    await other.end(BOOM)
    assert one.alive


@virtual
async def test_a_link_from_outside_to_a_dead_process_is_a_broken_link(system: System) -> None:
    dead, trapping, plain = await puppet(system), await puppet(system, trap_exit=True), await puppet(system)
    await dead.end()
    system.link(trapping.pid, dead.pid)
    system.link(plain.pid, dead.pid)
    system.link(plain.pid, plain.pid)
    assert await system.wait(plain.pid) == NOPROC
    await turns()
    assert trapping.inbox == [ExitSignal(dead.pid, NOPROC)]
    with pytest.raises(NoProcess):
        system.link(dead.pid, trapping.pid)


@virtual
async def test_a_monitor_is_set_and_taken_back_from_outside(system: System) -> None:
    watcher, one, two = [await puppet(system) for _ in range(3)]
    kept = system.monitor(watcher.pid, one.pid)
    assert system.demonitor(system.monitor(watcher.pid, two.pid))
    await one.end(BOOM)
    await two.end(BOOM)
    assert watcher.inbox == [Down(kept, one.pid, BOOM)]
    assert not system.demonitor(kept)


@virtual
async def test_whoever_is_no_process_waits_for_one_by_its_name(system: System) -> None:
    one = await puppet(system)
    await one.do(lambda me: me.register("desk"))
    waiting = asyncio.ensure_future(system.wait("desk"))
    await turns()
    await one.end(NORMAL)
    assert await waiting == NORMAL
    assert await system.wait("desk") == NOPROC
    assert await system.wait(Pid(0)) == NOPROC
    assert isinstance(one, Puppet)
