"""How processes get exit signals, and die. Knows every process that lives, or lingers.

asyncio has no kill. A process whose code swallows cancellation is declared dead after a grace, so that links,
monitors, names and supervisors go on as in OTP; it lingers, listed as stopping, until its code really ends.
Source: erlang(3) and "Processes" in the Erlang reference manual.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from functools import partial
from math import inf
from typing import Any, Final

from vega_tui.runtime import events
from vega_tui.runtime.calls import fail_callers
from vega_tui.runtime.cancelling import cancel
from vega_tui.runtime.links import Links, Monitors
from vega_tui.runtime.process import IGNORE, Process, State
from vega_tui.runtime.reasons import KILL, KILLED, NOPROC, NORMAL, Error, ExitReason, as_reason
from vega_tui.runtime.reports import Listener, Reports
from vega_tui.runtime.signals import Down, ExitSignal, Pid

KILL_GRACE_S: Final = 0.05
"""How long cancelled code may run before it counts as lingering."""
EXIT_GRACE_S: Final = 5.0
"""How long code may clean up after an exit signal that is not a kill, unless a supervisor's shutdown_s rules."""


class InitFailed:
    """In place of an acknowledgement: the process ended first."""

    __slots__ = ("reason",)

    def __init__(self, reason: ExitReason) -> None:
        self.reason = reason


