"""The runtime's lifecycle facts → durable events. Keeps each post's pid true; decides nothing."""

from typing import Final

from vega_tui.agent.outcome import RunOutcome
from vega_tui.core import clock
from vega_tui.core import events as ev
from vega_tui.core.errors import OutOfTime, ProviderError, VegaError, Verdict
from vega_tui.core.ids import base_name
from vega_tui.core.ports import Bus
from vega_tui.core.words import ProcessKind, StopReason
from vega_tui.host.posts import Post
from vega_tui.runtime import (
    Error,
    Exited,
    ExitReason,
    GaveUp,
    Killed,
    LinkDied,
    Normal,
    Pid,
    Restarted,
    Restarting,
    RuntimeEvent,
    Shutdown,
    Started,
    Stopping,
)
from vega_tui.runtime.reasons import text_of

_LINE: Final = 300


class Lifecycle:
    """A listener for the runtime. Hidden supervisors say nothing but when they give up."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._taken: dict[tuple[Pid, str], tuple[str, float]] = {}  # by supervisor and child id: with whom, due when
        self._due: dict[Pid, dict[str, Post]] = {}  # by supervisor: whose restart it owes
        self._above: dict[Pid, Pid | None] = {}  # each supervisor's own
        self._over: dict[Pid, str] = {}  # supervisors that are giving up, by whose failures

    def on_event(self, event: RuntimeEvent) -> None:
        """Called by the runtime for every fact, in order."""
        post = event.label
        if not isinstance(post, Post):
            return
        if isinstance(event, GaveUp):
            self._gave_up(post, event)
        elif post.visible:
            self._visible(post, event)
        if post.kind is ProcessKind.SUPERVISOR:
            self._supervisor(event)

    def _visible(self, post: Post, event: RuntimeEvent) -> None:
        session, process = post.session, post.path
        if isinstance(event, Started):
            _fill(post, event)
            if event.supervisor is not None and event.child_id is not None:
                self._taken.pop((event.supervisor, event.child_id), None)
                self._due.get(event.supervisor, {}).pop(process, None)
        incarnation = post.incarnation(event.incarnation)
        match event:
            case Started():
                self._bus.publish(ev.ProcessStarted(session=session, process=process, incarnation=incarnation))
            case Restarted():
                self._bus.publish(ev.ProcessRestarted(session=session, process=process, incarnation=incarnation))
            case Stopping():
                post.stopping = True
                self._bus.publish(ev.ProcessStopping(session=session, process=process, incarnation=incarnation))
            case Exited():
                self._exited(post, event, incarnation)
            case Restarting():
                self._owes(event.supervisor, post)
                if event.supervisor is not None and event.delay_s > 0:
                    due = clock.monotonic() + event.delay_s
                    self._taken.update({(event.supervisor, other): (process, due) for other in event.with_ids})
                self._bus.publish(
                    ev.ProcessRestarting(
                        session=session,
                        process=process,
                        incarnation=incarnation + 1,
                        attempt=event.attempt,
                        intensity=_bounded(event.intensity),
                        period_s=event.period_s,
                        delay_s=event.delay_s,
                        reason="gave up" if post.gave_up else reason_word(event.reason),
                    )
                )
            case LinkDied():
                self._bus.publish(
                    ev.LinkDied(
                        session=session, process=process, peer=str(event.source), reason=reason_word(event.reason)
                    )
                )
            case _:
                pass

    def _exited(self, post: Post, event: Exited, incarnation: int) -> None:
        if post.pid is not None and post.pid is not event.pid:
            # Exits reach the children of a killed supervisor while the one after it starts theirs anew.
            self._exited_late(post, event)
            return
        post.pid = None
        post.reason, post.stopping = event.reason, False
        others = (event.supervisor, event.child_id) if event.supervisor and event.child_id else None
        along_with, due = self._taken.pop(others, ("", 0.0)) if others else ("", 0.0)
        restart_in_s = max(0.0, due - clock.monotonic()) if along_with else None
        post.restarting = False
        if along_with:
            self._owes(event.supervisor, post)
        elif event.reason.orderly and not post.gave_up and isinstance(event.reason, Shutdown):
            along_with = self._blamed(event.supervisor)
        lost = bool(along_with) and restart_in_s is None
        reason = "gave up" if post.gave_up else "taken along" if lost else reason_word(event.reason)
        abnormal = bool(post.gave_up) or lost or not event.reason.orderly
        text = _gave_up_on(along_with) if lost else post.gave_up or reason_text(event.reason)
        self._bus.publish(
            ev.ProcessExited(
                session=post.session,
                process=post.path,
                incarnation=incarnation,
                reason=reason,
                text=text,
                abnormal=abnormal,
                restart_in_s=restart_in_s,
                along_with=along_with,
            )
        )
        seat = post.seat
        if seat is None:
            return
        if abnormal:
            # The failed run has told its error in the thread already: the word is enough.
            seat.last_exit = reason
        final = post.restart == "temporary" and post.supervision is None
        if seat.result is not None and not seat.result.done() and final:
            seat.result.set_result(RunOutcome(reason=StopReason.ERROR, error=VegaError(text or reason)))

    def _owes(self, supervisor: Pid | None, post: Post) -> None:
        post.restarting = True
        if supervisor is not None:
            self._due.setdefault(supervisor, {})[post.path] = post

    def _supervisor(self, event: RuntimeEvent) -> None:
        """Follow a supervisor's own life: what it owes when it ends will not come."""
        match event:
            case Started():
                self._above[event.pid] = event.supervisor
            case Exited():
                failed = self._blamed(event.pid)
                why = _gave_up_on(failed) if failed else "" if event.reason.orderly else "its supervisor has ended"
                for owed in self._due.pop(event.pid, {}).values():
                    if owed.restarting:
                        owed.restarting = False
                        self._bus.publish(ev.ProcessTerminated(session=owed.session, process=owed.path, why=why))
                self._taken = {key: value for key, value in self._taken.items() if key[0] is not event.pid}
                self._above.pop(event.pid, None)
                self._over.pop(event.pid, None)
            case _:
                pass

    def _blamed(self, supervisor: Pid | None) -> str:
        """Whose failures a supervisor, or one above it, is ending for; empty when none is."""
        while supervisor is not None and supervisor not in self._over:
            supervisor = self._above.get(supervisor)
        return "" if supervisor is None else self._over[supervisor]

    def _exited_late(self, post: Post, event: Exited) -> None:
        self._bus.publish(
            ev.ProcessExited(
                session=post.session,
                process=post.path,
                incarnation=max(1, post.life - 1),
                reason=reason_word(event.reason),
                text=reason_text(event.reason),
                abnormal=not event.reason.orderly,
            )
        )

    def _gave_up(self, post: Post, event: GaveUp) -> None:
        """A hidden supervisor's end is told as its failed child's: the child is what a person sees."""
        path = post.path if post.visible else event.failed_child
        self._over[event.pid] = event.failed_child
        limit = _bounded(event.intensity)
        post.gave_up = f"more than {limit} restarts in {event.period_s:g} s"
        self._bus.publish(
            ev.ProcessGaveUp(
                session=post.session,
                process=path,
                restarts=limit,
                intensity=limit,
                period_s=event.period_s,
                reason=reason_word(event.reason),
            )
        )


