"""Where a person writes: a multi-line editor of up to eight rows with history and completion.

It sends nothing itself: it posts what was written. The rule above it and the queue are the app's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from textual import events
from textual.message import Message
from textual.strip import Strip

from vega_tui.tui.look import Look
from vega_tui.tui.paint.cells import Line, cell_len, clean, pieces
from vega_tui.tui.widgets.editor import Editor
from vega_tui.tui.widgets.painted import Painted

MAX_ROWS = 8
_INDENT = 4  # ` › ` and a blank: text begins in column 4
SubmitMode: TypeAlias = Literal["send", "followup"]


@dataclass(frozen=True, slots=True)
class Completion:
    """One proposal: `text` replaces the word being completed."""

    text: str
    label: str = ""
    note: str = ""


Completer: TypeAlias = Callable[[str], Sequence[Completion]]


class Prompt(Painted, can_focus=True):
    """The input. `text` is the draft; `completer` is asked with the word at the cursor (`/com`, `@src/a`)."""

    DEFAULT_CSS = "Prompt { height: 1; width: 1fr; }"

    class Submitted(Message):
        """Enter (`send`) or Alt+Enter (`followup`) on a text that isn't blank. The prompt is empty again."""

        def __init__(self, text: str, mode: SubmitMode) -> None:
            super().__init__()
            self.text = text
            self.mode = mode

    class Changed(Message):
        """The draft is another."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

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
        super().__init__(look, id=id)
        self.placeholder = placeholder
        self.completer = completer
        self.history: list[str] = list(history)
        self.disabled_reason = ""
        self._editor = Editor()
        self._history_at: int | None = None
        self._draft = ""
        self._top = 0
        self._layout: tuple[str, int, list[tuple[int, int]]] = ("", 0, [(0, 0)])
        self._proposals: list[Completion] = []
        self._proposal = 0
        self._dismissed = ""

    # --- draft ------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The draft."""
        return self._editor.text

    @text.setter
    def text(self, text: str) -> None:
        self._editor.set(text)
        self._after(changed=True)

    def load(self, text: str, at: int | None = None) -> None:
        """A draft from elsewhere (typed ahead, stored), with its cursor; nothing to undo."""
        self._editor = Editor(text)
        if at is not None:
            self._editor.move(at)
        self._after(changed=False)

    @property
    def cursor(self) -> int:
        """Index of the cursor in the draft."""
        return self._editor.at

    def insert(self, text: str) -> None:
        """Text at the cursor, as if pasted."""
        self._editor.insert(text)
        self._after(changed=True)

    def remember(self, text: str) -> None:
        """Add to the history that Up goes through."""
        if text.strip() and (not self.history or self.history[-1] != text):
            self.history.append(text)

    # --- layout -----------------------------------------------------------------------------------------

    @property
    def _room(self) -> int:
        return max(4, self.size.width - _INDENT - 2)

    def _rows(self) -> list[tuple[int, int]]:
        """(start, end) of each row in the text."""
        text, room = self._editor.text, self._room
        if self._layout[0] is not text or self._layout[1] != room:
            self._layout = (text, room, _wrapped(text, room))
        return self._layout[2]

    def _cursor_row(self) -> int:
        at = self._editor.at
        rows = self._rows()
        for index in range(len(rows) - 1, -1, -1):
            if rows[index][0] <= at:
                return index
        return 0

    def on_resize(self, event: events.Resize) -> None:
        self._fit()

    def _fit(self) -> bool:
        """Take the rows the text needs; True where the height changed and a layout follows."""
        rows = len(self._rows())
        height = max(1, min(rows, MAX_ROWS))
        row = self._cursor_row()
        self._top = max(0, min(self._top, rows - height))
        self._top = min(self._top, row)
        self._top = max(self._top, row - height + 1)
        if not self.is_attached or self.styles.height is None or self.styles.height.value == height:
            return False
        self.styles.height = height
        return True

    # --- painting ---------------------------------------------------------------------------------------

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self._propose([])
        self.refresh()

    def paint_row(self, y: int) -> Strip:
        signs = self.look.signs
        rows = self._rows()
        index = self._top + y
        if index >= len(rows):
            return self.look.palette.strip([], self.size.width)
        mark = signs.prompt if index == 0 else " "
        line: Line = [("  ", ""), (mark, "accent bold"), (" ", "")]
        if not self._editor.text:
            line += self._empty()
            return self.look.palette.strip(line, self.size.width)
        start, end = rows[index]
        text = self._editor.text
        at = self._editor.at
        if self.has_focus and index == self._cursor_row():
            under, after = text[at:end], ""
            if under and under != "\n":
                size = self._editor.right() - at
                under, after = under[:size], under[size:]
            line += [(_shown(text[start:at]), "strong")]
            line += [(_shown(under) or signs.cursor, "accent_on on accent_fill"), (_shown(after), "strong")]
        else:
            line += [(_shown(text[start:end]), "strong" if self.has_focus else "text")]
        return self.look.palette.strip(line, self.size.width)

    def _empty(self) -> Line:
        hint = self.disabled_reason or self.placeholder
        if not self.has_focus:
            return [(hint, "faint")]
        return [(self.look.signs.cursor, "accent_on on accent_fill"), (hint, "faint")]

    def _after(self, *, changed: bool, completing: bool = True) -> None:
        resized = self._fit()
        self.refresh()
        if changed:
            self.post_message(self.Changed(self._editor.text))
        if completing:
            self._complete()
        if not resized:
            self.paint_now()

    # --- keys -------------------------------------------------------------------------------------------

    async def _on_key(self, event: events.Key) -> None:
        if self._proposals and self._menu_key(event.key):
            event.stop()
            event.prevent_default()
            return
        if not self._editor.text and event.key in ("tab", "down") and not self._proposals:
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

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._editor.insert(event.text.replace("\r\n", "\n").replace("\r", "\n"))
        self._after(changed=True)

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
                self._vertical(-1 if key == "up" else 1)
            case _:
                return self._motion_key(key) or self._change_key(key)
        return True

    def _motion_key(self, key: str) -> bool:
        editor = self._editor
        targets: dict[str, Callable[[], int]] = {
            "left": editor.left,
            "ctrl+b": editor.left,
            "right": editor.right,
            "ctrl+f": editor.right,
            "ctrl+left": editor.word_left,
            "alt+left": editor.word_left,
            "alt+b": editor.word_left,
            "ctrl+right": editor.word_right,
            "alt+right": editor.word_right,
            "alt+f": editor.word_right,
            "home": editor.line_start,
            "ctrl+a": editor.line_start,
            "end": editor.line_end,
            "ctrl+e": editor.line_end,
            "ctrl+home": lambda: 0,
            "ctrl+end": lambda: len(editor.text),
        }
        target = targets.get(key)
        if target is None:
            return False
        editor.move(target())
        self._after(changed=False)
        return True

    def _change_key(self, key: str) -> bool:
        editor = self._editor
        at = editor.at
        match key:
            case "shift+enter" | "ctrl+j" | "newline":
                editor.insert("\n")
            case "backspace" | "ctrl+h":
                editor.delete(editor.left(), at)
            case "delete" | "ctrl+d":
                if not editor.text:
                    return False
                editor.delete(at, editor.right())
            case "ctrl+w" | "alt+backspace" | "ctrl+backspace":
                editor.delete(editor.word_left(), at, kill="back")
            case "alt+d" | "ctrl+delete":
                editor.delete(at, editor.word_right(), kill="forward")
            case "ctrl+u":
                start = editor.line_start()
                editor.delete(start if start < at else at - 1, at, kill="back")
            case "ctrl+k":
                end = editor.line_end()
                editor.delete(at, end if end > at else at + 1, kill="forward")
            case "ctrl+y":
                editor.yank()
            case "ctrl+z" | "ctrl+underscore" | "ctrl+slash":
                editor.undo()
            case "alt+z" | "ctrl+shift+z":
                editor.redo()
            case _:
                return False
        self._after(changed=True)
        return True

    def _submit(self, mode: SubmitMode) -> None:
        text = self._editor.text
        if not text.strip() or self.disabled_reason:
            return
        self.remember(text)
        self._history_at = None
        self._editor = Editor()
        self._after(changed=True)
        self.post_message(self.Submitted(text, mode))

    def _vertical(self, by: int) -> None:
        rows = self._rows()
        index = self._cursor_row()
        target = index + by
        if 0 <= target < len(rows):
            column = cell_len(clean(self._editor.text[rows[index][0] : self._editor.at]))
            self._editor.move(_at_column(self._editor.text, rows[target], column, last=target == len(rows) - 1))
            self._after(changed=False)
        else:
            self._history(by)

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

    def _complete(self) -> None:
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

    # --- mouse ------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        rows = self._rows()
        index = min(self._top + event.y, len(rows) - 1)
        column = max(0, event.x - _INDENT)
        self._editor.move(_at_column(self._editor.text, rows[index], column, last=index == len(rows) - 1))
        self._after(changed=False)


def _shown(text: str) -> str:
    return clean(text.replace("\n", ""))


def _wrapped(text: str, room: int) -> list[tuple[int, int]]:
    """(start, end) of each row: broken after spaces where possible; the end includes a line feed."""
    rows: list[tuple[int, int]] = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        at, used, space = start, 0, start
        row = start
        for piece, _ in pieces(line):
            size = cell_len(clean(piece))
            if used + size > (room if piece == " " else room - 1):  # a blank may hang over
                cut_at = space if space > row else at
                rows.append((row, cut_at))
                used = cell_len(clean(text[cut_at:at]))
                row = cut_at
            at += len(piece)
            used += size
            if piece == " ":
                space = at
        rows.append((row, min(end + 1, len(text)) if end < len(text) else end))
        start = end + 1
    return rows


def _at_column(text: str, row: tuple[int, int], column: int, *, last: bool) -> int:
    start, end = row
    if not last and end > start:
        end -= 1  # before the line feed, or the last character of a wrapped row
    at, used = start, 0
    for piece, _ in pieces(text[start:end]):
        size = cell_len(clean(piece))
        if used + size > column:
            break
        used += size
        at += len(piece)
    return at
