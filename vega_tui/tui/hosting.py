"""Reaching a host at the start and after it died: tries until it listens, and says clearly why it can't."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from vega_tui.client.connection import VersionMismatch
from vega_tui.core import clock
from vega_tui.core.errors import HostError
from vega_tui.core.home import Home

START_S: Final = 20.0
_EVERY_S: Final = 0.03
_AFTER_END_S: Final = 1.0  # a host that lost the race for the home's lock ends; the winner is there by then


async def reach(
    attempt: Callable[[], Awaitable[None]], ended: Callable[[], bool], home: Home, *, limit_s: float = START_S
) -> None:
    """Call `attempt` until it does not raise HostError. Raises the HostError that names the cause and the next step."""
    deadline = clock.monotonic() + limit_s
    while True:
        try:
            return await attempt()
        except VersionMismatch:
            raise
        except HostError as error:
            last = error
        if ended():
            deadline = min(deadline, clock.monotonic() + _AFTER_END_S)
        if clock.monotonic() >= deadline:
            cause = last_words(home.log) if ended() else str(last)
            raise HostError(f"the host did not start: {cause}; see vega-tui host logs") from last
        await asyncio.sleep(_EVERY_S)


async def listening(path: Path) -> None:
    """Raises HostError while nobody takes connections at `path`."""
    try:
        async with asyncio.timeout(1.0):
            _, writer = await asyncio.open_unix_connection(str(path))
    except (OSError, TimeoutError) as error:
        raise HostError(f"nobody listens at {path}") from error
    writer.close()


def last_words(log: Path) -> str:
    """The last line of the host's log; it usually says why it ended."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return f"{log} can't be read"
    return lines[-1][:200] if lines else "it said nothing"
