"""The Textual app of a face: wires feed, keys and screen. Features live in panes, commands and views."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from textual import events
from textual.app import App
from textual.driver import Driver

from vega_tui.client.feed import FeedState
from vega_tui.client.views.chat_items import UserItem
from vega_tui.commands.context import Level
from vega_tui.core import clock
from vega_tui.core.errors import VegaError
from vega_tui.core.records import Approval
from vega_tui.core.words import InputMode
from vega_tui.tui.card_asks import CardAsks
from vega_tui.tui.completion import proposals
from vega_tui.tui.context import FaceContext
from vega_tui.tui.detail_loader import DetailLoader
from vega_tui.tui.face import Face, FeedLike
from vega_tui.tui.handover import HandoverDriver
from vega_tui.tui.keys import Keys
from vega_tui.tui.news import News
from vega_tui.tui.outbox import Outbox
from vega_tui.tui.own_keys import OwnKeys
from vega_tui.tui.panes.bars import AskStrip, Tabs
from vega_tui.tui.panes.card import CardPanel
from vega_tui.tui.panes.chat import ChatPane
from vega_tui.tui.panes.first_run import TRIES
from vega_tui.tui.panes.pane import ListPane
from vega_tui.tui.screens.main import MainScreen
from vega_tui.tui.screens.regions import PANES
from vega_tui.tui.startup import Startup, Typed
from vega_tui.tui.tasks import Tasks
from vega_tui.tui.theme import textual_theme
from vega_tui.tui.wardrobe import Wardrobe
from vega_tui.tui.widgets.completions import Completions
from vega_tui.tui.widgets.prompt import Completion, Prompt
from vega_tui.tui.widgets.transcript import Transcript

_NOTE_S: Final = 5.0


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
        self.ctx = FaceContext(self)
        self.main = MainScreen(self.face, self._hints, self._complete)
        self.outbox = Outbox(self.face, self.tasks, keys.table, self.ctx)
        self._begin = begin
        self._typed = Typed()
        self.own_keys = OwnKeys(self)
        self.news = News(self)
        self.details = DetailLoader(self)
        self._note_timer = 0

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
        if options.prompt:
            self.outbox.say(options.prompt)
        await self.outbox.flush()
        if options.resume == "":
            self.ctx.pick_session()

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
            self.say(str(error), "error")
            return
        self.failure = error
        self.exit(return_code=1)

    # --- the feed ---------------------------------------------------------------------------------------

    @property
    def live(self) -> bool:
        """The host is there to be asked."""
        return self.face.feed.state is FeedState.LIVE

    async def take_feed(self, feed: FeedLike) -> None:
        """Follow another session from now on, and leave the old one."""
        old, self.face.feed = self.face.feed, feed
        await old.close()
        self.main.prompt.load(feed.views.queue.draft)
        self.main.focus_prompt()
        self.main.repaint_all()
        self.changed()

    def changed(self) -> None:
        """The views are dirty, or the host went or came."""
        self.news.look()
        self.details.look()
        self.main.poke()

    # --- what commands ask for --------------------------------------------------------------------------

    def say(self, text: str, level: Level = "info") -> None:
        """One line on the prompt's rule that goes away by itself."""
        if not self.main.is_attached:
            return
        self.main.note(text)
        self._note_timer += 1
        turn = self._note_timer
        self.main.set_timer(_NOTE_S, lambda: self.main.note("") if turn == self._note_timer else None)

    def run_command_id(self, command: str) -> None:
        """Run a command by its id."""
        self.tasks.spawn(self.keys.table.run(self.keys.table.by_id[command], self.ctx), command)

    def open_card(self, approval: Approval) -> None:
        """Show the card of a question and give it the keys."""
        if not self.face.options.read_only:
            self.main.open_panel(CardPanel(self.face, approval, self.keys, CardAsks(self)))

    def wear(self, name: str) -> None:
        """Use a theme from now on."""
        self.wardrobe.wear(name)
        self._dress()

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

    @property
    def driver(self) -> Driver | None:
        """The terminal's driver, once there is one."""
        return self._driver

    def write_terminal(self, text: str) -> None:
        """A sequence for the terminal itself."""
        if self._driver is not None:
            self._driver.write(text)
            self._driver.flush()

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
        if self.outbox.waiting and not self.live:
            self.say("sent as soon as the host is there")

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        self.outbox.draft(message.text, lambda: not self.face.options.read_only)
        self.main.relayout_if_needed()

    def on_prompt_left_empty(self, message: Prompt.LeftEmpty) -> None:
        if message.key == "down" and not self.face.views.chat.items:
            self.main.prompt.text = TRIES[0][0]

    def on_prompt_history_search(self, message: Prompt.HistorySearch) -> None:
        self.ctx.search_history()

    def on_prompt_completing(self, message: Prompt.Completing) -> None:
        self.main.completions.show_for(self.main.prompt, message)
        self.main.relayout()

    def on_completions_picked(self, message: Completions.Picked) -> None:
        self.main.prompt.accept(message.which)

    def on_list_pane_chosen(self, message: ListPane.Chosen) -> None:
        self.tasks.spawn(self.ctx.open_chosen(message.pane.id or "", message.key), "open")

    def on_tabs_picked(self, message: Tabs.Picked) -> None:
        self.ctx.show_pane(PANES[message.index])

    def on_ask_strip_clicked(self, message: AskStrip.Clicked) -> None:
        if approval := self.face.next_approval:
            self.open_card(approval)

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
