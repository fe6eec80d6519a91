"""What a process can rely on beyond the conformance rows: receive, fairness, cancellation, events."""

import asyncio
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from tests.runtime.kit import BOOM, Lab, now, obedient, puppet, turns, virtual, worker
from vega_tui.runtime import (
    IGNORE,
    KILLED,
    NORMAL,
    SHUTDOWN,
    Call,
    CallFailed,
    Ended,
    Error,
    Exited,
    ExitReason,
    ExitSignal,
    LinkDied,
    Pid,
    Process,
    ProcessExit,
    RuntimeEvent,
    Spawned,
    Started,
    StartError,
    Stopping,
    SupervisorSpec,
    System,
)


async def result_of(system: System, body: Callable[[Process], Any], *messages: object) -> ExitReason:
    pid = await system.spawn(body)
    for message in messages:
        system.send(pid, message)
    return await system.wait(pid)


@virtual
async def test_receive_takes_the_first_match_and_leaves_the_others_in_place(system: System) -> None:
    got: list[object] = []

    async def body(self: Process) -> None:
        got.append(await self.receive(lambda message: message == 3))
        got.extend([await self.receive(), await self.receive()])

    assert await result_of(system, body, 1, 2, 3) == NORMAL
    assert got == [3, 1, 2]


@virtual
async def test_a_selective_receive_waits_for_its_message_however_many_others_come(system: System) -> None:
    got: list[object] = []

    async def body(self: Process) -> None:
        got.append(await self.receive(lambda message: message == "mine", timeout_s=10.0))
        got.append(len(self.mailbox))

    pid = await system.spawn(body)
    for message in (0, 1, 2, 3, 4, "mine"):
        await turns()
        system.send(pid, message)
    assert await system.wait(pid) == NORMAL
    assert got == ["mine", 5]


@virtual
async def test_a_receive_times_out_when_it_says(system: System) -> None:
    async def body(self: Process) -> None:
        with pytest.raises(TimeoutError):
            await self.receive(lambda message: message == "never", timeout_s=2.5)

    assert await result_of(system, body, "other") == NORMAL
    assert now() == 2.5


@virtual
async def test_a_receive_with_timeout_0_only_looks(system: System) -> None:
    async def body(self: Process) -> None:
        with pytest.raises(TimeoutError):
            await self.receive(timeout_s=0)
        self.send(self.pid, "x")
        assert await self.receive(timeout_s=0) == "x"

    assert await result_of(system, body) == NORMAL


@virtual
async def test_a_process_that_always_has_messages_lets_others_run(system: System) -> None:
    async def self_feeding(self: Process) -> None:
        self.send(self.pid, 0)
        async for _ in self.mailbox:
            self.send(self.pid, 0)

    greedy = await system.spawn(self_feeding)
    modest = await puppet(system)
    assert await modest.do(lambda _: 42) == 42
    assert system.is_alive(greedy)
    system.kill(greedy)


@virtual
async def test_a_second_reader_of_a_mailbox_is_an_error(system: System) -> None:
    async def body(self: Process) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.receive())
            group.create_task(self.receive())

    reason = await result_of(system, body)
    assert isinstance(reason, Error)
    assert "two readers" in reason.text


@virtual
async def test_a_task_groups_wrapping_of_one_error_is_taken_off(system: System) -> None:
    async def fail(how: BaseException) -> None:
        raise how

    async def body(self: Process) -> None:
        how = await self.receive()
        assert isinstance(how, BaseException)
        async with asyncio.TaskGroup() as outer:
            async with asyncio.TaskGroup() as inner:
                inner.create_task(fail(how))
                outer.create_task(asyncio.sleep(1))

    assert await result_of(system, body, BOOM.exception) == BOOM
    assert await result_of(system, body, ProcessExit(SHUTDOWN)) == SHUTDOWN


@virtual
async def test_an_exit_signal_runs_the_bodys_cleanup_before_anyone_hears_of_the_end(system: System) -> None:
    done: list[str] = []

    async def careful(self: Process) -> None:
        try:
            await self.receive()
        finally:
            await asyncio.sleep(1)
            done.append("cleaned")

    pid = await system.spawn(careful)
    await turns()
    system.exit(pid, SHUTDOWN)
    assert await system.wait(pid) == SHUTDOWN
    assert (done, now()) == (["cleaned"], 1)


@virtual
async def test_a_body_that_returns_after_being_told_to_exit_exits_with_that_reason(system: System) -> None:
    async def forgiving(self: Process) -> None:
        try:
            await self.receive()
        except asyncio.CancelledError:
            return

    pid = await system.spawn(forgiving)
    await turns()
    system.exit(pid, BOOM)
    assert await system.wait(pid) == BOOM


@virtual
async def test_a_cancellation_that_is_no_exit_signal_is_an_error(system: System) -> None:
    async def body(_: Process) -> None:
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    reason = await result_of(system, body)
    assert isinstance(reason, Error)
    assert isinstance(reason.exception, asyncio.CancelledError)


@virtual
async def test_a_killed_process_that_never_ran_is_killed(system: System) -> None:
    ran: list[str] = []

    async def body(_: Process) -> None:
        ran.append("ran")

    pid = await system.spawn(body)
    system.kill(pid)
    assert (await system.wait(pid), ran) == (KILLED, [])


@virtual
async def test_a_kill_cuts_a_slow_cleanup_short(system: System) -> None:
    async def slow(self: Process) -> None:
        try:
            await self.receive()
        finally:
            await asyncio.sleep(1000)

    lab = Lab(system)
    sup = await lab.start(worker("a", start=slow, shutdown_s=2.0))
    await turns()
    await sup.stop()
    assert lab.exits() == {"a": KILLED}
    assert now() == pytest.approx(2.0)


