"""What processes below do, as one line in the card of the task or spawn that started them. Pure."""

from typing import Final, TypeAlias

from vega_tui.client.views.chat_items import NestedCall, ToolItem
from vega_tui.client.views.summaries import call_summary
from vega_tui.client.views.transcript import STARTS_CHILD, Transcript
from vega_tui.core import events as ev
from vega_tui.core.ids import base_name, parent_path
from vega_tui.core.records import Approval
from vega_tui.core.words import CallState
from vega_tui.protocol.rows import CallRow

_URGENCY: Final = {CallState.WAITING: 2, CallState.RUNNING: 1}

_Call: TypeAlias = CallRow | Approval | ev.ToolProposed | ev.ToolStarted
_Answered: TypeAlias = ev.ApprovalDecided | ev.ApprovalExpired | ev.ApprovalWithdrawn


class Below:
    """Ties children to cards of one transcript, and their calls to those."""

    def __init__(self, line: Transcript) -> None:
        self._line = line
        self._children: dict[str, ToolItem] = {}  # by path of the child

    def clear(self) -> None:
        """Forget all children."""
        self._children.clear()

    def apply(self, event: ev.AnyEvent, parent: str) -> None:
        """Fold an event of another process than `parent`, whose transcript this is."""
        match event:
            case ev.ProcessSpawned() if event.parent == parent:
                self.adopt(event.process, event.agent, event.ts)
            case ev.ToolProposed():
                self._set(event, event.process, CallState.PROPOSED)
            case ev.ToolStarted():
                self._set(event, event.process, CallState.RUNNING, event.ts)
            case ev.ToolFinished() | ev.ToolBlocked():
                state = event.state if isinstance(event, ev.ToolFinished) else CallState.BLOCKED
                self._end(event.process, event.call, state)
            case ev.ApprovalRequested():
                self.ask(event.approval)
            case ev.ApprovalDecided() | ev.ApprovalExpired() | ev.ApprovalWithdrawn():
                self._answer(event)
            case _:
                pass

    def load_call(self, call: CallRow) -> None:
        """Take over an open call of a snapshot."""
        state = CallState.PROPOSED if call.state is CallState.WAITING else call.state  # its question says so
        self._set(call, call.process, state, call.started if state is CallState.RUNNING else 0.0)

    def ask(self, approval: Approval) -> None:
        """A call below waits for a person."""
        nested = self._set(approval, approval.process, CallState.WAITING, approval.created)
        if nested is not None:
            nested.risk, nested.approval = approval.risk.value, approval.id

    def adopt(self, path: str, agent: str, started: float) -> None:
        """Tie a child to the running call that started it: the one that names it, else the oldest without a name."""
        names = (base_name(path), agent)
        fallback: ToolItem | None = None
        for item in self._line.items:
            if not isinstance(item, ToolItem) or item.tool not in STARTS_CHILD or item.child:
                continue
            if item.state is not CallState.RUNNING or item.started > started:
                continue
            named = item.args.get("name") or item.args.get("agent")
            if named in names:
                break
            fallback = fallback or (None if named else item)
        else:
            item = fallback
        if item is not None:
            item.child = path
            self._children[path] = item
            self._line.changed.add(item.key)

    def _card_above(self, process: str) -> ToolItem | None:
        path = process
        while path:
            item = self._children.get(path)
            if item is not None:
                return item if item.open else None
            path = parent_path(path)
        return None

    def _set(self, of: _Call, process: str, state: CallState, since: float = 0.0) -> NestedCall | None:
        item = self._card_above(process)
        if item is None:
            return None
        summary = of.summary or call_summary(of.tool, of.args)
        nested = NestedCall(process=process, call=of.call, tool=of.tool, summary=summary, state=state, since=since)
        if nested.open:
            item.below[of.call] = nested
        else:
            item.below.pop(of.call, None)
        self._choose(item)
        return nested

    def _end(self, process: str, call: str, state: CallState) -> None:
        item = self._card_above(process)
        ended = item.below.pop(call, None) if item is not None else None
        if item is not None and ended is not None:
            ended.state, ended.risk, ended.approval = state, "", ""
            self._choose(item)

    def _answer(self, event: _Answered) -> None:
        """What was said shows in the call's next event: it starts, or it is blocked."""
        item = self._card_above(event.process)
        asked = [nested for nested in item.below.values() if nested.approval == event.approval] if item else []
        for nested in asked:
            nested.state, nested.since, nested.risk, nested.approval = CallState.PROPOSED, 0.0, "", ""
        if item is not None and asked:
            self._choose(item)

    def _choose(self, item: ToolItem) -> None:
        """The line that is shown; when nothing is open any more, what ended last stays, so that nothing jumps."""
        if item.below:
            item.nested = max(item.below.values(), key=lambda one: (_URGENCY.get(one.state, 0), one.since, one.call))
        self._line.changed.add(item.key)
