"""What the repository around a folder could start by its own configuration. Looks at the disk, starts nothing.

Repositories inside it count too: a status of the outer one is a status of each of them.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vega_tui.approvals.git_config import BadConfig, read_regular, settings_of
from vega_tui.approvals.git_keys import Setting, starts_nothing

_MOST_INDEX: Final = 64 * 1024 * 1024
_MOST_INNER: Final = 100
_LINK: Final = b"\x00\x00\xe0\x00"  # an index entry's mode, where it is a repository
_ENTRY, _MODE_AT, _EXTENDED = 62, 24, 0x40
_HEAD: Final = re.compile(rb"ref:\s*refs/|[0-9a-f]{40}")
_SUSPECT: Final = "this repository's configuration"


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository's folders: its own, what its worktrees share, and where its files lie ("" where nobody knows)."""

    gitdir: str
    common: str
    top: str

    def settings(self) -> tuple[Setting, ...]:
        """All that its own files set. Raises BadConfig."""
        return (*settings_of(f"{self.common}/config"), *settings_of(f"{self.gitdir}/config.worktree"))

    def remotes(self) -> frozenset[str]:
        """Names by which it knows others. Raises BadConfig."""
        return frozenset(each.sub for each in self.settings() if each.section == "remote" and each.key == "url")


def starts(folder: str) -> str:
    """Why a git command in `folder` could start what the repository there names; empty where it can't."""
    try:
        left = _MOST_INNER
        waiting = list(_around(folder))
        seen: set[str] = set()
        while waiting:
            repository = waiting.pop()
            if repository.gitdir in seen:
                continue
            if left == 0:
                raise BadConfig("holds more repositories than are looked at")
            left -= 1
            seen.add(repository.gitdir)
            if why := _starts(repository):
                return why
            waiting += _inner(repository)
    except BadConfig as error:
        return f"{_SUSPECT} can't be judged: {error}"
    return ""


def other_repository(folder: str, words: list[str]) -> str:
    """The first of a network command's words that names a folder or a bundle here, and no remote; else empty."""
    try:
        known = {name for repository in _around(folder) for name in repository.remotes()}
    except BadConfig:
        known = set[str]()
    for at, word in enumerate(words):
        if word.startswith("-"):
            continue
        if word in known:
            if at == 0 or not words[at - 1].startswith("-"):
                return ""  # the remote; behind it stand names of branches
        elif os.path.lexists(os.path.join(folder, word)):  # noqa: PTH118 - on the way of every call
            return word
    return ""


def _starts(repository: Repository) -> str:
    for setting in repository.settings():
        if not starts_nothing(setting, repository.gitdir, repository.top):
            return f"{_SUSPECT} runs programs: {setting.name[:80]}"
    for old in ("remotes", "branches"):  # remotes as they were written once, with any address
        try:
            with os.scandir(f"{repository.common}/{old}") as entries:
                if any(entries):
                    return f"{_SUSPECT} runs programs: .git/{old}"
        except FileNotFoundError:
            continue
        except OSError as error:
            raise BadConfig(f".git/{old} can't be read") from error
    return ""


def _around(folder: str) -> Iterator[Repository]:
    """The repository that git would take, going up; where we can't be sure that it takes one, the next as well."""
    at: str = os.path.realpath(folder)
    while True:
        found = _at(f"{at}/.git", at)
        if found is None and ".git" in at.split("/") and Path(at, "config").exists():
            found = Repository(at, _common(at), "")
        if found is not None:
            yield found
            if _is_taken(found):
                return
        if at in ("/", ""):
            return
        at = os.path.dirname(at)  # noqa: PTH120


def _at(path: str, top: str) -> Repository | None:
    """The repository that `.git` stands for: the folder itself, or the one that a file names."""
    if os.path.isdir(path):  # noqa: PTH112
        gitdir = os.path.realpath(path)
    else:
        said = read_regular(path, 8_192)
        if said is None:
            return None
        name = os.fsdecode(said).rstrip("\r\n")
        if not name.startswith("gitdir: "):
            raise BadConfig(f"{path} names no repository")
        gitdir = os.path.realpath(os.path.join(top, name.removeprefix("gitdir: ")))  # noqa: PTH118
    return Repository(gitdir, _common(gitdir), top)


def _common(gitdir: str) -> str:
    said = read_regular(f"{gitdir}/commondir", 8_192)
    return gitdir if said is None else os.path.realpath(os.path.join(gitdir, os.fsdecode(said).rstrip("\r\n")))  # noqa: PTH118


def _is_taken(repository: Repository) -> bool:
    head = f"{repository.gitdir}/HEAD"
    if Path(head).is_symlink() or not all(
        os.access(f"{repository.common}/{each}", os.X_OK) for each in ("objects", "refs")
    ):
        return False
    return bool(_HEAD.match(read_regular(head, 8_192) or b""))


def _inner(repository: Repository) -> list[Repository]:
    """The repositories that its index names and that lie there."""
    if not repository.top:
        return []
    found: list[Repository] = []
    for name in _linked(repository.gitdir):
        top = os.path.join(repository.top, name)  # noqa: PTH118
        if (inner := _at(f"{top}/.git", top)) is not None:
            found.append(inner)
    return found


def _linked(gitdir: str) -> list[str]:
    names: list[str] = []
    try:
        shared = [entry for entry in os.listdir(gitdir) if entry == "index" or entry.startswith("sharedindex.")]  # noqa: PTH208
    except FileNotFoundError:
        return []
    except OSError as error:
        raise BadConfig(f"{gitdir} can't be read") from error
    for each in shared:
        names += _kept_links(f"{gitdir}/{each}")
    return names


_links: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {}


def _kept_links(path: str) -> tuple[str, ...]:
    try:
        status = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError) as error:
        raise BadConfig(f"{path} can't be read") from error
    version = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size)
    known = _links.get(path)
    if known is None or known[0] != version:
        if len(_links) > 64:
            _links.clear()
        known = _links[path] = (version, tuple(_links_in(read_regular(path, _MOST_INDEX) or b"")))
    return known[1]


def _links_in(index: bytes) -> Iterator[str]:
    """Names of repositories in an index; a few words that are none may be among them, and name nothing."""
    at = index.find(_LINK)
    if at >= 0 and index[4:8] == b"\0\0\0\x04":
        raise BadConfig("its index names repositories in short")
    while at >= 0:
        start = at - _MODE_AT
        flags = index[start + 60 : start + 62]
        name_at = start + _ENTRY + (2 if flags and flags[0] & _EXTENDED else 0)
        end = index.find(b"\0", name_at)
        if start >= 12 and end > name_at:
            yield os.fsdecode(index[name_at:end])
        at = index.find(_LINK, at + 1)
