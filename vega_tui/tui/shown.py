"""What is shown and what has the keys: commands.context.Panes on this screen, and Enter on a row of a list."""

from collections.abc import Callable, Sequence
from typing import Literal

from vega_tui.commands.context import Pane
from vega_tui.core.words import ProcessKind
from vega_tui.protocol.operations import SessionOpen
from vega_tui.tui.cards import Cards
from vega_tui.tui.detail_loader import DetailLoader
from vega_tui.tui.face import Face
from vega_tui.tui.keys import Keys
from vega_tui.tui.panes import panel as panels
from vega_tui.tui.screens.main import MainScreen
from vega_tui.tui.session_switch import SessionSwitch
from vega_tui.tui.tasks import Tasks


class Shown:
    """`palette` gives the rows of the command palette, `run` starts the one that was chosen."""

    def __init__(
        self,
        face: Face,
        main: MainScreen,
        tasks: Tasks,
        keys: Keys,
        *,
        cards: Cards,
        sessions: SessionSwitch,
        palette: Callable[[], Sequence[panels.Choice]],
        run: Callable[[str], None],
    ) -> None:
        self._face = face
        self._main = main
        self._tasks = tasks
        self._keys = keys
        self._cards = cards
        self._sessions = sessions
        self._palette = palette
        self._run = run
        self.details = DetailLoader(face, main, tasks, self.enter)

    def show(self, pane: Pane) -> None:
        self._main.show_pane(pane)
        if pane == "sessions":
            self._tasks.spawn(self._sessions.load_list(), "sessions")

    async def show_process(self, path: str) -> None:
        await self._face.feed.show(path)
        self._main.poke()
        self._main.repaint_all()

    def describe_process(self, path: str) -> None:
        self._face.views.detail.look_at(path)
        self._main.show_detail()
        self.details.look()

    def toggle(self, what: Literal["tools", "thinking"]) -> None:
        chat = self._main.chat
        if what == "tools":
            chat.show_tools(not chat.tools_open)
            chat.sync(self._face.wall(), all_of_it=True)
        else:
            chat.set_folds(thinking="line" if chat.document.thinking == "full" else "full")

    def open_card(self, approval: str) -> None:
        found = self._face.views.inbox.approvals.get(approval)
        if found is not None:
            self._cards.open(found)

    def use_card(self, command: str) -> None:
        if (card := self._cards.focused) is not None:
            card.use(command)

    def open_help(self) -> None:
        self._main.open_panel(panels.KeysPanel("Keys", self._keys.help_lines()))

    def open_palette(self) -> None:
        self._main.open_panel(panels.ListPanel("Commands", self._palette(), self._run))

    async def enter(self, path: str) -> None:
        """Enter on a process: a supervisor is described, of an agent the transcript is shown."""
        row = self._face.fleet.row(path, self._face.feed.session)
        if row is not None and row.kind is ProcessKind.SUPERVISOR:
            self.describe_process(row.path)
        else:
            await self.show_process(path)
            if self._face.views.detail.open:
                self.show("chat")

    async def open_chosen(self, pane: str, key: str) -> None:
        """Enter on a row of a list."""
        match pane:
            case "fleet":
                if row := self._face.fleet.rows.get(key):
                    await self.enter(row.path)
            case "inbox":
                self.open_card(key)
            case "alerts":
                if alert := self._face.views.alerts.alerts.get(key):
                    await self.show_process(alert.process)
            case "sessions":
                await self._sessions.open(SessionOpen(session=key))
            case _:
                pass
