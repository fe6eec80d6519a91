"""The Unix socket of a home: made private, taken from nobody but a dead host, open to its owner alone."""

import asyncio
import os
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
