"""The face at the moment a command runs: commands.context.CommandContext, put together from the screen's parts."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from vega_tui.client.feed import FeedState
from vega_tui.client.views.view_set import ViewSet
from vega_tui.commands.context import Level
from vega_tui.core import clock
from vega_tui.core.records import Approval
from vega_tui.protocol.operations import Operation
from vega_tui.protocol.rows import SessionRow
from vega_tui.tui import clipboard
from vega_tui.tui.cards import Cards
from vega_tui.tui.dialogs import PanelDialogs
from vega_tui.tui.face import Face
from vega_tui.tui.notes import Notes
from vega_tui.tui.prompt_text import ScreenPrompt
from vega_tui.tui.screens.main import MainScreen
from vega_tui.tui.session_switch import SessionSwitch
from vega_tui.tui.shown import Shown
from vega_tui.tui.tasks import Tasks
from vega_tui.tui.terminal import Terminal
from vega_tui.tui.wardrobe import Wardrobe

P = TypeVar("P", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)


class WornThemes:
    """The themes of the wardrobe; `dress` puts the screen in the one that is worn."""

    def __init__(self, wardrobe: Wardrobe, dress: Callable[[], None]) -> None:
        self._wardrobe = wardrobe
        self._dress = dress

    @property
    def names(self) -> tuple[str, ...]:
        return self._wardrobe.names()

    @property
    def name(self) -> str:
        return self._wardrobe.name

    def wear(self, name: str) -> None:
        self._wardrobe.wear(name)
        self._dress()


@dataclass(frozen=True, slots=True)
class FaceContext:
    """What commands may ask of this screen."""

    face: Face
    main: MainScreen
    tasks: Tasks
    notes: Notes
    terminal: Terminal
    cards: Cards
    dialogs: PanelDialogs
    panes: Shown
    sessions: SessionSwitch
    prompt: ScreenPrompt
    themes: WornThemes
    leave: Callable[[], None]

    @property
    def live(self) -> bool:
        return self.face.feed.state is FeedState.LIVE

    @property
    def read_only(self) -> bool:
        return self.face.options.read_only

    @property
    def views(self) -> ViewSet:
        return self.face.views

    @property
    def session(self) -> SessionRow | None:
        return self.face.feed.session_row

    @property
    def shown(self) -> str:
        return self.views.chat.process

    @property
    def selected(self) -> str:
        screen = self.main
        if screen.focused is screen.fleet and (row := self.views.fleet.rows.get(screen.fleet.chosen_key)):
            return row.path
        if screen.focused is screen.inbox and (asked := self.views.inbox.approvals.get(screen.inbox.chosen_key)):
            return asked.process
        if self.views.detail.open:
            return screen.detail.selected
        return self.shown

    @property
    def selected_alert(self) -> str:
        if self.main.focused is self.main.alerts:
            return self.main.alerts.chosen_key
        ordered = self.views.alerts.ordered
        return ordered[0].id if ordered else ""

    @property
    def card(self) -> Approval | None:
        card = self.cards.focused
        return card.state.approval if card is not None and card.state.live(clock.monotonic()) else None

    async def call(self, op: Operation[P, R], params: P) -> R:
        return await self.face.feed.call(op, params)

    def notify(self, text: str, level: Level = "info") -> None:
        self.notes.say(text, level)

    def copy(self, text: str) -> None:
        self.tasks.spawn(self._copy(text), "copy")

    async def _copy(self, text: str) -> None:
        self.notes.say(await clipboard.copy(text, self.terminal.write, os.environ))

    async def quit(self) -> None:
        self.leave()
