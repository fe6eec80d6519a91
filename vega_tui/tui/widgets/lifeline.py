"""The lifeline on the screen: entries, their painting, streaming and scrolling. Keys and mouse: transcript.py."""

from collections import OrderedDict
from collections.abc import Sequence

from textual import events
from textual.message import Message
from textual.strip import Strip

from vega_tui.tui.look import Look
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.paint.document import Document
from vega_tui.tui.paint.items import AssistantItem, Fold, Item
from vega_tui.tui.paint.lifeline import gap_before
from vega_tui.tui.paint.meters import chip
from vega_tui.tui.paint.viewport import Viewport
from vega_tui.tui.widgets.marking import Marking
from vega_tui.tui.widgets.painted import Pace, Painted

_STRIPS = 600
_RATE = 60.0


class Lifeline(Painted):
    """Items on a line. set_items, append, update, extend_open_text lay out nothing that isn't on the screen."""

    class FollowChanged(Message, namespace="transcript"):
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

    # --- scrolling --------------------------------------------------------------------------------------

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
        self.refresh()  # a frame between the new size and this event was painted with the old layout

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
