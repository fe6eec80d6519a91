"""The runtime as others see it: spawn, send, call, exit, names, snapshots, supervisors, orderly close."""

import asyncio
from collections.abc import Callable
from random import Random
from types import TracebackType
from typing import Final, Literal, Self

from vega_tui.runtime.errors import NoProcess, StartError
from vega_tui.runtime.info import ProcessInfo
from vega_tui.runtime.kernel import Kernel
from vega_tui.runtime.process import IGNORE, Body, Ignore, Place
from vega_tui.runtime.reasons import NOPROC, NORMAL, SHUTDOWN, ExitReason, Other
from vega_tui.runtime.reports import Listener
from vega_tui.runtime.signals import Pid, Ref, Target
from vega_tui.runtime.specs import SupervisorSpec
from vega_tui.runtime.supervisor import Supervisor

CLOSE_GRACE_S: Final = 5.0
"""How long unsupervised processes may clean up at close before they are killed."""
KILLED_GRACE_S: Final = 0.5
"""How long close waits for the code of what was killed."""


class System(Kernel):
    """All processes of one program. Leaving the `async with` stops them: supervisors in order, then the rest.

    on_event: called at once, in order, for every lifecycle fact. It must not raise or block.
    random: the source of the backoffs' jitter. close_within_s: see close().
    """

    def __init__(
        self,
        on_event: Listener | None = None,
        *,
        random: Random | None = None,
        close_within_s: float | None = None,
    ) -> None:
        super().__init__(on_event)
        self._close_within_s = close_within_s
        self.random = random or Random()
        self._roots: list[Supervisor] = []
        self._supervisors: dict[Pid, Supervisor] = {}
        self._on_exit.append(self._forget_supervisor)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close(self._close_within_s)

    # ---- processes

    async def spawn(self, body: Body, *args: object, name: str | None = None, label: object = None) -> Pid:
        """A new process without supervisor or links. Raises: NameTaken."""
        place = Place(label=label)
        process = self.create(body, args, parent=None, link=False, name=name, place=place)
        if process is None:
            raise StartError(NORMAL)
        return process.pid

    def whereis(self, name: str) -> Pid | None:
        """Who holds the name."""
        return self.registry.whereis(name)

    def processes(self) -> list[Pid]:
        """All pids, oldest first, with those that linger."""
        return sorted([*self.table, *self.lingering], key=_number)

    def info(self, pid: Pid) -> ProcessInfo | None:
        """What `pid` is doing now; None when it is gone."""
        process = self.table.get(pid) or self.lingering.get(pid)
        if process is None:
            return None
        return ProcessInfo(
            pid=pid,
            name=process.name,
            label=process.label,
            state=process.state,
            incarnation=process.incarnation,
            parent=process.parent,
            supervisor=process.place.supervisor,
            child_id=process.place.child_id,
            mailbox_length=len(process.mailbox),
            links=self.links.of(pid),
            monitors=tuple(self.monitors.watched(pid)),
            monitored_by=tuple(self.monitors.watchers(pid)),
            trap_exit=process.trap_exit,
            started_at=process.started_at,
        )

    async def wait(self, target: Target) -> ExitReason:
        """The exit reason, when that process has ended; NOPROC when it had already, or nobody has the name."""
        pid = self.registry.whereis(target) if isinstance(target, str) else target
        return NOPROC if pid is None else await self.when_exited(pid)

    def link(self, one: Pid, other: Pid) -> None:
        """Let two processes share fates, as if `one` had called link(other): it gets NOPROC when that is dead.

        Raises: NoProcess when `one` is dead.
        """
        if one not in self.table:
            raise NoProcess(one)
        if other in self.table:
            self.links.link(one, other)
        elif one is not other:
            self.exit(one, NOPROC, sender=other)

    def unlink(self, one: Pid, other: Pid) -> None:
        """Part the fates of two processes, whoever linked them."""
        self.links.unlink(one, other)

    def demonitor(self, ref: Ref) -> bool:
        """Take a monitor back; False when it has fired already. Its Down, if it came, stays in the mailbox."""
        return self.monitors.remove(ref)

    def unregister(self, name: str) -> None:
        """Free a name, whoever holds it. Raises: NoProcess when nobody does."""
        self.registry.unregister(name)

    # ---- supervisors

    async def start_supervisor(self, spec: SupervisorSpec, *, parent: Pid | None = None) -> Supervisor:
        """A running supervisor, its children started. It ends when `parent` does, however; without one, at close().

        Raises: SpecError, AlreadyStarted (its name is held), StartError (a child failed to start, `parent` is dead).
        """
        supervisor = Supervisor(self, self, spec)
        await supervisor.start(parent)
        if parent is None:
            self._roots.append(supervisor)
        return supervisor

    async def init_supervisor(self, init: Callable[[], SupervisorSpec | Literal[Ignore.IGNORE]]) -> Supervisor | None:
        """The same for a spec that is made at the start; None when `init` says IGNORE.

        Raises: StartError with what `init` returned when that is neither; whatever `init` raises.
        """
        spec = init()
        if spec is IGNORE:
            return None
        if not isinstance(spec, SupervisorSpec):
            raise StartError(Other(spec))
        return await self.start_supervisor(spec)

    def supervisor(self, pid: Pid) -> Supervisor | None:
        """The supervisor that runs as `pid`."""
        return self._supervisors.get(pid)

    def nested(self, spec: SupervisorSpec) -> Body:
        """The body of a supervisor process under another one. Raises: SpecError."""
        return Supervisor(self, self, spec).run

    def enroll(self, supervisor: Supervisor) -> None:
        """Make a running supervisor findable by its pid."""
        self._supervisors[supervisor.pid] = supervisor

    def _forget_supervisor(self, pid: Pid) -> None:
        supervisor = self._supervisors.pop(pid, None)
        if supervisor is not None and supervisor in self._roots:
            self._roots.remove(supervisor)

    # ---- the end

    async def close(self, within_s: float | None = None) -> None:
        """Stop root supervisors newest first, each in its own order; then the rest; then wait for all code.

        within_s: kill what is left by then; None: as long as the supervisors' own times allow.
        Code that ignores even the kill is reported to the loop's exception handler and left behind.
        """
        try:
            async with asyncio.timeout(within_s):
                while self._roots:  # others may end, or be started, meanwhile
                    await self._roots.pop().stop()
                for pid in self.processes():
                    self.exit(pid, SHUTDOWN)
                await self._ended(CLOSE_GRACE_S)
        except TimeoutError:
            pass
        finally:
            self._closed = True
            self._timers.drop_all()
            for pid in self.processes():
                self.kill(pid)
            await self._ended(KILLED_GRACE_S)
        for process in self.lingering.values():
            message = f"{process!r} ignores cancellation and was left behind"
            self.loop.call_exception_handler({"message": message, "task": process.task})

    async def _ended(self, timeout_s: float) -> None:
        tasks = [process.task for process in (*self.table.values(), *self.lingering.values()) if process.task]
        if tasks:
            await asyncio.wait(tasks, timeout=timeout_s)
            # One turn for the tasks' own done callbacks, which bury the processes.
            await asyncio.sleep(0)


def _number(pid: Pid) -> int:
    return pid.number
