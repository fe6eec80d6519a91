"""From one session to another: commands.context.SessionDoor on this screen."""

from collections.abc import Callable

from vega_tui.protocol import operations as ops
from vega_tui.protocol.operations import SessionOpen
from vega_tui.tui.face import Face, FeedLike
from vega_tui.tui.panes import panel as panels
from vega_tui.tui.screens.main import MainScreen
from vega_tui.tui.tasks import Tasks


class SessionSwitch:
    """Leaves a session only once the next one is open. `changed` is told that other views are shown."""

    def __init__(self, face: Face, main: MainScreen, tasks: Tasks, changed: Callable[[], None]) -> None:
        self._face = face
        self._main = main
        self._tasks = tasks
        self._changed = changed

    async def open(self, opening: SessionOpen) -> None:
        feed = self._face.feed.another(opening)
        await feed.open()
        await self._take(feed)

    async def _take(self, feed: FeedLike) -> None:
        old, self._face.feed = self._face.feed, feed
        await old.close()
        self._main.prompt.load(feed.views.queue.draft)
        self._main.focus_prompt()
        self._main.repaint_all()
        self._changed()

    def pick(self) -> None:
        self._tasks.spawn(self._pick(), "pick session")

    async def load_list(self) -> None:
        """Ask the host which sessions there are, for the pane and the picker."""
        listed = await self._face.feed.call(ops.SESSION_LIST, ops.SessionList())
        self._face.views.sessions.load(listed.sessions)
        self._main.poke()

    async def _pick(self) -> None:
        await self.load_list()
        rows = self._face.views.sessions.matching()
        choices = [panels.Choice(row.id, row.name or row.id, f"{row.preview[:40]}  {row.cwd}") for row in rows]

        def take(session: str) -> None:
            self._tasks.spawn(self.open(SessionOpen(session=session)), "open session")

        self._main.open_panel(panels.ListPanel("Sessions", choices, take))
