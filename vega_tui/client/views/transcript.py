"""The line of a transcript: its items in order, by key, and which of them changed.

Keys are made of run, turn and call ids, so that a page, an event and a delta that tell of the same thing meet in
the same item, whichever comes first; folding a thing twice changes nothing.
"""

from typing import Final

from vega_tui.client.views.chat_items import (
    AssistantItem,
    ChatItem,
    SystemItem,
    ToolItem,
    UserItem,
)
from vega_tui.client.views.summaries import call_summary
from vega_tui.core.messages import Observation, Thinking, ToolUse, text_of
from vega_tui.core.records import Entry
from vega_tui.core.words import CallState
from vega_tui.protocol.operations import Entries

STARTS_CHILD: Final = frozenset({"task", "spawn"})
_ENDS_RUN: Final = frozenset({"error", "interrupted"})  # marks of notes that say why a run failed


class Transcript:
    """Items oldest first; `changed`, `reset` and `prepended` are taken and cleared by the view."""

    def __init__(self) -> None:
        self.items: list[ChatItem] = []
        self.by_key: dict[str, ChatItem] = {}
        self.changed: set[str] = set()
        self.reset = True
        self.prepended = 0
        self.loaded = False  # the first page has come
        self.more = False
        self.oldest = ""
        self._placed: set[str] | None = None  # while a page is read: what it has given its place

    def clear(self) -> None:
        """Forget everything."""
        self.items = []
        self.by_key.clear()
        self.changed.clear()
        self.reset, self.prepended = True, 0
        self.loaded = self.more = False
        self.oldest = ""

    def add_page(self, page: Entries) -> None:
        """Put a page before what is known. What events told of already takes its place in the page."""
        newer, self.items = self.items, []
        known = set(self.by_key)
        self._placed = set()
        for entry in page.entries:
            self.add_entry(entry)
        if self._placed & known or not self.loaded:
            newer = [item for item in newer if item.key not in self._placed]
            self.reset = True
        self._placed = None
        self.prepended += len(self.items)
        self.items += newer
        self.more = page.more
        self.oldest = page.entries[0].id if page.entries else self.oldest
        self.loaded = True

    def add_entry(self, entry: Entry) -> None:
        """Put an entry into the line."""
        self.oldest = self.oldest or entry.id
        match entry.kind:
            case "user":
                self._add_user(entry)
            case "assistant":
                self._add_answer(entry)
            case "tool_result":
                item = self.tool(entry.call, entry.tool, entry.run)
                if entry.observation is not None:
                    state = CallState(entry.state) if entry.state else CallState.OK
                    self.finish_tool(item, state, entry.observation, entry.duration_s)
            case _:
                self._add_system(entry)

    def put(self, item: ChatItem) -> None:
        """Into the line, at its end, unless it stands there already."""
        self.changed.add(item.key)
        if self._placed is not None:
            if item.key not in self._placed:
                self._placed.add(item.key)
                self.items.append(item)
        elif item.key not in self.by_key:
            self.items.append(item)
        self.by_key[item.key] = item

    def remove(self, item: ChatItem) -> None:
        """Take out an item that turned out to be nothing."""
        if self.by_key.pop(item.key, None) is not None:
            self.items.remove(item)
            self.reset = True

    def answer(self, run: str, turn: int) -> AssistantItem:
        """The answer of a turn; a new open one where there is none."""
        found = self.by_key.get(f"turn:{run}:{turn}")
        if isinstance(found, AssistantItem):
            return found
        item = AssistantItem(key=f"turn:{run}:{turn}", open=True, run=run, turn=turn)
        self.put(item)
        return item

    def tool(self, call: str, tool: str, run: str) -> ToolItem:
        """The card of a call, about to change; a new one where there is none."""
        found = self.by_key.get(f"call:{call}")
        item = found if isinstance(found, ToolItem) else ToolItem(key=f"call:{call}", call=call, tool=tool)
        item.run = item.run or run
        self.put(item)
        return item

    def note(self, key: str, mark: str, note: str, ts: float, run: str) -> None:
        """A note that an entry with the same key may say better later."""
        if key not in self.by_key:
            self.put(SystemItem(key=key, mark=mark, note=note, ts=ts, run=run))

    def finish_tool(self, item: ToolItem, state: CallState, seen: Observation, duration_s: float) -> None:
        """Close a card with its result."""
        item.state, item.duration_s = state, duration_s
        item.fact, item.diff = seen.fact or _fact_of(state, seen), seen.diff
        item.text = seen.display or seen.text
        item.approval = item.risk = item.output = item.partial_args = ""
        item.started = item.since = 0.0
        item.nested = None
        item.below.clear()
        child = seen.details.get("process") or seen.details.get("path")
        if item.tool in STARTS_CHILD and isinstance(child, str):
            item.child = child

    def _add_user(self, entry: Entry) -> None:
        found = self.by_key.get(entry.id)
        item = found if isinstance(found, UserItem) else UserItem(key=entry.id, text="", entry=entry.id)
        item.text, item.author = text_of(entry.content), entry.author or "you"
        item.mode, item.ts = entry.mode, entry.ts
        self.put(item)

    def _add_answer(self, entry: Entry) -> None:
        text = text_of(entry.content)
        thinking = "".join(block.thinking for block in entry.content if isinstance(block, Thinking))
        key = f"turn:{entry.run}:{entry.turn}"
        found = self.by_key.get(key)
        if isinstance(found, AssistantItem) and found.entry not in ("", entry.id):
            key = entry.id
            found = self.by_key.get(key)
        if text or thinking or found is not None:
            item = found if isinstance(found, AssistantItem) else AssistantItem(key=key)
            item.text, item.thinking, item.open = text, thinking, False
            item.interrupted = entry.interrupted or item.interrupted
            item.ts, item.run, item.turn, item.model = entry.ts, entry.run, entry.turn, entry.model
            item.usage, item.cost_usd, item.entry = entry.usage, entry.cost_usd, entry.id
            self.put(item)
        for block in entry.content:
            if isinstance(block, ToolUse):
                tool = self.tool(block.id, block.name, entry.run)
                tool.args = tool.args or block.input
                tool.partial_args = ""
                tool.summary = tool.summary or call_summary(block.name, block.input)

    def _add_system(self, entry: Entry) -> None:
        key = f"failed:{entry.run}" if entry.mark in _ENDS_RUN and entry.run else entry.id
        found = self.by_key.get(key)
        if isinstance(found, SystemItem) and found.entry not in ("", entry.id):
            key = entry.id
            found = self.by_key.get(key)
        item = found if isinstance(found, SystemItem) else SystemItem(key=key, mark="", note="")
        item.mark = entry.mark or ("info" if entry.kind == "system" else entry.kind)
        item.note, item.ts = entry.note or text_of(entry.content), entry.ts
        item.run, item.entry = entry.run, entry.id
        self.put(item)


def _fact_of(state: CallState, seen: Observation) -> str:
    """The noun of a call that came to nothing, where its result gives none."""
    if state is CallState.BLOCKED:
        return "denied" if seen.text.startswith("Denied") else "blocked"
    return state.value if state in {CallState.CANCELLED, CallState.INTERRUPTED} else ""
