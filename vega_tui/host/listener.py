"""The Unix socket of a home: made private, taken from nobody but a dead host, open to its owner alone."""

import asyncio
import os
import socket
import struct
from collections.abc import Callable

from vega_tui.core.errors import HostError
from vega_tui.core.home import Home
from vega_tui.protocol.frames import MAX_FRAME_BYTES

Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]


async def listen(home: Home, accept: Accept) -> asyncio.Server:
    """Listen at the home's socket. Only who holds the home's lock may call this: what lies there is stale."""
    path = home.socket
    path.unlink(missing_ok=True)
    before = os.umask(0o177)
    try:
        server = await asyncio.start_unix_server(accept, path=path, limit=MAX_FRAME_BYTES)
    except OSError as error:
        raise HostError(f"can't listen at {path}: {error.strerror}; set VEGA_HOME to a local folder") from error
    finally:
        os.umask(before)
    return server


def is_owner(writer: asyncio.StreamWriter) -> bool:
    """Whether the peer is the same user (or root). Where the system can't tell, the folder's mode is the guard."""
    sock: socket.socket | None = writer.get_extra_info("socket")
    if sock is None or not hasattr(socket, "SO_PEERCRED"):
        return True
    credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", credentials)
    return uid in (os.getuid(), 0)