class Ends(Reports):
    """Processes by pid, and what passes between them when one ends."""

    def __init__(self, on_event: Listener | None = None) -> None:
        super().__init__(on_event)
        self.links = Links()
        self.monitors = Monitors()
        self.table: dict[Pid, Process] = {}
        self.lingering: dict[Pid, Process] = {}
        self._waiters: defaultdict[Pid, dict[asyncio.Future[ExitReason], None]] = defaultdict(dict)
        self._on_exit: list[Callable[[Pid], None]] = []

    # ---- exit signals

    def signal(
        self,
        process: Process,
        sender: Pid | None,
        reason: ExitReason,
        *,
        over_link: bool = False,
        kill_after_s: float | None = None,
    ) -> None:
        """Deliver an exit signal.

        kill_after_s: when code that does not trap, and goes on, is killed; the sender's own affair when it traps.
        Without it such code counts as dead after EXIT_GRACE_S.
        """
        if process.dead:
            return
        if reason == KILL and not over_link:
            self._condemn(process, KILLED, None)
        elif process.trap_exit:
            process.mailbox.put(ExitSignal(sender, reason))
        elif reason != NORMAL or (sender is process.pid and not over_link):
            self._condemn(process, reason, kill_after_s)

    def _condemn(self, process: Process, reason: ExitReason, kill_after_s: float | None) -> None:
        task = process.task
        if task is None or task.done():
            return
        if process.fatal is None or (reason is KILLED and process.fatal is not KILLED):
            process.fatal = reason
            process.state = State.STOPPING
            cancel(task)
        elif process.fatal is KILLED or kill_after_s is None:
            return
        # Also for code that is cleaning up already: its supervisor's time rules from here on.
        if process.timer is not None:
            process.timer.cancel()
        grace_s = KILL_GRACE_S if kill_after_s is None else min(KILL_GRACE_S, kill_after_s)
        process.timer = self.loop.call_later(grace_s, self._overdue, process, kill_after_s)

    def _overdue(self, process: Process, kill_after_s: float | None) -> None:
        reason = process.fatal
        if process.dead or reason is None:
            return
        if self._listeners and not process.overdue:
            self.emit(events.Stopping(reason=reason, **self.facts(process)))
        process.overdue = True
        if reason is KILLED:
            self._declare_dead(process)
        elif kill_after_s is None:
            process.timer = self.loop.call_later(EXIT_GRACE_S, self._declare_dead, process)
        elif kill_after_s != inf:
            more_s = max(0.0, kill_after_s - KILL_GRACE_S)
            process.timer = self.loop.call_later(more_s, self._condemn, process, KILLED, None)

    def _declare_dead(self, process: Process) -> None:
        if process.dead or process.fatal is None or process.task is None:
            return
        self.lingering[process.pid] = process
        self._bury(process, process.fatal, lingering=True)
        process.task.cancel()  # once more, for code that swallowed the first one only

    # ---- ending

    def on_done(self, process: Process, body: Coroutine[Any, Any, object], task: asyncio.Task[object]) -> None:
        """The process's task is over: tell everyone, unless it was dead to them before."""
        body.close()  # one that was ended before its first step would be missed with a warning
        reason = _reason_of(process, task)
        # The task's exception knows the body's frame, and that the process: no cycle for the collector.
        process.task = None
        if process.timer is not None:
            process.timer.cancel()
            process.timer = None
        if process.dead:
            process.state = State.EXITED
            self.lingering.pop(process.pid, None)
            if self._listeners:
                self.emit(events.Ended(**self.facts(process)))
            return
        init = process.init
        if init is not None and not init.done():
            ignored = not task.cancelled() and task.exception() is None and task.result() is IGNORE
            init.set_result(IGNORE if ignored else InitFailed(reason))
        self._bury(process, reason, lingering=False)

    def _bury(self, process: Process, reason: ExitReason, *, lingering: bool) -> None:
        pid = process.pid
        facts = self.facts(process) if self._listeners else None
        process.dead = True
        process.state = State.STOPPING if lingering else State.EXITED
        del self.table[pid]
        self.registry.release(pid)
        process.mailbox.close()
        if lingering and process.init is not None and not process.init.done():
            process.init.set_result(InitFailed(reason))
        if facts is not None:
            self.emit(events.Exited(reason=reason, reason_text=reason.text, lingering=lingering, **facts))
        for on_exit in self._on_exit:
            on_exit(pid)
        if process.has_callers:
            fail_callers(process, reason)
        for other in self.links.drop(pid):
            self._over_link(process, other, reason)
        for monitor in self.monitors.drop(pid):
            watcher = self.table.get(monitor.watcher)
            if watcher is not None:
                watcher.mailbox.put(Down(monitor.ref, pid, reason, monitor.name))
        for waiter in self._waiters.pop(pid, ()):
            if not waiter.done():
                waiter.set_result(reason)

    def _over_link(self, source: Process, target: Pid, reason: ExitReason) -> None:
        process = self.table.get(target)
        if process is None:
            return
        # What a supervisor makes of a child's exit has events of its own.
        if self._listeners and not reason.orderly and source.place.supervisor is not target:
            facts = self.facts(process)
            trapped = process.trap_exit
            self.emit(events.LinkDied(source=source.pid, reason=reason, trapped=trapped, **facts))
        self.signal(process, source.pid, reason, over_link=True)

    def when_exited(self, pid: Pid) -> asyncio.Future[ExitReason]:
        """Done when `pid` is dead to everyone; with NOPROC at once when it already is. May be cancelled."""
        future = self.gone(pid)
        if not future.done():
            future.add_done_callback(partial(self._forget_waiter, pid))
        return future

    def gone(self, pid: Pid) -> asyncio.Future[ExitReason]:
        """The same for who will wait to its end: one that is cancelled stays until `pid` is dead."""
        future: asyncio.Future[ExitReason] = self.loop.create_future()
        if pid in self.table:
            self._waiters[pid][future] = None
        else:
            future.set_result(NOPROC)
        return future

    def _forget_waiter(self, pid: Pid, future: "asyncio.Future[ExitReason]") -> None:
        waiters = self._waiters.get(pid)
        if waiters is not None:
            waiters.pop(future, None)
            if not waiters:
                del self._waiters[pid]


def _reason_of(process: Process, task: asyncio.Task[object]) -> ExitReason:
    """The exit reason: a kill's is always KILLED; else an error of the body's own, then the signal's reason."""
    fatal = process.fatal
    if task.cancelled():
        if fatal is not None:
            return fatal
        return Error(asyncio.CancelledError("cancelled by something other than an exit signal"))
    error = task.exception()
    if fatal is KILLED:
        return KILLED
    if error is None:
        return NORMAL if fatal is None else fatal
    reason = as_reason(error)
    # Told to exit, it need not say so itself; but an error of its cleanup is worth knowing.
    return reason if fatal is None or isinstance(reason, Error) else fatal
