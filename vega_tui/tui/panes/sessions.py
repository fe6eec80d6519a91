"""The sessions pane: what can be gone on with, the newest first."""

from collections.abc import Sequence

from vega_tui.tui.face import Face
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.panes.pane import ListPane
from vega_tui.tui.panes.rows_paint import session_line


class SessionsPane(ListPane):
    """Rows of a `SessionsView`; Enter goes there."""

    title = "Sessions"

    def __init__(self, face: Face) -> None:
        super().__init__(face, "sessions")

    def keys(self) -> Sequence[str]:
        return [row.id for row in self.face.views.sessions.matching()]

    def head(self, width: int) -> list[Line]:
        return [self.title_line(width, count=str(len(self.face.views.sessions.rows) or ""))]

    def empty(self) -> tuple[str, str]:
        if not self.face.views.sessions.loaded:
            return "Loading.", ""
        return "None yet.", "Every one is kept, and can branch or go back."

    def row(self, at: int, width: int, *, chosen: bool) -> list[Line]:
        row = self.face.views.sessions.matching()[at]
        current = row.id == self.face.feed.session
        return [session_line(row, width, wall=self.face.wall(), current=current, signs=self.look.signs)]
