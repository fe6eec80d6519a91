"""Notices what changed in the feed that is not a pane's: the host went or came back, somebody needs you."""

from typing import TYPE_CHECKING

from vega_tui.client import format as fmt
from vega_tui.client.feed import FeedState
from vega_tui.core import clock
from vega_tui.tui.handover import HandoverDriver

if TYPE_CHECKING:
    from vega_tui.tui.app import VegaApp


class News:
    """Looks at each change; says, titles and rings."""

    def __init__(self, app: "VegaApp") -> None:
        self._app = app
        self._state = app.face.feed.state
        self._asks = 0

    def look(self) -> None:
        """Something changed."""
        app, state = self._app, self._app.face.feed.state
        if state is not self._state:
            before, self._state = self._state, state
            if state is FeedState.LIVE and before in (FeedState.LOST, FeedState.FAILED):
                self._came_back()
            if app.main.is_attached:
                app.main.chat.look = app.wardrobe.faded if app.face.lost else app.face.look
                app.main.repaint_all()
        asks = len(app.face.views.inbox)
        if asks != self._asks:
            if asks > self._asks and not app.app_focus:
                app.bell()  # who looks at another window hears it; who looks here sees it
            self._asks = asks
            if isinstance(app.driver, HandoverDriver):
                app.driver.set_title(f"vega ASK {asks}" if asks else "vega")

    def _came_back(self) -> None:
        outage = self._app.face.feed.outage
        if outage is not None:
            seconds = outage.seconds or clock.monotonic() - outage.began
            calls = outage.interrupted_calls
            cut = f" {fmt.plural(calls, 'call')} {'was' if calls == 1 else 'were'} interrupted." if calls else ""
            self._app.say(f"Back after {fmt.duration(seconds)}.{cut}")
        self._app.tasks.spawn(self._app.outbox.flush(), "send what was kept")