def _gave_up_on(path: str) -> str:
    return f"with {base_name(path)}, which failed too often"


def _fill(post: Post, event: Started) -> None:
    """Note who holds the post now. A supervisor that was started anew counts its children's lives from one again."""
    if post.incarnation(event.incarnation) <= post.life:
        post.lives_before = post.life + 1 - event.incarnation
    post.life = post.incarnation(event.incarnation)
    post.pid, post.supervisor = event.pid, event.supervisor
    post.child_id = event.child_id or post.child_id
    post.started = clock.wall()
    post.reason, post.stopping, post.restarting, post.gave_up = None, False, False, ""


def reason_word(reason: ExitReason) -> str:
    """An exit reason as one word: normal, shutdown, killed, noproc, or what kind of error it was."""
    match reason:
        case Normal():
            return "normal"
        case Shutdown():
            return "shutdown"
        case Killed():
            return "killed"
        case Error(exception=ProviderError() as error):
            if error.verdict is Verdict.TEMPORARY:
                return "cut off" if error.after_delta else "server error"
            return error.verdict.value.replace("_", " ")
        case Error(exception=OutOfTime()):
            return "timeout"
        case Error(exception=error):
            return type(error).__name__
        case _:
            return reason.text


def reason_text(reason: ExitReason) -> str:
    """What there is to say beyond the word, on one line."""
    match reason:
        case Shutdown(detail=detail) if detail is not None:
            text = text_of(detail)
        case Error(exception=error):
            text = text_of(error)
        case _:
            text = ""
    return " ".join(text.split())[:_LINE]


def _bounded(intensity: float) -> int:
    return 0 if intensity == float("inf") else int(intensity)
