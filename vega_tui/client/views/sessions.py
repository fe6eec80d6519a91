"""The session picker: rows as the host listed them, kept fresh by events, and a filter."""

from vega_tui.core import events as ev
from vega_tui.protocol.rows import SessionRow
from vega_tui.protocol.session_state import session_after


class SessionsView:
    """Sessions, newest first. `dirty` is taken and cleared by the pane."""

    def __init__(self) -> None:
        self.rows: dict[str, SessionRow] = {}
        self.loaded = False
        self.dirty = True

    def load(self, rows: tuple[SessionRow, ...]) -> None:
        """Begin again from a listing."""
        self.rows = {row.id: row for row in rows}
        self.loaded = self.dirty = True

    def matching(self, text: str = "") -> list[SessionRow]:
        """Rows whose name, preview, folder or id hold every word of `text`; newest first."""
        words = text.casefold().split()
        rows = sorted(self.rows.values(), key=lambda row: (-row.updated, row.id))
        return [row for row in rows if all(word in _haystack(row) for word in words)]

    def apply(self, event: ev.AnyEvent) -> None:
        """Fold one event; only of sessions that are listed."""
        row = self.rows.get(event.session)
        if row is None:
            return
        match event:
            case ev.SessionRemoved():
                del self.rows[event.session]
            case _:
                self.rows[row.id] = session_after(row, event)
        self.dirty = self.dirty or self.rows.get(event.session) is not row


def _haystack(row: SessionRow) -> str:
    return f"{row.name} {row.preview} {row.cwd} {row.id} {row.model}".casefold()
