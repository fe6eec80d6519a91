"""Finds who reads a program's arguments: every module of this package with a PROGRAMS table."""

import importlib
import pkgutil
import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Final

from vega_tui.approvals import programs
from vega_tui.approvals.programs.reading import PLAIN, Reader, Reading
from vega_tui.approvals.shell import Command, segments
from vega_tui.approvals.wrappers import SHIFTERS, Word

_ESCAPE: Final = re.compile(r"\\(?:[xuU]([0-9a-fA-F]{1,8})|([0-7]{1,3})|(.))", re.S)
_NAMED_ESCAPES: Final = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
    "E": "\x1b",
}
_DEPTH: Final = 4  # programs that start programs that start programs


@cache
def _readers() -> Mapping[str, Reader]:
    found: dict[str, Reader] = {}
    for module in pkgutil.iter_modules(programs.__path__):
        table: Mapping[str, Reader] = getattr(
            importlib.import_module(f"{programs.__name__}.{module.name}"), "PROGRAMS", {}
        )
        found.update(table)
    return found


def readings(command: Command) -> tuple[Reading, ...]:
    """What the command's words mean, read from everywhere a program's name may stand; the first is its own."""
    return _readings(command.core, command.piped)


def literal(word: Word) -> str:
    """What a word will be; as written, where only the run will know."""
    if word.value is not None:
        return word.value
    quoted = re.fullmatch(r"\$'((?:[^'\\]|\\.)*)'", word.text, re.S)
    return _ESCAPE.sub(_unescaped, quoted[1]) if quoted else word.text


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        return chr(int(code, 16 if match[1] else 8) & 0x10FFFF)
    return _NAMED_ESCAPES.get(match[3], match[3])


@lru_cache(maxsize=512)
def _readings(words: tuple[Word, ...], piped: bool) -> tuple[Reading, ...]:
    return read_all(tuple(literal(word) for word in words), piped)


def read_all(values: tuple[str, ...], piped: bool = False) -> tuple[Reading, ...]:
    """The readings of these words, from everywhere a program's name may stand."""
    found = [reading_of(values[start:], piped) for start in shifted(values)]
    for reading in found:
        if reading.behind and len(found) < _DEPTH:
            found.append(reading_of(reading.behind, piped))
    return tuple(found)


def reading_of(words: tuple[str, ...], piped: bool = False) -> Reading:
    """The reading of a program and its arguments; nothing special where nobody knows the program."""
    if not words:
        return PLAIN
    reader = _reader(words[0])
    return reader(words[1:], piped) if reader is not None else PLAIN


def _reader(program: str) -> Reader | None:
    name = program.rpartition("/")[2]
    return _readers().get(name) or _readers().get(_unversioned(name))


@lru_cache(maxsize=512)
def scripted(command: Command) -> tuple[tuple[str, ...], ...]:
    """The words of every command in the texts that this one would hand to a shell."""
    found: list[tuple[str, ...]] = []
    for script in _scripts(command):
        for inner in segments(script).commands:
            found.append(tuple(literal(word) for word in inner.core))
    return tuple(found)


@lru_cache(maxsize=512)
def unclear(command: Command) -> str:
    """Why nobody can tell all that the command would run, so that a deny rule may be met unseen; else empty."""
    opaque = next((reading.opaque for reading in readings(command) if reading.opaque), "")
    if command.opaque or opaque:
        return command.opaque or opaque
    shells = [script for reading in readings(command) if reading.acts for script in reading.scripts]
    for script in shells:
        inner = segments(script)
        if inner.problem or any(each.opaque for each in inner.commands):
            return f"runs a text that can't be read: {script[:40]}"
    return ""


def _scripts(command: Command) -> list[str]:
    return [script for reading in readings(command) for script in reading.scripts if script.strip()][:20]


def _unversioned(name: str) -> str:
    """`python` for python3.11, `gcc` for gcc-12."""
    return name.rstrip("0123456789.").rstrip("-")


def shifted(values: Sequence[str]) -> list[int]:
    """Where a program's name may stand: at the start, and after programs that run others."""
    if values and values[0].rpartition("/")[2] in SHIFTERS:
        return list(range(len(values)))
    return [0] if values else []
