"""Keys that are no commands: moving between panes, Tab to a waiting question, Ctrl+C, the mouse."""

from collections.abc import Callable
from typing import Final

from vega_tui.core import clock
from vega_tui.tui.cards import Cards
from vega_tui.tui.face import Face
from vega_tui.tui.notes import Notes
from vega_tui.tui.panes.card_state import may_take_focus
from vega_tui.tui.screens.main import MainScreen
from vega_tui.tui.terminal import Terminal

_TWICE_S: Final = 2.0
_PROMPTS: Final = frozenset({"escape", "shift+tab"})  # in the prompt these are commands


class OwnKeys:
    """Told of every key; takes those that are the screen's own."""

    def __init__(
        self,
        face: Face,
        main: MainScreen,
        terminal: Terminal,
        notes: Notes,
        cards: Cards,
        *,
        copy: Callable[[str], None],
        leave: Callable[[], None],
    ) -> None:
        self._face = face
        self._main = main
        self._terminal = terminal
        self._notes = notes
        self._cards = cards
        self._copy = copy
        self._leave = leave
        self._before = self._last = float("-inf")
        self._quit_at = float("-inf")
        self._mouse = True

    def came(self) -> None:
        """A key was pressed, whoever takes it."""
        self._before, self._last = self._last, clock.monotonic()

    def rest(self) -> None:
        """Forget when keys came: as after a long rest."""
        self._before = self._last = float("-inf")

    def take(self, key: str, place: str) -> bool:
        """Do what `key` means here; False when it means nothing of ours."""
        if place == "prompt" and key in _PROMPTS:
            return False
        match key:
            case "ctrl+c":
                self._control_c()
            case "f6":
                self._toggle_mouse()
            case "tab" | "shift+tab":
                self._tab(1 if key == "tab" else -1)
            case "escape":
                self._main.focus_prompt()
            case "pageup" | "pagedown" if place == "prompt":
                self._main.chat.action_scroll_pages(-1 if key == "pageup" else 1)
            case "end" if place == "prompt":
                self._main.chat.follow()
            case "f5" if self._face.lost:
                self._face.feed.reconnect()
            case _:
                return False
        return True

    def _tab(self, by: int) -> None:
        prompt, approval = self._main.prompt, self._face.next_approval
        quiet = clock.monotonic() - self._before
        if by > 0 and prompt.has_focus and approval and may_take_focus(prompt_text=prompt.text, since_key_s=quiet):
            self._cards.open(approval)
        else:
            self._main.next_pane(by)

    def _control_c(self) -> None:
        now = clock.monotonic()
        if text := self._main.chat.selected_text:
            self._copy(text)
            self._main.chat.clear_selection()
        elif self._main.prompt.text:
            self._main.prompt.text = ""
        elif now - self._quit_at < _TWICE_S:
            self._leave()
        else:
            self._quit_at = now
            self._notes.say("^C again quits; what runs goes on")

    def _toggle_mouse(self) -> None:
        self._mouse = not self._mouse
        self._terminal.use_mouse(self._mouse)
        self._notes.say("the mouse is vega's again" if self._mouse else "the mouse is the terminal's; F6 takes it back")
