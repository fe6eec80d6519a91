"""Vega's per-process Supervision, as a thin mapping onto OTP child specs.

restart: a supervisor of its own around the one process, with max_restarts as intensity and window_s as period.
stop: a temporary child. escalate: a plain child, so that the supervisor above applies its own strategy.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Literal, TypeVar

from vega_tui.core.errors import UserError
from vega_tui.runtime.events import Exited, GaveUp, Removed, Restarted, Restarting, RuntimeEvent
from vega_tui.runtime.process import IGNORE, Body, Ignore, Process
from vega_tui.runtime.reasons import ExitReason
from vega_tui.runtime.signals import Pid
from vega_tui.runtime.specs import (
    INFINITY,
    AutoShutdown,
    Backoff,
    ChildSpec,
    Restart,
    SupervisorSpec,
)
from vega_tui.runtime.system import System

T = TypeVar("T")
UNLIMITED: Final = -1


class OnFailure(StrEnum):
    """What a process's failure leads to."""

    RESTART = "restart"
    STOP = "stop"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    """How one process is supervised. Only failures count: never a normal end, nor being stopped by others.

    max_restarts: within window_s; UNLIMITED (-1), or 0: never restart. window_s 0: for ever.
    on_failure(reason), then on_restart(n-th in the window, from 1) or on_give_up(reason).
    """

    strategy: OnFailure = OnFailure.RESTART
    max_restarts: int = 3
    window_s: float = 300.0
    backoff: Backoff | None = None
    on_failure: Callable[[ExitReason], object] | None = None
    on_restart: Callable[[int], object] | None = None
    on_give_up: Callable[[ExitReason], object] | None = None


class Supervisions:
    """All processes of one system that are supervised so; calls back as they fail."""

    def __init__(self, system: System) -> None:
        self._of: dict[Pid, Supervision] = {}
        self._under: dict[Pid, set[Pid]] = {}  # by supervisor: whom of its children we know
        self._stop_watching = system.add_listener(self._on_event)

    def close(self) -> None:
        """Stop calling back."""
        self._stop_watching()

    def supervised(self, child: ChildSpec, supervision: Supervision) -> ChildSpec:
        """The child spec to start in place of `child`, so that it is supervised so.

        It keeps the child's id, label, name and arguments. Under `escalate` it is transient, unless `child` is
        permanent. Raises: UserError when `child` is itself a supervisor, or a number is out of range.
        """
        if isinstance(child.start, SupervisorSpec):
            raise UserError(f'"{child.id}" is a supervisor: set its intensity and period instead')
        if supervision.max_restarts < UNLIMITED or supervision.window_s < 0:
            raise UserError("max_restarts must be -1 or more, window_s 0 or more")
        worker = replace(child, start=self._noting(child.start, supervision))
        match supervision.strategy:
            case OnFailure.STOP:
                return replace(worker, restart=Restart.TEMPORARY)
            case OnFailure.ESCALATE:
                permanent = child.restart is Restart.PERMANENT
                return replace(worker, restart=Restart.PERMANENT if permanent else Restart.TRANSIENT)
            case OnFailure.RESTART:
                return _with_its_own_supervisor(worker, supervision)

    def _noting(self, body: Body, supervision: Supervision) -> Body:
        # Any: a coroutine's yield and send types belong to asyncio.
        def start(process: Process, *args: Any) -> Any | Literal[Ignore.IGNORE]:
            started = body(process, *args)
            if started is not IGNORE:
                self._of[process.pid] = supervision
                if process.place.supervisor is not None:
                    self._under.setdefault(process.place.supervisor, set()).add(process.pid)
            return started

        return start

    def _on_event(self, event: RuntimeEvent) -> None:
        match event:
            case Restarting():
                mine = self._forget(event.pid, event.supervisor)
                if mine is not None:
                    _tell(mine.on_failure, event.reason)
                    _tell(mine.on_restart, event.attempt)
            case GaveUp(failed_pid=Pid() as failed):
                mine = self._forget(failed, event.pid)
                if mine is not None:
                    _tell(mine.on_failure, event.reason)
                    _tell(mine.on_give_up, event.reason)
            case Exited():
                self._exited(event)
            case Restarted(previous=Pid() as previous):
                self._forget(previous, event.supervisor)
            case Removed():
                self._forget(event.pid, event.supervisor)
            case _:
                pass

    def _exited(self, event: Exited) -> None:
        for pid in self._under.pop(event.pid, ()):
            self._of.pop(pid, None)
        mine = self._of.get(event.pid)
        if mine is None:
            return
        # What a failure leads to, its supervisor says in the next event; a temporary child's leads nowhere.
        if event.reason.orderly or mine.strategy is OnFailure.STOP:
            self._forget(event.pid, event.supervisor)
            if not event.reason.orderly:
                _tell(mine.on_failure, event.reason)

    def _forget(self, pid: Pid, supervisor: Pid | None) -> Supervision | None:
        waiting = self._under.get(supervisor) if supervisor is not None else None
        if supervisor is not None and waiting is not None:
            waiting.discard(pid)
            if not waiting:
                del self._under[supervisor]
        return self._of.pop(pid, None)


def _with_its_own_supervisor(worker: ChildSpec, supervision: Supervision) -> ChildSpec:
    limit = supervision.max_restarts
    inner = replace(
        worker,
        restart=Restart.TRANSIENT,
        # Its normal end is its supervisor's end.
        significant=True,
        backoff=supervision.backoff or worker.backoff,
    )
    above = SupervisorSpec(
        intensity=INFINITY if limit == UNLIMITED else limit,
        period_s=supervision.window_s or INFINITY,
        auto_shutdown=AutoShutdown.ANY_SIGNIFICANT,
        children=(inner,),
        label=worker.label,
    )
    return ChildSpec(id=worker.id, start=above, restart=Restart.TEMPORARY, label=worker.label)


def _tell(callback: Callable[[T], object] | None, value: T) -> None:
    if callback is not None:
        callback(value)
