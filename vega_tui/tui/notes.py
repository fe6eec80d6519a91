"""One line on the prompt's rule that goes away by itself."""

from typing import Final

from vega_tui.commands.context import Level
from vega_tui.tui.screens.main import MainScreen

_NOTE_S: Final = 5.0


class Notes:
    """The newest note is shown; an older one's time can't take it away."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main
        self._turn = 0

    def say(self, text: str, level: Level = "info", seconds: float = _NOTE_S) -> None:
        """Show `text` for a while."""
        if not self._main.is_attached:
            return
        self._main.note(text)
        self._turn += 1
        turn = self._turn
        self._main.set_timer(seconds, lambda: self._main.note("") if turn == self._turn else None)
