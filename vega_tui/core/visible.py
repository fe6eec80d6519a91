"""Text as a person must see it before saying yes: each character that a screen would hide or obey is a sign.

`visible` is injective: two different texts never look the same. So the signs themselves, where a text really has
them, are written as their numbers, `⟨U+240A⟩`.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

LONGEST: Final = 400  # of a call in one line
_MARKS: Final = 2  # combining marks on one letter that a screen still shows apart
_COUNTED: Final = 24  # cells from which on the number of what is missing has room
_OPEN, _CLOSE = "⟨", "⟩"
_NAMED: Final = {"\n": "⏎", "\t": "⇥", "\x7f": "␡"} | {chr(c): chr(0x2400 + c) for c in range(32) if c not in (9, 10)}
_SIGNS: Final = frozenset({*_NAMED.values(), _OPEN, _CLOSE})
# Categories that a terminal obeys, drops, or draws as nothing: control, format, surrogate, private, unassigned,
# separators. The blank is the only space that is one.
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
# Letters, marks and signs of other categories that are drawn as nothing.
_BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufffc\ufffd"
    "\U000133fc\U00013441-\U00013446\U0001d159\U000e0100-\U000e01ef]"
)
_ASCII: Final = re.compile("[\x20-\x7e]*")


def visible(text: str, *, lines: bool = False) -> str:
    """`text` with a sign for each control, bidi, invisible or odd blank character; `lines` keeps line feeds."""
    if _ASCII.fullmatch(text):
        return text
    out: list[str] = []
    marks = _MARKS  # nothing stands before the first character that could carry one
    for char in text:
        if " " <= char <= "~":
            marks = 0 if char.isalnum() else _MARKS
            out.append(char)
        elif char == "\n" and lines:
            marks = _MARKS
            out.append(char)
        elif char in _NAMED:
            marks = _MARKS
            out.append(_NAMED[char])
        elif _hides(char):
            out.append(_number(char))
            marks = _MARKS
        elif unicodedata.category(char)[0] == "M":
            marks += 1
            fits = marks <= _MARKS and unicodedata.combining(char) != 1 and unicodedata.category(char) != "Me"
            out.append(char if fits else _number(char))
        else:
            marks = 0
            out.append(char)
    return "".join(out)


def hides(text: str) -> bool:
    """True when `text` has a character that a screen would not show as it is, other than line feeds and tabs."""
    return visible(text.replace("\n", "").replace("\t", "")) != text.replace("\n", "").replace("\t", "")


def call_line(text: str, longest: int = LONGEST) -> str:
    """A call in one visible line; what is too long says how much of it is missing."""
    return cut(visible(text), longest, len)


def cut(shown: str, cells: int, measure: Callable[[str], int]) -> str:
    """The beginning of a visible text that fits, and how many characters are missing: `rm -rf…⟨+312⟩`.

    In a column of a few cells the number would leave no room for the text: there it is an ellipsis alone.
    """
    if measure(shown) <= cells:
        return shown
    counted = cells >= _COUNTED
    mark = f"…{_OPEN}+{len(shown)}{_CLOSE}" if counted else "…"
    room = cells - len(mark)
    if room < 0:
        return ""
    kept = shown[:room]
    while measure(kept) > room:
        kept = kept[:-1]
    return f"{kept}…{_OPEN}+{len(shown) - len(kept)}{_CLOSE}" if counted else kept + "…"


def _hides(char: str) -> bool:
    return char in _SIGNS or unicodedata.category(char) in _HIDDEN or _BLANK.match(char) is not None


def _number(char: str) -> str:
    return f"{_OPEN}U+{ord(char):04X}{_CLOSE}"
