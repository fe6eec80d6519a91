"""The inbox pane: every call that waits for you, the riskiest first."""

from collections.abc import Sequence

from vega_tui.tui.face import Face
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.panes.pane import ListPane
from vega_tui.tui.panes.rows_paint import inbox_lines


class InboxPane(ListPane):
    """Rows of an `InboxView`; Enter opens the card of one."""

    title = "Inbox"

    def __init__(self, face: Face) -> None:
        super().__init__(face, "inbox")

    def keys(self) -> Sequence[str]:
        return [approval.id for approval in self.face.approvals]

    def row_height(self) -> int:
        return 2

    def wanted_rows(self) -> int:
        """Its height with all rows."""
        return 1 + max(2, 2 * len(self.face.views.inbox))

    def head(self, width: int) -> list[Line]:
        count = len(self.face.views.inbox)
        return [self.title_line(width, count=str(count) if count else "", note="Enter decides" if count else "")]

    def empty(self) -> tuple[str, str]:
        return "Nothing waits for you.", "Calls that need your yes come here."

    def row(self, at: int, width: int, *, chosen: bool) -> list[Line]:
        return inbox_lines(self.face.approvals[at], width, wall=self.face.wall())
