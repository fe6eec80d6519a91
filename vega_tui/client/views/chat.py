"""The transcript of one process as the chat pane shows it: its line, what its open calls do, and what it waits for.

Pure fold of pages, events and deltas; the line itself is transcript.py's.
"""

from typing import Final

from vega_tui.client.views.chat_items import AssistantItem, ChatChanges, ChatItem, Tail, ToolItem
from vega_tui.client.views.nested import Below
from vega_tui.client.views.summaries import call_summary
from vega_tui.client.views.transcript import Transcript
from vega_tui.core import events as ev
from vega_tui.core.ids import ROOT
from vega_tui.core.records import Approval
from vega_tui.core.words import CallState, RunStatus, StopReason
from vega_tui.protocol.operations import Entries
from vega_tui.protocol.process_state import ProcessState
from vega_tui.protocol.rows import CallRow, OpenText, Snapshot

_OUTPUT_KEPT: Final = 16_000  # characters of a running call's output
_STOPPED: Final = {
    StopReason.MAX_TURNS: "stopped: the limit of turns is reached; say go on, or raise it",
    StopReason.BUDGET_EXHAUSTED: "stopped: the budget is used up; /budget raises it",
}


class ChatView:
    """Items oldest first. The pane calls `take()` and paints what it names."""

    def __init__(self, session: str = "", process: str = ROOT) -> None:
        self.session = session
        self.process = process
        self.state = ProcessState(session=session, path=process)
        self.seq = 0  # of the snapshot it began with: what an event up to there says is known
        self.moved = False  # the process works on another branch: its pages must be read again
        self._line = Transcript()
        self._below = Below(self._line)
        self._tail_dirty = True

    # --- what the pane reads -------------------------------------------------------------------------------

    @property
    def items(self) -> list[ChatItem]:
        """What was said and done, oldest first. Not to be changed."""
        return self._line.items

    @property
    def loaded(self) -> bool:
        """True once the first page has come; until then the pane says that it loads."""
        return self._line.loaded

    @property
    def more(self) -> bool:
        """True while there are entries older than the first item."""
        return self._line.more

    @property
    def oldest(self) -> str:
        """Id of the oldest entry known: a page before it comes next."""
        return self._line.oldest

    def item(self, key: str) -> ChatItem | None:
        """The item with that key."""
        return self._line.by_key.get(key)

    @property
    def dirty(self) -> bool:
        """True while there is something to take."""
        line = self._line
        return line.reset or self._tail_dirty or bool(line.prepended) or bool(line.changed)

    def take(self) -> ChatChanges:
        """What changed since the last taking."""
        line = self._line
        changes = ChatChanges(
            reset=line.reset, prepended=line.prepended, keys=frozenset(line.changed), tail=self._tail_dirty
        )
        line.reset, line.prepended, self._tail_dirty = False, 0, False
        line.changed.clear()
        return changes

    @property
    def tail(self) -> Tail | None:
        """Why nothing is being written below the last item; None while something is, or when it is your turn."""
        state = self.state
        if state.restart_at:
            return Tail(kind="backoff", text=state.reason, since=state.since, until=state.restart_at)
        match state.state:
            case "done":
                return Tail(kind="done", since=state.since)
            case "kill":
                return Tail(kind="killed", since=state.since)
            case "FAIL":
                return Tail(kind="failed", text=state.now, since=state.since)
            case "PAUS":
                return Tail(kind="paused", text=state.paused_why, since=state.since)
            case _:
                pass
        if state.stopping:
            return Tail(kind="stopping", since=state.since)
        if state.retry_at:
            attempt, attempts = state.retry_attempt, state.retry_attempts
            return Tail(kind="retry", text=state.retry, until=state.retry_at, attempt=attempt, attempts=attempts)
        if state.run and not state.calls and not (self.items and self.items[-1].open):
            return Tail(kind="waiting", since=state.since)
        return None

    @property
    def last_answer(self) -> str:
        """The text of the newest answer; empty where there is none."""
        answers = (item.text for item in reversed(self.items) if isinstance(item, AssistantItem) and item.text)
        return next(answers, "")

    # --- folding -------------------------------------------------------------------------------------------

    def load(self, snapshot: Snapshot) -> None:
        """Begin again from a snapshot; the entries come by `add_page`."""
        self._line.clear()
        self._below.clear()
        self.seq, self.moved, self._tail_dirty = snapshot.seq, False, True
        if snapshot.session is not None:
            self.session = snapshot.session.id
        self.state = ProcessState(session=self.session, path=self.process)
        for process in snapshot.processes:
            if self._is_mine(process.session, process.path):
                self.state.load(process)
        for call in snapshot.calls:
            if self._is_mine(call.session, call.process):
                self._load_call(call)
        for process in snapshot.processes:
            if process.session == self.session and process.parent == self.process:
                self._below.adopt(process.path, process.agent, process.started)
        for call in snapshot.calls:
            if call.session == self.session:
                self._below.load_call(call)
        for approval in snapshot.approvals:
            self._ask(approval)
            if self._is_mine(approval.session, approval.process):
                self.state.ask(approval)

    def say(self, texts: tuple[OpenText, ...]) -> None:
        """Take over what is in the middle of being said; deltas go on from there."""
        for text in texts:
            if text.process == self.process and (text.text or text.thinking):
                answer = self._line.answer(text.run, text.turn)
                if answer.open:
                    answer.text, answer.thinking = text.text, text.thinking

    def add_page(self, page: Entries) -> None:
        """Put a page of older entries before what is known; entries that are known already stay what they are."""
        first = not self._line.loaded
        self._line.add_page(page)
        self._tail_dirty = True
        if first:
            self._close_lost_calls()

    def apply(self, event: ev.AnyEvent) -> None:
        """Fold one event; those of processes below show in the card that started them."""
        if event.session != self.session or event.seq <= self.seq:
            return
        if event.process != self.process:
            self._below.apply(event, self.process)
            return
        if self.state.apply(event):
            self._tail_dirty = True
        match event:
            case ev.EntryAdded():
                self._line.add_entry(event.entry)
            case ev.BranchMoved(active=True):
                self.moved = True
            case ev.MessageInterrupted():
                self._interrupt(event)
            case ev.ToolProposed() | ev.ToolStarted():
                self._tool_goes_on(event)
            case ev.ToolBlocked():
                item = self._line.tool(event.call, event.tool, event.run)
                item.state, item.approval, item.risk, item.since = CallState.BLOCKED, "", "", 0.0
                item.text = item.text or event.reason
            case ev.ToolFinished():
                item = self._line.tool(event.call, event.tool, event.run)
                self._line.finish_tool(item, event.state, event.observation, event.duration_s)
            case ev.ApprovalRequested():
                self._ask(event.approval)
            case ev.ApprovalDecided() | ev.ApprovalExpired() | ev.ApprovalWithdrawn():
                self._answered(event)
            case ev.RunFinished():
                self._finish_run(event)
            case _:
                pass

    def apply_delta(self, delta: ev.AnyDelta) -> None:
        """Fold one piece of passing text; that of other processes is left aside."""
        if not self._is_mine(delta.session, delta.process):
            return
        match delta:
            case ev.TextDelta() | ev.ThinkingDelta():
                answer = self._line.answer(delta.run, delta.turn)
                if not answer.open:
                    return  # its entry holds the whole already
                if isinstance(delta, ev.TextDelta):
                    answer.text += delta.text
                else:
                    answer.thinking += delta.text
                self._line.changed.add(answer.key)
                self._tail_dirty = True
            case ev.ToolArgsDelta():
                tool = self._line.tool(delta.call, delta.tool, delta.run)
                if tool.state is CallState.PROPOSED and not tool.args:
                    tool.partial_args += delta.text
            case ev.ToolOutputDelta():
                found = self._line.by_key.get(f"call:{delta.call}")
                if isinstance(found, ToolItem) and found.open:
                    found.output = (found.output + delta.text)[-_OUTPUT_KEPT:]
                    self._line.changed.add(found.key)

    # --- this process --------------------------------------------------------------------------------------

    def _is_mine(self, session: str, process: str) -> bool:
        return process == self.process and session == self.session

    def _load_call(self, call: CallRow) -> None:
        self.state.open_call(call)
        item = self._line.tool(call.call, call.tool, "")
        running = call.state is CallState.RUNNING
        item.args, item.state = call.args, CallState.RUNNING if running else CallState.PROPOSED
        item.summary = call.summary or call_summary(call.tool, call.args)
        item.started, item.output = call.started if running else 0.0, call.output

    def _close_lost_calls(self) -> None:
        """Calls that an old entry proposes, that never ended and are not open: an earlier host's end cut them off."""
        for item in self.items:
            if isinstance(item, ToolItem) and item.open and item.call not in self.state.calls:
                item.state = CallState.INTERRUPTED

    def _tool_goes_on(self, event: ev.ToolProposed | ev.ToolStarted) -> None:
        item = self._line.tool(event.call, event.tool, event.run)
        item.args, item.partial_args = event.args, ""
        item.summary = event.summary or call_summary(event.tool, event.args)
        if isinstance(event, ev.ToolStarted):
            item.state, item.started, item.edited = CallState.RUNNING, event.ts, event.edited
            item.approval, item.risk, item.since = "", "", 0.0
        else:
            item.state = CallState.PROPOSED

    def _interrupt(self, event: ev.MessageInterrupted) -> None:
        for item in reversed(self.items):
            if isinstance(item, AssistantItem) and (item.entry == event.entry or (not item.entry and item.open)):
                item.interrupted = True
                self._line.changed.add(item.key)
                return

    def _finish_run(self, event: ev.RunFinished) -> None:
        for item in list(self.items[-50:]):
            if isinstance(item, AssistantItem) and item.open and item.run == event.run:
                item.open, item.interrupted = False, True
                self._line.changed.add(item.key)
                if not (item.text or item.thinking):
                    self._line.remove(item)
            elif isinstance(item, ToolItem) and item.open and item.run == event.run:
                item.state = CallState.CANCELLED
                self._line.changed.add(item.key)
        if event.status is RunStatus.FAILED:
            note = event.error or event.stop_reason.value
            self._line.note(f"failed:{event.run}", "error", note, event.ts, event.run)
        elif event.status is RunStatus.STOPPED:
            note = event.error or _STOPPED.get(event.stop_reason, f"stopped: {event.stop_reason.value}")
            self._line.note(f"failed:{event.run}", "stopped", note, event.ts, event.run)

    def _ask(self, approval: Approval) -> None:
        if approval.session != self.session:
            return
        if approval.process != self.process:
            self._below.ask(approval)
            return
        item = self._line.tool(approval.call, approval.tool, approval.run)
        item.state, item.approval = CallState.WAITING, approval.id
        item.risk, item.since = approval.risk.value, approval.created

    def _answered(self, event: ev.ApprovalDecided | ev.ApprovalExpired | ev.ApprovalWithdrawn) -> None:
        for item in reversed(self.items):
            if isinstance(item, ToolItem) and item.approval == event.approval:
                item.approval, item.risk, item.since = "", "", 0.0
                item.state = CallState.PROPOSED  # the call's next event says how it was answered
                self._line.changed.add(item.key)
                return
