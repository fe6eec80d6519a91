"""Notices what changed in the feed that is not a pane's: the host went or came back, somebody needs you."""

from collections.abc import Callable

from vega_tui.client import format as fmt
from vega_tui.client.feed import FeedState
from vega_tui.core import clock
from vega_tui.tui.face import Face
from vega_tui.tui.notes import Notes
from vega_tui.tui.screens.main import MainScreen
from vega_tui.tui.terminal import Terminal
from vega_tui.tui.wardrobe import Wardrobe


class News:
    """Looks at each change; says, titles and rings. `back` is called when the host has come back."""

    def __init__(
        self,
        face: Face,
        main: MainScreen,
        wardrobe: Wardrobe,
        terminal: Terminal,
        notes: Notes,
        *,
        back: Callable[[], None],
    ) -> None:
        self._face = face
        self._main = main
        self._wardrobe = wardrobe
        self._terminal = terminal
        self._notes = notes
        self._back = back
        self._state = face.feed.state
        self._asks = 0

    def look(self) -> None:
        """Something changed."""
        state = self._face.feed.state
        if state is not self._state:
            before, self._state = self._state, state
            if state is FeedState.LIVE and before in (FeedState.LOST, FeedState.FAILED):
                self._came_back()
            if self._main.is_attached:
                self._main.chat.look = self._wardrobe.faded if self._face.lost else self._face.look
                self._main.repaint_all()
        asks = len(self._face.views.inbox)
        if asks != self._asks:
            if asks > self._asks and not self._terminal.focused:
                self._terminal.ring()  # who looks at another window hears it; who looks here sees it
            self._asks = asks
            self._terminal.set_title(f"vega ASK {asks}" if asks else "vega")

    def _came_back(self) -> None:
        outage = self._face.feed.outage
        if outage is not None:
            seconds = outage.seconds or clock.monotonic() - outage.began
            calls = outage.interrupted_calls
            cut = f" {fmt.plural(calls, 'call')} {'was' if calls == 1 else 'were'} interrupted." if calls else ""
            self._notes.say(f"Back after {fmt.duration(seconds)}.{cut}")
        self._back()
