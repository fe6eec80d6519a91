"""Where a path leads: as named, with symlinks followed, and by which other names the same file goes."""

import os
import re
import stat
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from vega_tui.core.home import own_homes

# Seen from the command these are folders that we know; seen from us they would be our own.
_PROCESS_LINK = re.compile(r"/proc/(?:self|thread-self|\d+)(?:/task/\d+)?/(cwd|root)(?=/|$)")
_MAX_SIBLINGS: Final = 2_000
# What we keep in a home, and what decides for us there.
_OURS: Final = ("config.yaml", "rules.yaml", "keymap", "trusted_folders", "themes", "run/", "logs/", "vega.db")


@dataclass(frozen=True, slots=True)
class PathUse:
    """A file or folder that a call touches: `path` as named, `target` behind symlinks; both absolute."""

    path: str
    target: str
    inside: bool  # the target lies in the work directory
    alias: str = ""  # as `path`, where the work directory itself is reached by a link
    twins: tuple[str, ...] = ()  # hard links to the same file, in its folder or the work directory
    ours: bool = False  # it lies in this program's own home, and the work directory doesn't
    kept: bool = False  # it is what this program keeps in its home, whatever the name it goes by

    @property
    def spellings(self) -> tuple[str, ...]:
        """Both names, or the one when they are the same: an allow rule must cover them all."""
        return (self.path,) if self.path == self.target else (self.path, self.target)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it goes by: a deny or ask rule speaks when it fits any."""
        aliased = (self.alias,) if self.alias not in ("", self.path) else ()
        return (*self.spellings, *aliased, *self.twins)


class Places:
    """Resolves names from one work directory."""

    def __init__(self, cwd: Path | str, home: Path | str) -> None:
        self.named = os.path.abspath(cwd)  # noqa: PTH100 - pathlib keeps `..`
        self.root = os.path.realpath(cwd)
        self.home = str(home)

    def at(self, folder: str) -> "Places":
        """The same view from another folder; what is inside stays what it is here."""
        other = Places(folder, self.home)
        other.inner = self.inner
        return other

    @property
    def node(self) -> tuple[int, int]:
        """Device and number of the folder; zeros where it is gone."""
        try:
            status = os.stat(self.root)  # noqa: PTH116 - on the way of every call
        except OSError:
            return 0, 0
        return status.st_dev, status.st_ino

    @cached_property
    def inner(self) -> str:
        """What paths in the work directory start with."""
        return self.root.rstrip("/") + "/"

    def use(self, name: str) -> PathUse:
        """Where `name` leads. A null byte or a loop of links leads nowhere: outside."""
        expanded = self.home + name[1:] if name == "~" or name.startswith("~/") else name
        lexical = os.path.normpath(os.path.join(self.root, expanded))  # noqa: PTH118 - pathlib keeps `..`
        alias = lexical
        if self.named != self.root:
            alias = os.path.normpath(os.path.join(self.named, expanded))  # noqa: PTH118
        try:
            target = self._target(expanded, lexical)
        except (OSError, ValueError):
            return PathUse(lexical, lexical, inside=False, alias=alias)
        inside = f"{target}/".startswith(self.inner)
        twins = self._twins(target)
        kept = any(self._kept(each) for each in (target, *twins))
        return PathUse(lexical, target, inside, alias, twins, self._ours(target), kept)

    def unfollowed(self, name: str) -> PathUse:
        """A name only as written: nobody looks at the disk."""
        lexical = os.path.normpath(os.path.join(self.root, name))  # noqa: PTH118
        inside = f"{lexical}/".startswith(self.inner)
        return PathUse(lexical, lexical, inside, ours=self._ours(lexical), kept=self._kept(lexical))

    def _ours(self, target: str) -> bool:
        return any(f"{target}/".startswith(own) and not self.inner.startswith(own) for own in own_homes())

    def _kept(self, target: str) -> bool:
        """A work directory that lies in a home is free, but for the files that are ours."""
        for own in own_homes():
            below = _below_folder(f"{target}/", own)
            if below is not None and (not self.inner.startswith(own) or disk_name(below).startswith(_OURS)):
                return True
        return False

    def _target(self, expanded: str, lexical: str) -> str:
        if expanded.startswith("/proc/"):
            followed = _PROCESS_LINK.sub(lambda m: self.root if m[1] == "cwd" else "", expanded)
            return os.path.realpath(followed or "/")
        if ".." not in expanded and lexical.startswith(self.root.rstrip("/") + "/"):
            return self._below(lexical)
        return os.path.realpath(os.path.join(self.root, expanded))  # noqa: PTH118

    def _below(self, lexical: str) -> str:
        """As `realpath`, which would walk from the root of the disk again for each name."""
        at = self.root.rstrip("/")
        for part in lexical[len(at) + 1 :].split("/"):
            at = f"{at}/{part}"
            try:
                if stat.S_ISLNK(os.lstat(at).st_mode):
                    return os.path.realpath(lexical)
            except FileNotFoundError:
                return lexical
            except OSError:
                return os.path.realpath(lexical)
        return lexical

    def _twins(self, target: str) -> tuple[str, ...]:
        try:
            status = os.lstat(target)
        except (OSError, ValueError):
            return ()
        if status.st_nlink < 2 or not stat.S_ISREG(status.st_mode):
            return ()
        found = (name for folder in _neighbours(target, self.root) for name in _linked(folder, status))
        return tuple(sorted(name for name in found if name != target))


def _neighbours(target: str, root: str) -> set[str]:
    """Folders in which another name of a file is looked for."""
    return {os.path.dirname(target), root, *own_homes()}  # noqa: PTH120


@lru_cache(maxsize=4096)
def disk_name(path: str) -> str:
    """A path as the most forgiving file system compares it: no case, no invisible letters, no dots at the end."""
    seen = "".join(each for each in unicodedata.normalize("NFKC", path) if unicodedata.category(each) != "Cf")
    return "/".join(part if part in (".", "..") else part.rstrip(". ") for part in seen.casefold().split("/"))


def _below_folder(path: str, folder: str) -> str | None:
    """What of `path` lies behind `folder`, by name or by what is on the disk there; None when it lies elsewhere."""
    name, behind = disk_name(path), disk_name(folder)
    if name.startswith(behind):
        return path[len(folder) :]
    try:
        wanted = os.stat(folder)  # noqa: PTH116
    except OSError:
        return None
    cut = path.find("/", 1)
    while cut > 0:
        try:
            found = os.stat(path[:cut])  # noqa: PTH116
        except (OSError, ValueError):
            return None
        if (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino):
            return path[cut + 1 :]
        cut = path.find("/", cut + 1)
    return None


def _linked(folder: str, status: os.stat_result) -> Iterable[str]:
    try:
        with os.scandir(folder) as entries:
            for count, entry in enumerate(entries):
                if count > _MAX_SIBLINGS:
                    return
                if entry.inode() == status.st_ino and entry.stat(follow_symlinks=False).st_dev == status.st_dev:
                    yield entry.path
    except OSError:
        return


def resolve(name: str, cwd: Path, home: Path) -> PathUse:
    """Where a path leads from `cwd`."""
    return Places(cwd, home).use(name)
