"""The chat pane's transcript: choosing, folding, marking and copying on the lifeline, by keys and mouse.

A reader is never moved: the view hangs on (item, line), and follows the end only until the first scroll up.
"""

from typing import ClassVar

from msgspec.structs import replace
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from vega_tui.tui.paint.document import item_text
from vega_tui.tui.paint.items import AssistantItem, Item, SummaryItem, ThinkingItem, ToolItem
from vega_tui.tui.widgets.lifeline import Lifeline

_WHEEL = 3


class Transcript(Lifeline, can_focus=True):
    """The lifeline one reads and works in. Give it the pane's whole width: the last column is the scrollbar's.

    Messages: CopyRequested, Opened, FollowChanged. `alive` draws the line on while the process lives.
    """

    DEFAULT_CSS = "Transcript { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_lines(-1)", show=False, id="transcript.up"),
        Binding("down", "scroll_lines(1)", show=False, id="transcript.down"),
        Binding("pageup", "scroll_pages(-1)", show=False, id="transcript.page_up"),
        Binding("pagedown", "scroll_pages(1)", show=False, id="transcript.page_down"),
        Binding("home,g", "top", show=False, id="transcript.top"),
        Binding("end,G", "follow", show=False, id="transcript.follow"),
        Binding("k", "choose(-1)", show=False, id="transcript.previous"),
        Binding("j", "choose(1)", show=False, id="transcript.next"),
        Binding("enter", "open", show=False, id="transcript.open"),
        Binding("y", "copy", show=False, id="transcript.copy"),
    ]

    class CopyRequested(Message):
        """The person wants `text` on the clipboard; the app does it and says how much."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Opened(Message):
        """Enter on an entry that does not fold: show it in full elsewhere."""

        def __init__(self, item: Item) -> None:
            super().__init__()
            self.item = item

    _dragging_bar = False

    @property
    def chosen(self) -> Item | None:
        """The entry that `y` and Enter act on."""
        at = self.document.index(self._chosen)
        return None if at is None else self.document.items[at]

    def choose(self, key: str) -> None:
        """Make an entry the chosen one and bring it into view; an unknown key is a KeyError."""
        at = self._at(key)
        self._chosen = key
        self.view.show(at)
        self._changed()

    @property
    def selected_text(self) -> str:
        """Text marked with the mouse; empty if none is."""
        return self.marking.text()

    def clear_selection(self) -> None:
        """Unmark."""
        if self.marking.clear():
            self.refresh()

    def toggle(self, item: Item) -> None:
        """Fold or unfold one entry; one without folds is offered to the app."""
        match item:
            case ToolItem():
                folded = not self.document.tools_open if item.folded is None else item.folded
                self.update(item.key, replace(item, folded=not folded))
            case SummaryItem():
                self.update(item.key, replace(item, folded=not item.folded))
            case ThinkingItem():
                now = item.fold or self.document.thinking
                self.update(item.key, replace(item, fold="line" if now == "full" else "full"))
            case _:
                self.post_message(self.Opened(item))

    # --- keys -------------------------------------------------------------------------------------------

    def action_scroll_lines(self, lines: int) -> None:
        self.scroll_by(lines)

    def action_scroll_pages(self, pages: int) -> None:
        self.scroll_by(pages * max(1, self.size.height - 2))

    def action_top(self) -> None:
        if self.document.items and self.view.bottom() > (0, 0):
            self.view.go(0)
            self._changed()

    def action_follow(self) -> None:
        self.follow()

    def action_choose(self, by: int) -> None:
        rows = self.view.rows()
        if not rows:
            return
        at = self.document.index(self._chosen)
        if at is None or not any(row[0] == at for row in rows):
            at = rows[-1 if by < 0 else 0][0]
        else:
            at += by
            while 0 < at < len(self.document) - 1 and self.document.height(at) == 0:
                at += by
        self.choose(self.document.items[max(0, min(at, len(self.document) - 1))].key)

    def action_open(self) -> None:
        if (item := self.chosen) is not None:
            self.toggle(item)

    def action_copy(self) -> None:
        item = self.chosen
        if item is None:
            written = [entry for entry in self.document.items if isinstance(entry, AssistantItem)]
            item = written[-1] if written else None
        text = self.selected_text or (item_text(item) if item else "")
        if text:
            self.post_message(self.CopyRequested(text))

    # --- mouse ------------------------------------------------------------------------------------------

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_by(-_WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_by(_WHEEL)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button != 1:
            return
        on_badge = event.y == self.size.height - 1 and event.x > self.size.width // 2
        if on_badge and self.view.new_entries and not self.following:
            self.follow()
            return
        self.capture_mouse()
        self._dragging_bar = event.x == self.size.width - 1
        if self._dragging_bar:
            self._drag_bar(event.y)
        elif rows := self.view.rows():
            self.marking.press(*rows[max(0, min(event.y, len(rows) - 1))], event.x)
            self.refresh()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragging_bar:
            self._drag_bar(event.y)
        elif self.marking.pressed and (rows := self.view.rows()):
            if not 0 <= event.y < self.size.height:
                self.scroll_by(-1 if event.y < 0 else 1)
                rows = self.view.rows()
            if self.marking.drag(*rows[max(0, min(event.y, len(rows) - 1))], event.x):
                self.refresh()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self.release_mouse()
        self._dragging_bar = False
        clicked = self.marking.release()
        if clicked is not None:
            self._chosen = self.document.items[clicked].key
            self._changed()

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2 and (item := self.chosen) is not None:
            self.toggle(item)

    def _drag_bar(self, y: int) -> None:
        self.view.go_share(y / max(1, self.size.height - 1))
        self._changed()
