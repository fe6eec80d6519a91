"""Which lines of a Document stand on the screen. Hangs on (item, line), so nothing above or below moves a reader."""

from vega_tui.tui.paint.document import Document

Place = tuple[int, int]  # item, line of the item


class Viewport:
    """The window on a document: `height` rows beginning at `top`, or ending at the end while `following`."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.height = 0
        self.top: Place = (0, 0)
        self.following = True
        self.new_entries = 0
        self._rows: list[Place] | None = None
        self._thumb: tuple[int, int] | None = None

    def changed(self) -> None:
        """The document or the height is another: find the rows again."""
        self._rows = None
        self._thumb = None

    def rows(self) -> list[Place]:
        """The (item, line) of each row that shows one, from the top."""
        if self._rows is not None:
            return self._rows
        rows: list[Place] = []
        self._rows = rows
        document = self.document
        if not document.items or self.height <= 0:
            return rows
        bottom = self.bottom()
        at, line = self.top
        if at < len(document):
            line = min(line, max(0, document.height(at) - 1))
        if self.following or (at, line) >= bottom:
            at, line = bottom
        self.top = (at, line)
        while len(rows) < self.height and at < len(document):
            take = min(document.height(at) - line, self.height - len(rows))
            rows.extend((at, line + offset) for offset in range(take))
            at, line = at + 1, 0
        return rows

    def bottom(self) -> Place:
        """The top at which the last line stands on the last row."""
        last = len(self.document) - 1
        return self.document.step(last, self.document.height(last) - 1, 1 - max(1, self.height))

    def scroll(self, lines: int) -> None:
        """Up stops following; down to the end follows again."""
        if not self.document.items:
            return
        self.rows()
        top = self.document.step(*self.top, lines)
        bottom = self.bottom()
        if top >= bottom:
            top = bottom
            if lines > 0:
                self.follow()
        elif lines < 0:
            self.following = False
        self.top = top
        self.changed()

    def go(self, at: int, line: int = 0) -> None:
        """Put a line on the first row, and stop following."""
        self.following = False
        self.top = (at, line)
        self.changed()

    def go_share(self, share: float) -> None:
        """As the scrollbar says: 0 is the top, 1 the end."""
        if not self.document.items:
            return
        if share >= 1.0:
            self.follow()
        else:
            lines = round(max(0.0, share) * max(0, self.document.total() - self.height))
            self.go(*self.document.locate(lines))

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.following = True
        self.new_entries = 0
        self.changed()

    def show(self, at: int) -> None:
        """Scroll as little as brings an item's beginning into view, and all of it where it fits."""
        rows = self.rows()
        if not rows:
            return
        shown = [line for item, line in rows if item == at]
        tall = self.document.height(at)
        if len(shown) == tall:
            return
        if at < rows[0][0] or (shown and shown[0] > 0):
            self.go(at)
            return
        last_item, last_line = rows[-1]
        below = sum(self.document.height(item) for item in range(last_item, at)) - last_line - 1
        self.scroll(min(below + tall, below + self.height))

    def thumb(self) -> tuple[int, int]:
        """First row and size of the scrollbar's thumb; size 0 where everything is on the screen."""
        if self._thumb is None:
            self._thumb = self._measure_thumb()
        return self._thumb

    def _measure_thumb(self) -> tuple[int, int]:
        self.rows()
        total = self.document.total()
        if not self.document.items or total <= self.height:
            return 0, 0
        size = max(1, self.height * self.height // total)
        above = self.document.offset(self.top[0]) + self.top[1]
        return min(self.height - size, round(above / (total - self.height) * (self.height - size))), size
