"""What is true of an open session at the newest fanned-out seq: the state that snapshots are made of.

A pure fold of events, kept beside the session so that a snapshot needs no reading and no waiting.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

import msgspec

from vega_tui.core import events as ev
from vega_tui.core.records import Alert, Approval
from vega_tui.core.words import CallState
from vega_tui.protocol.process_state import ProcessState
from vega_tui.protocol.rows import CallRow, InputRow, OpenText, ProcessRow, SessionRow, input_row
from vega_tui.protocol.session_state import session_after

_OUTPUT_TAIL: Final = 8_000
_RECENT: Final = 200  # facts that a face which comes later sees in its log


@dataclass(slots=True)
class _Saying:
    run: str = ""
    turn: int = 0
    text: list[str] = field(default_factory=list[str])
    thinking: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Board:
    """One session's fold. `load_*` take what the store had; `apply` and `apply_delta` go on from there."""

    row: SessionRow
    processes: dict[str, ProcessState] = field(default_factory=dict[str, ProcessState])
    calls: dict[str, CallRow] = field(default_factory=dict[str, CallRow])
    approvals: dict[str, Approval] = field(default_factory=dict[str, Approval])
    alerts: dict[str, Alert] = field(default_factory=dict[str, Alert])
    inputs: dict[str, InputRow] = field(default_factory=dict[str, InputRow])
    holds: dict[str, float] = field(default_factory=dict[str, float])
    recent: deque[ev.AnyEvent] = field(default_factory=lambda: deque[ev.AnyEvent](maxlen=_RECENT))
    _saying: dict[str, _Saying] = field(default_factory=dict[str, _Saying])
    _outputs: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def load_process(self, row: ProcessRow) -> None:
        """Take over a process that the store knows."""
        state = ProcessState()
        state.load(row)
        self.processes[row.path] = state

    @property
    def working(self) -> bool:
        """Whether a run is under way, a question waits, or an input has not been heard."""
        return bool(self.approvals or self.inputs) or any(
            state.run or state.restart_at for state in self.processes.values()
        )

    def session_row(self) -> SessionRow:
        """The row as it is now."""
        return msgspec.structs.replace(
            self.row, working=any(state.run for state in self.processes.values()), alive=True
        )

    def process_rows(self) -> tuple[ProcessRow, ...]:
        """Parents before children, in the order they were first spawned."""
        return tuple(state.to_row() for state in self.processes.values())

    def call_rows(self) -> tuple[CallRow, ...]:
        """Open calls with the tail of what they printed."""
        return tuple(
            msgspec.structs.replace(row, output="".join(self._outputs.get(call, ()))[-_OUTPUT_TAIL:])
            for call, row in self.calls.items()
        )

    def open_text(self, process: str) -> OpenText | None:
        """What the process is in the middle of saying."""
        saying = self._saying.get(process)
        if saying is None:
            return None
        return OpenText(
            process=process,
            run=saying.run,
            turn=saying.turn,
            text="".join(saying.text),
            thinking="".join(saying.thinking),
        )

    def open_texts(self) -> list[OpenText]:
        """Everything that is being said in this session now."""
        return [text for process in self._saying if (text := self.open_text(process)) is not None]

    def apply_delta(self, delta: ev.AnyDelta) -> None:
        """Keep passing text until its entry comes."""
        if isinstance(delta, ev.ToolOutputDelta):
            kept = self._outputs.setdefault(delta.call, [])
            kept.append(delta.text)
            if len(kept) > 256:
                kept[:] = ["".join(kept)[-_OUTPUT_TAIL:]]
            return
        saying = self._saying.setdefault(delta.process, _Saying(delta.run, delta.turn))
        if isinstance(delta, ev.TextDelta):
            saying.text.append(delta.text)
        elif isinstance(delta, ev.ThinkingDelta):
            saying.thinking.append(delta.text)

    def remember(self, event: ev.AnyEvent) -> None:
        """Keep the event for logs; entries come by page, and are large."""
        if not isinstance(event, ev.EntryAdded):
            self.recent.append(event)

    def apply(self, event: ev.AnyEvent) -> None:
        """Fold one event of this session."""
        self.remember(event)
        self._apply_process(event)
        self.row = session_after(self.row, event)
        match event:
            case ev.MessageCompleted() | ev.MessageInterrupted() | ev.TurnFinished() | ev.ProcessExited():
                self._saying.pop(event.process, None)
            case ev.ToolProposed():
                self.calls[event.call] = CallRow(
                    session=event.session,
                    process=event.process,
                    call=event.call,
                    tool=event.tool,
                    args=event.args,
                    summary=event.summary,
                    started=event.ts,
                )
            case ev.ToolStarted():
                self._update_call(event.call, state=CallState.RUNNING, args=event.args, started=event.ts)
            case ev.ToolFinished() | ev.ToolBlocked():
                self.calls.pop(event.call, None)
                self._outputs.pop(event.call, None)
            case ev.ApprovalRequested():
                self.approvals[event.approval.id] = event.approval
                self._update_call(event.approval.call, state=CallState.WAITING)
            case ev.ApprovalDecided() | ev.ApprovalExpired() | ev.ApprovalWithdrawn():
                self.approvals.pop(event.approval, None)
            case ev.AlertRaised():
                self.alerts[event.alert.id] = event.alert
            case ev.AlertCleared() | ev.AlertAcknowledged():
                self.alerts.pop(event.alert, None)
            case ev.InputReceived():
                self.inputs[event.input] = input_row(event)
            case ev.InputDelivered() | ev.InputDropped():
                self.inputs.pop(event.input, None)
            case ev.BudgetReserved():
                self.holds[event.hold] = event.amount_usd
            case ev.BudgetSettled():
                self.holds.pop(event.hold, None)
            case _:
                pass

    def _apply_process(self, event: ev.AnyEvent) -> None:
        if not event.process:
            return
        state = self.processes.get(event.process)
        if state is None:
            if not isinstance(event, ev.ProcessSpawned):
                return
            state = self.processes[event.process] = ProcessState()
        state.apply(event)
        if isinstance(event, ev.ProcessRestarting) and (above := self.processes.get(state.supervisor)) is not None:
            above.count_restart(event.ts)

    def _update_call(self, call: str, **changes: object) -> None:
        row = self.calls.get(call)
        if row is not None:
            self.calls[call] = msgspec.structs.replace(row, **changes)
