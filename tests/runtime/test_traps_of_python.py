"""What Python lets a process do that Erlang's can't: exit the program, fail as text, lose its own cancellation."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.runtime.kit import BOOM, Lab, Puppet, obedient, puppet, turns, virtual, worker
from vega_tui.runtime import (
    KILLED,
    NORMAL,
    SHUTDOWN,
    Call,
    CallFailed,
    ChildSpec,
    Down,
    Error,
    Exited,
    ExitReason,
    Other,
    Process,
    ProcessExit,
    RuntimeEvent,
    Shutdown,
    StartError,
    System,
)


class NoText(Exception):
    """An error whose text fails; how, says the test."""

    how: Callable[[], str]

    def __str__(self) -> str:
        return self.how()

    __repr__ = __str__


def _raises(error: BaseException) -> Callable[[], str]:
    def fail() -> str:
        raise error

    return fail


def _nothing() -> Any:  # Any: what __str__ must not return
    return None


TEXTS = [
    _raises(RuntimeError("no text")),
    _raises(SystemExit(1)),
    _raises(KeyboardInterrupt()),
    _raises(asyncio.CancelledError()),
    _raises(ProcessExit(NORMAL)),
    _raises(RecursionError()),
    _nothing,
]


def _no_text(how: Callable[[], str]) -> NoText:
    error = NoText()
    error.how = how
    return error


@pytest.mark.parametrize("how", TEXTS)
@pytest.mark.parametrize("wrap", [Error, Other, Shutdown])
@virtual
async def test_a_reason_without_text_reaches_links_monitors_callers_and_waiters(
    system: System, wrap: Callable[[BaseException], ExitReason], how: Callable[[], str]
) -> None:
    seen: list[RuntimeEvent] = []
    system.add_listener(seen.append)
    linked = await puppet(system, trap_exit=True)
    dying = await puppet(system, linked_to=linked)
    await linked.monitor(dying.pid)
    silent = asyncio.create_task(system.call(dying.pid, "never answered", None))
    gone = system.when_exited(dying.pid)
    await turns()
    reason = wrap(_no_text(how))
    system.send(dying.pid, reason)
    assert await gone is reason
    await turns()
    assert [type(message).__name__ for message in linked.inbox] == ["ExitSignal", "Down"]
    with pytest.raises(CallFailed):
        await silent
    assert any(isinstance(event, Exited) and event.reason_text for event in seen)


@virtual
async def test_a_child_whose_error_has_no_text_is_restarted(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a"))
    system.send(lab.pid("a"), _no_text(_raises(RuntimeError("no text"))))
    await lab.settle()
    assert lab.sup.child("a").incarnation == 2
    assert system.is_alive(lab.pid("a"))


@virtual
async def test_a_start_that_fails_without_text_is_a_start_error(system: System) -> None:
    async def failing(self: Process) -> None:
        raise _no_text(_raises(RuntimeError("no text")))

    lab = Lab(system)
    await lab.start()
    with pytest.raises(StartError):
        await lab.sup.start_child(worker("a", start=failing, init=True))
    assert lab.alive


ENDS: list[Callable[[], BaseException]] = [
    lambda: SystemExit("no"),
    lambda: SystemExit(0),
    KeyboardInterrupt,
    GeneratorExit,
]


@pytest.mark.parametrize("end", ENDS)
@virtual
async def test_an_exit_of_the_program_inside_a_process_ends_that_process_only(
    system: System, end: Callable[[], BaseException]
) -> None:
    async def quits(self: Process) -> None:
        await self.receive()
        raise end()

    lab = Lab(system)
    await lab.start(worker("quits", start=quits), worker("other"))
    other = lab.pid("other")
    system.send(lab.pid("quits"), "go")
    await lab.settle()
    reason = lab.exits()["quits"]
    assert isinstance(reason, Error)
    assert type(reason.exception) is type(end())
    assert lab.sup.child("quits").incarnation == 2
    assert lab.pid("other") is other


@virtual
async def test_an_exit_of_the_program_before_ack_is_a_failed_start(system: System) -> None:
    async def quits(self: Process) -> None:
        sys.exit("argparse said no")

    lab = Lab(system)
    await lab.start()
    with pytest.raises(StartError) as caught:
        await lab.sup.start_child(worker("a", start=quits, init=True))
    assert isinstance(caught.value.reason, Error)
    assert lab.alive


@virtual
async def test_an_exit_of_the_program_during_cleanup_ends_that_process_only(system: System) -> None:
    async def quits(self: Process) -> None:
        try:
            await self.receive()
        finally:
            sys.exit(3)

    pid = await system.spawn(quits)
    await turns()
    gone = system.when_exited(pid)
    system.exit(pid, SHUTDOWN)
    reason = await gone
    assert isinstance(reason, Error)
    assert isinstance(reason.exception, SystemExit)


def _exits(reason: ExitReason) -> Callable[[Process], Any]:
    def start(self: Process) -> Any:  # Any: it never returns
        self.exit(reason)

    return start


def _fails(error: BaseException) -> Callable[[Process], Any]:
    def start(self: Process) -> Any:  # Any: it never returns
        raise error

    return start


START_FUNCTIONS: list[tuple[Callable[[Process], Any], object]] = [
    (_exits(Other("bad")), Other("bad")),
    (_exits(NORMAL), NORMAL),
    (_exits(KILLED), KILLED),
    (_fails(asyncio.CancelledError()), asyncio.CancelledError),
    (_fails(SystemExit(2)), SystemExit),
    (_fails(KeyboardInterrupt()), KeyboardInterrupt),
    (_fails(GeneratorExit()), GeneratorExit),
    (_fails(ValueError("bad")), ValueError),
    (_fails(RecursionError()), RecursionError),
]


@pytest.mark.parametrize(("start", "expected"), START_FUNCTIONS)
@virtual
async def test_a_start_function_that_exits_is_a_failed_start_and_the_supervisor_lives(
    system: System, start: Callable[[Process], Any], expected: object
) -> None:
    lab = Lab(system)
    await lab.start(worker("a"))
    with pytest.raises(StartError) as caught:
        await lab.sup.start_child(ChildSpec(id="b", start=start))
    reason = caught.value.reason
    got = type(reason.exception) if isinstance(reason, Error) else reason
    assert got == expected
    assert (lab.alive, lab.kept()) == (True, ["a"])


@pytest.mark.parametrize(("start", "expected"), START_FUNCTIONS)
@virtual
async def test_a_first_child_whose_start_function_exits_stops_those_before_it_in_order(
    system: System, start: Callable[[Process], Any], expected: object
) -> None:
    lab = Lab(system)
    with pytest.raises(StartError) as caught:
        await lab.start(worker("a"), ChildSpec(id="b", start=start))
    assert isinstance(caught.value.reason, Shutdown)
    assert lab.exits()["a"] == SHUTDOWN
    assert system.processes() == []


@virtual
async def test_a_start_function_that_exits_when_restarted_is_tried_again(system: System) -> None:
    tries: list[int] = []

    def start(self: Process) -> Any:
        tries.append(1)
        if len(tries) in (2, 3):
            self.exit(Other("bad"))
        return obedient(self)

    lab = Lab(system)
    await lab.start(ChildSpec(id="a", start=start))
    await lab.end("a")
    await lab.settle()
    assert len(tries) == 4
    assert system.is_alive(lab.pid("a"))


@pytest.mark.parametrize("start", [start for start, _ in START_FUNCTIONS[:6]])
@virtual
async def test_a_start_function_that_exits_does_not_exit_its_caller(
    system: System, start: Callable[[Process], Any]
) -> None:
    with pytest.raises(StartError):
        await system.spawn(start, name="n")
    caller = await puppet(system)
    with pytest.raises(StartError):
        await caller.do(lambda me: me.spawn_link(start))
    assert caller.alive
    assert system.whereis("n") is None


@virtual
async def test_a_start_function_that_fails_leaves_no_name_link_or_monitor(system: System) -> None:
    other = await puppet(system)

    def start(self: Process) -> Any:
        self.register("taken")
        self.link(other.pid)
        self.monitor(other.pid)
        raise ValueError("bad")

    with pytest.raises(ValueError, match="bad"):
        await system.spawn(start)
    info = system.info(other.pid)
    assert info is not None
    assert (system.whereis("taken"), info.links, info.monitored_by) == (None, frozenset(), ())


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="wait_for keeps a cancellation since 3.12")
@pytest.mark.parametrize("turns_before", range(4))
@pytest.mark.parametrize("timeout", [60, 0.001])
@virtual
async def test_an_exit_signal_is_not_lost_in_wait_for(system: System, turns_before: int, timeout: float) -> None:
    served: list[object] = []

    async def body(self: Process) -> None:
        while True:
            try:
                served.append(await asyncio.wait_for(self.receive(), timeout))
            except TimeoutError:
                pass

    pid = await system.spawn(body)
    await turns()
    gone = system.when_exited(pid)
    system.send(pid, "m1")
    await turns(turns_before)
    system.exit(pid, SHUTDOWN)
    await turns(2)
    system.send(pid, "m2")
    await turns()
    assert gone.done()
    assert await gone == SHUTDOWN
    assert "m2" not in served


@pytest.mark.parametrize("turns_before", range(4))
@virtual
async def test_cleanup_after_a_wait_for_runs_to_its_end(system: System, turns_before: int) -> None:
    cleaned: list[str] = []

    async def body(self: Process) -> None:
        try:
            while True:
                await asyncio.wait_for(self.receive(), 60)
        finally:
            await asyncio.sleep(1)
            await asyncio.wait_for(asyncio.sleep(1), 5)
            cleaned.append("done")

    pid = await system.spawn(body)
    await turns()
    gone = system.when_exited(pid)
    system.send(pid, "m1")
    await turns(turns_before)
    system.exit(pid, BOOM)
    assert await gone == BOOM
    assert cleaned == ["done"]


@virtual
async def test_an_error_that_wait_for_hands_on_instead_does_not_lose_the_exit(system: System) -> None:
    failures: list[str] = []

    async def failing() -> None:
        await asyncio.sleep(0)
        raise ValueError

    async def body(self: Process) -> None:
        while True:
            try:
                await asyncio.wait_for(failing(), 60)
            except ValueError:
                failures.append("x")

    for wait in range(6):
        pid = await system.spawn(body)
        gone = system.when_exited(pid)
        await turns(wait)
        system.exit(pid, SHUTDOWN)
        await turns()
        assert gone.done()


@virtual
async def test_a_server_whose_caller_goes_away_with_an_odd_error_answers_the_next(system: System) -> None:
    async def server(self: Process) -> None:
        async for message in self.mailbox:
            if isinstance(message, Call):
                message.fail(_no_text(_raises(RuntimeError())))

    pid = await system.spawn(server)
    for _ in range(2):
        with pytest.raises(NoText):
            await system.call(pid, "x")


@virtual
async def test_a_listener_that_exits_the_program_is_only_reported(system: System) -> None:
    reported: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))

    def listener(event: RuntimeEvent) -> None:
        raise SystemExit(1)

    stop = system.add_listener(listener)
    watcher = Puppet(system)
    watcher.pid = await system.spawn(watcher.body)
    dying = await puppet(system)
    await watcher.monitor(dying.pid)
    await dying.end(BOOM)
    stop()
    assert any(isinstance(message, Down) for message in watcher.inbox)
    assert reported