@virtual
async def test_unlinking_leaves_an_exit_message_that_already_came(system: System) -> None:
    p = await puppet(system, trap_exit=True)
    q = await puppet(system, linked_to=p)

    async def wait_then_unlink(me: Process) -> None:
        system.send(q.pid, BOOM)
        await system.wait(q.pid)
        me.unlink(q.pid)

    await p.do(wait_then_unlink)
    await turns()
    assert p.inbox == [ExitSignal(q.pid, BOOM)]


@virtual
async def test_a_process_cannot_call_itself(system: System) -> None:
    p = await puppet(system)
    with pytest.raises(CallFailed):
        await p.do(lambda me: me.call(me.pid, "hi", None))


@virtual
async def test_start_link_gives_what_was_acknowledged_and_none_for_ignore(system: System) -> None:
    async def ready(self: Process) -> None:
        self.ack("ready")
        await obedient(self)

    async def unwilling(_: Process) -> object:
        return IGNORE

    p = await puppet(system)
    started = await p.do(lambda me: me.start_link(ready))
    assert isinstance(started, tuple)
    assert started[1] == "ready"
    assert await p.do(lambda me: me.start_link(unwilling)) == (None, None)


@virtual
async def test_events_come_in_order_with_everything_that_tells_whom_they_are_about(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a", label="mine", name="n"), label="above")
    mine = [event for event in lab.events if event.child_id == "a"]
    assert [type(event) for event in mine] == [Spawned, Started]
    for event in mine:
        assert (event.label, event.name, event.supervisor, event.supervisor_label, event.incarnation) == (
            "mine",
            "n",
            sup.pid,
            "above",
            1,
        )


@virtual
async def test_a_link_that_died_is_told_with_its_source(system: System) -> None:
    lab = Lab(system)
    p = await puppet(system)
    q = await puppet(system, linked_to=p)
    await q.end(BOOM)
    [event] = [event for event in lab.events if isinstance(event, LinkDied)]
    assert (event.pid, event.source, event.reason, event.trapped) == (p.pid, q.pid, BOOM, False)


def test_a_listener_that_raises_harms_nobody() -> None:
    reported: list[dict[str, Any]] = []  # Any: asyncio's own context

    @virtual
    async def scene(system: System) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))

        def broken(event: RuntimeEvent) -> None:
            raise ValueError(f"no {type(event).__name__}, please")

        remove = system.add_listener(broken)
        pid = await system.spawn(obedient)
        remove()
        assert system.is_alive(pid)

    scene()
    assert [str(context["exception"]) for context in reported] == ["no Spawned, please", "no Started, please"]


@virtual
async def test_code_that_ignores_an_exit_signal_is_dead_after_its_grace(system: System) -> None:
    release = asyncio.Event()

    async def stubborn(_: Process) -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    events: list[RuntimeEvent] = []
    system.add_listener(events.append)
    pid = await system.spawn(stubborn)
    await turns()
    system.exit(pid, BOOM)
    assert await system.wait(pid) == BOOM
    assert now() == pytest.approx(5.05)
    release.set()
    await turns()
    kinds = [(type(event), event.at) for event in events if isinstance(event, Stopping | Exited | Ended)]
    assert [kind for kind, _ in kinds] == [Stopping, Exited, Ended]
    assert [at for _, at in kinds] == pytest.approx([0.05, 5.05, 5.05])


@virtual
async def test_a_close_with_a_deadline_kills_what_hangs(system: System) -> None:
    async def hanging(_: Process) -> None:
        await asyncio.sleep(1_000_000)

    sup = await system.start_supervisor(SupervisorSpec())
    starting = asyncio.ensure_future(sup.start_child(worker("a", start=hanging, init=True)))
    await turns()
    await system.close(within_s=3.0)
    assert now() == pytest.approx(3.0)
    with pytest.raises(CallFailed):
        await starting
    with pytest.raises(StartError):
        await system.spawn(obedient)


@virtual
async def test_code_that_swallows_one_cancellation_ends_with_the_next(system: System) -> None:
    async def swallowing_once(self: Process) -> None:
        try:
            await self.receive()
        except asyncio.CancelledError:
            await asyncio.sleep(1000)

    pid = await system.spawn(swallowing_once)
    await turns()
    system.kill(pid)
    assert await system.wait(pid) == KILLED
    await turns()
    assert (system.processes(), now()) == ([], pytest.approx(0.05))


@virtual
async def test_a_server_keeps_nothing_of_answered_calls(system: System) -> None:
    async def echo(self: Process) -> None:
        async for message in self.mailbox:
            if isinstance(message, Call):
                message.reply(message.request)

    pid = await system.spawn(echo)
    for number in range(10):
        assert await system.call(pid, number) == number
    assert not system.table[pid].has_callers


@virtual
async def test_a_call_is_answered_once(system: System) -> None:
    async def twice(self: Process) -> None:
        async for message in self.mailbox:
            if isinstance(message, Call):
                message.reply(1)
                message.reply(2)
                message.fail(ValueError("late"))

    pid = await system.spawn(twice)
    assert await system.call(pid, "x") == 1
    assert isinstance(pid, Pid)


@virtual
async def test_an_ended_process_is_freed_without_the_collector(system: System) -> None:
    async def crash(_: Process) -> None:
        raise ValueError("boom")

    gc.collect()
    gc.disable()
    try:
        for body in (obedient, crash):
            pid = await system.spawn(body)
            process = weakref.ref(system.table[pid])
            await turns()
            system.kill(pid)
            await turns()
            assert process() is None
    finally:
        gc.enable()
