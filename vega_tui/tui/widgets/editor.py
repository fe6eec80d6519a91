"""A multi-line text with a cursor, undo and a kill ring: the prompt's state, without a screen."""

import re
from dataclasses import dataclass

_WORD = re.compile(r"\w+|[^\w\s]+")
_KILLS = 20
_UNDO = 200


@dataclass(frozen=True, slots=True)
class _State:
    text: str
    at: int


class Editor:
    """Text and cursor (an index into the text). Every edit can be undone; typing a word is one step."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.at = len(text)
        self._undo: list[_State] = []
        self._redo: list[_State] = []
        self._kills: list[str] = []
        self._run = ""  # kind of the last edit: a run of one kind is one undo step, kills in a run join
        self._yank: tuple[int, int, int] | None = None  # start, end, which kill

    def set(self, text: str, at: int | None = None) -> None:
        """Another text, undoable."""
        self._remember("set")
        self.text = text
        self.at = len(text) if at is None else max(0, min(at, len(text)))

    def insert(self, text: str) -> None:
        """At the cursor. Single letters join into one undo step up to a space."""
        kind = "type" if len(text) == 1 and not text.isspace() else "insert"
        self._remember(kind)
        self.text = self.text[: self.at] + text + self.text[self.at :]
        self.at += len(text)

    def delete(self, start: int, end: int, *, kill: str = "") -> None:
        """Remove a part; `kill` "forward" or "back" keeps it for `yank`."""
        start, end = max(0, start), min(len(self.text), end)
        if start >= end:
            return
        joined = bool(kill) and self._run == "kill"
        removed = self.text[start:end]
        self._remember("kill" if kill else "delete", force=bool(kill))
        if kill:
            if joined and self._kills:
                last = self._kills[-1]
                self._kills[-1] = last + removed if kill == "forward" else removed + last
            else:
                self._kills = [*self._kills, removed][-_KILLS:]
        self.text = self.text[:start] + self.text[end:]
        self.at = start

    def yank(self) -> None:
        """Put back what was killed last; again at once: the kill before it."""
        if not self._kills:
            return
        if self._run == "yank" and self._yank is not None:
            start, end, which = self._yank
            which = (which - 1) % len(self._kills)
            self.text = self.text[:start] + self._kills[which] + self.text[end:]
        else:
            self._remember("yank")
            start, which = self.at, len(self._kills) - 1
            self.text = self.text[:start] + self._kills[which] + self.text[start:]
        self.at = start + len(self._kills[which])
        self._yank = (start, self.at, which)
        self._run = "yank"

    def undo(self) -> None:
        """Back by one step."""
        if self._undo:
            self._redo.append(_State(self.text, self.at))
            self._restore(self._undo.pop())

    def redo(self) -> None:
        """Take the last undo back."""
        if self._redo:
            self._undo.append(_State(self.text, self.at))
            self._restore(self._redo.pop())

    def move(self, at: int) -> None:
        """Cursor to an index; ends a run of typing."""
        self.at = max(0, min(at, len(self.text)))
        self._run = ""

    def left(self) -> int:
        """Index of the character before the cursor, joined characters counted as one."""
        at = self.at - 1
        while at > 0 and _joins(self.text[at]):
            at -= 1
        return max(0, at)

    def right(self) -> int:
        """Index after the character at the cursor."""
        at = self.at + 1
        while at < len(self.text) and _joins(self.text[at]):
            at += 1
        return min(len(self.text), at)

    def word_left(self) -> int:
        """Start of the word before the cursor."""
        starts = [match.start() for match in _WORD.finditer(self.text[: self.at])]
        return starts[-1] if starts else 0

    def word_right(self) -> int:
        """End of the word after the cursor."""
        match = _WORD.search(self.text, self.at)
        return match.end() if match else len(self.text)

    def line_start(self) -> int:
        """Start of the cursor's line."""
        return self.text.rfind("\n", 0, self.at) + 1

    def line_end(self) -> int:
        """End of the cursor's line, before its line feed."""
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end

    def _remember(self, kind: str, *, force: bool = False) -> None:
        if force or kind != self._run or kind in ("insert", "set"):
            self._undo = [*self._undo[-_UNDO:], _State(self.text, self.at)]
        self._redo.clear()
        self._run = kind

    def _restore(self, state: _State) -> None:
        self.text, self.at = state.text, state.at
        self._run = ""


def _joins(char: str) -> bool:
    import unicodedata

    return char in "\u200d\ufe0f" or unicodedata.combining(char) != 0
