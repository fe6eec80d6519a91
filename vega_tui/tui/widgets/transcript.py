"""The chat's lifeline: painting, folding, choosing and copying over a Document. It makes no items itself.

A reader is never moved: the view hangs on (item, line), and follows the end only until the first scroll up.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from vega_tui.tui.look import Look
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.paint.document import Document, item_text
from vega_tui.tui.paint.items import AssistantItem, Fold, Item, SummaryItem, ThinkingItem, ToolItem
from vega_tui.tui.paint.lifeline import gap_before
from vega_tui.tui.paint.meters import chip
from vega_tui.tui.paint.viewport import Viewport
from vega_tui.tui.widgets.marking import Marking
from vega_tui.tui.widgets.painted import Pace, Painted

_STRIPS = 600
_WHEEL = 3
_RATE = 60.0


class Transcript(Painted, can_focus=True):
    """Items on a lifeline. Give it the pane's whole width: the last column is the scrollbar's.

    set_items, append, update, extend_open_text never lay anything out that isn't on the screen.
    `alive` draws the line on below the last entry while the process lives.
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

    class FollowChanged(Message):
        """The view began or stopped to follow the end."""

        def __init__(self, following: bool) -> None:
            super().__init__()
            self.following = following

    def __init__(self, look: Look | None = None, *, margin: int = 2, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.document = Document(66, self.look.signs)
        self.view = Viewport(self.document)
        self.marking = Marking(self.document)
        self.alive = False
        self._margin = margin
        self._placeholder: list[Line] = []
        self._strips: OrderedDict[tuple[str, int, bool], Strip] = OrderedDict()
        self._chosen = ""
        self._dragging_bar = False
        self._told_following = True
        self._pace = Pace(self._flush_text, _RATE)

    # --- data -------------------------------------------------------------------------------------------

    def set_items(self, items: Sequence[Item]) -> None:
        """Replace all entries. A reader stays at the same entry if it is still there."""
        kept = self._top_key()
        self.document.set_items(items)
        self._strips.clear()
        self._stay(kept)
        self._changed()

    def append(self, item: Item) -> None:
        """One more entry at the end."""
        self.document.append(item)
        if not self.view.following:
            self.view.new_entries += 1
        self._changed()

    def update(self, key: str, item: Item) -> None:
        """Another state of an entry; an unknown key is a KeyError."""
        at = self._at(key)
        self.document.update(at, item)
        self._drop_strips(key, item.key)
        if at + 1 < len(self.document):
            self._drop_strips(self.document.items[at + 1].key)
        self._changed()

    def drop_last(self) -> None:
        """Take the last entry off, as a note that no longer holds."""
        if self.document.items:
            self._drop_strips(self.document.items[-1].key)
            self.document.drop_last()
            self.view.new_entries = max(0, self.view.new_entries - 1)
            self._changed()

    def extend_open_text(self, key: str, text: str) -> None:
        """Text of an open message or thinking as it streams in; painted at most 60 times a second."""
        self.document.extend(self._at(key), text)
        if self.is_attached:
            self._pace.poke()

    def set_placeholder(self, lines: Sequence[Line]) -> None:
        """Lines shown while there is no entry; they begin with the rail's cell."""
        self._placeholder = list(lines)
        self._changed()

    def set_alive(self, alive: bool) -> None:
        """Whether the line goes on below the last entry."""
        if alive != self.alive:
            self.alive = alive
            self._changed()

    def set_folds(self, *, thinking: Fold | None = None, tools_open: bool | None = None) -> None:
        """^T and ^O: how much of thinking and tools is shown. The reader's entry stays where it is."""
        kept = self._top_key()
        self.document.thinking = thinking or self.document.thinking
        if tools_open is not None:
            self.document.tools_open = tools_open
        self.document.reflow()
        self._strips.clear()
        self._stay(kept)
        self._changed()

    @property
    def following(self) -> bool:
        """True while the view stays at the end; set it to go there, or to stay where one is."""
        return self.view.following

    @following.setter
    def following(self, following: bool) -> None:
        if following:
            self.view.follow()
        self.view.following = following
        self._changed()

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

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.view.follow()
        self._changed()

    def scroll_by(self, lines: int) -> None:
        """Scroll; up stops following, down to the end follows again."""
        self.view.scroll(lines)
        self._changed()

    def scroll_to_key(self, key: str) -> None:
        """Bring an entry's first line to the top, and stop following."""
        self.view.go(self._at(key))
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

    # --- painting ---------------------------------------------------------------------------------------

    def look_changed(self) -> None:
        self._strips.clear()
        if self.document.signs is not self.look.signs:
            self.document.reflow(signs=self.look.signs)
        self.view.changed()

    def on_resize(self, event: events.Resize) -> None:
        width = max(12, event.size.width - self._margin)
        if width != self.document.width:
            self.document.reflow(width)
            self._strips.clear()
        self.view.height = event.size.height
        self.view.changed()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_unmount(self) -> None:
        self._pace.stop()

    def paint_row(self, y: int) -> Strip:
        width, height = self._kept_size
        rows = self.view.rows()
        start, size = self.view.thumb()
        thumb = start <= y < start + size
        strip = self._line_strip(*rows[y], width, thumb) if y < len(rows) else self._rest(y, width, thumb)
        if y == height - 1 and not self.following and self.view.new_entries:
            strip = self._with_badge(strip, width)
        return strip

    def _rest(self, y: int, width: int, thumb: bool) -> Strip:
        """A row below the last entry."""
        line: Line = []
        if not self.document.items and y < len(self._placeholder):
            line = self._placeholder[y]
        elif self.alive:
            line = [(self.look.signs.open, "line")]
        return self._with_thumb(self.look.palette.strip(line, width - 1), thumb)

    def _line_strip(self, at: int, line: int, width: int, thumb: bool) -> Strip:
        item = self.document.items[at]
        marked = self.marking.cells(at, line)
        chosen = item.key == self._chosen
        key = (item.key, line, thumb)
        cached = marked is None and not chosen and self.document.settled(at, line)
        if cached and (found := self._strips.get(key)) is not None:
            self._strips.move_to_end(key)
            return found
        spans = self.document.line(at, line)
        ground = ""
        if chosen and line == gap_before(item, self.document.items[at - 1] if at else None):
            ground = "select" if self.has_focus else "panel"
            spans = [(self.look.signs.bar, "accent"), *spans[1:]] if self.has_focus else spans
        strip = self.look.palette.strip(spans, width - 1, ground)
        if marked is not None:
            strip = self.look.palette.marked(strip, *marked)
        strip = self._with_thumb(strip, thumb)
        if cached:
            self._strips[key] = strip
            if len(self._strips) > _STRIPS:
                self._strips.popitem(last=False)
        return strip

    def _with_thumb(self, strip: Strip, thumb: bool) -> Strip:
        return Strip.join([strip, self.look.palette.strip([(self.look.signs.thumb, "edge")] if thumb else [], 1)])

    def _with_badge(self, strip: Strip, width: int) -> Strip:
        count = self.view.new_entries
        text = f"{self.look.signs.down} {count} new {'entry' if count == 1 else 'entries'}  End"
        badge = self.look.palette.strip([chip(text, "accent")], min(width, len(text) + 2))
        left = max(0, width - badge.cell_length - 4)
        return Strip.join([strip.crop(0, left), badge, strip.crop(left + badge.cell_length, width)])

    def _changed(self) -> None:
        self.view.changed()
        if not self.is_attached:
            return
        if self.following != self._told_following:
            self._told_following = self.following
            self.post_message(self.FollowChanged(self.following))
        self.refresh()

    def _flush_text(self) -> None:
        before = len(self.view.rows())
        top = self.view.top
        changed = self.document.flush_text()
        self.view.changed()
        rows = self.view.rows()
        if self.view.top != top or len(rows) != before:
            self.refresh()
            return
        for at, first in changed.items():
            item = self.document.items[at]
            if not isinstance(item, AssistantItem):
                self._drop_strips(item.key)
            where = [y for y, (other, line) in enumerate(rows) if other == at and line >= first]
            if where:
                self.refresh_rows(where[0], where[-1] + 1)

    def _at(self, key: str) -> int:
        at = self.document.index(key)
        if at is None:
            raise KeyError(key)
        return at

    def _drop_strips(self, *keys: str) -> None:
        for cached in [cached for cached in self._strips if cached[0] in keys]:
            del self._strips[cached]

    def _top_key(self) -> tuple[str, int] | None:
        at, line = self.view.top
        return None if self.following or at >= len(self.document) else (self.document.items[at].key, line)

    def _stay(self, kept: tuple[str, int] | None) -> None:
        if kept is not None:
            at = self.document.index(kept[0])
            self.view.top = (at, kept[1]) if at is not None else (0, 0)

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
