"""Is a host of this home there to talk to? Light: the launcher asks before anything heavy is imported."""

import os
import socket
import stat
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from vega_tui.client.listener import refuse_other_listener
from vega_tui.core.errors import HostError
from vega_tui.core.home import Home

# A hello as frames.py would write it, without importing the codec.
PROBE = b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":1,"client":"cli"}}\n'


class Presence(Enum):
    """What was found where the host of a home should listen."""

    READY = "ready"
    ABSENT = "absent"  # no socket
    STALE = "stale"  # a socket that nobody listens on
    FOREIGN = "foreign"  # somebody else's, or in a folder that others can write
    MUTE = "mute"  # connects, but says nothing


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, and one line for the person (empty when READY)."""

    presence: Presence
    text: str = ""


def find_host(home: Home, timeout_s: float = 0.5) -> Found:
    """Connect, say hello, wait up to `timeout_s` for a first sign. Never raises for what it finds."""
    path = home.socket
    if not path.exists():
        return Found(Presence.ABSENT, f"no host runs for {home.root}")
    complaint = folder_complaint(path.parent)
    if complaint:
        return Found(Presence.FOREIGN, complaint)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(timeout_s)
        try:
            sock.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return Found(Presence.STALE, f"{path} is left over from a host that has ended")
        except TimeoutError:
            return Found(Presence.MUTE, f"the host at {path} does not answer; vega-tui host logs")
        except OSError as error:
            return Found(Presence.STALE, f"{path} can't be used ({error.strerror})")
        try:
            refuse_other_listener(sock, home)
            sock.sendall(PROBE)
            answered = bool(sock.recv(1))
        except HostError as error:
            return Found(Presence.FOREIGN, str(error))
        except OSError:
            answered = False
    if answered:
        return Found(Presence.READY)
    return Found(Presence.MUTE, f"the host at {path} does not answer; vega-tui host logs")


def folder_complaint(folder: Path) -> str:
    """Why a socket in `folder` can't be trusted; empty when it can."""
    try:
        found = folder.stat()
    except OSError as error:
        return f"{folder} can't be read ({error.strerror})"
    if found.st_uid != os.getuid():
        return f"{folder} belongs to another user; set VEGA_HOME to a folder of yours"
    if stat.S_IMODE(found.st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
        return f"{folder} can be written by others; chmod 700 {folder}"
    return ""
