"""What the kernel says of operating-system processes: who started whom, when, at which terminal. Linux's /proc."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MARK: Final = "VEGA_CALL"  # in the environment of a call's programs; its value is ours alone
_PR_SET_CHILD_SUBREAPER: Final = 36
_DEPTH: Final = 1_000


class Unfollowed(Exception):
    """The way up from a process can't be followed; says where it broke off."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A process at the moment it was looked at. `started` (clock ticks since boot) tells it from a later namesake."""

    pid: int
    name: str  # the program's, as the kernel has it
    state: str
    parent: int
    group: int
    session: int
    terminal: str  # pts/3, tty1; empty: none
    started: int

    @property
    def dead(self) -> bool:
        """True when it has ended and only waits to be collected."""
        return self.state in ("Z", "X")


Look = Callable[[int], Seen | None]


def look(pid: int) -> Seen | None:
    """What is there under this number; None where nothing is, or nothing can be read."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            text = file.read()
    except OSError:
        return None
    return read_stat(text)


def read_stat(text: bytes) -> Seen | None:
    """One line of /proc/PID/stat; None where it is none. A name may hold spaces, brackets and line ends."""
    head, _, tail = text.rpartition(b")")
    number, _, name = head.partition(b" (")
    fields = tail.split()
    try:
        return Seen(
            pid=int(number),
            name=name.decode("utf-8", "replace"),
            state=fields[0].decode(),
            parent=int(fields[1]),
            group=int(fields[2]),
            session=int(fields[3]),
            terminal=_terminal(int(fields[4])),
            started=int(fields[19]),
        )
    except (ValueError, IndexError):
        return None


def _terminal(device: int) -> str:
    major, minor = os.major(device), os.minor(device)
    if 136 <= major <= 143:
        return f"pts/{(major - 136) * 256 + minor}"
    return f"tty{minor}" if major == 4 else ""


def all_seen() -> Iterator[Seen]:
    """Every process there is; nothing where there is no /proc."""
    try:
        names = [path.name for path in Path("/proc").iterdir()]
    except OSError:
        return
    for name in names:
        if name.isdecimal() and (seen := look(int(name))) is not None:
            yield seen


def way_up(pid: int, look: Look) -> Iterator[Seen]:
    """The process, its parent, and so on up to the system's first, which is left out. Raises Unfollowed.

    Each is a true parent of the one before at the moment it is given: who gets another parent meanwhile is looked at
    again, and given again.
    """
    child = look(pid)
    if child is None:
        raise Unfollowed("it has ended, or can't be seen")
    for _ in range(_DEPTH):
        yield child
        if child.parent <= 1:
            return
        parent = look(child.parent)
        again = look(child.pid)
        if again is None or again.started != child.started:
            raise Unfollowed("a process above it has ended meanwhile")
        if again.parent != child.parent or (parent is not None and parent.started > child.started):
            child = again  # its parent ended while we looked, and it has another now
            continue
        if parent is None:
            raise Unfollowed(f"process {child.parent}, above it, can't be seen")
        child = parent
    raise Unfollowed("there are too many processes above it")


def children() -> list[Seen]:
    """The children of this process, adopted ones too; none where the system doesn't tell."""
    own, found = os.getpid(), list[int]()
    try:
        for thread in Path("/proc/self/task").iterdir():
            found += [int(word) for word in (thread / "children").read_text("ascii").split()]
    except OSError:  # a kernel without that list, or a thread that has just ended: its children are another's now
        return [seen for seen in all_seen() if seen.parent == own]
    return [seen for pid in found if (seen := look(pid)) is not None and seen.parent == own]


def adopt_orphans() -> bool:
    """Become the parent of every descendant whose own parent ends; False where the system has no such thing."""
    if sys.platform != "linux":
        return False
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    return int(libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)) == 0


def mark_of(pid: int) -> str:
    """The mark of the call whose program this is; empty where it carries none, or doesn't let us look."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            environ = file.read()
    except OSError:
        return ""
    wanted = MARK.encode() + b"="
    found = next((each for each in environ.split(b"\0") if each.startswith(wanted)), b"")
    return found[len(wanted) :].decode("utf-8", "replace")
