"""Text measured in terminal cells: spans and lines, cleaning, clipping, padding, wrapping.

A span is (text, style words); a line is a list of spans. Style words name roles ("muted", "strong bold",
"ask on panel") and become colours only in theme.Palette, so every painter can be tested as text.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rich.cells import cell_len, split_graphemes

Span: TypeAlias = tuple[str, str]
Line: TypeAlias = list[Span]

_WORDS = re.compile(r"\n| +|[^ \n]+")
_UNSAFE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe0f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_DROPPED = frozenset("\r\u200d\ufe0f")
_TAB = 4


def clean(text: str) -> str:
    """The text with nothing a terminal would obey: control and invisible characters become visible marks.

    Line feeds stay; carriage returns, emoji joiners and emoji selectors go (terminals disagree on their
    width); tabs become spaces.
    """
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    if "\t" in text:
        text = "\n".join(line.expandtabs(_TAB) for line in text.split("\n"))
    return _UNSAFE.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    char = match.group()
    if char in _DROPPED:
        return ""
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "\ufffd"


def width_of(line: Iterable[Span]) -> int:
    """Cells a line takes."""
    return sum(cell_len(text) for text, _ in line)


def text_of(line: Iterable[Span]) -> str:
    """A line's text without styles."""
    return "".join(text for text, _ in line)


def pieces(text: str) -> list[tuple[str, int]]:
    """Smallest parts that may not be cut, each with its cells: (grapheme, width)."""
    if text.isascii():
        return [(char, 1) for char in text]
    spans, _ = split_graphemes(text)
    return [(text[start:end], cells) for start, end, cells in spans]


def cut(text: str, cells: int) -> tuple[str, str]:
    """Split so that the left part takes at most `cells`; a wide character is never halved."""
    if text.isascii():
        cells = max(cells, 0)
        return text[:cells], text[cells:]
    used = 0
    at = 0
    for piece, size in pieces(text):
        if used + size > cells:
            break
        used += size
        at += len(piece)
    return text[:at], text[at:]


def shorten(text: str, cells: int, *, ellipsis: str = "…") -> str:
    """The text, or its beginning with an ellipsis where it is too long."""
    if cell_len(text) <= cells:
        return text
    if cells <= 0:
        return ""
    return cut(text, cells - 1)[0].rstrip() + ellipsis


def shorten_path(path: str, cells: int, *, ellipsis: str = "…") -> str:
    """A path that loses its middle: `…/auth/session.py`."""
    if cell_len(path) <= cells:
        return path
    parts = path.split("/")
    for first in range(1, len(parts)):
        tail = ellipsis + "/" + "/".join(parts[first:])
        if cell_len(tail) <= cells:
            return tail
    return shorten(parts[-1], cells, ellipsis=ellipsis)


def clip(line: Sequence[Span], cells: int, *, ellipsis: str = "…") -> Line:
    """The line within `cells`, ended by an ellipsis where something was cut off."""
    if width_of(line) <= cells:
        return list(line)
    out: Line = []
    left = max(0, cells - 1)
    for text, style in line:
        head, rest = cut(text, left)
        if head:
            out.append((head, style))
        left -= cell_len(head)
        if rest:
            if cells > 0:
                out.append((ellipsis, style))
            break
    return out


def pad(line: Sequence[Span], cells: int, style: str = "") -> Line:
    """The line clipped or filled with spaces to exactly `cells`."""
    out = clip(line, cells)
    gap = cells - width_of(out)
    if gap > 0:
        out.append((" " * gap, style))
    return out


def spread(left: Sequence[Span], right: Sequence[Span], cells: int, *, gap: int = 1) -> Line:
    """`left` from the start and `right` ending at `cells`; the left one gives way."""
    size = width_of(right)
    out = clip(left, max(0, cells - size - gap)) if size else clip(left, cells)
    free = cells - size - width_of(out)
    if size:
        out.append((" " * max(free, 0), ""))
        out.extend(clip(right, cells))
    return out


def column(text: str, cells: int, style: str = "", *, right: bool = False) -> Span:
    """One cell of a table, exactly `cells` wide."""
    text = shorten(text, cells)
    space = " " * (cells - cell_len(text))
    return (space + text, style) if right else (text + space, style)


def restyle(line: Iterable[Span], style: str) -> Line:
    """The same text in one style."""
    return [(text, style) for text, _ in line]


def merged(line: Iterable[Span]) -> Line:
    """Neighbours of one style joined, empty spans gone."""
    out: Line = []
    for text, style in line:
        if not text:
            continue
        if out and out[-1][1] == style:
            out[-1] = (out[-1][0] + text, style)
        else:
            out.append((text, style))
    return out


def wrap(line: Iterable[Span], cells: int) -> list[Line]:
    """Break at spaces, and inside words only where one is wider than the line; never empty.

    Line feeds break. Spaces at a break are dropped, all other characters are kept.
    """
    wrapper = _Wrapper(max(cells, 1))
    for text, style in line:
        for word in _WORDS.findall(text):
            wrapper.add(word, style)
    return wrapper.finish()


class _Wrapper:
    def __init__(self, cells: int) -> None:
        self.cells = cells
        self.lines: list[Line] = []
        self.line: Line = []
        self.used = 0
        self.space: Line = []  # waits for a word: dropped at a break
        self.word: Line = []  # may consist of several spans
        self.word_cells = 0

    def add(self, word: str, style: str) -> None:
        if word == "\n":
            self._end_word()
            self._break()
        elif word[0] == " ":
            self._end_word()
            self.space.append((word, style))
        else:
            self.word.append((word, style))
            self.word_cells += cell_len(word)

    def finish(self) -> list[Line]:
        self._end_word()
        if self.line or not self.lines:
            self._break()
        return self.lines

    def _break(self) -> None:
        self.lines.append(merged(self.line))
        self.line = []
        self.used = 0
        self.space = []

    def _end_word(self) -> None:
        if not self.word:
            return
        space = sum(len(text) for text, _ in self.space)
        if self.used + space + self.word_cells <= self.cells:
            self.line += self.space
            self.line += self.word
            self.used += space + self.word_cells
        else:
            if self.line:
                if self.word_cells > self.cells and self.used + space < self.cells and _is_wide(self.word):
                    self.line += self.space
                    self.used += space
                else:
                    self._break()
            elif space < self.cells and self.word_cells > self.cells:
                self.line += self.space
                self.used += space
            self._place()
        self.space = []
        self.word = []
        self.word_cells = 0

    def _place(self) -> None:
        for text, style in self.word:
            while text:
                head, rest = cut(text, self.cells - self.used)
                if not head and not self.line:
                    head, rest = pieces(text)[0][0], text[len(pieces(text)[0][0]) :]  # wider than the line
                    if cell_len(head) > self.cells:
                        head = "?" * self.cells
                if head:
                    self.line.append((head, style))
                    self.used += cell_len(head)
                if rest:
                    self._break()
                text = rest


def _is_wide(word: Line) -> bool:
    # Scripts without spaces (Chinese, Japanese) fill the line instead of starting a new one.
    return any(cell_len(text) > len(text) for text, _ in word)
