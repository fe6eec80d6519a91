"""Keys that are no commands: moving between panes, Tab to a waiting question, Ctrl+C, the mouse."""

from typing import TYPE_CHECKING, Final

from vega_tui.core import clock
from vega_tui.tui.handover import HandoverDriver
from vega_tui.tui.panes.card_state import may_take_focus

if TYPE_CHECKING:
    from vega_tui.tui.app import VegaApp

_TWICE_S: Final = 2.0
_PROMPTS: Final = frozenset({"escape", "shift+tab"})  # in the prompt these are commands


class OwnKeys:
    """Told of every key; takes those that are the screen's own."""

    def __init__(self, app: "VegaApp") -> None:
        self._app = app
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
                self._app.main.focus_prompt()
            case "pageup" | "pagedown" if place == "prompt":
                self._app.main.chat.action_scroll_pages(-1 if key == "pageup" else 1)
            case "end" if place == "prompt":
                self._app.main.chat.follow()
            case "f5" if self._app.face.lost:
                self._app.face.feed.reconnect()
            case _:
                return False
        return True

    def _tab(self, by: int) -> None:
        prompt, approval = self._app.main.prompt, self._app.face.next_approval
        quiet = clock.monotonic() - self._before
        if by > 0 and prompt.has_focus and approval and may_take_focus(prompt_text=prompt.text, since_key_s=quiet):
            self._app.open_card(approval)
        else:
            self._app.main.next_pane(by)

    def _control_c(self) -> None:
        app, now = self._app, clock.monotonic()
        if text := app.main.chat.selected_text:
            app.ctx.copy(text)
            app.main.chat.clear_selection()
        elif app.main.prompt.text:
            app.main.prompt.text = ""
        elif now - self._quit_at < _TWICE_S:
            app.run_command_id("program.quit")
        else:
            self._quit_at = now
            app.say("^C again quits; what runs goes on")

    def _toggle_mouse(self) -> None:
        self._mouse = not self._mouse
        if isinstance(self._app.driver, HandoverDriver):
            self._app.driver.use_mouse(self._mouse)
        self._app.say("the mouse is vega's again" if self._mouse else "the mouse is the terminal's; F6 takes it back")
