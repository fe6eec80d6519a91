"""The fleet pane: every process of the session in tree order, two lines each while all fit."""

from collections.abc import Sequence

from vega_tui.client.views.fleet import FleetRow
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.panes.fleet_paint import WIDE_FROM, head_line, row_lines
from vega_tui.tui.panes.pane import ListPane


class FleetPane(ListPane):
    """Rows of a `FleetView`; the chosen one is what the chat shows."""

    title = "Fleet"
    head_rows = 2

    def sync(self) -> None:
        """Paint again when a row changed or came."""
        view = self.face.fleet
        if view.dirty or view.reordered:
            view.dirty.clear()
            view.reordered = False
            self.repaint()

    def wanted_rows(self, room: int, width: int) -> int:
        """The height it would like: two lines a process where they all fit in `room`."""
        rows = len(self.face.fleet.order)
        two = 2 if width < WIDE_FROM and 2 + rows * 2 <= room else 1
        return (1 if self.face.one_column else 2) + max(1, rows) * two

    def keys(self) -> Sequence[str]:
        return [row.key for row in self.face.fleet.order]

    def row_height(self) -> int:
        width, height = self.size
        return 2 if width < WIDE_FROM and 2 + 2 * len(self.face.fleet.order) <= height else 1

    def head(self, width: int) -> list[Line]:
        if self.face.tiny or self.face.one_column:
            return [head_line(width)]
        view = self.face.fleet
        title = self.title_line(width, count=f"{len(view.order):,}", note=f"sort {view.sort}")
        return [title, head_line(width)]

    def empty(self) -> tuple[str, str]:
        return "No process yet.", "They appear as soon as the session is open."

    def row(self, at: int, width: int, *, chosen: bool) -> list[Line]:
        row = self.face.fleet.order[at]
        return row_lines(
            row,
            width,
            now=self.face.wall(),
            first=row is self._first_ask(),
            chosen=chosen,
            two=self.row_height() == 2,
            signs=self.look.signs,
        )

    def _first_ask(self) -> FleetRow | None:
        """The one that F5 opens."""
        approval = self.face.next_approval
        if approval is not None:
            return self.face.fleet.row(approval.process, approval.session)
        return next((row for row in self.face.fleet.order if row.state == "ASK"), None)
