"""A text field of up to eight rows: draft, cursor, wrapping, painting and editing keys. What Enter does: prompt.py."""

from collections.abc import Callable

from textual import events
from textual.message import Message
from textual.strip import Strip

from vega_tui.tui.look import Look
from vega_tui.tui.paint.cells import Line, cell_len, clean
from vega_tui.tui.paint.softwrap import index_at, shown, soft_rows
from vega_tui.tui.widgets.editor import Editor
from vega_tui.tui.widgets.painted import Painted

MAX_ROWS = 8
_INDENT = 4  # ` › ` and a blank: text begins in column 4


class TextField(Painted, can_focus=True):
    """A growing text field. Each key is painted at once (`paint_now`)."""

    class Changed(Message, namespace="prompt"):
        """The draft is another."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, look: Look | None = None, *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.placeholder = placeholder
        self.disabled_reason = ""
        self._editor = Editor()
        self._top = 0
        self._layout: tuple[str, int, list[tuple[int, int]]] = ("", 0, [(0, 0)])

    def invite(self, placeholder: str, disabled_reason: str = "") -> None:
        """What an empty field says; with a reason, nothing but commands can be entered."""
        if (placeholder, disabled_reason) != (self.placeholder, self.disabled_reason):
            self.placeholder, self.disabled_reason = placeholder, disabled_reason
            self.refresh()

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

    # --- layout -----------------------------------------------------------------------------------------

    @property
    def _room(self) -> int:
        return max(4, self.size.width - _INDENT - 2)

    def _rows(self) -> list[tuple[int, int]]:
        """(start, end) of each row in the text."""
        text, room = self._editor.text, self._room
        if self._layout[0] is not text or self._layout[1] != room:
            self._layout = (text, room, soft_rows(text, room))
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
            line += [(shown(text[start:at]), "strong")]
            line += [(shown(under) or signs.cursor, "accent_on on accent_fill"), (shown(after), "strong")]
        else:
            line += [(shown(text[start:end]), "strong" if self.has_focus else "text")]
        return self.look.palette.strip(line, self.size.width)

    def _empty(self) -> Line:
        hint = self.disabled_reason or self.placeholder
        if not self.has_focus:
            return [(hint, "faint")]
        return [(self.look.signs.cursor, "accent_on on accent_fill"), (hint, "faint")]

    def text_changed(self) -> None:
        """Called after each edit and move of the cursor, before it is painted."""

    def _after(self, *, changed: bool, completing: bool = True) -> None:
        resized = self._fit()
        self.refresh()
        if changed:
            self.post_message(self.Changed(self._editor.text))
        if completing:
            self.text_changed()
        if not resized:
            self.paint_now()

    # --- editing ----------------------------------------------------------------------------------------

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._editor.insert(event.text.replace("\r\n", "\n").replace("\r", "\n"))
        self._after(changed=True)

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

    def _vertical(self, by: int) -> bool:
        """One row up or down; False at the edge."""
        rows = self._rows()
        index = self._cursor_row()
        target = index + by
        if not 0 <= target < len(rows):
            return False
        column = cell_len(clean(self._editor.text[rows[index][0] : self._editor.at]))
        self._editor.move(index_at(self._editor.text, rows[target], column, last=target == len(rows) - 1))
        self._after(changed=False)
        return True

    # --- mouse ------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        rows = self._rows()
        index = min(self._top + event.y, len(rows) - 1)
        column = max(0, event.x - _INDENT)
        self._editor.move(index_at(self._editor.text, rows[index], column, last=index == len(rows) - 1))
        self._after(changed=False)
