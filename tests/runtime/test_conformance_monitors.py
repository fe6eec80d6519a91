"""OTP conformance, rows M: monitors and names."""

import pytest

from tests.runtime.kit import BOOM, puppet, turns, virtual
from vega_tui.runtime import NOPROC, NORMAL, Down, ExitSignal, NoProcess, Pid, Ref, System


@virtual
async def test_M28_monitoring_the_dead_gives_down_noproc_at_once(system: System) -> None:
    dead = await puppet(system)
    await dead.end()
    p = await puppet(system)
    ref = await p.monitor(dead.pid)
    await turns()
    assert p.inbox == [Down(ref, dead.pid, NOPROC)]


@virtual
async def test_M29_down_of_a_normal_exit_comes_without_trapping(system: System) -> None:
    q = await puppet(system)
    p = await puppet(system)
    ref = await p.monitor(q.pid)
    await q.end(NORMAL)
    assert p.inbox == [Down(ref, q.pid, NORMAL)]


@virtual
async def test_M31_a_demonitor_before_the_end_leaves_no_down(system: System) -> None:
    q = await puppet(system)
    p = await puppet(system)
    ref = await p.monitor(q.pid)
    await p.do(lambda me: me.demonitor(ref))
    await q.end(BOOM)
    assert p.inbox == []


@virtual
async def test_M32_flush_removes_a_down_that_already_came(system: System) -> None:
    q = await puppet(system)

    p = await puppet(system)
    ref = await p.monitor(q.pid)
    system.send(q.pid, BOOM)
    seen: list[object] = []

    async def wait_then_flush(me: object) -> object:
        await system.wait(q.pid)
        await turns()
        seen.append(len(process.mailbox))
        return process.demonitor(ref, flush=True, info=True)

    process = system.table[p.pid]
    was_there = await p.do(wait_then_flush)
    await turns()
    assert (seen, was_there, p.inbox) == ([1], False, [])


@virtual
async def test_M32_demonitor_with_info_says_whether_the_monitor_was_there(system: System) -> None:
    q = await puppet(system)
    p = await puppet(system)
    ref = await p.monitor(q.pid)
    assert await p.do(lambda me: me.demonitor(ref, info=True)) is True
    assert await p.do(lambda me: me.demonitor(ref, info=True)) is False
    assert await p.do(lambda me: me.demonitor(Ref())) is True


@virtual
async def test_M34_a_watchers_end_does_not_touch_the_watched(system: System) -> None:
    q = await puppet(system)
    p = await puppet(system)
    await p.monitor(q.pid)
    await p.end(BOOM)
    assert q.alive


@virtual
async def test_M35_monitoring_an_unheld_name_gives_down_noproc_with_the_name(system: System) -> None:
    p = await puppet(system)
    ref = await p.monitor("nosuch")
    await turns()
    assert p.inbox == [Down(ref, None, NOPROC, "nosuch")]


@virtual
async def test_M35_a_monitor_by_name_stays_with_the_process(system: System) -> None:
    q = await puppet(system)
    p = await puppet(system)
    await q.do(lambda me: me.register("held"))
    ref = await p.monitor("held")
    await q.end(BOOM)
    assert p.inbox == [Down(ref, q.pid, BOOM, "held")]


@virtual
async def test_M36_a_link_and_a_monitor_both_tell(system: System) -> None:
    p = await puppet(system, trap_exit=True)
    q = await puppet(system, linked_to=p)
    ref = await p.monitor(q.pid)
    await q.end(BOOM)
    assert ExitSignal(q.pid, BOOM) in p.inbox
    assert Down(ref, q.pid, BOOM) in p.inbox
    assert len(p.inbox) == 2


@virtual
async def test_M36_monitors_stack_and_each_fires_once(system: System) -> None:
    q = await puppet(system)
    p = await puppet(system)
    refs = [await p.monitor(q.pid), await p.monitor(q.pid)]
    await q.end(BOOM)
    assert p.inbox == [Down(ref, q.pid, BOOM) for ref in refs]


@virtual
async def test_M38_a_message_to_the_dead_is_dropped(system: System) -> None:
    q = await puppet(system)
    p = await puppet(system)
    await q.end()
    await p.do(lambda me: me.send(q.pid, "x"))
    assert p.alive


@virtual
async def test_M39_a_message_to_an_unheld_name_raises_in_the_sender(system: System) -> None:
    p = await puppet(system)
    with pytest.raises(NoProcess):
        await p.do(lambda me: me.send("nosuch", "x"))
    assert isinstance(p.pid, Pid)
