"""A supervisor's children: who they are, how one is started and stopped. When, is supervisor.py's to say."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from vega_tui.core import clock
from vega_tui.runtime import events
from vega_tui.runtime.errors import StartError
from vega_tui.runtime.info import ChildCount, ChildInfo
from vega_tui.runtime.kernel import Kernel
from vega_tui.runtime.process import IGNORE, Body, Place, Process
from vega_tui.runtime.reasons import KILL, SHUTDOWN, Error, ExitReason, without_frames
from vega_tui.runtime.restart import Streak, restart_group
from vega_tui.runtime.signals import Pid
from vega_tui.runtime.specs import INFINITY, BrutalKill, ChildSpec, ChildType, Restart, Strategy, SupervisorSpec


class ChildState(StrEnum):
    """RESTARTING: down, and a restart is due."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    RESTARTING = "restarting"


class Retry:
    """A restart that is due: a message to the supervisor itself.

    counted: it follows a failed start and counts as a restart of its own; else the backoff before one is over.
    """

    __slots__ = ("child", "counted", "delay_s", "due", "reason", "timer")

    def __init__(self, child: "Child", reason: ExitReason, *, counted: bool) -> None:
        self.child = child
        self.reason = without_frames(reason)
        self.counted = counted
        self.due = clock.monotonic()
        self.delay_s = 0.0
        self.timer: asyncio.TimerHandle | None = None


class Child:
    """One child spec's place in the supervisor, with the process that fills it now, if any."""

    __slots__ = (
        "args",
        "incarnation",
        "label",
        "last_pid",
        "last_reason",
        "place",
        "process",
        "retry",
        "spec",
        "started_at",
        "starting",
        "state",
        "streak",
    )

    def __init__(self, spec: ChildSpec, args: tuple[object, ...], label: object) -> None:
        self.spec = spec
        self.args = args
        self.label = label
        self.process: Process | None = None
        self.place: Place | None = None
        self.last_pid: Pid | None = None
        self.last_reason: ExitReason | None = None
        self.state = ChildState.STOPPED
        self.starting: Pid | None = None
        self.incarnation = 0
        self.streak = Streak()
        self.started_at = 0.0
        self.retry: Retry | None = None

    def forget_retry(self) -> None:
        """Let a due restart come to nothing."""
        if self.retry is not None:
            if self.retry.timer is not None:
                self.retry.timer.cancel()
            self.retry = None


