"""The log: one line for each notable event, from a little before this face came, the newest last."""

from collections import deque
from dataclasses import dataclass
from typing import Final

from vega_tui.client import format as fmt
from vega_tui.core import events as ev
from vega_tui.core.ids import with_incarnation
from vega_tui.core.words import RunStatus
from vega_tui.protocol.rows import Snapshot

KEPT: Final = 2_000


@dataclass(frozen=True, slots=True)
class LogLine:
    """`rest` may be long: the pane cuts it. `tone` is the role of a colour, empty for plain."""

    seq: int
    ts: float
    process: str
    verb: str
    rest: str = ""
    tone: str = ""


class LogView:
    """The last lines. `added` counts what came since the pane took it."""

    def __init__(self) -> None:
        self.lines: deque[LogLine] = deque(maxlen=KEPT)
        self.added = 0
        self.reset = True

    def load(self, snapshot: Snapshot) -> None:
        """Begin with the newest facts before the snapshot; when there are lines already, the log goes on."""
        if not self.lines:
            for event in snapshot.recent:
                self.apply(event)

    def apply(self, event: ev.AnyEvent) -> None:
        """Fold one event."""
        words = _process_words(event) or _work_words(event) or _other_words(event)
        if words is not None:
            verb, rest, tone = words
            self.lines.append(LogLine(event.seq, event.ts, event.process, verb, rest, tone))
            self.added += 1


_Words = tuple[str, str, str]


def _process_words(event: ev.AnyEvent) -> _Words | None:
    match event:
        case ev.ProcessSpawned():
            by = f"by {event.parent}" if event.parent else ""
            return "spawned", "  ".join(part for part in (by, event.restart, event.task) if part), ""
        case ev.ProcessExited():
            text = event.text or event.reason
            return ("died", text, "fail") if event.abnormal else ("exited", text, "kill")
        case ev.ProcessRestarting():
            window = f"{event.attempt} of {event.intensity} in {event.period_s:g} s"
            return "restarting", f"in {fmt.duration(event.delay_s)}, {window}  {event.reason}".rstrip(), "rstr"
        case ev.ProcessTerminated():
            return "terminated", f"its restart is called off  {event.why}".rstrip(), "kill"
        case ev.ProcessRestarted():
            return "restarted", f"as {with_incarnation(event.process, event.incarnation)} by {event.by}", "rstr"
        case ev.ProcessGaveUp():
            return "gave up", f"{event.restarts} of {event.intensity} in {event.period_s:g} s  {event.reason}", "fail"
        case ev.ProcessPaused():
            return "paused", event.reason or f"by {event.by}", "paus"
        case ev.ProcessResumed():
            return "resumed", f"by {event.by}", ""
        case ev.ProcessStopping():
            return "stopping", "", ""
        case ev.LinkDied():
            return "link died", f"{event.peer}: {event.reason}", "warn"
        case _:
            return None


def _work_words(event: ev.AnyEvent) -> _Words | None:
    match event:
        case ev.RunStarted():
            return "run began", "", ""
        case ev.RunFinished():
            cost = "unknown" if event.cost_usd is None else fmt.money(event.cost_usd)
            rest = f"{event.error or event.stop_reason.value}  {fmt.plural(event.turns, 'turn')}  {cost}"
            tone = "fail" if event.status is RunStatus.FAILED else "done" if event.status is RunStatus.COMPLETED else ""
            return f"run {event.status.value}", rest, tone
        case ev.ModelRetry():
            again = f"{event.attempt} of {event.attempts}, again in {fmt.duration(event.delay_s)}"
            return "retry", f"{event.message or event.verdict}  {again}", "rstr"
        case ev.ToolStarted():
            return event.tool, event.summary, ""
        case ev.ToolBlocked():
            return "blocked", f"{event.tool}  {event.reason}", "warn"
        case ev.ToolFinished():
            tone = "fail" if event.observation.error else ""
            facts = (event.tool, event.state.value, event.observation.fact, fmt.duration(event.duration_s))
            return "finished", "  ".join(fact for fact in facts if fact), tone
        case ev.InputReceived():
            return event.mode.value, event.text, ""
        case _:
            return None


def _other_words(event: ev.AnyEvent) -> _Words | None:
    match event:
        case ev.ApprovalRequested(approval=asked):
            return "asks", f"{asked.tool}  {asked.summary}  {asked.risk.value}", "ask"
        case ev.ApprovalDecided():
            return event.decision.value, f"by {event.by}  {event.feedback}".rstrip(), ""
        case ev.ApprovalExpired():
            return "expired", "", "warn"
        case ev.ApprovalWithdrawn():
            return "withdrawn", event.reason, ""
        case ev.GrantAdded():
            return "rule added", f"{event.rule}  {event.scope}", ""
        case ev.GrantRevoked():
            return "rule gone", event.grant, ""
        case ev.BudgetExceeded():
            return "budget", f"{fmt.money(event.spent_usd)} of {fmt.money(event.limit_usd)} used", "warn"
        case ev.AlertRaised(alert=alert):
            return "alert", f"{alert.severity.value}  {alert.message}", "warn"
        case ev.SessionChanged():
            changed = ((name, getattr(event, name)) for name in ("name", "mode", "model", "budget_usd"))
            return "changed", "  ".join(f"{name} {value}" for name, value in changed if value is not None), ""
        case ev.BranchMoved(active=True):
            return "branch", event.branch, ""
        case ev.HostStarted():
            return "host began", f"pid {event.pid}  {event.release}", ""
        case ev.HostRecovered():
            return "recovered", fmt.plural(event.interrupted_calls, "call") + " interrupted", "warn"
        case _:
            return None
