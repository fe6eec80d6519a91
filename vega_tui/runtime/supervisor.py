"""A supervisor: one process that starts, watches, restarts and stops its children.

Its loop takes one message at a time: exits of children, requests, due restarts. restart.py decides,
children.py starts and stops. Semantics: supervisor(3) and OTP's supervisor.erl.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from random import Random
from typing import Protocol, TypeVar

import msgspec

from vega_tui.core import clock
from vega_tui.core.errors import VegaError
from vega_tui.runtime.calls import Call
from vega_tui.runtime.children import Child, Children, Retry, initial
from vega_tui.runtime.errors import (
    AlreadyPresent,
    AlreadyStarted,
    CallFailed,
    ChildNotFound,
    ChildRestarting,
    ChildRunning,
    NameTaken,
    NotForSimpleOneForOne,
    SpecError,
    StartError,
)
from vega_tui.runtime.info import ChildCount, ChildInfo, SupervisorInfo
from vega_tui.runtime.kernel import Kernel
from vega_tui.runtime.process import IGNORE, Body, Place, Process
from vega_tui.runtime.reasons import NOPROC, SHUTDOWN, ExitReason, FailedToStart, Shutdown
from vega_tui.runtime.rounds import Rounds
from vega_tui.runtime.signals import ExitSignal, Pid
from vega_tui.runtime.spec_checks import check_child, check_supervisor
from vega_tui.runtime.specs import ChildSpec, Restart, Strategy, SupervisorSpec


class StartedChild(msgspec.Struct, frozen=True):
    """{ok, Pid, Info}: pid None when the start function said IGNORE; info is what the child acknowledged with."""

    pid: Pid | None
    info: object = None


T = TypeVar("T")


class _Operation:
    """A request to the supervisor, carried out in its own task between other messages."""

    __slots__ = ("run",)

    def __init__(self, run: Callable[[], Awaitable[None]]) -> None:
        self.run = run


class _Stop:
    __slots__ = ("reason",)

    def __init__(self, reason: ExitReason) -> None:
        self.reason = reason


class Trees(Protocol):
    """What a supervisor asks of whoever knows all of the system's."""

    @property
    def random(self) -> Random:
        """The source of the backoffs' jitter."""
        ...

    def supervisor(self, pid: Pid) -> "Supervisor | None":
        """The supervisor that runs as `pid`."""
        ...

    def nested(self, spec: SupervisorSpec) -> Body:
        """The body of a supervisor under another one."""
        ...

    def enroll(self, supervisor: "Supervisor") -> None:
        """Make a running supervisor findable."""
        ...


