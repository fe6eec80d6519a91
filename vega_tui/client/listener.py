"""Is who listens at a home's socket the host of that home? Asked before anything is said to it. Light.

A program that an agent started can put a socket, and a lock file, of its own there. While that agent's host lives, it
is below that host, whatever it does; once it has killed the host, only its mark tells, and a sandbox keeps it away.
"""

import os
import socket
import struct
import sys
from collections.abc import Callable, Set
from contextlib import suppress
from pathlib import Path
from typing import Final

from vega_tui.core.errors import HostError
from vega_tui.core.home import Home
from vega_tui.core.processes import MARK, Look, Unfollowed, look, mark_of, way_up

_PID_BYTES: Final = 32


def refuse_other_listener(sock: socket.socket, home: Home) -> None:
    """Raise HostError, in one line, where the other end of a connected socket is known not to be the home's host."""
    pid, uid = peer(sock)
    path = home.socket
    if uid is not None and uid != os.getuid():
        raise HostError(f"who listens at {path} is another user (uid {uid}); set VEGA_HOME to a folder of yours")
    if pid is None or pid == os.getpid():
        return
    why = why_not_host(pid, holders_of(home.lock, _locks()), look, mark_of, _command_of)
    if why:
        raise HostError(
            f"the socket at {path} is not the host's: pid {pid} listens there, {why}; nothing was said to it; "
            f"end it (kill {pid}), then vega-tui host start"
        )


def peer(sock: socket.socket) -> tuple[int | None, int | None]:
    """Process and user that listen at the other end of a Unix socket; None what the system can't say."""
    if sys.platform == "linux":
        size = struct.calcsize("3i")
        pid, uid, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
        return int(pid), int(uid)
    if sys.platform == "darwin":
        # struct xucred {u_int version; uid_t uid; short ngroups; gid_t groups[16]}, SOL_LOCAL 0, LOCAL_PEERCRED 1
        _, uid = struct.unpack("2I", sock.getsockopt(0, 1, 76)[:8])
        return None, int(uid)
    return None, None


def why_not_host(
    pid: int, holders: Set[int], look: Look, mark_of: Callable[[int], str], command_of: Callable[[int], list[str]]
) -> str:
    """Why a process is not the host whose lock `holders` have; empty when it is.

    Who is above us, too, tells nothing: a host may be started where we were.
    """
    if holders != {pid}:
        return f"and pid {', '.join(map(str, sorted(holders)))} is the host" if holders else "and no host has this home"
    if look(1) is None:
        return ""  # a /proc that hides processes from each other (hidepid): the lock alone tells
    own_mark = os.environ.get(MARK, "")  # we may be somebody's call ourselves
    try:
        ours = {each.pid for each in way_up(os.getpid(), look)}
        for each in way_up(pid, look):
            if each.pid in ours:
                return ""
            mark = mark_of(each.pid)
            if mark and mark != own_mark:
                return f"which carries the mark of call {mark}"
            if each.pid != pid and _is_host(command_of(each.pid)):
                return f"which comes from a program of an agent (process {each.pid}, above it, is a host)"
    except Unfollowed as error:
        return f"and {error}"
    return ""


def holders_of(lock: Path, locks: str) -> frozenset[int]:
    """Who has a lock file by the kernel's list (/proc/locks), else, where it isn't in it, whom the file names."""
    try:
        with lock.open("rb") as file:
            status, text = os.fstat(file.fileno()), file.read(_PID_BYTES)
    except OSError:
        return frozenset()
    exact, near = set[int](), set[int]()
    for line in locks.splitlines():
        fields = line.split()
        if len(fields) != 8 or fields[1] != "FLOCK" or fields[3] != "WRITE":
            continue
        device, _, inode = fields[5].rpartition(":")
        if inode == str(status.st_ino):
            here = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}"
            (exact if device == here else near).add(int(fields[4]))
    named = {int(text)} if text.strip().isdigit() else set[int]()
    return frozenset(exact or near or named)  # some file systems have another number here than there


def _is_host(command: list[str]) -> bool:
    if "vega_tui.host" in command:
        return True
    ours = any(word == "vega_tui" or word.endswith("/vega-tui") for word in command)
    return ours and ("-p" in command or "--print" in command)  # has the host in it, and starts none


def _locks() -> str:
    with suppress(OSError):
        return Path("/proc/locks").read_text("ascii", "replace")
    return ""


def _command_of(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    return []
