"""What a host answers at some seq: a snapshot and a page, made from the events up to there, in the plainest way."""

from collections.abc import Sequence

import msgspec

from tests.fakes.story import SESSION
from vega_tui.core import events as ev
from vega_tui.core.ids import ROOT
from vega_tui.core.messages import Text
from vega_tui.core.records import Alert, Approval, Entry
from vega_tui.core.words import CallState
from vega_tui.protocol.operations import Entries
from vega_tui.protocol.process_state import ProcessState
from vega_tui.protocol.rows import CallRow, InputRow, SessionRow, Snapshot


def page_at(events: Sequence[ev.AnyEvent], process: str, limit: int = 10_000, before: str = "") -> Entries:
    """The newest entries of a process, as `entries.page` answers."""
    entries = [event.entry for event in events if isinstance(event, ev.EntryAdded) and event.process == process]
    if before:
        entries = entries[: [entry.id for entry in entries].index(before)]
    shown: list[Entry] = entries[-limit:]
    return Entries(entries=tuple(shown), more=len(entries) > limit, seq=events[-1].seq if events else 0)


def snapshot_at(events: Sequence[ev.AnyEvent]) -> Snapshot:
    """The snapshot after these events."""
    found = _Tables()
    for event in events:
        found.take(event)
    return Snapshot(
        seq=events[-1].seq if events else 0,
        session=found.session,
        processes=tuple(state.to_row() for state in found.processes.values()),
        calls=tuple(found.calls.values()),
        approvals=tuple(found.approvals.values()),
        alerts=tuple(found.alerts.values()),
        inputs=tuple(found.inputs.values()),
        held_usd=sum(found.holds.values()),
        holds=found.holds,
        today_usd=found.today,
    )


class _Tables:
    def __init__(self) -> None:
        self.session = SessionRow(id=SESSION, name="", cwd="", model="")
        self.processes: dict[str, ProcessState] = {}
        self.calls: dict[str, CallRow] = {}
        self.approvals: dict[str, Approval] = {}
        self.alerts: dict[str, Alert] = {}
        self.inputs: dict[str, InputRow] = {}
        self.holds: dict[str, float] = {}
        self.today = 0.0

    def take(self, event: ev.AnyEvent) -> None:
        if isinstance(event, ev.ProcessSpawned):
            self.processes.setdefault(event.process, ProcessState(session=SESSION, path=event.process))
        process = self.processes.get(event.process)
        if process is not None:
            process.apply(event)
        self._take_calls(event)
        self._take_rest(event)

    def _take_calls(self, event: ev.AnyEvent) -> None:
        match event:
            case ev.ToolProposed() | ev.ToolStarted():
                running = isinstance(event, ev.ToolStarted)
                self.calls[event.call] = CallRow(
                    session=SESSION,
                    process=event.process,
                    call=event.call,
                    tool=event.tool,
                    args=event.args,
                    summary=event.summary,
                    state=CallState.RUNNING if running else CallState.PROPOSED,
                    started=event.ts if running else 0.0,
                )
            case ev.ToolFinished() | ev.ToolBlocked():
                del self.calls[event.call]
            case ev.ApprovalRequested(approval=asked):
                self.approvals[asked.id] = asked
                self._set_call(asked.call, CallState.WAITING)
            case ev.ApprovalDecided():
                self._set_call(self.approvals.pop(event.approval).call, CallState.PROPOSED)
            case ev.ApprovalWithdrawn():
                self._set_call(self.approvals.pop(event.approval).call, CallState.PROPOSED)
            case _:
                pass

    def _set_call(self, call: str, state: CallState) -> None:
        self.calls[call] = msgspec.structs.replace(self.calls[call], state=state)

    def _take_rest(self, event: ev.AnyEvent) -> None:
        match event:
            case ev.SessionCreated():
                self._set(name=event.name, cwd=event.cwd, model=event.model, mode=event.mode, created=event.ts)
                self._set(budget_usd=event.budget_usd, simulated=event.simulated, updated=event.ts)
            case ev.SessionChanged():
                named = {"name": event.name, "mode": event.mode, "model": event.model, "simulated": event.simulated}
                self._set(**{key: value for key, value in named.items() if value is not None}, updated=event.ts)
                if event.budget_usd is not None:
                    self._set(budget_usd=event.budget_usd if event.budget_usd >= 0 else None)
            case ev.TurnFinished():
                cost = event.cost_usd or 0.0
                unpriced = self.session.unpriced or event.cost_usd is None
                usage = self.session.usage + event.usage
                self._set(cost_usd=self.session.cost_usd + cost, unpriced=unpriced, usage=usage, updated=event.ts)
                self.today += cost
            case ev.SessionLoaded() | ev.RunFinished():
                self._set(updated=event.ts)
            case ev.BranchMoved():
                if event.process == ROOT and event.active:
                    self._set(branch=event.branch)
            case ev.EntryAdded(entry=entry):
                self._set(entries=self.session.entries + 1, updated=event.ts)
                said = "".join(block.text for block in entry.content if isinstance(block, Text)).split()
                if event.process == ROOT and said:
                    self._set(preview=" ".join(said)[:200])
            case ev.BudgetReserved():
                self.holds[event.hold] = event.amount_usd
            case ev.BudgetSettled():
                del self.holds[event.hold]
            case ev.AlertRaised(alert=alert):
                self.alerts[alert.id] = alert
            case ev.AlertAcknowledged():
                del self.alerts[event.alert]
            case ev.InputReceived():
                self.inputs[event.input] = InputRow(
                    id=event.input,
                    session=SESSION,
                    process=event.process,
                    mode=event.mode,
                    text=event.text,
                    author=event.author,
                    ts=event.ts,
                )
            case ev.InputDelivered():
                del self.inputs[event.input]
            case _:
                pass

    def _set(self, **changes: object) -> None:
        self.session = msgspec.structs.replace(self.session, **changes)
