"""OTP conformance, rows P: servers and calls."""

import asyncio

import pytest

from tests.runtime.kit import BOOM, Lab, now, puppet, turns, virtual, worker
from vega_tui.runtime import (
    KILLED,
    NOPROC,
    NORMAL,
    SHUTDOWN,
    AlreadyStarted,
    Call,
    CallFailed,
    CallTimeout,
    Error,
    ExitReason,
    ExitSignal,
    Other,
    Pid,
    Process,
    Server,
    StartError,
    StartTimeout,
    SupervisorSpec,
    System,
    start_server,
    stop_server,
)


class Recorder(Server):
    """A server that notes what happens to it, and does as it is told."""

    def __init__(self, *, trap_exit: bool = False, init_s: float = 0.0) -> None:
        self.notes: list[object] = []
        self._trap = trap_exit
        self._init_s = init_s

    async def init(self, *args: object) -> None:
        self.process.trap_exit = self._trap
        await asyncio.sleep(self._init_s)
        if args == ("stop",):
            self.process.exit(Other("bad"))

    async def handle_call(self, call: Call) -> None:
        match call.request:
            case ExitReason() as reason:
                self.process.exit(reason)
            case BaseException() as error:
                raise error
            case "later":
                await asyncio.sleep(1)
                call.reply("late")
            case request:
                call.reply(request)

    async def handle_info(self, message: object) -> None:
        self.notes.append(message)

    async def terminate(self, reason: ExitReason) -> None:
        self.notes.append(("terminate", reason))


async def running(system: System, server: Recorder, parent: Process | None = None) -> Pid:
    pid = await start_server(system, server, parent=parent)
    assert pid is not None
    return pid


@virtual
async def test_P160_a_call_to_the_dead_fails_with_noproc(system: System) -> None:
    dead = await puppet(system)
    await dead.end()
    caller = await puppet(system)
    with pytest.raises(CallFailed) as caught:
        await caller.do(lambda me: me.call(dead.pid, "hi"))
    assert caught.value.reason == NOPROC

    async def careless(self: Process) -> None:
        await self.call(dead.pid, "hi")

    reason = await system.wait(await system.spawn(careless))
    assert isinstance(reason, Error)
    assert isinstance(reason.exception, CallFailed)


@virtual
async def test_P162_a_call_fails_with_the_reason_that_the_server_ends_with(system: System) -> None:
    server = await running(system, Recorder())
    with pytest.raises(CallFailed) as caught:
        await system.call(server, BOOM)
    assert caught.value.reason == BOOM


@virtual
async def test_P163_a_queued_call_fails_when_the_server_stops_without_a_reply(system: System) -> None:
    server = await running(system, Recorder())
    failed: list[ExitReason] = []

    async def second(self: Process) -> None:
        try:
            await self.call(server, "second")
        except CallFailed as error:
            failed.append(error.reason)

    async with asyncio.TaskGroup() as group:
        group.create_task(stop_server(system, server))
        await asyncio.sleep(0)
        caller = await system.spawn(second)
        await system.wait(caller)
    assert failed in ([NORMAL], [NOPROC])


@virtual
async def test_P164_a_trapping_server_terminates_when_its_parent_tells_it_to(system: System) -> None:
    lab = Lab(system)
    servers: list[Recorder] = []

    async def body(self: Process) -> object:
        servers.append(Recorder(trap_exit=True))
        return await servers[-1].run(self)

    sup = await lab.start(worker("s", start=body, init=True))
    await sup.terminate_child("s")
    assert servers[0].notes == [("terminate", SHUTDOWN)]
    assert lab.exits() == {"s": SHUTDOWN}


@virtual
async def test_P165_a_server_that_does_not_trap_dies_without_terminate(system: System) -> None:
    parent = await puppet(system)
    server = Recorder()
    pid = await running(system, server, system.table[parent.pid])
    gone = system.when_exited(pid)
    await parent.end(SHUTDOWN)
    assert (await gone, server.notes) == (SHUTDOWN, [])


