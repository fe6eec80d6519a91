"""The Textual app of a face: wires feed, keys and screen. Features live in panes, commands and views."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from textual import events
from textual.app import App

from vega_tui.client.views.chat_items import UserItem
from vega_tui.core import clock
from vega_tui.core.errors import VegaError
from vega_tui.core.words import InputMode
from vega_tui.tui.cards import Cards
from vega_tui.tui.completion import proposals
from vega_tui.tui.context import FaceContext, WornThemes
from vega_tui.tui.dialogs import PanelDialogs
from vega_tui.tui.face import Face, FeedLike
from vega_tui.tui.handover import HandoverDriver
from vega_tui.tui.keys import Keys
from vega_tui.tui.news import News
from vega_tui.tui.notes import Notes
from vega_tui.tui.outbox import Outbox
from vega_tui.tui.own_keys import OwnKeys
from vega_tui.tui.panes.bars import AskStrip, Tabs
from vega_tui.tui.panes.chat import ChatPane
from vega_tui.tui.panes.first_run import TRIES
from vega_tui.tui.panes.pane import ListPane
from vega_tui.tui.prompt_text import ScreenPrompt
from vega_tui.tui.screens.main import MainScreen
from vega_tui.tui.screens.regions import PANES
from vega_tui.tui.session_switch import SessionSwitch
from vega_tui.tui.shown import Shown
from vega_tui.tui.startup import Startup, Typed
from vega_tui.tui.tasks import Tasks
from vega_tui.tui.terminal import Terminal
from vega_tui.tui.theme import textual_theme
from vega_tui.tui.wardrobe import Wardrobe
from vega_tui.tui.widgets.completions import Completions
from vega_tui.tui.widgets.prompt import Completion, Prompt
from vega_tui.tui.widgets.transcript import Transcript

_WORDS_S: Final = 20.0  # there is much to see on a screen that has just come


class VegaApp(App[None], inherit_bindings=False):
    """One face on one terminal. `begin` opens the feed; its error ends the app and is kept in `failure`."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "Screen { background: $background; }"

    def __init__(
        self,
        feed: FeedLike,
        startup: Startup,
        wardrobe: Wardrobe,
        keys: Keys,
        *,
        begin: Callable[[], Awaitable[None]] | None = None,
        wall: Callable[[], float] = clock.wall,
    ) -> None:
        super().__init__(driver_class=HandoverDriver)
        self.startup = startup
        self.wardrobe = wardrobe
        self.keys = keys
        self.face = Face(feed, wardrobe.look, startup.options, wall=wall)
        self.tasks = Tasks(self._task_failed)
        self.failure: BaseException | None = None
        self.typed_rest = b""
        self.main = main = MainScreen(self.face, self._hints, self._complete)
        self.terminal = Terminal(self)
        self.notes = Notes(main)
        self.cards = Cards(self.face, main, self.tasks, keys, self.notes)
        self.ctx = self._make_context()
        self.outbox = Outbox(self.face, self.tasks, keys.table, self.ctx)
        self._begin = begin
        self._typed = Typed()
        self.own_keys = OwnKeys(
            self.face, main, self.terminal, self.notes, self.cards, copy=self.ctx.copy, leave=self.exit
        )
        self.news = News(self.face, main, wardrobe, self.terminal, self.notes, back=self._came_back)

    def _make_context(self) -> FaceContext:
        face, main, tasks = self.face, self.main, self.tasks
        sessions = SessionSwitch(face, main, tasks, self.changed)
        panes = Shown(
            face, main, tasks, self.keys, cards=self.cards, sessions=sessions,
            palette=lambda: self.keys.palette(self.ctx), run=self.run_command_id,
        )  # fmt: skip
        return FaceContext(
            face=face,
            main=main,
            tasks=tasks,
            notes=self.notes,
            terminal=self.terminal,
            cards=self.cards,
            dialogs=PanelDialogs(main),
            panes=panes,
            sessions=sessions,
            prompt=ScreenPrompt(main, self.terminal, self.notes),
            themes=WornThemes(self.wardrobe, self._dress),
            leave=self.exit,
        )

    # --- life -------------------------------------------------------------------------------------------

    def take_typed(self) -> None:
        """The launcher stops reading; what it read is ours. Called by the driver just before it reads."""
        self._typed = self.startup.take()
        self.typed_rest = self._typed.rest

    def on_mount(self) -> None:
        # A timer's callback that fails must end the face as loudly as a task's: never a pane that quietly stops.
        asyncio.get_running_loop().set_exception_handler(self._loop_failed)
        self._dress()
        self.main.prompt.load(self._typed.text)
        self.push_screen(self.main)
        for text in self._typed.sent:
            self.main.prompt.remember(text)
            self.outbox.say(text)
        if self._begin is not None:
            self.tasks.spawn(self._start(self._begin), "start")

    async def _start(self, begin: Callable[[], Awaitable[None]]) -> None:
        try:
            await begin()
        except VegaError as error:
            self.failure = error
            self.exit(return_code=1)
            return
        options, draft = self.startup.options, self.face.views.queue.draft
        if draft and not self.main.prompt.text:
            self.main.prompt.load(draft)
        for item in self.face.views.chat.items:
            if isinstance(item, UserItem) and item.author == "you":
                self.main.prompt.remember(item.text)
        self.changed()
        if self.startup.words:
            self.notes.say(" · ".join(self.startup.words), seconds=_WORDS_S)
        if options.prompt:
            self.outbox.say(options.prompt)
        await self.outbox.flush()
        if options.resume == "":
            self.ctx.sessions.pick()

    async def close(self) -> None:
        """Save the draft, leave the host, await every task. Called once the screen is gone."""
        await self.outbox.close()
        await self.tasks.close()
        await self.face.feed.close()

    def _loop_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            self._task_failed(error)
        else:
            loop.default_exception_handler(context)

    def _task_failed(self, error: Exception) -> None:
        if isinstance(error, VegaError):
            self.notes.say(str(error), "error")
            return
        self.failure = error
        self.exit(return_code=1)

    # --- the feed ---------------------------------------------------------------------------------------

    def changed(self) -> None:
        """The views are dirty, or the host went or came."""
        self.news.look()
        self.ctx.panes.details.look()
        self.main.poke()

    # --- what commands ask for --------------------------------------------------------------------------

    def _came_back(self) -> None:
        self.tasks.spawn(self.outbox.flush(), "send what was kept")

    def run_command_id(self, command: str) -> None:
        """Run a command by its id."""
        self.tasks.spawn(self.keys.table.run(self.keys.table.by_id[command], self.ctx), command)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        # Textual's own CSS asks for these; only its own terminal-coloured themes have them.
        return {"ansi-background": "ansi_default", "ansi-foreground": "ansi_default"}

    def _dress(self) -> None:
        self.face.look = self.wardrobe.look
        theme = textual_theme(self.wardrobe.spec)
        self.register_theme(theme)
        self.theme = theme.name
        if self.main.is_attached:
            self.main.wear()

    # --- keys -------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.own_keys.came()
        await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """What the widget with the keys left: the screen's own keys, then the command table's."""
        place = self.main.place_of_keys
        if self.own_keys.take(event.key, place):
            event.stop()
            return
        command = None if place == "panel" else self.keys.command(place, event.key, event.character)
        if command is not None:
            event.stop()
            self.run_command_id(command.id)

    # --- what widgets say -------------------------------------------------------------------------------

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        self.outbox.say(message.text, InputMode.STEER if message.mode == "send" else InputMode.FOLLOWUP)
        if self.outbox.waiting and not self.ctx.live:
            self.notes.say("sent as soon as the host is there")

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        self.outbox.draft(message.text, lambda: not self.face.options.read_only)
        self.main.relayout_if_needed()

    def on_prompt_left_empty(self, message: Prompt.LeftEmpty) -> None:
        if message.key == "down" and not self.face.views.chat.items:
            self.main.prompt.text = TRIES[0][0]

    def on_prompt_history_search(self, message: Prompt.HistorySearch) -> None:
        self.ctx.prompt.search_history()

    def on_prompt_completing(self, message: Prompt.Completing) -> None:
        self.main.completions.show_for(self.main.prompt, message)
        self.main.relayout()

    def on_completions_picked(self, message: Completions.Picked) -> None:
        self.main.prompt.accept(message.which)

    def on_list_pane_chosen(self, message: ListPane.Chosen) -> None:
        self.tasks.spawn(self.ctx.panes.open_chosen(message.pane.id or "", message.key), "open")

    def on_tabs_picked(self, message: Tabs.Picked) -> None:
        self.ctx.panes.show(PANES[message.index])

    def on_ask_strip_clicked(self, message: AskStrip.Clicked) -> None:
        if approval := self.face.next_approval:
            self.cards.open(approval)

    def on_chat_pane_near_top(self, message: ChatPane.NearTop) -> None:
        self.tasks.spawn(self.face.feed.older(), "older entries")

    def on_transcript_copy_requested(self, message: Transcript.CopyRequested) -> None:
        self.ctx.copy(message.text)

    def _hints(self, place: str) -> Sequence[tuple[str, str]]:
        panel = self.main.panel.panel
        if self.face.lost:
            return [("F5", "try now"), ("Tab", "panes"), ("^D", "quit"), ("F1", "keys")]
        return panel.hints() if place in ("card", "panel") and panel else self.keys.footer(place, self.ctx)

    def _complete(self, word: str) -> Sequence[Completion]:
        return proposals(word, self.keys.table, self.face)
