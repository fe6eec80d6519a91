"""Where a path leads: as named, with symlinks followed, and by which other names the same file goes."""

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from vega_tui.core.home import Home

# Seen from the command these are folders that we know; seen from us they would be our own.
_PROCESS_LINK = re.compile(r"/proc/(?:self|thread-self|\d+)(?:/task/\d+)?/(cwd|root)(?=/|$)")
_MAX_SIBLINGS: Final = 2_000


@dataclass(frozen=True, slots=True)
class PathUse:
    """A file or folder that a call touches: `path` as named, `target` behind symlinks; both absolute."""

    path: str
    target: str
    inside: bool  # the target lies in the work directory
    alias: str = ""  # as `path`, where the work directory itself is reached by a link
    twins: tuple[str, ...] = ()  # hard links to the same file, in its folder or the work directory
    ours: bool = False  # it lies in this program's own home, and the work directory doesn't

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
        return PathUse(lexical, target, inside, alias, self._twins(target), self._ours(target))

    def unfollowed(self, name: str) -> PathUse:
        """A name only as written: nobody looks at the disk."""
        lexical = os.path.normpath(os.path.join(self.root, name))  # noqa: PTH118
        return PathUse(lexical, lexical, f"{lexical}/".startswith(self.inner), ours=self._ours(lexical))

    def _ours(self, target: str) -> bool:
        own = own_home()
        return f"{target}/".startswith(own) and not self.inner.startswith(own)

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
        found = (name for folder in {os.path.dirname(target), self.root} for name in _linked(folder, status))  # noqa: PTH120
        return tuple(sorted(name for name in found if name != target))


def own_home() -> str:
    """What paths in this program's own home start with."""
    return _real_folder(str(Home().root))


@lru_cache(maxsize=8)
def _real_folder(path: str) -> str:
    return os.path.realpath(path).rstrip("/") + "/"


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
