"""Which files a shell pattern fits on the disk: never fewer than bash would find. Looks at a limited number."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from vega_tui.approvals.paths import Places
from vega_tui.approvals.sensitive import holds_secrets

_MAX_ENTRIES: Final = 3_000
_MAX_FOUND: Final = 100
_MAX_BELOW: Final = 1_000
_SPECIAL = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a pattern fits. Not `complete`: there was more than is looked at."""

    paths: tuple[str, ...]
    complete: bool = True


def expand(pattern: str, places: Places, *, hidden: bool, loose: bool) -> Expansion:
    """Files and folders that `pattern` may stand for, in any case of letters where `loose`.

    `hidden`: names with a dot in front too, as `shopt -s dotglob` and git have it.
    """
    if loose and "**" in pattern:
        return Expansion((), complete=False)
    if pattern.startswith("~/"):
        pattern = places.home + pattern[1:]
    parts = [part for part in pattern.split("/") if part]
    search = _Search(hidden, loose)
    found: list[str] = []
    for path in search.below("/" if pattern.startswith("/") else places.root, parts):
        if len(found) == _MAX_FOUND:
            return Expansion(tuple(found), complete=False)
        found.append(path)
    return Expansion(tuple(found), search.left >= 0)


class _Search:
    def __init__(self, hidden: bool, loose: bool) -> None:
        self._hidden, self._loose = hidden, loose
        self.left = _MAX_ENTRIES

    def below(self, folder: str, parts: list[str]) -> Iterator[str]:
        if not parts:
            yield folder
            return
        first, rest = parts[0], parts[1:]
        if not _SPECIAL.search(first) and not self._loose:
            path = f"{folder.rstrip('/')}/{first}"
            if os.path.lexists(path):
                yield from self.below(path, rest)
            return
        pieces = _pieces(first.casefold() if self._loose else first)
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    self.left -= 1
                    if self.left < 0:
                        return
                    name = entry.name.casefold() if self._loose else entry.name
                    if name.startswith(".") and not (self._hidden or first.startswith(".")):
                        continue
                    if _fits(pieces, name) and (not rest or entry.is_dir()):
                        yield from self.below(entry.path, rest)
        except OSError:
            return


def _pieces(pattern: str) -> list[str]:
    """The literal parts; between them may stand anything, which is more than `?` and `[…]` allow."""
    start, end = pattern.find("["), pattern.rfind("]")
    if start >= 0:
        pattern = f"{pattern[:start]}*{pattern[end + 1 :] if end > start else ''}"
    return re.split(r"[*?]+", pattern)


def _fits(pieces: list[str], name: str) -> bool:
    """In a time that doesn't grow with the number of stars."""
    if len(pieces) == 1:
        return name == pieces[0]
    first, last = pieces[0], pieces[-1]
    if len(name) < len(first) + len(last) or not (name.startswith(first) and name.endswith(last)):
        return False
    at, end = len(first), len(name) - len(last)
    for piece in pieces[1:-1]:
        found = name.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def secrets_below(root: str, *, hidden: bool) -> tuple[list[str], bool]:
    """Files in a tree that usually hold secrets, and whether the whole tree was looked at."""
    found: list[str] = []
    stack, left = [root], _MAX_BELOW
    while stack:
        try:
            with os.scandir(stack.pop()) as entries:
                for entry in entries:
                    left -= 1
                    if left < 0:
                        return found, False
                    if entry.name.startswith(".") and not hidden:
                        continue
                    if holds_secrets(entry.name):
                        found.append(entry.path)
                    elif entry.is_dir(follow_symlinks=False):
                        stack.append(entry.path)
        except OSError:
            continue
    return found, True
