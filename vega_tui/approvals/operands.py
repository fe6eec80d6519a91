"""Which files a command could open, as far as its words tell: by name, by a pattern, or nobody knows."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from vega_tui.approvals.globbing import Expansion, expand, secrets_below
from vega_tui.approvals.paths import PathUse, Places
from vega_tui.approvals.reading import DUMPERS, FED_BY_NAMES, NO_FILES, SKIP_HIDDEN, reads_more
from vega_tui.approvals.shell import Command, Parsed
from vega_tui.approvals.wrappers import SHIFTERS, Word

MAX_LOOKED_AT: Final = 300  # names of one line that are followed on the disk
_MAX_TOKENS: Final = 300
_LONGEST: Final = 4_096
_PIECES: Final = 12
_SEPARATORS = re.compile(r"[=@:,;<>|()!^]+")
_TOKEN = re.compile(r"[\w.~/+@%-]*[\w/~][\w.~/+@%-]*")
# What makes patterns match more than usual, or lets a known program's name mean something else.
_SHELL_OPTIONS = re.compile(r"shopt|GLOBIGNORE|dotglob|globstar|nocaseglob|bash\s+[-+]\w*O")
_REDEFINES = re.compile(r"\(\s*\)|\bfunction\b|\balias\b|\benable\b")
_SUBSTITUTED = re.compile(r"[<>]\([^()]*\)")
_LOOPS = re.compile(r"\b(?:for|while|until|select|function)\b|\(\s*\)|CDPATH")
_MAX_BASES: Final = 12


@dataclass(frozen=True, slots=True)
class Operands:
    """Files that a command names, files that it could mean, and why there may be more."""

    paths: tuple[PathUse, ...] = ()
    maybe: tuple[PathUse, ...] = ()  # matches of a pattern, names inside a longer text, after a change of folder
    unclear: str = ""  # why it may open others too; empty: it doesn't, as far as words can tell
    dumps: bool = False  # and it shows or copies what it opens


@dataclass(slots=True)
class Looker:
    """Looks at the commands of one line, with a limit on how much of the disk it looks at."""

    places: Places
    text: str
    left: int = MAX_LOOKED_AT
    bases: tuple[Places, ...] = ()  # other folders that the line may be in by then
    lost: str = ""  # why the folder can't be known
    loose: bool = False  # patterns match more than usual
    exempts: bool = True
    _seen: dict[str, PathUse] = field(default_factory=dict[str, PathUse])

    @classmethod
    def at(cls, parsed: Parsed, text: str, places: Places) -> "Looker":
        """For a line that starts in `places`."""
        looker = cls(places, text, loose=bool(_SHELL_OPTIONS.search(text)), exempts=not _REDEFINES.search(text))
        if parsed.moves:
            looker.bases, looker.lost = _moved(parsed, text, places)
        return looker

    def use(self, name: str) -> PathUse:
        """Where a name leads; only as written once the limit is reached."""
        known = self._seen.get(name)
        if known is None:
            self.left -= 1
            known = self._seen[name] = self.places.use(name) if self.left >= 0 else self.places.unfollowed(name)
        return known

    def operands(self, command: Command) -> Operands:
        """What one command may open."""
        name = command.name.rpartition("/")[2]
        if command.name in NO_FILES and self.exempts:
            return Operands()
        found = _Found(self, name, _folders(command.core, self.places))
        found.words(command.core[1:])
        if command.env:
            found.mentions(command.text)
        values = [word.value or "" for word in command.core]
        if name in SHIFTERS:  # the program that reads may stand anywhere
            behind = [reads_more(values[at:], self._is_folder) for at in range(len(values))]
            found.doubt(next((why for why in behind if why), ""))
            dumps = any(value.rpartition("/")[2] in DUMPERS for value in values)
        else:
            found.doubt(reads_more(values, self._is_folder))
            dumps = name in DUMPERS
        if command.piped and name in FED_BY_NAMES:
            found.doubt(f"{name} is fed its names")
        if self.left < 0:
            found.doubt("more names than are looked at")
        if found.unclear and found.only_recursive and dumps:
            dumps = self._walk(
                found, hidden=name not in SKIP_HIDDEN or any(v[:3] in ("--h", "-u", "-.") for v in values)
            )
        return Operands(tuple(found.paths.values()), tuple(found.maybe.values()), found.unclear, dumps)

    def _is_folder(self, name: str) -> bool:
        return Path(self.use(name).target).is_dir()

    def _walk(self, found: "_Found", *, hidden: bool) -> bool:
        """Look for secrets in the folders that are read as a whole; True when not all could be looked at."""
        roots = [use.target for use in found.paths.values() if Path(use.target).is_dir()] or [self.places.root]
        complete = True
        for root in roots[:8]:
            secrets, whole = secrets_below(root, hidden=hidden)
            complete = complete and whole
            for path in secrets:
                found.maybe.setdefault(path, self.places.unfollowed(path))
        return not complete or len(roots) > 8


class _Found:
    """What one command's words came to."""

    def __init__(self, looker: Looker, name: str, folders: tuple[Places, ...]) -> None:
        self._looker, self._name = looker, name
        self._folders = (*looker.bases, *folders)
        self.paths: dict[str, PathUse] = {}
        self.maybe: dict[str, PathUse] = {}
        self.unclear = ""
        self.only_recursive = True
        self._tokens = 0

    def doubt(self, why: str, *, recursive: bool = True) -> None:
        """Note a reason; the first is kept."""
        self.unclear = self.unclear or why
        if why and not recursive:
            self.only_recursive = False

    def words(self, words: Sequence[Word]) -> None:
        """Note what each word names."""
        message = False
        for word in words:
            if message or (self._name == "git" and re.match(r"-m.|--message=", word.value or "")):
                message = False  # a text for people: names nothing
                continue
            message = self._name == "git" and word.value in ("-m", "--message")
            if word.value is None and _SUBSTITUTED.fullmatch(word.text):
                continue  # the commands in it are judged by themselves
            if word.value is None:
                self.doubt("names that only the run will know", recursive=False)
            elif 0 < len(word.value) < _LONGEST:
                self._word(
                    word.value, glob=word.glob or (self._name == "git" and bool(re.search(r"[*?\[]", word.value)))
                )

    def _word(self, value: str, *, glob: bool) -> None:
        for name in _names(value):
            self._name_it(name)
        if glob:
            self._pattern(value)
        if re.search(r"[\s'\"]", value):
            self.mentions(value)

    def _name_it(self, name: str) -> None:
        if "\0" in name:
            return
        self.paths.setdefault(name, self._looker.use(name))
        if name.startswith(("/", "~/")):
            return
        if self._looker.lost:
            self.doubt(self._looker.lost, recursive=False)
        for base in self._folders:
            self._looker.left -= 1
            if self._looker.left >= 0:
                self.maybe.setdefault(f"{base.root}/{name}", base.use(name))

    def _pattern(self, pattern: str) -> None:
        for piece in {pattern, *(_SEPARATORS.split(pattern)[-1:] if self._name == "git" else ())}:
            for base in (self._looker.places, *self._folders):
                hidden = self._looker.loose or self._name == "git"
                found: Expansion = expand(piece, base, hidden=hidden, loose=self._looker.loose)
                if not found.complete:
                    self.doubt("a pattern that fits too many names", recursive=False)
                for path in found.paths:
                    self.maybe.setdefault(path, self._looker.use(path))

    def mentions(self, text: str) -> None:
        """Note every name inside a longer text."""
        for token in _TOKEN.findall(text):
            self._tokens += 1
            if self._tokens > _MAX_TOKENS:
                self.doubt("more names than are looked at", recursive=False)
                return
            self.maybe.setdefault(token, self._looker.places.unfollowed(token))


