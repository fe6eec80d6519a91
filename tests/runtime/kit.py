"""What the runtime's tests share: a virtual clock, a puppet process, and a lab of supervised workers."""

import asyncio
import functools
import inspect
from collections.abc import Callable, Coroutine
from inspect import iscoroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

from tests.fakes.virtual_loop import run_virtual
from vega_tui.core import clock
from vega_tui.runtime import (
    NORMAL,
    Call,
    CallFailed,
    ChildSpec,
    Error,
    Exited,
    ExitReason,
    GaveUp,
    Pid,
    Process,
    Ref,
    RuntimeEvent,
    Spawned,
    Strategy,
    Supervisor,
    SupervisorSpec,
    System,
)

P = ParamSpec("P")
T = TypeVar("T")
BOOM = Error(RuntimeError("boom"))


def virtual(
    test: Callable[Concatenate[System, P], Coroutine[Any, Any, None]],
) -> Callable[P, None]:
    """Run an async test with a System on a loop whose clock jumps; nothing may be left running after it."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def main() -> None:
            async with System() as system:
                await test(system, *args, **kwargs)
            assert asyncio.all_tasks() == {asyncio.current_task()}

        run_virtual(main())

    # Else pytest would take the wrapped test's `system` for a fixture; what is left are the test's parameters.
    del run.__wrapped__  # pyright: ignore[reportAttributeAccessIssue]
    signature = inspect.signature(test)
    run.__signature__ = signature.replace(  # pyright: ignore[reportAttributeAccessIssue]
        parameters=list(signature.parameters.values())[1:]
    )
    return run


async def turns(count: int = 20) -> None:
    """Let everyone else run, without any time passing."""
    for _ in range(count):
        await asyncio.sleep(0)


class Do:
    """A request to a puppet: run this in your own process."""

    def __init__(self, act: Callable[[Process], object]) -> None:
        self.act = act


class Puppet:
    """A process that does what the test says; other messages go into `inbox`."""

    def __init__(self, system: System, *, trap_exit: bool = False) -> None:
        self.system = system
        self.inbox: list[object] = []
        self._trap = trap_exit
        self.pid: Pid = Pid(0)

    async def body(self, process: Process) -> None:
        process.trap_exit = self._trap
        async for message in process.mailbox:
            match message:
                case Call(request=Do() as do):
                    await self._obey(process, do, message)
                case ExitReason():
                    process.exit(message)
                case BaseException():
                    raise message
                case _:
                    self.inbox.append(message)

    async def _obey(self, process: Process, do: Do, call: Call) -> None:
        try:
            value = do.act(process)
            if iscoroutine(value):
                value = await value
            call.reply(value)
        except Exception as error:
            call.fail(error)

    async def do(self, act: Callable[[Process], object]) -> object:
        """Run `act` inside the process; what it returned (awaited) or raised."""
        return await self.system.call(self.pid, Do(act), None)

    async def monitor(self, target: Pid | str) -> Ref:
        """Monitor from inside."""
        ref = await self.do(lambda me: me.monitor(target))
        assert isinstance(ref, Ref)
        return ref

    async def end(self, how: ExitReason | BaseException = NORMAL) -> ExitReason:
        """Let it exit by itself; the reason that it ended with."""
        gone = self.system.when_exited(self.pid)
        self.system.send(self.pid, how)
        reason = await gone
        await turns()
        return reason

    @property
    def alive(self) -> bool:
        """Whether it lives."""
        return self.system.is_alive(self.pid)


async def puppet(system: System, *, trap_exit: bool = False, linked_to: "Puppet | None" = None) -> Puppet:
    """A puppet whose body has begun."""
    it = Puppet(system, trap_exit=trap_exit)
    if linked_to is None:
        it.pid = await system.spawn(it.body)
    else:
        pid = await linked_to.do(lambda me: me.spawn_link(it.body))
        assert isinstance(pid, Pid)
        it.pid = pid
    await turns(2)
    return it


async def obedient(self: Process) -> None:
    """A worker that exits as a message tells it."""
    async for message in self.mailbox:
        match message:
            case ExitReason():
                self.exit(message)
            case BaseException():
                raise message
            case Call(request="incarnation"):
                message.reply(self.incarnation)
            case _:
                pass


def worker(child_id: str, **fields: Any) -> ChildSpec:  # Any: any of ChildSpec's own fields
    """A child spec of an obedient worker."""
    fields = {"start": obedient, "id": child_id, **fields}
    return ChildSpec(**fields)


class Lab:
    """One supervisor under observation: `trace` has +id for each start and -id for each end, in order."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.events: list[RuntimeEvent] = []
        system.add_listener(self.events.append)
        self._sup: Supervisor | None = None

    async def start(self, *children: ChildSpec, **flags: Any) -> Supervisor:  # Any: SupervisorSpec's fields
        """Start the supervisor; one_for_one, and an intensity that no test reaches by accident."""
        flags = {"children": children, "intensity": 100, "period_s": 5.0, **flags}
        self._sup = await self.system.start_supervisor(SupervisorSpec(**flags))
        return self._sup

    @property
    def sup(self) -> Supervisor:
        assert self._sup is not None
        return self._sup

    def pid(self, child_id: str) -> Pid:
        pid = self.sup.child(child_id).pid
        assert pid is not None, f"{child_id} is down"
        return pid

    def running(self) -> list[str | None]:
        """Ids of the running children, first started first."""
        return [info.id for info in reversed(self.sup.which_children()) if info.pid is not None]

    def kept(self) -> list[str | None]:
        """Ids of all specs kept."""
        return [info.id for info in reversed(self.sup.which_children())]

    async def end(self, child_id: str, how: ExitReason = BOOM) -> None:
        """Let a child exit by itself, and the supervisor deal with it."""
        self.system.send(self.pid(child_id), how)
        await self.settle()

    async def kill(self, child_id: str) -> None:
        self.system.kill(self.pid(child_id))
        await self.settle()

    async def settle(self) -> None:
        """Wait until the supervisor has dealt with everything, or is dead."""
        await turns()
        try:
            await self.sup.settled()
        except CallFailed:
            pass
        await turns()

    @property
    def alive(self) -> bool:
        return self.system.is_alive(self.sup.pid)

    def trace(self) -> list[str]:
        """Starts and ends of children since the last call, in order."""
        seen = list(self.events)
        self.events.clear()
        found: list[str] = []
        for event in seen:
            if event.child_id is not None and isinstance(event, Spawned):
                found.append(f"+{event.child_id}")
            elif event.child_id is not None and isinstance(event, Exited):
                found.append(f"-{event.child_id}")
        return found

    def exits(self) -> dict[str, ExitReason]:
        """Each child's last exit reason."""
        return {e.child_id: e.reason for e in self.events if isinstance(e, Exited) and e.child_id}

    def gave_up(self) -> list[GaveUp]:
        return [event for event in self.events if isinstance(event, GaveUp)]


def now() -> float:
    """The virtual time."""
    return clock.monotonic()


__all__ = ["BOOM", "Lab", "Puppet", "Strategy", "now", "obedient", "puppet", "turns", "virtual", "worker"]