class Supervisor:
    """Handle on a supervisor process. Reading is at once; what changes something waits for its turn."""

    def __init__(self, system: Kernel, trees: Trees, spec: SupervisorSpec) -> None:
        """Raises: SpecError."""
        check_supervisor(spec)
        self._trees = trees
        self.spec = spec
        self._first = tuple(spec.children)  # as they were when they were checked
        self._system = system
        self._simple = spec.strategy is Strategy.SIMPLE_ONE_FOR_ONE
        self._children = Children(system, spec, trees.nested)
        self._rounds = Rounds(system, spec, self._children, trees.random)
        self._process: Process | None = None

    def __repr__(self) -> str:
        return f"Supervisor({self._process and self._process.pid!r}, {self.spec.name or self.spec.label!r})"

    @property
    def pid(self) -> Pid:
        """The supervisor's own process."""
        return self._own.pid

    @property
    def label(self) -> object:
        """The embedding program's own data."""
        return self.spec.label

    @property
    def _own(self) -> Process:
        assert self._process is not None, "a supervisor handle is given out only once it runs"
        return self._process

    # ---- reading. Raises: CallFailed when the supervisor is dead.

    def which_children(self) -> list[ChildInfo]:
        """The children as they are now, last started first."""
        self._check_alive()
        return self._children.infos(dynamic=self._simple)

    def count_children(self) -> ChildCount:
        """How many specs, living children, supervisors and workers there are now."""
        self._check_alive()
        return self._children.count()

    def child(self, child_id: str) -> ChildInfo:
        """One child as it is now. Raises: ChildNotFound."""
        for info in self.which_children():
            if info.id == child_id:
                return info
        raise ChildNotFound(child_id)

    def get_childspec(self, child: str | Pid) -> ChildSpec:
        """The spec of a child, by id or (simple_one_for_one) by pid. Raises: ChildNotFound."""
        self._check_alive()
        found = self._find(child)
        if found is None:
            raise ChildNotFound(child)
        return found.spec

    def supervisor_of(self, child_id: str) -> "Supervisor | None":
        """The handle of a nested supervisor that runs now."""
        self._check_alive()
        child = self._children.get(child_id)
        if child is None or child.process is None:
            return None
        return self._trees.supervisor(child.process.pid)

    def info(self) -> SupervisorInfo:
        """Flags, and how much of the intensity is used."""
        self._check_alive()
        now = clock.monotonic()
        used = self._rounds.intensity.used(now)
        return SupervisorInfo(
            pid=self.pid,
            name=self.spec.name,
            label=self.spec.label,
            strategy=self.spec.strategy,
            intensity=self.spec.intensity,
            period_s=self.spec.period_s,
            restarts_in_period=used,
            restarts_total=self._rounds.intensity.total,
            restarts_ago_s=tuple(now - then for then in self._rounds.intensity.times),
        )

    def _check_alive(self) -> None:
        if not self._system.is_alive(self.pid):
            raise CallFailed(self.pid, NOPROC)

    # ---- requests

    async def start_child(self, child: ChildSpec | Sequence[object], *, label: object = None) -> StartedChild:
        """Start and keep one more child; under simple_one_for_one, give the arguments to append instead.

        Raises: SpecError, AlreadyStarted, AlreadyPresent (down, or being restarted); StartError: nothing is kept.
        """
        if isinstance(child, ChildSpec):
            return await self._ask(partial(self._start_child, child))
        if not isinstance(child, Sequence) or isinstance(child, str | bytes):
            raise SpecError("child", child, "give a ChildSpec, or under simple_one_for_one a list of arguments")
        return await self._ask(partial(self._start_dynamic, tuple(child), label))

    async def terminate_child(self, child: str | Pid) -> None:
        """Stop a child and keep it down; a temporary one's spec is dropped. Under simple_one_for_one: by pid,
        where one that has ended already is no error.

        Raises: ChildNotFound, NotForSimpleOneForOne.
        """
        await self._ask(partial(self._terminate_child, child))

    async def restart_child(self, child_id: str) -> StartedChild:
        """Start a stopped child again, or one in its backoff at once; does not count as a restart.

        Raises: ChildNotFound, ChildRunning, ChildRestarting, NotForSimpleOneForOne; StartError: stays stopped, but
        one that was in its backoff is tried again as after any failed restart.
        """
        return await self._ask(partial(self._restart_child, child_id))

    async def delete_child(self, child_id: str) -> None:
        """Drop a stopped child's spec. Raises: ChildNotFound, ChildRunning, ChildRestarting."""
        await self._ask(partial(self._delete_child, child_id))

    async def settled(self) -> None:
        """Return when the supervisor has dealt with everything that reached it before this call."""
        await self._ask(_nothing)

    async def stop(self, reason: ExitReason = SHUTDOWN) -> None:
        """Stop the children in reverse order, then the supervisor with `reason`; return when it is dead."""
        gone = self._system.when_exited(self.pid)
        self._own.mailbox.put(_Stop(reason))
        await gone

    async def _ask(self, run: Callable[[], Awaitable[T]]) -> T:
        answers: list[T] = []

        async def answer() -> None:
            answers.append(await run())

        await self._system.call(self.pid, _Operation(answer), None)
        return answers[0]

    # ---- the process

    async def start(self, parent: Pid | None) -> None:
        """Run as a process of its own and start the children. Raises: AlreadyStarted, StartError."""
        place = Place(label=self.spec.label)
        name = self.spec.name
        try:
            await self._system.start(self.run, parent=parent, link=parent is not None, name=name, place=place)
        except NameTaken as taken:
            raise AlreadyStarted(taken.name, taken.pid) from taken

    async def run(self, process: Process) -> None:
        """The body of the supervisor's process."""
        self._process = self._children.owner = process
        process.trap_exit = True
        self._trees.enroll(self)
        await self._start_first_children()
        process.ack(self)
        async for message in process.mailbox:
            match message:
                case ExitSignal():
                    await self._rounds.on_exit(message)
                case Call(request=_Operation() as operation):
                    await _carry_out(operation, message)
                case Retry():
                    await self._rounds.on_retry(message)
                case _Stop():
                    await self._rounds.end(message.reason)
                case _:
                    pass  # strangers' messages are dropped, as OTP's supervisor does

    async def _start_first_children(self) -> None:
        if self._simple:
            return
        for child in initial(self._first):
            self._children.add(child, dynamic=False)
            try:
                ignored = await self._children.start(child) is IGNORE
            except StartError as error:
                await self._rounds.end(Shutdown(FailedToStart(child.spec.id, error.reason)))
            if ignored and child.spec.restart is Restart.TEMPORARY:
                self._children.remove(child)

    # ---- operations, each in the supervisor's own task

    async def _start_child(self, spec: ChildSpec) -> StartedChild:
        if self._simple:
            raise SpecError("child", spec.id, "simple_one_for_one takes arguments, not a spec")
        check_child(spec, self.spec.auto_shutdown)
        present = self._children.get(spec.id)
        if present is not None:
            if present.process is not None:
                raise AlreadyStarted(spec.id, present.process.pid)
            raise AlreadyPresent(spec.id)
        return await self._start_new(Child(spec, spec.args, spec.label))

    async def _start_dynamic(self, args: tuple[object, ...], label: object) -> StartedChild:
        if not self._simple:
            raise SpecError("child", args, "give a ChildSpec; only simple_one_for_one takes arguments")
        template = self._first[0]
        return await self._start_new(Child(template, template.args + args, label or template.label))

    async def _start_new(self, child: Child) -> StartedChild:
        self._children.add(child, dynamic=self._simple)
        try:
            info = await self._children.start(child)
        except StartError as error:
            self._children.remove(child)
            raise StartError(error.reason, child.spec.id) from error
        if info is IGNORE and (self._simple or child.spec.restart is Restart.TEMPORARY):
            self._children.remove(child)
        return StartedChild(None) if child.process is None else StartedChild(child.process.pid, info)

    async def _terminate_child(self, key: str | Pid) -> None:
        if self._simple and isinstance(key, str):
            raise NotForSimpleOneForOne(key)
        child = self._find(key)
        if child is None:
            # OTP can't tell a dynamic child that has ended from any other dead process.
            if self._simple and isinstance(key, Pid) and not self._system.is_alive(key):
                return
            raise ChildNotFound(key)
        await self._children.stop(child)
        self._rounds.forget(child)

    async def _restart_child(self, child_id: str) -> StartedChild:
        child = self._named(child_id)
        if child.process is not None:
            raise ChildRunning(child_id)
        if child.retry is not None:
            if child.retry.counted:
                raise ChildRestarting(child_id)
            failed = await self._rounds.run(child)
            if failed is not None:
                raise StartError(failed.reason, child_id) from failed
            return StartedChild(None if child.process is None else child.process.pid)
        previous = child.last_pid
        info = await self._children.start(child)
        self._rounds.report_restarted(child, previous)
        return StartedChild(None) if child.process is None else StartedChild(child.process.pid, info)

    async def _delete_child(self, child_id: str) -> None:
        child = self._named(child_id)
        if child.process is not None:
            raise ChildRunning(child_id)
        if child.retry is not None:
            raise ChildRestarting(child_id)
        self._children.remove(child)

    def _find(self, key: str | Pid) -> Child | None:
        """By id, or a dynamic child by its pid."""
        return self._children.of_pid(key) if self._simple and isinstance(key, Pid) else self._children.get(key)

    def _named(self, child_id: str) -> Child:
        if self._simple and isinstance(child_id, str):
            raise NotForSimpleOneForOne(child_id)
        child = self._children.get(child_id)
        if child is None:
            raise ChildNotFound(child_id)
        return child


async def _carry_out(operation: _Operation, call: Call) -> None:
    try:
        call.reply(await operation.run())
    except VegaError as error:
        call.fail(error)


async def _nothing() -> None:
    return None
