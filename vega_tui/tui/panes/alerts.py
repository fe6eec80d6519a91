"""The alerts pane: one row per process and kind, until it is acknowledged."""

from collections.abc import Sequence

from vega_tui.tui.face import Face
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.panes.pane import ListPane
from vega_tui.tui.panes.rows_paint import alert_line


class AlertsPane(ListPane):
    """Rows of an `AlertsView`; Enter shows the process, `d` takes the alert away."""

    title = "Alerts"

    def __init__(self, face: Face) -> None:
        super().__init__(face, "alerts")

    def keys(self) -> Sequence[str]:
        return [alert.id for alert in self.face.views.alerts.ordered]

    def wanted_rows(self) -> int:
        """Its height with all rows."""
        return 1 + max(1, len(self.face.views.alerts))

    def head(self, width: int) -> list[Line]:
        count = len(self.face.views.alerts)
        return [self.title_line(width, count=str(count) if count else "", note="d acknowledges" if count else "")]

    def empty(self) -> tuple[str, str]:
        return "No alerts.", ""

    def row(self, at: int, width: int, *, chosen: bool) -> list[Line]:
        return [alert_line(self.face.views.alerts.ordered[at], width, signs=self.look.signs)]
