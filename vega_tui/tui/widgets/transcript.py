"""The chat's lifeline: scrolling, following, choosing and copying over a Document. It makes no items itself.

A reader is never moved: the view hangs on (item, line), and follows the end only until the first scroll up.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from vega_tui.tui.look import Look
from vega_tui.tui.paint.cells import Line, cut, text_of
from vega_tui.tui.paint.document import Document, item_text
from vega_tui.tui.paint.items import AssistantItem, Fold, Item, SummaryItem, ThinkingItem, ToolItem
from vega_tui.tui.paint.lifeline import TEXT, gap_before
from vega_tui.tui.paint.meters import chip
from vega_tui.tui.widgets.painted import Pace, Painted

_STRIPS = 600
_WHEEL = 3
_RATE = 60.0
Spot = tuple[str, int, int]  # key, line of the item, cell


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
        self.alive = False
        self.following = True
        self.new_entries = 0
        self._margin = margin
        self._placeholder: list[Line] = []
        self._top: tuple[int, int] = (0, 0)
        self._rows: list[tuple[int, int]] | None = None
        self._strips: OrderedDict[tuple[str, int, bool], Strip] = OrderedDict()
        self._chosen: str = ""
        self._selection: tuple[Spot, Spot] | None = None
        self._pressed: Spot | None = None
        self._dragging_bar = False
        self._pace = Pace(self._flush_text, _RATE)

    # --- data -------------------------------------------------------------------------------------------

    def set_items(self, items: Sequence[Item]) -> None:
        """Replace all entries. A reader stays at the same entry if it is still there."""
        kept = None if self.following else self._top_key()
        self.document.set_items(items)
        self._strips.clear()
        if kept is not None:
            at = self.document.index(kept[0])
            self._top = (at, kept[1]) if at is not None else (0, 0)
        self._changed()

    def append(self, item: Item) -> None:
        """One more entry at the end."""
        self.document.append(item)
        if not self.following:
            self.new_entries += 1
        self._changed()

    def update(self, key: str, item: Item) -> None:
        """Another state of an entry; an unknown key is a KeyError."""
        at = self.document.index(key)
        if at is None:
            raise KeyError(key)
        self.document.update(at, item)
        self._drop_strips(key)
        if at + 1 < len(self.document):
            self._drop_strips(self.document.items[at + 1].key)
        self._changed()

    def extend_open_text(self, key: str, text: str) -> None:
        """Text of an open message or thinking as it streams in; painted at most 60 times a second."""
        at = self.document.index(key)
        if at is None:
            raise KeyError(key)
        self.document.extend(at, text)
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
        at = self.document.index(kept[0]) if kept else None
        if at is not None and not self.following:
            self._top = (at, min(kept[1] if kept else 0, max(0, self.document.height(at) - 1)))
        self._changed()

    @property
    def chosen(self) -> Item | None:
        """The entry that `y` and Enter act on."""
        at = self.document.index(self._chosen) if self._chosen else None
        return None if at is None else self.document.items[at]

    @property
    def selected_text(self) -> str:
        """Text marked with the mouse; empty if none is."""
        if self._selection is None:
            return ""
        first, last = self._ordered(self._selection)
        out: list[str] = []
        at, line = first[0], first[1]
        while (at, line) <= (last[0], last[1]):
            start = first[2] if (at, line) == first[:2] else 0
            end = last[2] + 1 if (at, line) == last[:2] else 10_000
            text = cut(text_of(self.document.line(at, line)), end)[0]
            out.append(cut(text, max(start, TEXT))[1].rstrip())
            line += 1
            while at < last[0] and line >= self.document.height(at):
                at, line = at + 1, 0
        return "\n".join(out).strip("\n")

    def clear_selection(self) -> None:
        """Unmark."""
        if self._selection is not None:
            self._selection = None
            self.refresh()

    # --- view -------------------------------------------------------------------------------------------

    def look_changed(self) -> None:
        self._strips.clear()
        if self.document.signs is not self.look.signs:
            self.document.reflow(signs=self.look.signs)
        self._rows = None

    def on_resize(self, event: events.Resize) -> None:
        width = max(12, event.size.width - self._margin)
        if width != self.document.width:
            self.document.reflow(width)
            self._strips.clear()
            at, line = self._top
            if self.document.items and not self.following:
                self._top = (at, min(line, max(0, self.document.height(at) - 1)))
        self._rows = None

    def on_unmount(self) -> None:
        self._pace.stop()

    def paint_row(self, y: int) -> Strip:
        rows = self._visible()
        width = self.size.width
        strip = self._content_row(y, rows, width - 1)
        if y == self.size.height - 1 and not self.following and self.new_entries:
            strip = self._with_badge(strip, width - 1)
        return Strip.join([strip, self._bar_cell(y)])

    def _content_row(self, y: int, rows: list[tuple[int, int]], width: int) -> Strip:
        palette, signs = self.look.palette, self.look.signs
        if y < len(rows):
            at, line = rows[y]
            return self._line_strip(at, line, width)
        if not self.document.items and y < len(self._placeholder):
            return palette.strip(self._placeholder[y], width)
        if self.alive:
            return palette.strip([(signs.open, "line")], width)
        return palette.strip([], width)

    def _line_strip(self, at: int, line: int, width: int) -> Strip:
        item = self.document.items[at]
        chosen = item.key == self._chosen
        cache = self.document.settled(at, line) and self._selection is None
        key = (item.key, line, chosen and self.has_focus)
        if cache and (found := self._strips.get(key)) is not None:
            self._strips.move_to_end(key)
            return found
        spans = self.document.line(at, line)
        ground = ""
        if chosen and line == gap_before(item, self.document.items[at - 1] if at else None):
            ground = "select" if self.has_focus else "panel"
            spans = [(self.look.signs.bar, "accent"), *spans[1:]] if self.has_focus else spans
        strip = self.look.palette.strip(spans, width, ground)
        if self._selection is not None:
            return self._with_selection(strip, at, line)
        if cache:
            self._strips[key] = strip
            if len(self._strips) > _STRIPS:
                self._strips.popitem(last=False)
        return strip

    def _visible(self) -> list[tuple[int, int]]:
        """(item, line) of each row that shows one."""
        if self._rows is not None:
            return self._rows
        document, height = self.document, self.size.height
        self._rows = rows = []
        if not document.items or height <= 0:
            return rows
        bottom = self._bottom_top(height)
        if self.following or self._top >= bottom:
            self._top = bottom
        at, line = self._top
        while len(rows) < height and at < len(document):
            tall = document.height(at)
            take = min(tall - line, height - len(rows))
            rows.extend((at, line + offset) for offset in range(take))
            at, line = at + 1, 0
        return rows

    def _bottom_top(self, height: int) -> tuple[int, int]:
        """The top position at which the last line stands on the last row."""
        last = len(self.document) - 1
        return self.document.step(last, self.document.height(last) - 1, -(height - 1))

    def _bar_cell(self, y: int) -> Strip:
        height, total = self.size.height, self.document.total()
        palette = self.look.palette
        if total <= height or not self.document.items:
            return palette.strip([], 1)
        size = max(1, height * height // total)
        above = self.document.offset(self._top[0]) + self._top[1]
        start = round(above / max(1, total - height) * (height - size))
        on = start <= y < start + size
        return palette.strip([(self.look.signs.thumb, "edge")] if on else [], 1)

    def _with_badge(self, strip: Strip, width: int) -> Strip:
        text = f"{self.look.signs.down} {self.new_entries} new {'entry' if self.new_entries == 1 else 'entries'}  End"
        badge = self.look.palette.strip([chip(text, "accent")], len(text) + 2)
        left = max(0, width - badge.cell_length - 3)
        return Strip.join([strip.crop(0, left), badge, strip.crop(left + badge.cell_length, width)])

    def _with_selection(self, strip: Strip, at: int, line: int) -> Strip:
        assert self._selection is not None
        first, last = self._ordered(self._selection)
        if not first[:2] <= (at, line) <= last[:2]:
            return strip
        start = first[2] if (at, line) == first[:2] else TEXT
        end = last[2] + 1 if (at, line) == last[:2] else strip.cell_length
        start = max(start, TEXT)
        if start >= end:
            return strip
        mark = self.look.palette.style("text on select")
        middle = Strip(
            [
                Segment(text, (style + mark.background_style) if style else mark)
                for text, style, _ in strip.crop(start, end)
            ]
        )
        return Strip.join([strip.crop(0, start), middle, strip.crop(end, strip.cell_length)])

    def _changed(self) -> None:
        self._rows = None
        if self.is_attached:
            self.refresh()

    def _flush_text(self) -> None:
        shown = self._visible()
        top = self._top
        changed = self.document.flush_text()
        self._rows = None
        rows = self._visible()
        if self._top != top or len(rows) != len(shown):
            self.refresh()
            return
        for at, (_, first) in changed.items():
            if isinstance(self.document.items[at], ThinkingItem):
                self._drop_strips(self.document.items[at].key)
            where = [y for y, (item, line) in enumerate(rows) if item == at and line >= first]
            if where:
                self.refresh_rows(where[0], where[-1] + 1)

    def _drop_strips(self, key: str) -> None:
        for cached in [cached for cached in self._strips if cached[0] == key]:
            del self._strips[cached]

    def _top_key(self) -> tuple[str, int] | None:
        at, line = self._top
        return (self.document.items[at].key, line) if at < len(self.document) else None

    # --- scrolling --------------------------------------------------------------------------------------

    def scroll_by(self, lines: int) -> None:
        """Up stops following; down to the end follows again."""
        if not self.document.items:
            return
        self._visible()
        top = self.document.step(*self._top, lines)
        bottom = self._bottom_top(max(1, self.size.height))
        if lines < 0 and top < bottom:
            self._set_following(False)
        elif top >= bottom:
            top = bottom
            self._set_following(True)
        self._top = top
        self._changed()

    def scroll_to_key(self, key: str) -> None:
        """Bring an entry's first line to the top, and stop following."""
        at = self.document.index(key)
        if at is None:
            raise KeyError(key)
        self._set_following(False)
        self._top = (at, 0)
        self._changed()

    def follow(self) -> None:
        """Go to the end and stay there."""
        self._set_following(True)
        self._changed()

    def _set_following(self, following: bool) -> None:
        if following:
            self.new_entries = 0
        if following != self.following:
            self.following = following
            self.post_message(self.FollowChanged(following))

    def action_scroll_lines(self, lines: int) -> None:
        self.scroll_by(lines)

    def action_scroll_pages(self, pages: int) -> None:
        self.scroll_by(pages * max(1, self.size.height - 2))

    def action_top(self) -> None:
        if self.document.items:
            self.scroll_by(-self.document.total() - self.size.height)
            self._top = (0, 0)
            self._changed()

    def action_follow(self) -> None:
        self.follow()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_by(-_WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_by(_WHEEL)

    # --- choosing, copying ------------------------------------------------------------------------------

    def action_choose(self, by: int) -> None:
        if not self.document.items:
            return
        at = self.document.index(self._chosen) if self._chosen else None
        rows = self._visible()
        if at is None or not any(row[0] == at for row in rows):
            at = rows[-1 if by < 0 else 0][0] if rows else 0
        else:
            at = max(0, min(len(self.document) - 1, at + by))
            while 0 < at < len(self.document) - 1 and self.document.height(at) == 0:
                at += by
        self.choose(self.document.items[at].key)

    def choose(self, key: str) -> None:
        """Make an entry the chosen one and bring it into view."""
        at = self.document.index(key)
        if at is None:
            raise KeyError(key)
        self._chosen = key
        rows = self._visible()
        shown = [line for item, line in rows if item == at]
        if not shown or (rows and at == rows[0][0] and shown[0] > 0):
            if rows and at <= rows[0][0]:
                self._set_following(False)
                self._top = (at, 0)
            else:
                self.scroll_by(self._lines_below(at, rows))
        self._changed()

    def _lines_below(self, at: int, rows: list[tuple[int, int]]) -> int:
        last = rows[-1] if rows else (0, 0)
        between = sum(self.document.height(item) for item in range(last[0], at)) - last[1]
        return between + min(self.document.height(at), self.size.height)

    def action_open(self) -> None:
        item = self.chosen
        if item is None:
            return
        self.toggle(item)

    def toggle(self, item: Item) -> None:
        """Fold or unfold one entry; one without folds is offered to the app."""
        match item:
            case ToolItem():
                folded = not self.document.tools_open if item.folded is None else item.folded
                self._replace(item, folded=not folded)
            case SummaryItem():
                self._replace(item, folded=not item.folded)
            case ThinkingItem():
                now = item.fold or self.document.thinking
                self._replace(item, fold="line" if now == "full" else "full")
            case _:
                self.post_message(self.Opened(item))

    def _replace(self, item: Item, **changes: object) -> None:
        from dataclasses import replace

        self.update(item.key, replace(item, **changes))  # pyright: ignore[reportArgumentType]  # fields of three kinds

    def action_copy(self) -> None:
        text = self.selected_text
        item = self.chosen
        if not text and item is None:
            written = [entry for entry in self.document.items if isinstance(entry, AssistantItem)]
            item = written[-1] if written else None
        text = text or (item_text(item) if item else "")
        if text:
            self.post_message(self.CopyRequested(text))

    # --- mouse ------------------------------------------------------------------------------------------

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button != 1:
            return
        if (
            not self.following
            and self.new_entries
            and event.y == self.size.height - 1
            and event.x > self.size.width // 2
        ):
            self.follow()
            return
        self.capture_mouse()
        if event.x == self.size.width - 1:
            self._dragging_bar = True
            self._drag_bar(event.y)
            return
        self.clear_selection()
        self._pressed = self._spot(event.x, event.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragging_bar:
            self._drag_bar(event.y)
        elif self._pressed is not None:
            if event.y < 0:
                self.scroll_by(-1)
            elif event.y >= self.size.height:
                self.scroll_by(1)
            spot = self._spot(event.x, event.y)
            if spot is not None and spot != self._pressed:
                self._selection = (self._pressed, spot)
                self.refresh()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self.release_mouse()
        pressed, self._pressed = self._pressed, None
        if self._dragging_bar:
            self._dragging_bar = False
        elif pressed is not None and self._selection is None:
            self._chosen = pressed[0]
            self._changed()

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2 and (item := self.chosen) is not None:
            self.toggle(item)

    def _drag_bar(self, y: int) -> None:
        if not self.document.items:
            return
        height = max(1, self.size.height)
        share = max(0.0, min(1.0, y / max(1, height - 1)))
        if share >= 1.0:
            self.follow()
            return
        at, line = self.document.locate(round(share * max(0, self.document.total() - height)))
        self._set_following(False)
        self._top = (at, min(line, max(0, self.document.height(at) - 1)))
        self._changed()

    def _spot(self, x: int, y: int) -> Spot | None:
        rows = self._visible()
        if not rows:
            return None
        at, line = rows[max(0, min(y, len(rows) - 1))]
        return self.document.items[at].key, line, max(0, min(x, self.size.width - 2))

    def _ordered(self, ends: tuple[Spot, Spot]) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
        spots = [((self.document.index(key) or 0), line, cell) for key, line, cell in ends]
        spots.sort()
        return spots[0], spots[1]
