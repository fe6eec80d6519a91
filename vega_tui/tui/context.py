"""What commands may do on this face: CommandContext carried out by the main screen and the app."""

import asyncio
import os
import shlex
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from vega_tui.client.views.view_set import ViewSet
from vega_tui.commands.context import Choice, Level, Pane
from vega_tui.core import clock
from vega_tui.core.records import Approval
from vega_tui.core.words import ProcessKind
from vega_tui.protocol import operations as ops
from vega_tui.protocol.operations import Operation, SessionOpen
from vega_tui.protocol.rows import SessionRow
from vega_tui.tui import clipboard
from vega_tui.tui.panes import panel as panels
from vega_tui.tui.panes.card import CardPanel
from vega_tui.tui.panes.pane import ListPane

if TYPE_CHECKING:
    from vega_tui.tui.app import VegaApp
    from vega_tui.tui.screens.main import MainScreen

P = TypeVar("P", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)
T = TypeVar("T")


class FaceContext:
    """The face at the moment a command runs."""

    def __init__(self, app: "VegaApp") -> None:
        self._app = app

    @property
    def _screen(self) -> "MainScreen":
        return self._app.main

    # --- what is so -------------------------------------------------------------------------------------

    @property
    def live(self) -> bool:
        return self._app.live

    @property
    def read_only(self) -> bool:
        return self._app.face.options.read_only

    @property
    def views(self) -> ViewSet:
        return self._app.face.views

    @property
    def session(self) -> SessionRow | None:
        return self._app.face.feed.session_row

    @property
    def shown(self) -> str:
        return self.views.chat.process

    @property
    def selected(self) -> str:
        screen = self._screen
        if screen.focused is screen.fleet and (row := self.views.fleet.rows.get(screen.fleet.chosen_key)):
            return row.path
        if screen.focused is screen.inbox and (asked := self.views.inbox.approvals.get(screen.inbox.chosen_key)):
            return asked.process
        if self.views.detail.open:
            return screen.detail.selected
        return self.shown

    @property
    def card(self) -> Approval | None:
        panel = self._screen.panel
        if not panel.has_focus or not isinstance(panel.panel, CardPanel):
            return None
        return panel.panel.state.approval if panel.panel.state.live(clock.monotonic()) else None

    @property
    def selected_alert(self) -> str:
        screen = self._screen
        if screen.focused is screen.alerts:
            return screen.alerts.chosen_key
        ordered = self.views.alerts.ordered
        return ordered[0].id if ordered else ""

    @property
    def prompt_text(self) -> str:
        return self._screen.prompt.text

    @property
    def themes(self) -> tuple[str, ...]:
        return self._app.wardrobe.names()

    @property
    def theme(self) -> str:
        return self._app.wardrobe.name

    # --- what it can do ---------------------------------------------------------------------------------

    async def call(self, op: Operation[P, R], params: P) -> R:
        return await self._app.face.feed.call(op, params)

    def notify(self, text: str, level: Level = "info") -> None:
        self._app.say(text, level)

    def show_text(self, title: str, text: str) -> None:
        lines = [[("  ", ""), (line, "text")] for line in text.splitlines()]
        self._screen.open_panel(panels.KeysPanel(title, lines))

    async def ask_text(self, title: str, value: str = "") -> str | None:
        return await self._ask(lambda take: panels.TextPanel(title, take, text=value))

    async def choose(self, title: str, choices: Sequence[Choice], current: str = "") -> str | None:
        rows = [panels.Choice(choice.id, choice.title, choice.detail) for choice in choices]
        return await self._ask(lambda take: panels.ListPanel(title, rows, take, chosen=current))

    async def confirm(self, question: str, yes: str) -> bool:
        def make(take: Callable[[bool], None]) -> panels.Panel:
            answers = [("y", yes, lambda: take(True)), ("n", "no", lambda: take(False))]
            return panels.KeysPanel("Sure", [[("  ", ""), (question, "text")]], answers)

        pane = self._screen.focused
        answer = bool(await self._ask(make))
        if isinstance(pane, ListPane):
            pane.focus()  # who acts on one row may act on the next
        return answer

    def show_pane(self, pane: Pane) -> None:
        self._screen.show_pane(pane)
        if pane == "sessions":
            self._app.tasks.spawn(self._list_sessions(), "sessions")

    async def show_process(self, path: str) -> None:
        await self._app.face.feed.show(path)
        self._screen.poke()
        self._screen.repaint_all()

    def describe_process(self, path: str) -> None:
        self.views.detail.look_at(path)
        self._screen.show_detail()
        self._app.details.look()

    async def enter(self, path: str) -> None:
        """Enter on a process: a supervisor is described, of an agent the transcript is shown."""
        row = self.views.fleet.row(path, self._app.face.feed.session)
        if row is not None and row.kind is ProcessKind.SUPERVISOR:
            self.describe_process(row.path)
        else:
            await self.show_process(path)
            if self.views.detail.open:
                self.show_pane("chat")

    async def open_session(self, opening: SessionOpen) -> None:
        feed = self._app.face.feed.another(opening)
        await feed.open()
        await self._app.take_feed(feed)

    def pick_session(self) -> None:
        self._app.tasks.spawn(self._pick_session(), "pick session")

    def focus_approval(self, approval: str) -> None:
        found = self.views.inbox.approvals.get(approval)
        if found is not None:
            self._app.open_card(found)

    def use_card(self, command: str) -> None:
        panel = self._screen.panel
        if panel.has_focus and isinstance(panel.panel, CardPanel):
            panel.panel.use(command)

    def focus_prompt(self) -> None:
        self._screen.focus_prompt()

    def set_prompt(self, text: str) -> None:
        self._screen.prompt.text = text
        self._screen.focus_prompt()

    def toggle(self, what: Literal["tools", "thinking"]) -> None:
        chat = self._screen.chat
        if what == "tools":
            chat.show_tools(not chat.tools_open)
            chat.sync(self._app.face.wall(), all_of_it=True)
        else:
            chat.set_folds(thinking="line" if chat.document.thinking == "full" else "full")

    def set_theme(self, name: str) -> None:
        self._app.wear(name)

    def copy(self, text: str) -> None:
        self._app.tasks.spawn(self._copy(text), "copy")

    def open_help(self) -> None:
        self._screen.open_panel(panels.KeysPanel("Keys", self._app.keys.help_lines()))

    def open_palette(self) -> None:
        app = self._app
        choices = app.keys.palette(self)
        self._screen.open_panel(panels.ListPanel("Commands", choices, app.run_command_id))

    async def edit_prompt_externally(self) -> None:
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        if not editor:
            self.notify("no editor: set VISUAL or EDITOR", "warning")
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "prompt.md"
            path.write_text(self.prompt_text, encoding="utf-8")
            with self._app.suspend():
                # The screen is the editor's until it ends, however long a person writes.
                process = await asyncio.create_subprocess_exec(*shlex.split(editor), str(path))
                await process.wait()
            self.set_prompt(path.read_text(encoding="utf-8").rstrip("\n"))

    def search_history(self) -> None:
        said = list(dict.fromkeys(reversed(self._screen.prompt.history)))
        choices = [panels.Choice(text, " ".join(text.split())) for text in said]
        self._screen.open_panel(panels.ListPanel("Said before", choices, self.set_prompt))

    async def quit(self) -> None:
        self._app.exit()

    async def open_chosen(self, pane: str, key: str) -> None:
        """Enter on a row of a list."""
        match pane:
            case "fleet":
                if row := self.views.fleet.rows.get(key):
                    await self.enter(row.path)
            case "inbox":
                self.focus_approval(key)
            case "alerts":
                if alert := self.views.alerts.alerts.get(key):
                    await self.show_process(alert.process)
            case "sessions":
                await self.open_session(SessionOpen(session=key))
            case _:
                pass

    # --- steps ------------------------------------------------------------------------------------------

    async def _ask(self, make: Callable[[Callable[[T], None]], panels.Panel]) -> T | None:
        """Open the panel that `make` gives and wait until it is answered or left."""
        answer: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()

        def take(value: T) -> None:
            if not answer.done():
                answer.set_result(value)

        panel = make(take)
        self._screen.open_panel(panel)
        shut = panel.close

        def close() -> None:
            shut()
            # What is chosen is taken just after closing, in the same turn of the loop.
            asyncio.get_running_loop().call_soon(lambda: None if answer.done() else answer.set_result(None))

        panel.close = close
        return await answer

    async def _copy(self, text: str) -> None:
        self.notify(await clipboard.copy(text, self._app.write_terminal, os.environ))

    async def _list_sessions(self) -> None:
        listed = await self.call(ops.SESSION_LIST, ops.SessionList())
        self.views.sessions.load(listed.sessions)
        self._screen.poke()

    async def _pick_session(self) -> None:
        await self._list_sessions()
        rows = self.views.sessions.matching()
        choices = [panels.Choice(row.id, row.name or row.id, f"{row.preview[:40]}  {row.cwd}") for row in rows]

        def take(session: str) -> None:
            self._app.tasks.spawn(self.open_session(SessionOpen(session=session)), "open session")

        self._screen.open_panel(panels.ListPanel("Sessions", choices, take))
