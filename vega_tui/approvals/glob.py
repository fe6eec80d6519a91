"""Patterns with `*`, `**` and `?`, matched in one pass over the text, whatever the pattern: nothing is tried twice.

A pattern is a row of places; the places that the text so far may have led to are the bits of one number.
"""

from enum import Enum
from functools import lru_cache
from typing import TypeAlias


class Wild(Enum):
    """A place that takes more than one certain character."""

    ONE = "?"  # any character but the separator
    STAR = "*"  # any text without a separator
    ANY = "**"  # any text
    BELOW = "/**/"  # behind a separator: nothing, or any text up to another one


Row: TypeAlias = list[str | Wild]


class Glob:
    """One pattern, ready to match. `below` lets it also fit what lies behind a separator after its end."""

    def __init__(self, row: Row, separator: str, *, below: bool) -> None:
        fixed = next((index for index, place in enumerate(row) if isinstance(place, Wild)), len(row))
        row, self._prefix = row[fixed:], "".join(place for place in row[:fixed] if isinstance(place, str))
        self._words = _words(row)
        self._separator = separator
        self._below = below
        self._takes: dict[str | Wild, int] = {}
        for index, place in enumerate(row):
            self._takes[place] = self._takes.get(place, 0) | 1 << index
        one, star, any_, jump = (self._takes.get(wild, 0) for wild in Wild)
        self._one, self._star, self._any, self._jump = one, star, any_, jump
        self._end = 1 << len(row)
        self._done = self._end >> 1 if row and row[-1] is Wild.ANY else 0  # whatever follows, it fits

    def fits(self, text: str) -> bool:
        """True when `text` as a whole fits."""
        if not text.startswith(self._prefix):
            return False
        start = len(self._prefix)
        for word in self._words:  # in this order, or it can't fit: most texts are settled here
            found = text.find(word, start)
            if found < 0:
                return False
            start = found + len(word)
        places = self._opened(1)
        separator, end, done = self._separator, self._end if self._below else 0, self._done
        for character in text[len(self._prefix) :]:
            if places & done:
                return True
            taken = self._takes.get(character, 0)
            if character == separator:
                if places & end:
                    return True
                moved, stay = places & (taken | self._jump), places & self._any
            else:
                moved, stay = places & (taken | self._one), places & (self._any | self._star)
            # A `/**/` that is being passed over stays so until a separator; it is not entered again.
            places = self._opened((moved << 1) | stay) | (places & self._jump)
            if not places:
                return False
        return bool(places & (self._end | done))

    def _opened(self, places: int) -> int:
        """With the places behind those that may take nothing; two of them follow each other at most."""
        empty = self._star | self._any | self._jump
        places |= (places & empty) << 1
        return places | (places & empty) << 1


def _words(row: Row) -> tuple[str, ...]:
    """The runs of literal text in a row."""
    found = [""]
    for place in row:
        if isinstance(place, Wild):
            found.append("")
        else:
            found[-1] += place
    return tuple(word for word in found if word)


@lru_cache(maxsize=1024)
def text_glob(pattern: str) -> Glob:
    """`*` stands for any text, `\\*` for itself; nothing else is special."""
    return Glob(_starred(pattern, Wild.ANY), "", below=False)


@lru_cache(maxsize=1024)
def host_glob(pattern: str) -> Glob:
    """`*` stands for any text without a dot."""
    return Glob(_starred(pattern, Wild.STAR), ".", below=False)


@lru_cache(maxsize=1024)
def path_glob(pattern: str) -> Glob:
    """As .gitignore has it: `*` and `?` stay in a folder, `**` doesn't, `/**/` is also `/`. What is below fits too."""
    row: Row = []
    index = 0
    while index < len(pattern):
        if pattern.startswith("/**/", index):
            row += ["/", Wild.BELOW]
            index += 4
        elif pattern.startswith("**", index):
            _widen(row, Wild.ANY)
            index += 2
        elif pattern[index] == "*":
            _widen(row, Wild.STAR)
            index += 1
        else:
            row.append(Wild.ONE if pattern[index] == "?" else pattern[index])
            index += 1
    return Glob(row, "/", below=True)


def _starred(pattern: str, star: Wild) -> Row:
    row: Row = []
    for character in pattern:
        if character != "*":
            row.append(character)
        elif row and row[-1] == "\\":
            row[-1] = "*"
        else:
            _widen(row, star)
    return row


def _widen(row: Row, star: Wild) -> None:
    """Two stars beside each other are one: the wider."""
    if row and row[-1] in (Wild.STAR, Wild.ANY):
        row[-1] = Wild.ANY if Wild.ANY in (star, row[-1]) else Wild.STAR
    else:
        row.append(star)
