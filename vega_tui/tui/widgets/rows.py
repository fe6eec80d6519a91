"""A flat list of rows over plain data: fleet, inbox, alerts, log, sessions. Thousands of rows cost what is shown.

The cursor stands on a row's key and stays on it when rows are re-ordered; what changed is painted together
at a bounded rate; rows off the screen are never painted.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import ClassVar, Protocol

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from vega_tui.tui.look import Look
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.paint.glyphs import Glyphs
from vega_tui.tui.widgets.painted import Pace, Painted

_RATE = 30.0
_WHEEL = 3


class Row(Protocol):
    """What a list shows: any frozen object with a key, a height and a way to paint itself."""

    @property
    def key(self) -> str:
        """Stable and unique in the list."""
        ...

    @property
    def height(self) -> int:
        """Number of lines, at least 1."""
        ...

    def paint(self, width: int, signs: Glyphs, *, chosen: bool, focused: bool) -> Sequence[Line]:
        """`height` lines, from cell 0; cell 0 is the bar's and must be a blank of its own span's start."""
        ...


class Rows(Painted, can_focus=True):
    """A list with one chosen row. `▌` and a ground mark it: `select` with focus, `panel` without.

    set_rows replaces all, update and touch change single rows cheaply; `set_filter` hides rows;
    `set_placeholder` is shown when there is nothing (or nothing that passes the filter).
    """

    DEFAULT_CSS = "Rows { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False, id="rows.up"),
        Binding("down,j", "move(1)", show=False, id="rows.down"),
        Binding("pageup", "page(-1)", show=False, id="rows.page_up"),
        Binding("pagedown", "page(1)", show=False, id="rows.page_down"),
        Binding("home,g", "end(-1)", show=False, id="rows.top"),
        Binding("end,G", "end(1)", show=False, id="rows.bottom"),
        Binding("enter", "open", show=False, id="rows.open"),
    ]

    class Highlighted(Message):
        """The cursor came to another row; key is empty when the list is."""

        def __init__(self, rows: "Rows", key: str) -> None:
            super().__init__()
            self.rows = rows
            self.key = key

        @property
        def control(self) -> "Rows":
            return self.rows

    class Opened(Highlighted):
        """Enter or a double click on a row."""

    def __init__(
        self,
        look: Look | None = None,
        *,
        rate: float = _RATE,
        cursor: bool = True,
        follow_end: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(look, id=id)
        self._all: list[Row] = []
        self._rows: list[Row] = []
        self._index: dict[str, int] = {}
        self._offsets: list[int] = [0]
        self._filter: Callable[[Row], bool] | None = None
        self._placeholder: list[Line] = []
        self._cursor = cursor
        self._follow_end = follow_end
        self._key = ""
        self._at = 0  # where the cursor's row was last: its place is taken over when it goes
        self._top = 0
        self._strips: dict[str, list[Strip]] = {}
        self._dirty: set[str] = set()
        self._all_dirty = False
        self._pace = Pace(self._flush, rate)

    # --- data -------------------------------------------------------------------------------------------

    def set_rows(self, rows: Iterable[Row]) -> None:
        """Replace all rows. Equal rows (same object) keep their paint; the cursor keeps its row."""
        before = self._index, self._rows
        self._all = list(rows)
        self._arrange()
        for key in list(self._strips):
            at, old = self._index.get(key), before[0].get(key)
            if at is None or old is None or self._rows[at] is not before[1][old]:
                del self._strips[key]
        self._poke_all()

    def update(self, row: Row) -> None:
        """Another state of the row with that key; an unknown key is a KeyError (or hidden: nothing to see)."""
        at = self._index.get(row.key)
        if at is None:
            hidden = next((i for i, other in enumerate(self._all) if other.key == row.key), None)
            if hidden is None:
                raise KeyError(row.key)
            self._all[hidden] = row
            return
        old = self._rows[at]
        self._rows[at] = row
        if self._filter is None:
            self._all = self._rows
        else:
            self._all[self._all.index(old)] = row
        if row.height != old.height:
            self._measure()
            self._strips.pop(row.key, None)
            self._poke_all()
        else:
            self.touch(row.key)

    def touch(self, key: str) -> None:
        """The row's look changed, as an age does: paint it again if it is on the screen."""
        self._strips.pop(key, None)
        at = self._index.get(key)
        if at is None or not self.is_attached:
            return
        if self._offsets[at + 1] > self._top and self._offsets[at] < self._top + self.size.height:
            self._dirty.add(key)
            self._pace.poke()

    def touch_all(self) -> None:
        """Every row's look changed, as at a tick of the clock."""
        self._strips.clear()
        self._poke_all()

    def set_filter(self, passes: Callable[[Row], bool] | None) -> None:
        """Show only rows that pass; None shows all."""
        self._filter = passes
        self._arrange()
        self._poke_all()

    def set_placeholder(self, lines: Sequence[Line]) -> None:
        """What an empty list says."""
        self._placeholder = list(lines)
        self._poke_all()

    @property
    def rows(self) -> Sequence[Row]:
        """The rows that pass the filter, in order."""
        return self._rows

    @property
    def chosen(self) -> Row | None:
        """The row under the cursor."""
        at = self._index.get(self._key)
        return self._rows[at] if at is not None else None

    def choose(self, key: str) -> None:
        """Put the cursor on a row and bring it into view; an unknown key is a KeyError."""
        self._move_to(self._index[key])

    # --- painting ---------------------------------------------------------------------------------------

    def look_changed(self) -> None:
        self._strips.clear()

    def on_resize(self, event: events.Resize) -> None:
        self._strips.clear()
        self._show_cursor()

    def on_focus(self) -> None:
        self._repaint_cursor()

    def on_blur(self) -> None:
        self._repaint_cursor()

    def on_unmount(self) -> None:
        self._pace.stop()

    def paint_row(self, y: int) -> Strip:
        width = self.size.width
        if not self._rows:
            line = self._placeholder[y] if y < len(self._placeholder) else []
            return self.look.palette.strip(line, width)
        target = self._top + y
        if target >= self._offsets[-1]:
            return self.look.palette.strip([], width)
        at = bisect_right(self._offsets, target) - 1
        row = self._rows[at]
        strips = self._strips.get(row.key)
        if strips is None:
            strips = self._strips[row.key] = self._paint(row, width)
        return strips[target - self._offsets[at]]

    def _paint(self, row: Row, width: int) -> list[Strip]:
        chosen = self._cursor and row.key == self._key
        focused = self.has_focus
        lines = row.paint(width, self.look.signs, chosen=chosen, focused=focused)
        if not chosen:
            return self.look.palette.strips(lines, width)
        ground = "select" if focused else "panel"
        bar = (self.look.signs.bar, "accent" if focused else "edge")
        return self.look.palette.strips([[bar, *_without_first_cell(line)] for line in lines], width, ground)

    def _flush(self) -> None:
        if self._all_dirty:
            self.refresh()
        else:
            for key in self._dirty:
                at = self._index.get(key)
                if at is not None:
                    self.refresh_rows(
                        max(0, self._offsets[at] - self._top),
                        min(self.size.height, self._offsets[at + 1] - self._top),
                    )
        self._dirty.clear()
        self._all_dirty = False

    def _poke_all(self) -> None:
        self._all_dirty = True
        if self.is_attached:
            self._pace.poke()

    def _repaint_cursor(self) -> None:
        if self._key:
            self.touch(self._key)

    # --- order and cursor -------------------------------------------------------------------------------

    def _arrange(self) -> None:
        at_end = self._follow_end and self._at >= len(self._rows) - 1
        passes = self._filter
        self._rows = self._all if passes is None else [row for row in self._all if passes(row)]
        self._index = {row.key: at for at, row in enumerate(self._rows)}
        self._measure()
        if at_end and self._rows:
            self._set_cursor(len(self._rows) - 1)
        elif self._key in self._index:
            # Keep the row under the same line of the screen: rows never move under the cursor.
            shift = self._offsets[self._index[self._key]] - self._cursor_y
            self._at = self._index[self._key]
            if self._top > 0 or self.has_focus:  # a list nobody is in shows what is new at its top
                self._top += shift
        else:
            self._set_cursor(min(self._at, len(self._rows) - 1))
        self._show_cursor()

    def _measure(self) -> None:
        self._offsets = list(accumulate((row.height for row in self._rows), initial=0))
        self._cursor_y = self._offsets[min(self._at, len(self._rows))]

    _cursor_y: int = 0

    def _set_cursor(self, at: int) -> None:
        old = self._key
        self._at = max(0, at)
        self._key = self._rows[at].key if 0 <= at < len(self._rows) else ""
        self._cursor_y = self._offsets[self._at] if self._rows else 0
        self._strips.pop(old, None)
        self._strips.pop(self._key, None)
        if old != self._key:
            self.post_message(self.Highlighted(self, self._key))

    def _move_to(self, at: int) -> None:
        if not self._rows:
            return
        old, top = self._key, self._top
        self._set_cursor(max(0, min(at, len(self._rows) - 1)))
        self._show_cursor()
        if self._top != top:
            self._poke_all()
        else:
            self.touch(old)
            self.touch(self._key)

    def _show_cursor(self) -> None:
        height = self.size.height
        last = max(0, self._offsets[-1] - height)
        if self._rows and self._cursor and height > 0:
            start = self._offsets[self._at]
            end = self._offsets[self._at + 1]
            self._top = min(self._top, start)
            self._top = max(self._top, end - height)
        self._top = max(0, min(self._top, last))

    # --- keys and mouse ---------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        if not self._cursor:
            self._scroll(by)
            return
        self._move_to(self._at + by)

    def action_page(self, by: int) -> None:
        if not self._cursor or not self._rows:
            self._scroll(by * max(1, self.size.height - 2))
            return
        target = self._offsets[self._at] + by * max(1, self.size.height - 2)
        self._move_to(bisect_right(self._offsets, max(0, target)) - 1)

    def action_end(self, side: int) -> None:
        self._move_to(0 if side < 0 else len(self._rows) - 1)

    def action_open(self) -> None:
        if self._key:
            self.post_message(self.Opened(self, self._key))

    def _scroll(self, lines: int) -> None:
        last = max(0, self._offsets[-1] - self.size.height)
        top = max(0, min(self._top + lines, last))
        if top != self._top:
            self._top = top
            self._poke_all()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(-_WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(_WHEEL)

    def on_click(self, event: events.Click) -> None:
        target = self._top + event.y
        if not self._rows or target >= self._offsets[-1]:
            return
        self._move_to(bisect_right(self._offsets, target) - 1)
        if event.chain == 2:
            self.action_open()


def _without_first_cell(line: Line) -> Line:
    if not line:
        return []
    text, style = line[0]
    return [(text[1:], style), *line[1:]]