@virtual
async def test_P166_a_strangers_exit_is_a_message_to_a_trapping_server(system: System) -> None:
    server = Recorder(trap_exit=True)
    pid = await running(system, server)
    stranger = await puppet(system)
    await stranger.do(lambda me: me.link(pid))
    await stranger.end(BOOM)
    assert server.notes == [ExitSignal(stranger.pid, BOOM)]
    assert system.is_alive(pid)


@virtual
async def test_P167_an_exit_in_a_callback_runs_terminate_without_trapping(system: System) -> None:
    for how in (BOOM, BOOM.exception):
        server = Recorder()
        pid = await running(system, server)
        with pytest.raises(CallFailed):
            await system.call(pid, how)
        assert server.notes == [("terminate", BOOM)]


@virtual
async def test_P168_a_server_whose_init_stops_fails_to_start_and_tells_its_trapping_parent(
    system: System,
) -> None:
    parent = await puppet(system, trap_exit=True)
    with pytest.raises(StartError) as caught:
        await start_server(system, Recorder(), "stop", parent=system.table[parent.pid])
    assert caught.value.reason == Other("bad")
    await turns()
    [signal] = parent.inbox
    assert isinstance(signal, ExitSignal)
    assert signal.reason == Other("bad")


@virtual
async def test_P169_a_server_that_is_too_slow_to_start_is_killed(system: System) -> None:
    with pytest.raises(StartError) as caught:
        await start_server(system, Recorder(init_s=0.3), timeout_s=0.1)
    reason = caught.value.reason
    assert isinstance(reason, Error)
    assert isinstance(reason.exception, StartTimeout)
    assert now() == pytest.approx(0.1)
    assert system.processes() == []


@virtual
async def test_P170_a_servers_name_can_be_held_once(system: System) -> None:
    first = await start_server(system, Recorder(), name="n")
    with pytest.raises(AlreadyStarted) as caught:
        await start_server(system, Recorder(), name="n")
    assert caught.value.pid is first


@virtual
async def test_P171_stopping_a_server_terminates_it_and_spares_a_linked_caller(system: System) -> None:
    caller = await puppet(system)
    server = Recorder()
    pid = await running(system, server, system.table[caller.pid])
    assert await caller.do(lambda _: stop_server(system, pid)) == NORMAL
    await turns()
    assert (server.notes, caller.alive) == ([("terminate", NORMAL)], True)


@virtual
async def test_P172_a_supervisors_start_waits_for_a_childs_init_without_limit(system: System) -> None:
    async def hanging(_: Process) -> None:
        await asyncio.sleep(1_000_000)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(400):
            await system.start_supervisor(SupervisorSpec(children=[worker("a", start=hanging, init=True)]))
    assert now() == pytest.approx(400)
    await turns()
    assert system.processes() == []


@virtual
async def test_P174_messages_between_two_processes_keep_their_order(system: System) -> None:
    sender, receiver = await puppet(system), await puppet(system)

    def send_all(me: Process) -> None:
        for number in range(1000):
            me.send(receiver.pid, number)

    await sender.do(send_all)
    await turns()
    assert receiver.inbox == list(range(1000))


@virtual
async def test_a_call_without_a_reply_in_time_fails_and_the_late_reply_is_dropped(system: System) -> None:
    server = await running(system, Recorder())
    caller = await puppet(system)
    with pytest.raises(CallTimeout):
        await caller.do(lambda me: me.call(server, "later", 0.5))
    await asyncio.sleep(2)
    assert caller.inbox == []
    assert await system.call(server, "still there") == "still there"


@virtual
async def test_a_killed_server_does_not_terminate(system: System) -> None:
    server = Recorder(trap_exit=True)
    pid = await running(system, server)
    system.kill(pid)
    assert (await system.wait(pid), server.notes) == (KILLED, [])
