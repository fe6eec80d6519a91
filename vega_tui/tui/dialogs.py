"""Questions to the person, each in the panel at the bottom: commands.context.Dialogs on this screen."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from vega_tui.commands.context import Choice
from vega_tui.tui.panes import panel as panels
from vega_tui.tui.panes.pane import ListPane
from vega_tui.tui.screens.main import MainScreen

T = TypeVar("T")


class PanelDialogs:
    """One at a time: a new one takes the place of the one before, which is then left."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main

    def show_text(self, title: str, text: str) -> None:
        lines = [[("  ", ""), (line, "text")] for line in text.splitlines()]
        self._main.open_panel(panels.KeysPanel(title, lines))

    async def ask_text(self, title: str, value: str = "") -> str | None:
        return await self._ask(lambda take: panels.TextPanel(title, take, text=value))

    async def choose(self, title: str, choices: Sequence[Choice], current: str = "") -> str | None:
        rows = [panels.Choice(choice.id, choice.title, choice.detail) for choice in choices]
        return await self._ask(lambda take: panels.ListPanel(title, rows, take, chosen=current))

    async def confirm(self, question: str, yes: str) -> bool:
        def make(take: Callable[[bool], None]) -> panels.Panel:
            answers = [("y", yes, lambda: take(True)), ("n", "no", lambda: take(False))]
            return panels.KeysPanel("Sure", [[("  ", ""), (question, "text")]], answers)

        pane = self._main.focused
        answer = bool(await self._ask(make))
        if isinstance(pane, ListPane):
            pane.focus()  # who acts on one row may act on the next
        return answer

    async def _ask(self, make: Callable[[Callable[[T], None]], panels.Panel]) -> T | None:
        """Open the panel that `make` gives and wait until it is answered or left."""
        answer: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()

        def take(value: T) -> None:
            if not answer.done():
                answer.set_result(value)

        panel = make(take)
        self._main.open_panel(panel)
        shut = panel.close

        def close() -> None:
            shut()
            # What is chosen is taken just after closing, in the same turn of the loop.
            asyncio.get_running_loop().call_soon(lambda: None if answer.done() else answer.set_result(None))

        panel.close = close
        return await answer
