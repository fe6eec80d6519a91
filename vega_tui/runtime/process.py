"""What a process can do from inside: receive, send, call, link, monitor, spawn, exit.

Owns its mailbox and flags. Links, monitors, names and the process table belong to what runs it: Machine.
"""

import asyncio
from collections.abc import Callable, Coroutine
from enum import Enum, StrEnum
from typing import Any, Concatenate, Final, Literal, NoReturn, Protocol

from vega_tui.runtime.errors import NoProcess, StartError
from vega_tui.runtime.links import Links, Monitors
from vega_tui.runtime.mailbox import Mailbox
from vega_tui.runtime.reasons import KILL, KILLED, NOPROC, NORMAL, ExitReason, ProcessExit, as_reason, end, text_of
from vega_tui.runtime.registry import Registry
from vega_tui.runtime.signals import Down, ExitSignal, Pid, Ref, Target
from vega_tui.runtime.timers import Timer


class Ignore(Enum):
    """What a start function returns to say: start nothing, and that is no error."""

    IGNORE = "ignore"


IGNORE: Final = Ignore.IGNORE

# Any: a coroutine's yield and send types belong to asyncio.
Body = Callable[Concatenate["Process", ...], Coroutine[Any, Any, object] | Literal[Ignore.IGNORE]]
"""A process's code: called with its Process and the arguments. May refuse to start by returning IGNORE."""


class State(StrEnum):
    """STARTING: in its init phase. STOPPING: asked to exit, or dead to everyone, while its code still runs."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    EXITED = "exited"


class Place:
    """Where a process stands: its supervisor, child id, label and incarnation. Shared by no two processes."""

    __slots__ = ("child_id", "incarnation", "label", "supervisor", "supervisor_label")

    def __init__(
        self,
        *,
        label: object = None,
        incarnation: int = 1,
        supervisor: Pid | None = None,
        supervisor_label: object = None,
        child_id: str | None = None,
    ) -> None:
        self.label = label
        self.incarnation = incarnation
        self.supervisor = supervisor
        self.supervisor_label = supervisor_label
        self.child_id = child_id


class Machine(Protocol):
    """What a process asks of what runs it."""

    @property
    def links(self) -> Links:
        """Who is linked to whom."""
        ...

    @property
    def monitors(self) -> Monitors:
        """Who watches whom."""
        ...

    @property
    def registry(self) -> Registry:
        """Names of living processes."""
        ...

    def is_alive(self, pid: Pid) -> bool:
        """Whether it is not dead to everyone."""
        ...

    def send(self, to: Target, message: object) -> None:
        """Put a message into a mailbox."""
        ...

    def cast(self, to: Target, request: object) -> None:
        """Ask, and don't wait."""
        ...

    def send_after(self, delay_s: float, to: Target, message: object) -> Timer:
        """Put a message into a mailbox later."""
        ...

    async def call(self, to: Target, request: object, timeout_s: float | None, *, sender: Pid | None) -> object:
        """Ask, and wait for the reply."""
        ...

    def exit(self, pid: Pid, reason: ExitReason | BaseException, *, sender: Pid | None = None) -> None:
        """Send an exit signal."""
        ...

    def kill(self, pid: Pid) -> None:
        """End a process, trapping or not."""
        ...

    def monitor(self, watcher: Pid, target: Target) -> Ref:
        """Let one process get the other's Down."""
        ...

    def create(
        self, body: Body, args: tuple[object, ...], *, parent: Pid | None, link: bool, name: str | None, place: Place
    ) -> "Process | None":
        """A new process; None for IGNORE."""
        ...

    async def start(
        self,
        body: Body,
        args: tuple[object, ...],
        *,
        parent: Pid | None,
        link: bool,
        name: str | None,
        place: Place,
        timeout_s: float | None,
    ) -> tuple[Pid | None, object]:
        """A new process whose init phase is over, and what it acknowledged with."""
        ...

    def report_started(self, process: "Process") -> None:
        """Tell whoever listens that the init phase is over."""
        ...


