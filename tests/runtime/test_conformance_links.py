"""OTP conformance, rows L: links and exit signals."""

import asyncio

import pytest

from tests.runtime.kit import BOOM, puppet, turns, virtual
from vega_tui.runtime import (
    KILL,
    KILLED,
    NOPROC,
    NORMAL,
    SHUTDOWN,
    Error,
    ExitSignal,
    NoProcess,
    Pid,
    Process,
    System,
)


@virtual
async def test_L1_a_normal_exit_does_not_end_a_linked_process(system: System) -> None:
    p = await puppet(system)
    q = await puppet(system, linked_to=p)
    await q.end(NORMAL)
    assert p.alive


@virtual
async def test_L2_a_crash_ends_a_linked_process_with_the_same_reason(system: System) -> None:
    p = await puppet(system)
    q = await puppet(system, linked_to=p)
    gone = system.when_exited(p.pid)
    await q.end(BOOM)
    assert await gone is BOOM


@virtual
async def test_L3_the_reason_runs_unchanged_through_a_chain(system: System) -> None:
    a = await puppet(system)
    b = await puppet(system, linked_to=a)
    c = await puppet(system, linked_to=b)
    gone = system.when_exited(c.pid)
    await a.end(BOOM)
    assert await gone is BOOM


@virtual
async def test_L4_a_trapping_process_gets_a_normal_exit_as_a_message(system: System) -> None:
    p = await puppet(system, trap_exit=True)
    q = await puppet(system, linked_to=p)
    await q.end(NORMAL)
    assert p.inbox == [ExitSignal(q.pid, NORMAL)]


@virtual
async def test_L5_a_trapping_process_gets_a_crash_as_a_message_and_lives(system: System) -> None:
    p = await puppet(system, trap_exit=True)
    q = await puppet(system, linked_to=p)
    await q.end(BOOM)
    assert p.inbox == [ExitSignal(q.pid, BOOM)]
    assert p.alive


@virtual
async def test_L6_a_kill_cannot_be_trapped_and_is_seen_as_killed(system: System) -> None:
    p = await puppet(system, trap_exit=True)
    gone = system.when_exited(p.pid)
    system.exit(p.pid, KILL)
    assert await gone == KILLED


@virtual
async def test_L7_links_of_a_killed_process_get_killed_which_can_be_trapped(system: System) -> None:
    t = await puppet(system, trap_exit=True)
    p = await puppet(system, linked_to=t)
    system.kill(p.pid)
    await turns()
    assert t.inbox == [ExitSignal(p.pid, KILLED)]
    assert t.alive


@virtual
async def test_L9_a_process_that_exits_by_itself_with_kill_sends_kill_over_its_links(system: System) -> None:
    q = await puppet(system)
    p = await puppet(system, linked_to=q)
    gone = system.when_exited(q.pid)
    assert await p.end(KILL) == KILL
    assert await gone == KILL


@virtual
async def test_L9_kill_over_a_link_can_be_trapped(system: System) -> None:
    q = await puppet(system, trap_exit=True)
    p = await puppet(system, linked_to=q)
    await p.end(KILL)
    assert q.inbox == [ExitSignal(p.pid, KILL)]


@virtual
async def test_L10_another_ones_normal_exit_signal_is_ignored(system: System) -> None:
    q = await puppet(system)
    p = await puppet(system)
    await p.do(lambda me: me.send_exit(q.pid, NORMAL))
    await turns()
    assert q.alive


@virtual
async def test_L11_a_normal_exit_signal_to_oneself_ends_one(system: System) -> None:
    async def body(self: Process) -> None:
        self.send_exit(self.pid, NORMAL)
        await asyncio.sleep(1000)

    q = await system.spawn(body)
    assert await system.wait(q) == NORMAL


