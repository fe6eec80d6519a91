"""Where a person writes: a text field that sends, remembers and completes.

It sends nothing itself: it posts what was written. The rule above it and the queue are the app's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from textual import events
from textual.message import Message

from vega_tui.tui.look import Look
from vega_tui.tui.widgets.editor import Editor
from vega_tui.tui.widgets.text_field import TextField

SubmitMode: TypeAlias = Literal["send", "followup"]


@dataclass(frozen=True, slots=True)
class Completion:
    """One proposal: `text` replaces the word being completed."""

    text: str
    label: str = ""
    note: str = ""


Completer: TypeAlias = Callable[[str], Sequence[Completion]]


class Prompt(TextField):
    """The input. `text` is the draft; `completer` is asked with the word at the cursor (`/com`, `@src/a`)."""

    DEFAULT_CSS = "Prompt { height: 1; width: 1fr; }"

    class Submitted(Message):
        """Enter (`send`) or Alt+Enter (`followup`) on a text that isn't blank. The prompt is empty again."""

        def __init__(self, text: str, mode: SubmitMode) -> None:
            super().__init__()
            self.text = text
            self.mode = mode

    class HistorySearch(Message):
        """Ctrl+R: the app shows what was said before; `text` is the draft to search with."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class LeftEmpty(Message):
        """A key that only means something on an empty prompt was pressed: `tab`, `down`."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Completing(Message):
        """The proposals for the word at the cursor changed; empty closes the list."""

        def __init__(self, proposals: Sequence[Completion], chosen: int) -> None:
            super().__init__()
            self.proposals = proposals
            self.chosen = chosen

    def __init__(
        self,
        look: Look | None = None,
        *,
        placeholder: str = "",
        completer: Completer | None = None,
        history: Sequence[str] = (),
        id: str | None = None,
    ) -> None:
        super().__init__(look, placeholder=placeholder, id=id)
        self.completer = completer
        self.history: list[str] = list(history)
        self._history_at: int | None = None
        self._draft = ""
        self._proposals: list[Completion] = []
        self._proposal = 0
        self._dismissed = ""

    def remember(self, text: str) -> None:
        """Add to the history that Up goes through."""
        if text.strip() and (not self.history or self.history[-1] != text):
            self.history.append(text)

    def on_blur(self) -> None:
        self._propose([])
        super().on_blur()

    # --- keys -------------------------------------------------------------------------------------------

    async def _on_key(self, event: events.Key) -> None:
        if self._proposals and self._menu_key(event.key):
            event.stop()
            event.prevent_default()
            return
        if not self._editor.text and event.key in ("tab", "down", "end") and not self._proposals:
            if event.key == "down" and self._history_at is None:
                self.post_message(self.LeftEmpty("down"))
                event.stop()
            return
        handled = self._edit_key(event.key)
        if not handled and event.is_printable and event.character:
            self._history_at = None
            self._editor.insert(event.character)
            self._after(changed=True)
            handled = True
        if handled:
            event.stop()
            event.prevent_default()

    def _edit_key(self, key: str) -> bool:
        editor = self._editor
        match key:
            case "enter":
                self._submit("send")
            case "alt+enter":
                self._submit("followup")
            case "ctrl+r":
                self.post_message(self.HistorySearch(editor.text))
            case "up" | "down":
                by = -1 if key == "up" else 1
                if not self._vertical(by):
                    self._history(by)
            case _:
                return self._motion_key(key) or self._change_key(key)
        return True

    def _submit(self, mode: SubmitMode) -> None:
        text = self._editor.text
        if not text.strip() or (self.disabled_reason and not text.startswith("/")):
            return
        self.remember(text)
        self._history_at = None
        self._editor = Editor()
        self._after(changed=True)
        self.post_message(self.Submitted(text, mode))

    def _history(self, by: int) -> None:
        if self._history_at is None:
            if by > 0 or not self.history:
                return
            self._draft = self._editor.text
            target = len(self.history) - 1
        else:
            target = self._history_at + by
        if target < 0:
            return
        if target >= len(self.history):
            self._history_at = None
            self._editor.set(self._draft)
        else:
            self._history_at = target
            self._editor.set(self.history[target])
        self._after(changed=True, completing=False)

    # --- completion -------------------------------------------------------------------------------------

    def _word(self) -> tuple[int, str]:
        """Start and text of the word before the cursor that may be completed; empty: none."""
        text = self._editor.text[: self._editor.at]
        start = max(text.rfind(" "), text.rfind("\n")) + 1
        word = text[start:]
        if word.startswith("@") or (word.startswith("/") and start == 0):
            return start, word
        return start, ""

    def text_changed(self) -> None:
        _, word = self._word()
        if not word or self.completer is None or word == self._dismissed:
            self._propose([])
            return
        self._dismissed = ""
        self._propose(list(self.completer(word)))

    def _propose(self, proposals: list[Completion]) -> None:
        if not proposals and not self._proposals:
            return
        self._proposals = proposals
        self._proposal = 0
        self.post_message(self.Completing(tuple(proposals), 0))

    def _menu_key(self, key: str) -> bool:
        match key:
            case "up" | "down":
                step = -1 if key == "up" else 1
                self._proposal = (self._proposal + step) % len(self._proposals)
                self.post_message(self.Completing(tuple(self._proposals), self._proposal))
            case "tab" | "enter":
                _, word = self._word()
                proposal = self._proposals[self._proposal]
                if key == "enter" and proposal.text.rstrip() == word:
                    self._propose([])
                    return False  # it is all there: Enter sends
                self.accept(self._proposal)
            case "escape":
                self._dismissed = self._word()[1]
                self._propose([])
            case _:
                return False
        return True

    def accept(self, which: int) -> None:
        """Put a proposal in place of the word at the cursor."""
        start, _ = self._word()
        proposal = self._proposals[which]
        at = self._editor.at
        text = self._editor.text
        self._editor.set(text[:start] + proposal.text + text[at:], start + len(proposal.text))
        self._dismissed = proposal.text
        self._after(changed=True)
