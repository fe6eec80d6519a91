"""Who is at the other end of the socket, by what the kernel says and not by what it says of itself.

What an agent started stays a descendant of the host: the host is its orphans' new parent (`adopt_orphans`). So a
peer is a person's when the way up from it ends without meeting the host; what can't be followed is not trusted.
"""

import os
import select
import socket
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from vega_tui.core.processes import MARK, Look, Unfollowed, look, mark_of, way_up

_SO_PEERPIDFD: Final = 77  # Linux 6.5; Python has no name for it


@dataclass(frozen=True, slots=True)
class Peer:
    """A connected process. `why` says what makes it an agent's; empty for a person's face."""

    pid: int
    program: str = ""
    terminal: str = ""
    why: str = ""

    @property
    def trusted(self) -> bool:
        """True when no agent started it."""
        return not self.why

    def __str__(self) -> str:
        return ", ".join((self.program or "a program", *filter(None, (self.terminal,)), f"pid {self.pid}"))


def this_process() -> Peer:
    """The peer of an in-process connection: whoever has that end is ourselves."""
    seen = look(os.getpid())
    return Peer(os.getpid(), seen.name if seen else "", seen.terminal if seen else "")


def peer_of(sock: socket.socket) -> Peer | None:
    """Who connected; None where it is another user. Where the system can't tell, the folder's mode is the guard."""
    if sys.platform != "linux":
        return Peer(0)
    size = struct.calcsize("3i")
    pid, uid, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    if uid not in (os.getuid(), 0):
        return None
    handle = _handle(sock)
    try:
        seen = look(pid) if pid else None
        why = why_not(pid, look, mark_of)
        # Only now: as long as it hadn't ended, the number was its own while we looked.
        if not why and handle is not None and select.select([handle], [], [], 0)[0]:
            why = "it has ended"
    finally:
        if handle is not None:
            os.close(handle)
    return Peer(pid, seen.name if seen else "", seen.terminal if seen else "", why)


def _handle(sock: socket.socket) -> int | None:
    with suppress(OSError):
        return sock.getsockopt(socket.SOL_SOCKET, _SO_PEERPIDFD)
    return None


def why_not(pid: int, look: Look, mark_of: Callable[[int], str]) -> str:
    """Why a process is not a person's face; empty when it is.

    The way up ends well at a process that was there before this one, or at the system's first; it ends badly at
    this one, at a call's mark, and where it can't be followed.
    """
    own = look(os.getpid())
    own_mark = os.environ.get(MARK, "")  # this host may itself be somebody's call: then that mark says nothing here
    if own is None:
        return "this host can't see itself in /proc"
    if pid == own.pid:
        return ""  # a program that has the host in it
    try:
        for each in way_up(pid, look):
            mark = mark_of(each.pid)
            if mark and mark != own_mark:
                return f"it carries the mark of call {mark}"
            if each.started < own.started:
                return ""
            if each.parent == own.pid:
                return "it comes from a program that this host started"
    except Unfollowed as error:
        return str(error)
    return ""