def _names(value: str) -> Iterable[str]:
    """Every part of a word that may be a file's name: `--file=.env`, `-f.env`, `@.env`, `HEAD:.env`, `if=.env`."""
    found: dict[str, None] = {}
    if not value.startswith("-"):
        found[value] = None
    else:
        start = min((i for i in (value.find(c) for c in "/~.") if i > 0), default=0)
        found.update(dict.fromkeys((value[2:], value[3:], value[start:]) if value[1:2] != "-" else (value[start:],)))
        found.pop(value, None)
    if "://" in value:
        scheme, _, behind = value.partition("://")
        if scheme.lower().endswith("file"):
            found["/" + unquote(behind).partition("/")[2]] = None
    elif _SEPARATORS.search(value):
        for at in list(_SEPARATORS.finditer(value))[:_PIECES]:
            tail = value[at.end() :]
            found[tail] = None
            found[_SEPARATORS.split(tail, maxsplit=1)[0]] = None
            if at.group().endswith(":"):  # git: from the top of the tree
                found[tail.lstrip("/")] = None
        if not value.startswith("-"):
            found[_SEPARATORS.split(value, maxsplit=1)[0]] = None
    found.pop("", None)
    return found


def _folders(words: Sequence[Word], places: Places) -> tuple[Places, ...]:
    """Folders that options change to: `git -C x`, `tar -Cx`, `--directory=x`."""
    found: list[Places] = []
    for at, word in enumerate(words[:-1]):
        value = word.value or ""
        if value in ("-C", "--directory", "--chdir", "--work-tree", "--prefix", "--cwd") and words[at + 1].value:
            found.append(places.at(_joined(places.root, words[at + 1].value or "", places)))
    for word in words[1:]:
        match = re.match(r"-C(?=[^-])(.+)|--(?:directory|chdir|work-tree|prefix|cwd)=(.+)", word.value or "", re.S)
        if match:
            found.append(places.at(_joined(places.root, match[1] or match[2], places)))
    return tuple(found[:4])


def _moved(parsed: Parsed, text: str, places: Places) -> tuple[tuple[Places, ...], str]:
    """The folders that `cd` may lead to, in whatever order and whichever of them is run."""
    why = "changes its directory first"
    if _LOOPS.search(text):
        return (), why
    bases: dict[str, None] = {places.root: None}
    for folder in _goes(parsed):
        if folder is None:
            return (), why
        for base in list(bases):
            bases.update(dict.fromkeys(_both(_joined(base, folder, places))))
        if len(bases) > _MAX_BASES:
            return (), why
    return tuple(places.at(base) for base in bases if base != places.root), ""


def _goes(parsed: Parsed) -> Iterator[str | None]:
    """Where each `cd` goes; None where nobody knows."""
    for command in parsed.commands:
        if command.name in ("pushd", "popd"):
            yield None
        elif command.name == "cd":
            words = [word for word in command.core[1:] if word.value not in ("-L", "-P", "--")]
            if not words:
                yield "~"
            elif len(words) > 1 or words[0].glob or not words[0].value or words[0].value.startswith("-"):
                yield None
            else:
                yield words[0].value


def _joined(base: str, folder: str, places: Places) -> str:
    goes = places.home + folder[1:] if folder.startswith("~") else folder
    return os.path.normpath(os.path.join(base, goes))  # noqa: PTH118 - pathlib keeps `..`


def _both(folder: str) -> tuple[str, str]:
    return folder, os.path.realpath(folder)