@virtual
async def test_L13_an_exit_signal_needs_no_link(system: System) -> None:
    q = await puppet(system)
    p = await puppet(system)
    gone = system.when_exited(q.pid)
    await p.do(lambda me: me.send_exit(q.pid, SHUTDOWN))
    assert await gone == SHUTDOWN


@virtual
async def test_L14_an_exit_signal_to_the_dead_is_no_error(system: System) -> None:
    p = await puppet(system)
    await p.end()
    system.exit(p.pid, BOOM)


@virtual
async def test_L15_linking_to_the_dead_sends_noproc_to_one_who_traps(system: System) -> None:
    dead = await puppet(system)
    await dead.end()
    p = await puppet(system, trap_exit=True)
    await p.do(lambda me: me.link(dead.pid))
    await turns()
    assert p.inbox == [ExitSignal(dead.pid, NOPROC)]


@virtual
async def test_L16_linking_to_the_dead_raises_noproc_in_one_who_does_not(system: System) -> None:
    dead = await puppet(system)
    await dead.end()
    p = await puppet(system)
    with pytest.raises(NoProcess):
        await p.do(lambda me: me.link(dead.pid))
    assert p.alive

    async def careless(self: Process) -> None:
        self.link(dead.pid)

    reason = await system.wait(await system.spawn(careless))
    assert isinstance(reason, Error)
    assert isinstance(reason.exception, NoProcess)


@virtual
async def test_L18_one_unlink_undoes_two_links(system: System) -> None:
    p = await puppet(system)
    q = await puppet(system, linked_to=p)
    await p.do(lambda me: me.link(q.pid))
    await p.do(lambda me: me.unlink(q.pid))
    await q.end(BOOM)
    assert p.alive


@virtual
async def test_L19_either_end_may_unlink(system: System) -> None:
    p = await puppet(system)
    q = await puppet(system, linked_to=p)
    await q.do(lambda me: me.unlink(p.pid))
    await q.end(BOOM)
    assert p.alive


@virtual
async def test_L21_linking_to_oneself_has_no_effect(system: System) -> None:
    p = await puppet(system, trap_exit=True)
    await p.do(lambda me: me.link(me.pid))
    await turns()
    assert (system.links.of(p.pid), p.inbox) == (frozenset[Pid](), [])


@virtual
async def test_L22_spawn_link_misses_no_exit(system: System) -> None:
    p = await puppet(system, trap_exit=True)

    async def crash(_: Process) -> None:
        raise BOOM.exception

    child = await p.do(lambda me: me.spawn_link(crash))
    await turns()
    assert isinstance(child, Pid)
    assert p.inbox == [ExitSignal(child, BOOM)]


@virtual
async def test_L23_returning_is_a_normal_exit(system: System) -> None:
    async def body(_: Process) -> None:
        return None

    assert await system.wait(await system.spawn(body)) == NORMAL


@virtual
async def test_L24_raising_is_an_exit_with_that_error(system: System) -> None:
    async def body(_: Process) -> None:
        raise BOOM.exception

    reason = await system.wait(await system.spawn(body))
    assert reason == BOOM
    assert reason.text == "RuntimeError: boom"
    assert BOOM.exception.__traceback__ is not None


@virtual
async def test_L25_raising_something_that_is_no_exception_class_of_ours_is_an_error_too(system: System) -> None:
    class Thrown(BaseException):
        pass

    thrown = Thrown("x")

    async def body(_: Process) -> None:
        raise thrown

    assert await system.wait(await system.spawn(body)) == Error(thrown)


@virtual
async def test_L27_a_blocked_process_dies_without_running_its_own_code(system: System) -> None:
    ran: list[str] = []

    async def blocked(self: Process) -> None:
        await self.receive(lambda message: message == "never", timeout_s=1000)
        ran.append("on")

    p = await puppet(system)
    victim = await p.do(lambda me: me.spawn_link(blocked))
    assert isinstance(victim, Pid)
    gone = system.when_exited(victim)
    await p.end(BOOM)
    assert await gone is BOOM
    assert ran == []
