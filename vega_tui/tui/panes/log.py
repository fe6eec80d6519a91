"""The log pane: one line for each notable event, the newest at the top."""

from collections.abc import Sequence

from vega_tui.client import format as fmt
from vega_tui.core.ids import base_name
from vega_tui.core.visible import cut
from vega_tui.tui.face import Face
from vega_tui.tui.paint.cells import Line, cell_len, clean, clip, shorten, width_of
from vega_tui.tui.panes.pane import ListPane


class LogPane(ListPane):
    """Lines of a `LogView`. The cursor shows only while it has focus: nobody chooses a line at rest."""

    title = "Log"

    def __init__(self, face: Face) -> None:
        super().__init__(face, "log")

    def sync(self) -> None:
        """Paint again when lines came."""
        view = self.face.views.log
        if view.added or view.reset:
            view.added, view.reset = 0, False
            if not self.has_focus:
                self.follow()
            self.repaint()

    def on_blur(self) -> None:
        self.follow()
        super().on_blur()

    def keys(self) -> Sequence[str]:
        lines = self.face.views.log.lines
        return [f"{line.seq}:{line.ts}" for line in reversed(lines)]

    def head(self, width: int) -> list[Line]:
        return [self.title_line(width, note="all processes")]

    def empty(self) -> tuple[str, str]:
        return "Nothing happened yet.", "Starts, exits, calls and decisions come here."

    def marks_cursor(self) -> bool:
        return self.has_focus

    def row(self, at: int, width: int, *, chosen: bool) -> list[Line]:
        lines = self.face.views.log.lines
        line = lines[len(lines) - 1 - at]
        process = shorten(base_name(line.process) or "host", 9)
        rest = clean(line.rest).partition("\n")[0]
        drawn: Line = [("  ", ""), (fmt.clock(line.ts, exact=True), "faint"), ("  ", ""), (process.ljust(10), "muted")]
        drawn += [(line.verb, line.tone or "text"), (" ", "")]
        if line.tone == "ask":
            rest = cut(rest, max(0, width - 2 - width_of(drawn)), cell_len)
        drawn.append((rest, "muted"))
        return [clip(drawn, width - 2)]
