"""The one check of what a log of events may say: runs, turns, calls, approvals, processes. Pure; used by tests
and by `vega-tui doctor --session`. Rules: DESIGN.md §5.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from vega_tui.core import events as ev
from vega_tui.core.events import AnyEvent
from vega_tui.core.words import CallState, RunStatus, StopReason, status_of

CallKey: TypeAlias = tuple[str, str, str]  # session, process, call

_OF_A_RUN: Final = (
    ev.RunStarted,
    ev.RunFinished,
    ev.TurnStarted,
    ev.TurnFinished,
    ev.MessageCompleted,
    ev.MessageInterrupted,
    ev.ModelRetry,
    ev.ToolProposed,
    ev.ToolBlocked,
    ev.ToolStarted,
    ev.ToolFinished,
)
_NEVER_RAN: Final = (CallState.CANCELLED, CallState.INTERRUPTED, CallState.BLOCKED)


class Violation(NamedTuple):
    """A rule that an event broke: which event, which rule, and what happened in one line."""

    seq: int
    rule: str
    text: str

    def __str__(self) -> str:
        return f"event {self.seq}: {self.rule}: {self.text}"


@dataclass(slots=True)
class _Run:
    finished: bool = False
    turn: int | None = None  # the open one
    calls: dict[CallKey, bool] = field(default_factory=dict[CallKey, bool])  # the open ones → has started
    questions: set[str] = field(default_factory=set[str])  # pending approvals


@dataclass(slots=True)
class _Question:
    id: str
    settled: bool = False
    granted: bool = False


@dataclass(slots=True)
class _Log:
    """What the events so far have opened."""

    runs: dict[tuple[str, str], _Run] = field(default_factory=dict[tuple[str, str], _Run])
    entries: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    questions: dict[str, _Question] = field(default_factory=dict[str, _Question])
    asked: dict[CallKey, list[_Question]] = field(default_factory=dict[CallKey, list[_Question]])
    spawned: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    exited: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])

    def run_of(self, event: AnyEvent) -> _Run:
        return self.runs.setdefault((event.session, event.run), _Run())


Found: TypeAlias = Iterator[tuple[str, str]]


def validate(events: Iterable[AnyEvent], *, complete: bool = True) -> list[Violation]:
    """Every rule that a session's events break, in order; empty for a sound log.

    `complete` says that nothing goes on: what is still open after the last event is then broken too.
    """
    log, violations, last = _Log(), list[Violation](), 0
    for event in events:
        if event.seq <= last:
            violations.append(Violation(event.seq, "order", f"comes after event {last}"))
        last = event.seq
        violations.extend(Violation(event.seq, rule, text) for rule, text in _check(log, event))
    if complete:
        for (_, name), run in log.runs.items():
            if not run.finished:
                violations.append(Violation(last, "run end", f"run {name} has no end"))
    return violations


def _check(log: _Log, event: AnyEvent) -> Found:
    if isinstance(event, _OF_A_RUN):
        yield from _run_is_open(log, event)
    check = _CHECKS.get(type(event))
    if check is not None:
        yield from check(log, event)


def _run_is_open(log: _Log, event: AnyEvent) -> Found:
    known = log.runs.get((event.session, event.run))
    kind = type(event).__name__
    if isinstance(event, ev.RunStarted):
        if known is not None:
            yield "run start", f"run {event.run} starts a second time"
    elif known is None:
        yield "run start", f"{kind} before run {event.run or '(none)'} starts"
    elif known.finished:
        yield "run end", f"{kind} after run {event.run} has ended"


# --- runs, turns, messages ---------------------------------------------------------------------------------


def _run_started(log: _Log, event: AnyEvent) -> Found:
    log.run_of(event)
    yield from ()


def _run_finished(log: _Log, event: AnyEvent) -> Found:
    assert isinstance(event, ev.RunFinished)
    run = log.run_of(event)
    if run.turn is not None:
        yield "turn end", f"run {event.run} ends in turn {run.turn}"
    yield from _nothing_open(run, f"run {event.run}")
    run.finished, run.turn = True, None
    if event.status is not status_of(event.stop_reason):
        yield "run words", f"status {event.status} does not go with stop reason {event.stop_reason}"
    if event.stop_reason is StopReason.ERROR and not event.error:
        yield "run words", "stop reason error without an error"
    if event.status is RunStatus.COMPLETED and event.error:
        yield "run words", f"completed, with the error “{event.error}”"


def _turn_started(log: _Log, event: AnyEvent) -> Found:
    run = log.run_of(event)
    if run.turn is not None:
        yield "turn end", f"turn {event.turn} starts in turn {run.turn}"
    run.turn = event.turn


def _turn_finished(log: _Log, event: AnyEvent) -> Found:
    run = log.run_of(event)
    if run.turn != event.turn:
        yield "turn start", f"turn {event.turn} ends, open is {run.turn}"
    yield from _nothing_open(run, f"turn {event.turn}")
    run.turn = None


def _nothing_open(run: _Run, what: str) -> Found:
    for _, _, call in run.calls:
        yield "call end", f"call {call} is open at the end of {what}"
    for question in sorted(run.questions):
        yield "approval", f"approval {question} is pending at the end of {what}"
    run.calls.clear()
    run.questions.clear()


def _entry_added(log: _Log, event: AnyEvent) -> Found:
    assert isinstance(event, ev.EntryAdded)
    key = (event.session, event.entry.id)
    if key in log.entries:
        yield "entry", f"entry {event.entry.id} is added a second time"
    if event.entry.parent and (event.session, event.entry.parent) not in log.entries:
        yield "entry", f"entry {event.entry.id} follows {event.entry.parent}, which is not there"
    log.entries.add(key)


def _message_ended(log: _Log, event: AnyEvent) -> Found:
    assert isinstance(event, ev.MessageCompleted | ev.MessageInterrupted)
    nothing_said = isinstance(event, ev.MessageInterrupted) and not event.entry
    if not nothing_said and (event.session, event.entry) not in log.entries:
        yield "message", f"the message's entry {event.entry or '(none)'} was never added"


# --- calls, approvals --------------------------------------------------------------------------------------


def _tool_proposed(log: _Log, event: AnyEvent) -> Found:
    assert isinstance(event, ev.ToolProposed)
    run, key = log.run_of(event), (event.session, event.process, event.call)
    if key in run.calls:
        yield "call start", f"call {event.call} is proposed a second time"
    if run.turn is None:
        yield "call start", f"call {event.call} is proposed outside a turn"
    run.calls[key] = False
    log.asked[key] = []  # a server may use a call's id again


def _tool_started(log: _Log, event: AnyEvent) -> Found:
    assert isinstance(event, ev.ToolStarted)
    run, key = log.run_of(event), (event.session, event.process, event.call)
    if key not in run.calls:
        yield "call start", f"call {event.call} starts without being proposed"
    elif run.calls[key]:
        yield "call start", f"call {event.call} starts a second time"
    run.calls[key] = True
    for question in log.asked.get(key, ()):
        if not question.granted:
            now = "was not granted" if question.settled else "is pending"
            yield "approval", f"call {event.call} starts, and approval {question.id} {now}"


def _tool_blocked(log: _Log, event: AnyEvent) -> Found:
    assert isinstance(event, ev.ToolBlocked)
    started = log.run_of(event).calls.pop((event.session, event.process, event.call), None)
    if started is None:
        yield "call end", f"call {event.call} is blocked without being proposed"
    elif started:
        yield "call end", f"call {event.call} is blocked after it started"


def _tool_finished(log: _Log, event: AnyEvent) -> Found:
    assert isinstance(event, ev.ToolFinished)
    started = log.run_of(event).calls.pop((event.session, event.process, event.call), None)
    if started is None:
        yield "call end", f"call {event.call} ends without being open"
    elif not started and event.state not in _NEVER_RAN:
        yield "call end", f"call {event.call} ends as {event.state} without having started"


def _approval_requested(log: _Log, event: AnyEvent) -> Found:
    assert isinstance(event, ev.ApprovalRequested)
    asked = event.approval
    key = (asked.session, asked.process, asked.call)
    if asked.id in log.questions:
        yield "approval", f"approval {asked.id} is requested a second time"
    question = log.questions[asked.id] = _Question(asked.id)
    log.asked.setdefault(key, []).append(question)
    for (session, _), run in log.runs.items():
        if session == asked.session and key in run.calls:
            run.questions.add(asked.id)
            return
    yield "approval", f"approval {asked.id} is for call {asked.call}, which is not open"


def _approval_settled(log: _Log, event: AnyEvent) -> Found:
    assert isinstance(event, ev.ApprovalDecided | ev.ApprovalExpired | ev.ApprovalWithdrawn)
    question = log.questions.get(event.approval)
    if question is None:
        yield "approval", f"approval {event.approval} is settled and was never requested"
        return
    if question.settled:
        yield "approval", f"approval {event.approval} is settled a second time"
    question.settled = True
    question.granted = isinstance(event, ev.ApprovalDecided) and not event.decision.denies
    for run in log.runs.values():
        run.questions.discard(event.approval)


# --- processes ---------------------------------------------------------------------------------------------


def _process_spawned(log: _Log, event: AnyEvent) -> Found:
    key = (event.session, event.process)
    log.spawned.add(key)
    log.exited.pop(key, None)
    yield from ()


def _process_exited(log: _Log, event: AnyEvent) -> Found:
    assert isinstance(event, ev.ProcessExited)
    key = (event.session, event.process)
    if key not in log.spawned:
        yield "process", f"{event.process} exits and was never spawned"
    if log.exited.get(key, 0) >= event.incarnation:
        yield "process", f"{event.process}#{event.incarnation} exits a second time"
    log.exited[key] = event.incarnation


_CHECKS: Final[dict[type[ev.Event], Callable[[_Log, AnyEvent], Found]]] = {
    ev.RunStarted: _run_started,
    ev.RunFinished: _run_finished,
    ev.TurnStarted: _turn_started,
    ev.TurnFinished: _turn_finished,
    ev.EntryAdded: _entry_added,
    ev.MessageCompleted: _message_ended,
    ev.MessageInterrupted: _message_ended,
    ev.ToolProposed: _tool_proposed,
    ev.ToolStarted: _tool_started,
    ev.ToolBlocked: _tool_blocked,
    ev.ToolFinished: _tool_finished,
    ev.ApprovalRequested: _approval_requested,
    ev.ApprovalDecided: _approval_settled,
    ev.ApprovalExpired: _approval_settled,
    ev.ApprovalWithdrawn: _approval_settled,
    ev.ProcessSpawned: _process_spawned,
    ev.ProcessExited: _process_exited,
}
