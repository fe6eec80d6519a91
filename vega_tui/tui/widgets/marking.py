"""Text marked with the mouse in a Document. Ends are (item's key, line, cell): text that streams in moves nothing."""

from vega_tui.tui.paint.cells import cut, text_of
from vega_tui.tui.paint.document import Document
from vega_tui.tui.paint.lifeline import TEXT

_Spot = tuple[str, int, int]
_FAR = 10_000


class Marking:
    """Press, drag, release; then the cells to paint as marked and the text to copy."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._start: _Spot | None = None
        self._end: _Spot | None = None
        self.pressed = False

    def press(self, at: int, line: int, cell: int) -> None:
        """The button went down: what was marked is no more."""
        self._start = (self._document.items[at].key, line, cell)
        self._end = None
        self.pressed = True

    def drag(self, at: int, line: int, cell: int) -> bool:
        """The pointer is elsewhere; True where the marked part is another."""
        spot = (self._document.items[at].key, line, max(0, cell))
        if spot == (self._end or self._start):
            return False
        self._end = spot
        return True

    def release(self) -> int | None:
        """The button went up: the item that was clicked, None after a drag."""
        clicked = self._document.index(self._start[0]) if self.pressed and self._start and not self._end else None
        self.pressed = False
        return clicked

    def clear(self) -> bool:
        """Unmark; True where something was marked."""
        had = self._end is not None
        self._start = self._end = None
        return had

    def cells(self, at: int, line: int) -> tuple[int, int] | None:
        """The marked part of a line as (first cell, cell after the last); None: none."""
        ends = self._ends()
        if ends is None or not ends[0][:2] <= (at, line) <= ends[1][:2]:
            return None
        first, last = ends
        start = first[2] if (at, line) == first[:2] else TEXT
        end = last[2] + 1 if (at, line) == last[:2] else _FAR
        return max(start, TEXT), end

    def text(self) -> str:
        """The marked text, without rails and blanks at line ends."""
        ends = self._ends()
        if ends is None:
            return ""
        (at, line, _), last = ends
        out: list[str] = []
        while (at, line) <= last[:2]:
            start, end = self.cells(at, line) or (0, 0)
            shown = text_of(self._document.line(at, line))
            out.append(cut(cut(shown, end)[0], start)[1].rstrip())
            line += 1
            while at < last[0] and line >= self._document.height(at):
                at, line = at + 1, 0
        return "\n".join(out).strip("\n")

    def _ends(self) -> tuple[tuple[int, int, int], tuple[int, int, int]] | None:
        if self._start is None or self._end is None:
            return None
        one, other = self._document.index(self._start[0]), self._document.index(self._end[0])
        if one is None or other is None:
            return None
        first, last = sorted([(one, *self._start[1:]), (other, *self._end[1:])])
        if last[1] >= self._document.height(last[0]) or first[1] >= self._document.height(first[0]):
            return None  # folded away since
        return first, last
