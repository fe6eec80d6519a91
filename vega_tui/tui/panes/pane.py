"""What all panes share: painted lines in our look, a list with a cursor, and fading when there is no host."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message
from textual.strip import Strip

from vega_tui.tui.paint.cells import Line, restyle
from vega_tui.tui.paint.meters import title_rule
from vega_tui.tui.widgets.painted import Painted

if TYPE_CHECKING:
    from vega_tui.tui.face import Face

_WHEEL = 3


class Pane(Painted):
    """A rectangle of lines, painted when it is shown and something in it changed."""

    ground = ""
    fades = True  # what is no longer true has no colour

    def __init__(self, face: "Face", id: str) -> None:
        super().__init__(face.look, id=id)
        self.face = face
        self._lines: list[Line] | None = None
        self._painted_for = (0, 0, False)

    def paint(self, width: int, height: int) -> list[Line]:
        """The lines, at most `height`; missing ones are empty."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Something in here looks different."""
        self._lines = None
        if self.is_attached and self.display:
            self.refresh()

    def look_changed(self) -> None:
        self._lines = None

    def paint_row(self, y: int) -> Strip:
        width, height = self.size
        wanted = (width, height, self.has_focus)
        if self._lines is None or self._painted_for != wanted:
            self._painted_for = wanted
            self._lines = self.paint(width, height)
            if self.fades and self.face.lost:
                self._lines = [restyle(line, "faint") for line in self._lines]
        line = self._lines[y] if y < len(self._lines) else []
        return self.look.palette.strip(line, width, self.row_ground(y))

    def row_ground(self, y: int) -> str:
        """The ground of a row."""
        return self.ground

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()


class ListPane(Pane, can_focus=True):
    """Rows under a title, with a cursor that stays at its row, not at its place."""

    title = ""
    head_rows = 1  # rows above the list

    class Chosen(Message):
        """Enter or a second click on a row."""

        def __init__(self, pane: "ListPane", key: str) -> None:
            super().__init__()
            self.pane = pane
            self.key = key

    def __init__(self, face: "Face", id: str) -> None:
        super().__init__(face, id)
        self.cursor = 0
        self._cursor_key = ""
        self._top = 0
        self._row_of_line: list[int] = []

    # Subclasses give these.

    def keys(self) -> Sequence[str]:
        """One key per row, in order."""
        raise NotImplementedError

    def row(self, at: int, width: int, *, chosen: bool) -> list[Line]:
        """The lines of a row."""
        raise NotImplementedError

    def marks_cursor(self) -> bool:
        """Whether the chosen row is marked."""
        return True

    def row_height(self) -> int:
        """Lines of each row."""
        return 1

    def head(self, width: int) -> list[Line]:
        """The title, and heads of columns."""
        return [self.title_line(width)]

    def empty(self) -> tuple[str, str]:
        """What stands there when there is no row: what is, and what would fill it."""
        return "Nothing here.", ""

    def title_line(self, width: int, *, count: str = "", note: str = "") -> Line:
        """The pane's rule; heavy and blue where keys go."""
        return title_rule(self.title, width - 1, count=count, note=note, focused=self.has_focus, signs=self.look.signs)

    def paint(self, width: int, height: int) -> list[Line]:
        lines = self.head(width)
        keys = self.keys()
        self._row_of_line = [-1] * len(lines)
        if not keys:
            first, second = self.empty()
            return [*lines, [("  ", ""), (first, "muted")], [("  ", ""), (second, "faint")] if second else []]
        self._keep_cursor(keys)
        tall = self.row_height()
        room = max(1, (height - len(lines)) // tall)
        self._top = min(max(0, len(keys) - room), max(self.cursor - room + 1, min(self._top, self.cursor)))
        for at in range(self._top, min(len(keys), self._top + room)):
            drawn = self.row(at, width, chosen=at == self.cursor)
            if at == self.cursor and self.marks_cursor():
                bar = (self.look.signs.bar, "accent" if self.has_focus else "edge")
                drawn = [_with_bar(line, bar) for line in drawn]
            lines += drawn
            self._row_of_line += [at] * len(drawn)
        return lines

    def row_ground(self, y: int) -> str:
        chosen = y < len(self._row_of_line) and self._row_of_line[y] == self.cursor
        if chosen and self.marks_cursor() and not self.face.lost:
            return "select" if self.has_focus else "panel"
        return self.ground

    def _keep_cursor(self, keys: Sequence[str]) -> None:
        if self._cursor_key and not (self.cursor < len(keys) and keys[self.cursor] == self._cursor_key):
            try:
                self.cursor = keys.index(self._cursor_key)
            except ValueError:
                pass
        self.cursor = max(0, min(self.cursor, len(keys) - 1))
        self._cursor_key = keys[self.cursor]

    @property
    def chosen_key(self) -> str:
        """The key of the chosen row; empty where there is none."""
        keys = self.keys()
        if not keys:
            return ""
        self._keep_cursor(keys)
        return self._cursor_key

    def choose(self, key: str) -> None:
        """Put the cursor on a row."""
        self._cursor_key = key
        self.repaint()

    def follow(self) -> None:
        """Let the cursor stay at the first row, whatever comes there."""
        self.cursor, self._cursor_key, self._top = 0, "", 0

    def move(self, by: int) -> None:
        """Move the cursor by rows; it stops at both ends."""
        keys = self.keys()
        if keys:
            self._keep_cursor(keys)
            self.cursor = max(0, min(len(keys) - 1, self.cursor + by))
            self._cursor_key = keys[self.cursor]
            self.repaint()
            self.moved()

    def moved(self) -> None:
        """Called after the cursor moved."""

    def on_key(self, event: events.Key) -> None:
        page = max(1, (self.size.height - self.head_rows) // self.row_height() - 1)
        steps = {"down": 1, "j": 1, "up": -1, "pagedown": page, "pageup": -page}
        steps |= {"end": 1 << 30, "G": 1 << 30, "home": -(1 << 30), "g": -(1 << 30)}
        key = event.character if event.character in ("G", "g", "j") else event.key
        if key in steps:
            event.stop()
            self.move(steps[key])
        elif key == "enter" and self.chosen_key:
            event.stop()
            self.post_message(self.Chosen(self, self.chosen_key))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move(_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move(-_WHEEL)

    def on_click(self, event: events.Click) -> None:
        if 0 <= event.y < len(self._row_of_line) and (at := self._row_of_line[event.y]) >= 0:
            keys = self.keys()
            again = at == self.cursor
            self.cursor = at
            self._cursor_key = keys[at]
            self.repaint()
            self.moved()
            if again:
                self.post_message(self.Chosen(self, keys[at]))


def _with_bar(line: Line, bar: tuple[str, str]) -> Line:
    """The line with its first cell replaced by the bar of the chosen row."""
    if line and line[0][0][:1] == " ":
        text, style = line[0]
        return [bar, (text[1:], style), *line[1:]]
    return line
