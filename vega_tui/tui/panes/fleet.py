"""The fleet pane: every process of the session in tree order, two lines each while all fit."""

from collections.abc import Sequence

from textual import events

from vega_tui.client.views.fleet import FleetRow
from vega_tui.tui.face import Face
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.panes.fleet_paint import WIDE_FROM, head_line, row_lines
from vega_tui.tui.panes.pane import ListPane


class FleetPane(ListPane):
    """Rows of a `FleetView`; the chosen one is what the chat shows."""

    title = "Fleet"
    head_rows = 2

    def __init__(self, face: Face, id: str) -> None:
        super().__init__(face, id)
        self._open: set[str] = set()  # keys of rows a person unfolded
        self._shut: set[str] = set()
        self._shown: list[FleetRow] | None = None

    def sync(self) -> None:
        """Paint again when a row changed or came."""
        view = self.face.fleet
        if view.dirty or view.reordered:
            view.dirty.clear()
            view.reordered = False
            self._shown = None
            self.repaint()

    def shown(self) -> list[FleetRow]:
        """The rows that are not folded away, in order."""
        if self._shown is None:
            view = self.face.fleet
            self._shown = self._unfolded(view.order) if view.sort == "tree" else view.order
        return self._shown

    def _unfolded(self, order: Sequence[FleetRow]) -> list[FleetRow]:
        """Rows that nothing above folds away; each row's fold is judged once, as there may be thousands below it."""
        found: list[FleetRow] = []
        covers: dict[str, bool] = {}  # whether what is below a row is folded away
        for row in order:  # parents come before their children
            hidden = row.up is not None and covers.get(row.up.key, False)
            if not hidden:
                found.append(row)
            covers[row.key] = bool(row.below) and (hidden or self.folded(row))
        return found

    def folded(self, row: FleetRow) -> bool:
        """Whether the rows below it are folded away: by a person, or because nobody there has done anything yet."""
        if row.key in self._shut:
            return True
        above: FleetRow | None = row
        while above is not None:
            if above.key in self._open:
                return False
            above = above.up
        return row.quiet

    def fold(self, key: str, *, shut: bool) -> None:
        """Fold what is below a row, or unfold it."""
        (self._shut if shut else self._open).add(key)
        (self._open if shut else self._shut).discard(key)
        self._shown = None
        self.repaint()

    def on_key(self, event: events.Key) -> None:
        row = self.face.fleet.rows.get(self.chosen_key)
        if row is not None and event.key in ("left", "right") and self.face.fleet.sort == "tree":
            event.stop()
            shut = event.key == "left"
            if row.below and self.folded(row) is not shut:
                self.fold(row.key, shut=shut)
            elif shut and row.up is not None:
                self.choose(row.up.key)

    def wanted_rows(self, room: int, width: int) -> int:
        """The height it would like: two lines a process where they all fit in `room`."""
        rows = len(self.shown())
        two = 2 if width < WIDE_FROM and 2 + rows * 2 <= room else 1
        return (1 if self.face.one_column else 2) + max(1, rows) * two

    def keys(self) -> Sequence[str]:
        return [row.key for row in self.shown()]

    def row_height(self) -> int:
        width, height = self.size
        return 2 if width < WIDE_FROM and 2 + 2 * len(self.shown()) <= height else 1

    def head(self, width: int) -> list[Line]:
        if self.face.tiny or self.face.one_column:
            return [head_line(width)]
        view = self.face.fleet
        title = self.title_line(width, count=f"{len(view.order):,}", note=f"sort {view.sort}")
        return [title, head_line(width)]

    def empty(self) -> tuple[str, str]:
        return "No process yet.", "They appear as soon as the session is open."

    def row(self, at: int, width: int, *, chosen: bool) -> list[Line]:
        row = self.shown()[at]
        return row_lines(
            row,
            width,
            now=self.face.wall(),
            first=row is self._first_ask(),
            chosen=chosen,
            two=self.row_height() == 2,
            folded=len(self.face.fleet.subtree(row)) - 1 if row.below and self.folded(row) else 0,
            signs=self.look.signs,
        )

    def _first_ask(self) -> FleetRow | None:
        """The one that F5 opens."""
        approval = self.face.next_approval
        if approval is not None:
            return self.face.fleet.row(approval.process, approval.session)
        if not self.face.fleet.counts["ASK"]:
            return None
        return next((row for row in self.face.fleet.order if row.state == "ASK"), None)
