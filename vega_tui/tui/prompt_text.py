"""What commands do with the prompt: commands.context.PromptText on this screen."""

import asyncio
import os
import shlex
import tempfile
from pathlib import Path

from vega_tui.tui.notes import Notes
from vega_tui.tui.panes import panel as panels
from vega_tui.tui.screens.main import MainScreen
from vega_tui.tui.terminal import Terminal


class ScreenPrompt:
    """The main screen's prompt."""

    def __init__(self, main: MainScreen, terminal: Terminal, notes: Notes) -> None:
        self._main = main
        self._terminal = terminal
        self._notes = notes

    @property
    def text(self) -> str:
        return self._main.prompt.text

    def set(self, text: str) -> None:
        self._main.prompt.text = text
        self._main.focus_prompt()

    def focus(self) -> None:
        self._main.focus_prompt()

    async def edit_externally(self) -> None:
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        if not editor:
            self._notes.say("no editor: set VISUAL or EDITOR", "warning")
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "prompt.md"
            path.write_text(self.text, encoding="utf-8")
            with self._terminal.suspended():
                # The screen is the editor's until it ends, however long a person writes.
                process = await asyncio.create_subprocess_exec(*shlex.split(editor), str(path))
                await process.wait()
            self.set(path.read_text(encoding="utf-8").rstrip("\n"))

    def search_history(self) -> None:
        said = list(dict.fromkeys(reversed(self._main.prompt.history)))
        choices = [panels.Choice(text, " ".join(text.split())) for text in said]
        self._main.open_panel(panels.ListPanel("Said before", choices, self.set))