class Children:
    """The children in start order. Starts and stops processes; decides nothing."""

    def __init__(self, system: Kernel, spec: SupervisorSpec, nested: Callable[[SupervisorSpec], Body]) -> None:
        self._system = system
        self._nested = nested
        self._spec = spec
        self._order: dict[Child, None] = {}
        self._by_id: dict[str, Child] = {}
        self._by_pid: dict[Pid, Child] = {}
        self.owner: Process | None = None

    def __iter__(self) -> Iterator[Child]:
        """All, first started first."""
        return iter(self._order)

    def add(self, child: Child, *, dynamic: bool) -> None:
        """Keep `child` as the last one; a dynamic one is known by its pid only."""
        self._order[child] = None
        if not dynamic:
            self._by_id[child.spec.id] = child

    def remove(self, child: Child) -> None:
        """Drop the spec of a child that is down."""
        if child not in self._order:
            return
        del self._order[child]
        if self._by_id.get(child.spec.id) is child:
            del self._by_id[child.spec.id]
        if self._system.watched and child.place is not None and child.last_pid is not None:
            self._system.emit(events.Removed(**self._system.facts_of(child.last_pid, child.spec.name, child.place)))

    def get(self, child_id: str | Pid) -> Child | None:
        """The child of that id; none has an id that is not a text."""
        return self._by_id.get(child_id) if isinstance(child_id, str) else None

    def of_pid(self, pid: Pid) -> Child | None:
        """The child that runs as `pid`, or is between `pid` and its next restart."""
        child = self._by_pid.get(pid) if isinstance(pid, Pid) else None
        if child is None:
            waiting = (each for each in self._order if each.retry is not None and each.last_pid is pid)
            child = next(waiting, None)
        return child

    def exited(self, pid: Pid, reason: ExitReason) -> Child | None:
        """Take note that `pid` ended; its child, or None for a stranger or a former process of a child."""
        child = self._by_pid.pop(pid, None)
        if child is not None:
            child.process = None
            child.state = ChildState.STOPPED
            child.last_reason = without_frames(reason)
        return child

    async def start(self, child: Child) -> object:
        """Start the child's next process; what it acknowledged with, or IGNORE when it would not start.

        Raises: StartError; the child is stopped then.
        """
        try:
            return await self._start(child)
        except BaseException:
            child.state = ChildState.STOPPED
            raise
        finally:
            child.starting = None

    async def _start(self, child: Child) -> object:
        assert self.owner is not None
        spec = child.spec
        child.forget_retry()
        child.incarnation += 1
        child.state = ChildState.STARTING
        child.place = place = Place(
            label=child.label,
            incarnation=child.incarnation,
            supervisor=self.owner.pid,
            supervisor_label=self._spec.label,
            child_id=spec.id,
        )
        name = spec.name
        if name is None and isinstance(spec.start, SupervisorSpec):
            name = spec.start.name
        parent = self.owner.pid
        try:
            if isinstance(spec.start, SupervisorSpec):
                body, init = self._nested(spec.start), True
            else:
                body, init = spec.start, spec.init
            process = self._system.create(body, child.args, init=init, parent=parent, link=True, name=name, place=place)
        except StartError:
            raise
        except Exception as error:  # whatever the program's start function raises is its failure to start
            raise StartError(Error(error), spec.id) from error
        value: object = None
        if process is not None and init:
            child.starting = process.pid
            value = await self._system.await_init(process, spec.start_timeout_s)
        if process is None or value is IGNORE:
            child.state = ChildState.STOPPED
            return IGNORE
        child.process = process
        child.last_pid = process.pid
        child.started_at = process.started_at
        child.state = ChildState.RUNNING
        self._by_pid[process.pid] = child
        return value

    async def stop(self, child: Child) -> None:
        """Stop the child's process as its spec says, and wait until it is dead; a due restart is forgotten."""
        gone = self._begin_stop(child)
        if gone is not None:
            await gone
        child.state = ChildState.STOPPED

    async def stop_all(self, *, together: bool) -> None:
        """Stop every child from the last to the first, one at a time; or all at once."""
        if not together:
            for child in reversed(list(self._order)):
                await self.stop(child)
            return
        pending = [(child, self._begin_stop(child)) for child in reversed(self._order)]
        for child, gone in pending:
            if gone is not None:
                await gone
            child.state = ChildState.STOPPED

    def _begin_stop(self, child: Child) -> "asyncio.Future[ExitReason] | None":
        child.forget_retry()
        process = child.process
        if process is None or self.owner is None:
            return None
        child.process = None
        # From here on an exit message of this pid, come or to come, is a stranger's.
        del self._by_pid[process.pid]
        if process.dead:
            return None
        system = self._system
        child.state = ChildState.STOPPING
        # Wait on a monitor, not the link: a child that unlinked itself would hang us.
        gone = system.gone(process.pid)
        system.links.unlink(self.owner.pid, process.pid)
        grace = child.spec.shutdown_s
        if isinstance(grace, BrutalKill):
            system.signal(process, self.owner.pid, KILL)
            return gone
        system.signal(process, self.owner.pid, SHUTDOWN, kill_after_s=grace)
        if process.trap_exit and grace is not None and grace != INFINITY:
            timer = system.loop.call_later(grace, system.signal, process, self.owner.pid, KILL)
            # If we are killed while waiting, the timer still ends the child.
            gone.add_done_callback(lambda _: timer.cancel())
        return gone

    def another_significant(self, child: Child) -> bool:
        """Whether a significant child besides `child` runs, or will be restarted with whoever is due for it."""
        others = [other for other in self._order if other.spec.significant and other is not child]
        if any(other.state is not ChildState.STOPPED for other in others):
            return True
        due = [each for each in self._order if each.retry is not None]
        coming = {member for each in due for member in restart_group(self._spec.strategy, self._order, each)}
        return any(other in coming and other.spec.restart is not Restart.TEMPORARY for other in others)

    def infos(self, *, dynamic: bool) -> list[ChildInfo]:
        """A snapshot of each, last started first."""
        now = clock.monotonic()
        return [self._info(child, now, dynamic) for child in reversed(self._order)]

    def _info(self, child: Child, now: float, dynamic: bool) -> ChildInfo:
        retry = child.retry
        present = child.process is not None or child.state is ChildState.STOPPING
        return ChildInfo(
            id=None if dynamic else child.spec.id,
            pid=child.last_pid if present else child.starting,
            type=child.spec.type,
            state=child.state.value,
            incarnation=child.incarnation,
            label=child.label,
            restarting_in_s=None if retry is None else max(0.0, retry.due - now),
            attempt=child.streak.count,
            last_reason=child.last_reason,
            delay_s=0.0 if retry is None else retry.delay_s,
        )

    def count(self) -> ChildCount:
        """supervisor:count_children/1: active are those that live; dynamic ones share one spec."""
        simple = self._spec.strategy is Strategy.SIMPLE_ONE_FOR_ONE
        supervisors = sum(child.spec.type is ChildType.SUPERVISOR for child in self._order)
        return ChildCount(
            specs=1 if simple else len(self._order),
            active=sum(child.process is not None and not child.process.dead for child in self._order),
            supervisors=supervisors,
            workers=len(self._order) - supervisors,
        )


def initial(specs: Iterable[ChildSpec]) -> list[Child]:
    """A place for each spec, nobody in it yet."""
    return [Child(spec, spec.args, spec.label) for spec in specs]
