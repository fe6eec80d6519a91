"""The list of proposals over the prompt; it floats, so nothing on the screen moves when it opens."""

from collections.abc import Sequence

from textual import events
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip

from vega_tui.tui.paint.cells import Line, clean, pad, shorten, spread
from vega_tui.tui.widgets.painted import Painted
from vega_tui.tui.widgets.prompt import Completion, Prompt

_ROWS = 8
_WIDEST = 72


class Completions(Painted):
    """Mount one on the screen, and on Prompt.Completing call `show_for(prompt, message)`."""

    DEFAULT_CSS = "Completions { overlay: screen; display: none; width: 40; height: 1; }"

    class Picked(Message):
        """A click on a proposal: call `prompt.accept(which)`."""

        def __init__(self, which: int) -> None:
            super().__init__()
            self.which = which

    _proposals: Sequence[Completion] = ()
    _chosen = 0
    _top = 0

    def show_for(self, prompt: Prompt, message: Prompt.Completing) -> None:
        """Show these proposals just above the prompt; none hides the list."""
        self._proposals = message.proposals
        self._chosen = message.chosen
        if not self._proposals:
            self.display = False
            return
        rows = min(_ROWS, len(self._proposals))
        self._top = max(0, min(self._top, self._chosen, len(self._proposals) - rows))
        self._top = max(self._top, self._chosen - rows + 1)
        longest = max(len(_label(entry)) + len(entry.note) + 6 for entry in self._proposals)
        region = prompt.region
        self.styles.width = max(16, min(longest, _WIDEST, region.width - 4))
        self.styles.height = rows
        self.absolute_offset = Offset(region.x + 2, max(0, region.y - rows))
        self.display = True
        self.refresh(layout=True)

    def paint_row(self, y: int) -> Strip:
        index = self._top + y
        width = self.size.width
        if index >= len(self._proposals):
            return self.look.palette.strip([], width, "panel")
        entry = self._proposals[index]
        chosen = index == self._chosen
        room = max(1, width - 2)
        left: Line = [(shorten(clean(_label(entry)), room), "strong bold" if chosen else "text")]
        line = spread(left, [(clean(entry.note), "faint")] if entry.note else [], room, gap=2)
        mark = self.look.signs.bar if chosen else " "
        return self.look.palette.strip(pad([(mark, "accent"), *line], width), width, "select" if chosen else "panel")

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if self._top + event.y < len(self._proposals):
            self.post_message(self.Picked(self._top + event.y))


def _label(entry: Completion) -> str:
    return entry.label or entry.text
