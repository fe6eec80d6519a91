"""Finds or starts the host of a home, as a process of its own. Light: the launcher imports it."""

import os
import socket
import sys

from vega_tui.core import own_process
from vega_tui.core.secrecy import is_key

_ASK_S = 0.5


def is_listening(path: str) -> bool:
    """True when somebody takes connections at the socket `path`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_ASK_S)
        try:
            probe.connect(path)
        except OSError:
            return False
        return True


def start(home: str, log: str) -> int:
    """Start a host of `home` without a terminal, its words in `log`; gives its pid.

    A second one started at the same time ends by itself: the home's lock decides. Raises OSError.
    """
    argv = own_process.command("vega_tui.host", "--home", home)
    environ = {name: value for name, value in os.environ.items() if not is_key(name)}  # a face brings its own
    environ = own_process.with_module_path(environ)
    out = (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    files = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), out, (os.POSIX_SPAWN_DUP2, 1, 2)]
    return os.posix_spawn(sys.executable, argv, environ, file_actions=files, setsid=True)


def ended(pid: int) -> bool:
    """True when the host this process started has ended."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True
