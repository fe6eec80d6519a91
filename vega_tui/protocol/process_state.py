"""What a process is doing, folded from its events: the one derivation of a ProcessRow, for host and faces alike.

Pure: no clock but the events' own stamps. Does not know the tree; subtree sums are the fleet's.
"""

from dataclasses import dataclass, field
from typing import Final

from vega_tui.core import events as ev
from vega_tui.core.ids import base_name
from vega_tui.core.messages import JsonObject, Usage
from vega_tui.core.records import Approval
from vega_tui.core.words import ProcessKind
from vega_tui.protocol.rows import CallRow, ProcessRow

ENDED: Final = frozenset({"done", "kill", "FAIL"})
_WELL: Final = frozenset({"normal", "shutdown"})
_ROW_FIELDS: Final = ProcessRow.__struct_fields__


@dataclass(slots=True, eq=False)
class ProcessState:
    """A process at some seq: the fields of ProcessRow, and the open calls and questions they follow from."""

    session: str = ""
    path: str = ""
    kind: ProcessKind = ProcessKind.AGENT
    parent: str = ""
    supervisor: str = ""
    agent: str = ""
    model: str = ""
    task: str = ""
    restart: str = "temporary"
    strategy: str = ""
    intensity: int = 0
    period_s: float = 0.0
    restarts: tuple[float, ...] = ()
    incarnation: int = 1
    lives: tuple[str, ...] = ()
    state: str = "wait"
    now: str = ""
    reason: str = ""
    reason_text: str = ""
    since: float = 0.0
    started: float = 0.0
    context_tokens: int = 0
    context_window: int = 0
    cost_usd: float = 0.0
    unpriced: bool = False
    usage: Usage = field(default_factory=Usage)
    turns: int = 0
    restart_at: float = 0.0
    paused: bool = False
    paused_why: str = ""
    stopping: bool = False
    run: str = ""
    retry: str = ""
    retry_at: float = 0.0
    retry_attempt: int = 0
    retry_attempts: int = 0
    calls: dict[str, str] = field(default_factory=dict[str, str])  # open calls, in words
    asking: dict[str, str] = field(default_factory=dict[str, str])  # open questions, in words

    def load(self, row: ProcessRow) -> None:
        """Take over a row of a snapshot; its open calls and questions follow by `open_call` and `ask`."""
        for name in _ROW_FIELDS:
            setattr(self, name, getattr(row, name))

    def to_row(self) -> ProcessRow:
        """The row as a snapshot carries it."""
        return ProcessRow(**{name: getattr(self, name) for name in _ROW_FIELDS})

    @property
    def ended(self) -> bool:
        """True while no life of it runs and none is on its way."""
        return self.state in ENDED

    @property
    def name(self) -> str:
        """The last part of the path, with the number of its life from the second on."""
        base = base_name(self.path)
        return base if self.incarnation <= 1 else f"{base}#{self.incarnation}"

    def open_call(self, row: CallRow) -> None:
        """Take over an open call of a snapshot."""
        self.calls[row.call] = call_words(row.tool, row.args, row.summary)

    def ask(self, approval: Approval) -> None:
        """Take over an open question."""
        self.asking[approval.id] = call_words(approval.tool, approval.args, approval.summary)

    def apply(self, event: ev.AnyEvent) -> bool:
        """Fold an event of this process; True when it meant something here."""
        if not (self._apply_life(event) or self._apply_work(event)):
            return False
        self._settle(event.ts)
        return True

    def _apply_life(self, event: ev.AnyEvent) -> bool:
        match event:
            case ev.ProcessSpawned():
                self._spawn(event)
            case ev.ProcessStarted() | ev.ProcessRestarted():
                self._begin_life(event.incarnation, event.ts)
            case ev.ProcessExited():
                self._end_life(event)
            case ev.ProcessRestarting():
                self.restart_at = event.ts + event.delay_s
                self.intensity, self.period_s = event.intensity, event.period_s
                self.reason = event.reason or self.reason
                self.count_restart(event.ts)
            case ev.ProcessTerminated():
                self._call_off(event)
            case ev.ProcessPaused():
                self.paused, self.paused_why = True, event.reason or f"paused by {event.by}"
            case ev.ProcessResumed():
                self.paused, self.paused_why = False, ""
            case ev.ProcessStopping():
                self.stopping = True
            case ev.ProcessGaveUp():
                self.intensity, self.period_s = event.intensity, event.period_s
                self.reason = event.reason or "gave up"
                self.reason_text = f"gave up, {event.restarts} of {event.intensity} in {event.period_s:g} s"
            case _:
                return False
        return True

    def _apply_work(self, event: ev.AnyEvent) -> bool:
        match event:
            case ev.RunStarted():
                self.run = event.run or "run"
            case ev.RunFinished():
                self.run = ""
                self.calls.clear()
                self._clear_retry()
            case ev.TurnStarted():
                self.model = event.model
                self._clear_retry()
            case ev.TurnFinished():
                self._count_turn(event)
            case ev.MessageCompleted() | ev.MessageInterrupted():
                self._clear_retry()
            case ev.ModelRetry():
                self.retry = event.message or event.verdict
                self.retry_at = event.ts + event.delay_s
                self.retry_attempt, self.retry_attempts = event.attempt, event.attempts
            case ev.ToolProposed() | ev.ToolStarted():
                self.calls[event.call] = call_words(event.tool, event.args, event.summary)
            case ev.ToolBlocked() | ev.ToolFinished():
                self.calls.pop(event.call, None)
            case ev.ApprovalRequested():
                self.ask(event.approval)
            case ev.ApprovalDecided() | ev.ApprovalExpired() | ev.ApprovalWithdrawn():
                self.asking.pop(event.approval, None)
            case _:
                return False
        return True

    def count_restart(self, ts: float) -> None:
        """Note a restart at `ts`, and forget those that left the period."""
        self.restarts = (*(then for then in self.restarts if ts - then < self.period_s), ts)

    def restarts_used(self, now: float) -> int:
        """Restarts that still count at wall time `now`."""
        return sum(1 for then in self.restarts if now - then < self.period_s)

    def _spawn(self, event: ev.ProcessSpawned) -> None:
        self.session, self.path, self.kind = event.session, event.process, event.kind
        self.parent, self.supervisor = event.parent, event.supervisor
        self.agent, self.model, self.task = event.agent, event.model, event.task
        self.restart, self.strategy = event.restart, event.strategy
        self.intensity, self.period_s = max(0, event.intensity), event.period_s  # 0: no limit
        self.context_window = event.context_tokens
        self.started = self.since = event.ts
        self._come_alive()

    def _begin_life(self, incarnation: int, ts: float) -> None:
        if incarnation > self.incarnation:
            # One word for each earlier life, also where the store had counted the last one already.
            self.lives = (*self.lives, self.reason or "interrupted")[: incarnation - 1]
            self.incarnation = incarnation
            self.started = ts
            if self.kind is ProcessKind.SUPERVISOR:
                self.restarts = ()  # a new supervisor counts from none
        self._come_alive()

    def _come_alive(self) -> None:
        self.restart_at, self.stopping = 0.0, False
        self.reason = self.reason_text = ""
        if self.ended:
            self.state = "wait"

    def _end_life(self, event: ev.ProcessExited) -> None:
        if event.incarnation < self.incarnation:  # a killed supervisor's child, outlived by the one that replaced it
            lives = list(self.lives)
            lives[event.incarnation - 1 : event.incarnation] = [event.reason]
            self.lives = tuple(lives)
            return
        self.incarnation = event.incarnation
        self.reason = event.reason
        self.reason_text = event.text or self.reason_text
        self.run, self.stopping, self.restart_at = "", False, 0.0
        self.paused, self.paused_why = False, ""
        self.calls.clear()
        self.asking.clear()
        self._clear_retry()
        word = "kill" if event.reason == "killed" else "FAIL" if event.abnormal else "done"
        if event.reason in _WELL and not event.abnormal:
            word = "done"
        self.state, self.since = word, event.ts
        if event.restart_in_s is not None:
            self.restart_at = event.ts + event.restart_in_s
            self.reason_text = f"with {base_name(event.along_with)}"

    def _call_off(self, event: ev.ProcessTerminated) -> None:
        self.restart_at = 0.0
        if event.why:
            self.state = "kill" if self.reason == "killed" else "FAIL"
        elif not self.ended:
            self.state = "done"
        self.reason, self.reason_text = self.reason or "shutdown", event.why or "terminated"

    def _count_turn(self, event: ev.TurnFinished) -> None:
        self.turns += 1
        self.usage = self.usage + event.usage
        self.context_tokens = event.context_tokens or self.context_tokens
        if event.cost_usd is None:
            self.unpriced = True
        else:
            self.cost_usd += event.cost_usd

    def _clear_retry(self) -> None:
        self.retry, self.retry_at, self.retry_attempt, self.retry_attempts = "", 0.0, 0, 0

    def _settle(self, ts: float) -> None:
        state, self.now = self._judge()
        if state != self.state:
            self.state, self.since = state, ts

    def _judge(self) -> tuple[str, str]:
        """State word and what it does, from the facts; the first that holds wins."""
        if self.restart_at:
            return "RSTR", self._why()
        if self.ended:
            return self.state, "killed" if self.state == "kill" else self.reason_text or self._unless_well(self.reason)
        if self.stopping:
            return "wait", "stopping"
        if self.asking:
            return "ASK", next(iter(self.asking.values()))
        if self.paused:
            return "PAUS", self.paused_why
        if self.kind is ProcessKind.SUPERVISOR:
            return "run", self.strategy
        if not self.run:
            return "wait", "waits for your first message" if not self.turns and not self.task else "waits for a message"
        if self.retry_at:
            return "wait", self.retry
        if not self.calls:
            return "run", "writing"
        words = next(reversed(self.calls.values()))
        return "wait" if words.startswith("waits for ") else "run", words

    def _why(self) -> str:
        """Why the last life ended: the word first, because in a narrow row the text after it is cut."""
        word, text = self.reason, self.reason_text
        if not text or word in _WELL or text.startswith(word):
            return text or word
        return f"{word}: {text}"

    @staticmethod
    def _unless_well(reason: str) -> str:
        return "" if reason in _WELL else reason


def call_words(tool: str, args: JsonObject, summary: str) -> str:
    """A call as a row says it: `read src/x.py`, `waits for planner`."""
    if tool in {"task", "ask"}:
        other = args.get("name") or args.get("to") or args.get("agent")
        return f"waits for {other}" if isinstance(other, str) else "waits for a child"
    return f"{tool} {summary}".rstrip()