class Process:
    """The handle that a body gets as its first argument. Its methods are for that body, not for others."""

    __slots__ = (
        "__weakref__",
        "_callers",
        "dead",
        "fatal",
        "init",
        "mailbox",
        "overdue",
        "parent",
        "pid",
        "place",
        "started_at",
        "state",
        "system",
        "task",
        "timer",
        "trap_exit",
    )

    def __init__(self, system: Machine, pid: Pid, parent: Pid | None, place: Place, started_at: float) -> None:
        self.system = system
        self.pid = pid
        self.parent = parent
        self.place = place
        self.started_at = started_at
        self.mailbox = Mailbox()
        self.trap_exit = False
        self.state = State.RUNNING
        self.dead = False
        self.overdue = False
        self.fatal: ExitReason | None = None
        self.task: asyncio.Task[object] | None = None
        self.init: asyncio.Future[object] | None = None
        self.timer: asyncio.TimerHandle | None = None
        self._callers: set[asyncio.Future[object]] | None = None

    def __repr__(self) -> str:
        return f"Process({self.pid!r}, {self.name or self.place.child_id or text_of(self.place.label)})"

    @property
    def name(self) -> str | None:
        """The registered name."""
        return self.system.registry.name_of(self.pid)

    @property
    def label(self) -> object:
        """The embedding program's own data."""
        return self.place.label

    @property
    def incarnation(self) -> int:
        """1 for the first process of a child spec, counted up by its supervisor at each start."""
        return self.place.incarnation

    @property
    def callers(self) -> set[asyncio.Future[object]]:
        """Who waits for a reply of this process."""
        if self._callers is None:
            self._callers = set()
        return self._callers

    @property
    def has_callers(self) -> bool:
        """Whether anyone waits for a reply."""
        return bool(self._callers)

    async def receive(self, match: Callable[[object], bool] | None = None, timeout_s: float | None = None) -> object:
        """The first message (that matches). Raises: TimeoutError when none came within `timeout_s`."""
        return await self.mailbox.receive(match, timeout_s)

    def send(self, to: Target, message: object) -> None:
        """Put `message` into a mailbox; dropped when the pid is dead. Raises: NoProcess for an unheld name."""
        self.system.send(to, message)

    def cast(self, to: Target, request: object) -> None:
        """Send a request that wants no reply: it arrives as a Cast, or nowhere when nobody is there."""
        self.system.cast(to, request)

    def send_after(self, delay_s: float, to: Target, message: object) -> Timer:
        """Send `message` in `delay_s`; what is returned can take it back. Dropped when nobody is there by then."""
        self._still_alive()
        return self.system.send_after(delay_s, to, message)

    async def call(self, to: Target, request: object, timeout_s: float | None = 5.0) -> object:
        """The reply to `request`, which arrives there as a Call. Raises: CallFailed, CallTimeout."""
        return await self.system.call(to, request, timeout_s, sender=self.pid)

    def ack(self, value: object = None) -> None:
        """End the init phase: whoever started this process goes on, and gets `value` as its info."""
        if self.init is not None and not self.init.done():
            self.state = State.RUNNING
            self.init.set_result(value)
            self.system.report_started(self)

    def link(self, pid: Pid) -> None:
        """Share fates. A dead `pid`: an ExitSignal(NOPROC) when trapping, else raises NoProcess."""
        self._still_alive()
        if pid is self.pid:
            return
        if self.system.is_alive(pid):
            self.system.links.link(self.pid, pid)
        elif self.trap_exit:
            self.mailbox.put(ExitSignal(pid, NOPROC))
        else:
            raise NoProcess(pid)

    def unlink(self, pid: Pid) -> None:
        """Part fates, whoever linked. An exit message of `pid` that already came stays in the mailbox."""
        self.system.links.unlink(self.pid, pid)

    def monitor(self, target: Target) -> Ref:
        """Get one Down when `target` ends; at once, with NOPROC, when it is not there."""
        self._still_alive()
        return self.system.monitor(self.pid, target)

    def demonitor(self, ref: Ref, *, flush: bool = False, info: bool = False) -> bool:
        """Take a monitor back. `flush` removes a Down that already came.

        True; with `info`, False when the monitor was no longer there (with flush: when its Down was removed).
        """
        was_there = self.system.monitors.remove(ref)
        if was_there or not flush:
            return was_there or not info
        flushed = self.mailbox.discard(lambda message: isinstance(message, Down) and message.ref is ref)
        return not info or not flushed

    def register(self, name: str) -> None:
        """Take a name. Raises: NameTaken."""
        self._still_alive()
        self.system.registry.register(name, self.pid)

    def unregister(self, name: str) -> None:
        """Free a name, whoever holds it. Raises: NoProcess when nobody does."""
        self.system.registry.unregister(name)

    def exit(self, reason: ExitReason | BaseException = NORMAL) -> NoReturn:
        """End this process with `reason` (exit/1)."""
        end(reason)

    def send_exit(self, pid: Pid, reason: ExitReason | BaseException) -> None:
        """Send an exit signal (exit/2). KILL can't be trapped; NORMAL ends only oneself. To oneself: at once."""
        reason = as_reason(reason)
        if pid is self.pid and (reason == KILL or not self.trap_exit):
            raise ProcessExit(KILLED if reason == KILL else reason)
        self.system.exit(pid, reason, sender=self.pid)

    def spawn(self, body: Body, *args: object, name: str | None = None, label: object = None) -> Pid:
        """A new process, not linked to this one."""
        return self._spawn(body, args, name, label, link=False)

    def spawn_link(self, body: Body, *args: object, name: str | None = None, label: object = None) -> Pid:
        """A new process, linked from its first moment."""
        return self._spawn(body, args, name, label, link=True)

    def spawn_monitor(
        self, body: Body, *args: object, name: str | None = None, label: object = None
    ) -> tuple[Pid, Ref]:
        """A new process and a monitor on it from its first moment."""
        pid = self._spawn(body, args, name, label, link=False)
        return pid, self.system.monitor(self.pid, pid)

    async def start_link(
        self,
        body: Body,
        *args: object,
        name: str | None = None,
        label: object = None,
        timeout_s: float | None = None,
    ) -> tuple[Pid | None, object]:
        """A new linked process whose init phase is over, and what it acknowledged with; None for IGNORE.

        Raises: StartError when it ended first or was not acknowledged within `timeout_s` (then it is killed).
        """
        self._still_alive()
        return await self.system.start(
            body, args, parent=self.pid, link=True, name=name, place=Place(label=label), timeout_s=timeout_s
        )

    def _spawn(self, body: Body, args: tuple[object, ...], name: str | None, label: object, *, link: bool) -> Pid:
        self._still_alive()
        place = Place(label=label)
        process = self.system.create(body, args, parent=self.pid, link=link, name=name, place=place)
        if process is None:
            raise StartError(NORMAL)
        return process.pid

    def _still_alive(self) -> None:
        """End code that goes on though its process is dead to everyone, before it takes part in anything again."""
        if self.dead:
            raise ProcessExit(self.fatal or KILLED)
