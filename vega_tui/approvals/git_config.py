"""Reads a git configuration file as git does, and nothing beyond it: no include is followed, no process is started."""

import os
import stat
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from vega_tui.approvals.git_keys import Setting

_MOST: Final = 256 * 1024
_SPACE: Final = " \t\n\r"
_ESCAPES: Final = {"t": "\t", "b": "\b", "n": "\n", "\\": "\\", '"': '"'}


class BadConfig(Exception):
    """Nobody can tell what a file sets."""


def read_regular(path: str, most: int = _MOST) -> bytes | None:
    """The bytes of a regular file; None where there is none. Raises BadConfig for one that can't be read whole."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - on the way of every call
            raise BadConfig(f"{path} is no file")
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise BadConfig(f"{path} can't be read") from error
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > most:
            raise BadConfig(f"{path} is too large, or no file")
        try:
            data = file.read(most + 1)
        except OSError as error:
            raise BadConfig(f"{path} can't be read") from error
    if len(data) > most:
        raise BadConfig(f"{path} is too large")
    return data


def settings_of(path: str) -> tuple[Setting, ...]:
    """What a file sets, in its order; empty where there is none. Raises BadConfig."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (OSError, ValueError) as error:
        raise BadConfig(f"{path} can't be read") from error
    return _kept(path, (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size))


@lru_cache(maxsize=64)
def _kept(path: str, version: tuple[int, ...]) -> tuple[Setting, ...]:
    data = read_regular(path)
    return parsed(data.decode("latin-1")) if data else ()


def parsed(text: str) -> tuple[Setting, ...]:
    """The settings in a configuration's text (one character a byte). Raises BadConfig where git would stop, too."""
    if "\0" in text:
        raise BadConfig("holds a null byte")
    text = text.removeprefix("\xef\xbb\xbf").replace("\r\n", "\n")
    if text.endswith("\r"):
        text = text[:-1]
    return tuple(_Reader(text + "\n").settings())


class _Reader:
    """git's own reader (config.c), step for step: what it takes for a key must be one here."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise BadConfig("ends too early")
        self._at += 1
        return self._text[self._at - 1]

    def settings(self) -> Iterator[Setting]:
        """All settings, one after the other."""
        base: tuple[str, str] | None = None
        while self._at < len(self._text):
            c = self._next()
            if c in _SPACE:
                continue
            if c in "#;":
                self._at = self._text.index("\n", self._at)
            elif c == "[":
                base = self._section()
            elif base is not None and c.isascii() and c.isalpha():
                yield self._setting(base, c)
            else:
                raise BadConfig("has a line that git can't read")

    def _section(self) -> tuple[str, str]:
        name = ""
        while (c := self._next()) != "]":
            if c in _SPACE:
                return self._with_sub(name, c)
            if not _key_char(c) and c != ".":
                raise BadConfig("has a section that git can't read")
            name += c.lower()
        section, _, sub = name.partition(".")
        return section, sub

    def _with_sub(self, name: str, c: str) -> tuple[str, str]:
        while c in _SPACE:
            if c == "\n":
                raise BadConfig("has a section that git can't read")
            c = self._next()
        if c != '"':
            raise BadConfig("has a section that git can't read")
        sub: list[str] = []
        while (c := self._next()) != '"':
            if c == "\\":
                c = self._next()
            if c == "\n":
                raise BadConfig("has a section that git can't read")
            sub.append(c)
        if self._next() != "]":
            raise BadConfig("has a section that git can't read")
        section, dot, more = name.partition(".")
        return section, more + dot + "".join(sub)

    def _setting(self, base: tuple[str, str], first: str) -> Setting:
        key = first.lower()
        while _key_char(c := self._next()):
            key += c.lower()
        while c in " \t":
            c = self._next()
        if c == "\n":
            return Setting(*base, key, "true")  # a key alone says yes
        if c != "=":
            raise BadConfig("has a line that git can't read")
        return Setting(*base, key, self._value())

    def _value(self) -> str:
        value: list[str] = []
        quoted, kept = False, 0
        while True:
            c = self._next()
            if c == "\n":
                if quoted:
                    raise BadConfig("has a value without its end")
                return "".join(value[:kept])
            if c in _SPACE and not quoted:
                if value:
                    value.append(c)
                continue
            if c in "#;" and not quoted:
                self._at = self._text.index("\n", self._at)
                continue
            if c == '"':
                quoted = not quoted
                kept = len(value)
                continue
            if c == "\\":
                c = self._next()
                if c == "\n":
                    continue
                if c not in _ESCAPES:
                    raise BadConfig("has a value that git can't read")
                c = _ESCAPES[c]
            value.append(c)
            kept = len(value)


def _key_char(c: str) -> bool:
    return c.isascii() and (c.isalnum() or c == "-")
