"""The chat pane: carries what the chat view says changed into the transcript, at frame time and only while shown."""

from textual.message import Message

from vega_tui.client.views.chat import ChatView
from vega_tui.client.views.chat_items import AssistantItem, ChatItem, ToolItem
from vega_tui.core.ids import base_name
from vega_tui.tui.look import Look
from vega_tui.tui.paint.items import Item
from vega_tui.tui.panes.chat_paint import heads, opens, paint_items, tail_items
from vega_tui.tui.widgets.transcript import Transcript


class ChatPane(Transcript):
    """A transcript that follows one `ChatView`. `sync` is called by the screen's flush."""

    class NearTop(Message):
        """The reader came to the first entries and there are older ones to be read."""

    def __init__(self, look: Look, *, margin: int = 1) -> None:
        super().__init__(look, margin=margin, id="chat")
        self._view: ChatView | None = None
        self._given: dict[str, tuple[int, int]] = {}  # open answers: characters of text and thinking painted
        self._first: dict[str, bool] = {}  # every item painted: does it open the process's part
        self._tail: list[Item] = []
        self.tools_open = False

    def scroll_by(self, lines: int) -> None:
        super().scroll_by(lines)
        if lines < 0:
            self._ask_older()

    def action_top(self) -> None:
        super().action_top()
        self._ask_older()

    def _ask_older(self) -> None:
        top, view = self._top_key(), self._view
        if view is not None and view.more and top is not None and self.document.index(top[0]) == 0:
            self.post_message(self.NearTop())

    def follow_view(self, view: ChatView) -> None:
        """Show another process from now on."""
        self._view = view
        self._given.clear()
        self._first.clear()
        self._tail = []
        self.following = True

    def sync(self, now: float, *, all_of_it: bool = False) -> None:
        """Bring the transcript up to the view."""
        view = self._view
        if view is None or not (view.dirty or all_of_it):
            return
        changes = view.take()
        if changes.reset or changes.prepended or all_of_it:
            self._reset(view, now)
            return
        tail = tail_items(view.tail, now)
        fresh = self._fresh(view)
        if self._tail and (fresh or tail != self._tail):
            self._drop_tail()
        for item in fresh:
            self._paint(view, item, now)
        for key in changes.keys:
            item = view.item(key)
            if item is None or item.key not in self._first or item in fresh:
                continue
            if not (isinstance(item, AssistantItem) and self._extend(item)):
                self._paint(view, item, now)
        if not self._tail and tail:
            self._tail = tail
            self._put(tail)

    def tick(self, now: float) -> None:
        """Once a second: ages and countdowns of what is open."""
        view = self._view
        if view is None:
            return
        for item in view.items[-40:]:
            if isinstance(item, ToolItem) and item.open and self.document.index(item.key) is not None:
                self._put(paint_items(item, name="", first=False, now=now, tools_open=self.tools_open))
        if self._tail:
            tail = tail_items(view.tail, now)
            if len(tail) == 1 and self.document.index("tail") is not None:
                self.update("tail", tail[0])

    def show_tools(self, shown: bool) -> None:
        """^O: results of calls that went well, in full."""
        self.tools_open = shown
        self.set_folds(tools_open=shown)

    @staticmethod
    def _speaker(view: ChatView) -> str:
        return base_name(view.process)

    def _fresh(self, view: ChatView) -> list[ChatItem]:
        """Items that came at the end since the last sync, oldest first."""
        fresh: list[ChatItem] = []
        for item in reversed(view.items):
            if item.key in self._first:
                break
            fresh.append(item)
        fresh.reverse()
        said = self._said_by_other(view, len(view.items) - len(fresh))
        for item in fresh:
            self._first[item.key] = said and isinstance(item, AssistantItem)
            said = opens(item) if not isinstance(item, ToolItem) else said
        return fresh

    @staticmethod
    def _said_by_other(view: ChatView, end: int) -> bool:
        for at in range(end - 1, -1, -1):
            if not isinstance(view.items[at], ToolItem):
                return opens(view.items[at])
        return True

    def _paint(self, view: ChatView, item: ChatItem, now: float) -> None:
        first = self._first.get(item.key, False)
        self._put(paint_items(item, name=self._speaker(view), first=first, now=now, tools_open=self.tools_open))
        if isinstance(item, AssistantItem):
            self._remember(item)

    def _reset(self, view: ChatView, now: float) -> None:
        out: list[Item] = []
        self._given.clear()
        self._first.clear()
        for item, first in heads(view.items):
            self._first[item.key] = first
            out += paint_items(item, name=self._speaker(view), first=first, now=now, tools_open=self.tools_open)
            if isinstance(item, AssistantItem) and item.open:
                self._remember(item)
        self._tail = tail_items(view.tail, now)
        self.set_items([*out, *self._tail])

    def _remember(self, item: AssistantItem) -> None:
        if item.open:
            self._given[item.key] = (len(item.text), len(item.thinking))
        else:
            self._given.pop(item.key, None)

    def _extend(self, item: AssistantItem) -> bool:
        """The short way for streaming text; False when the entry must be painted anew."""
        given = self._given.get(item.key)
        if given is None or not item.open:
            return False
        text, thinking = given
        if len(item.thinking) > thinking and (text or item.text or not thinking):
            return False
        if len(item.text) > text:
            if not text:
                return False
            self.extend_open_text(item.key, item.text[text:])
        if len(item.thinking) > thinking:
            self.extend_open_text(f"{item.key}:thinking", item.thinking[thinking:])
        self._remember(item)
        return True

    def _put(self, items: list[Item]) -> None:
        for item in items:
            if self.document.index(item.key) is None:
                self.append(item)
            else:
                self.update(item.key, item)

    def _drop_tail(self) -> None:
        for _ in self._tail:
            self.drop_last()
        self._tail = []
