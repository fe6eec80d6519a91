"""A connection to the host of a home: to the one that runs, to one started for it, or to one in this process."""

import asyncio
import importlib
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

from vega_tui.cli import host_process
from vega_tui.client.connection import Connection, VersionMismatch, ignore
from vega_tui.client.locate import Presence, find_host, folder_complaint
from vega_tui.core import clock
from vega_tui.core.errors import HostError
from vega_tui.core.events import AnyEvent
from vega_tui.core.home import Home
from vega_tui.protocol.operations import Hello

_START_TIMEOUT_S: Final = 20.0  # a cold disk imports the model's SDK slowly
_LOST_RACE_S: Final = 2.0  # ours ended since another took the home's lock and is about to listen
_POLL_S: Final = 0.02


class HostHere(Protocol):
    """A host in this process, as vega_tui.host has it."""

    def connect(self) -> socket.socket:
        """One end of a new connection."""
        ...


async def connect(
    home: Home,
    hello: Hello,
    *,
    start: bool,
    on_event: Callable[[AnyEvent], None] = ignore,
    on_closed: Callable[[HostError], None] = ignore,
) -> Connection:
    """Connect to the host of `home`; with `start`, start it where none runs.

    Raises HostError (exit code 5) in one line: none runs, another user's, does not answer, ended at its start.
    """
    if (running := await _running(home, hello, on_event, on_closed)) is not None:
        return running
    if not start:
        raise HostError(f"no host runs for {home.root}; vega-tui host start")
    await start_host(home)
    return await Connection.to_unix(home.socket, hello, on_event=on_event, on_closed=on_closed)


async def _running(
    home: Home, hello: Hello, on_event: Callable[[AnyEvent], None], on_closed: Callable[[HostError], None]
) -> Connection | None:
    """A connection to the host that runs; None where none does. Raises HostError where one does not answer."""
    path = home.socket
    if not path.exists():
        return None
    if complaint := folder_complaint(path.parent):
        raise HostError(complaint)
    try:
        return await Connection.to_unix(path, hello, on_event=on_event, on_closed=on_closed)
    except VersionMismatch:
        raise
    except HostError:
        found = find_host(home)  # only now, since asking is a connection of its own
        if found.presence in (Presence.ABSENT, Presence.STALE):
            return None
        raise HostError(found.text or f"the host at {path} does not answer; vega-tui host logs") from None


async def start_host(home: Home) -> None:
    """Start a host as a process of its own and return once it listens."""
    home.ensure()
    try:
        pid = host_process.start(str(home.root), str(home.log))
    except OSError as error:
        raise HostError(f"the host can't be started ({error.strerror}); run vega-tui doctor") from error
    deadline = clock.monotonic() + _START_TIMEOUT_S
    ended = False
    while not host_process.is_listening(str(home.socket)):
        if not ended and host_process.ended(pid):
            ended = True
            deadline = min(deadline, clock.monotonic() + _LOST_RACE_S)
        if clock.monotonic() > deadline:
            said = last_words(home.log)
            what = "ended as it started" if ended else f"does not listen after {_START_TIMEOUT_S:g} s"
            raise HostError(f"the host {what}{f': {said}' if said else ''}; vega-tui host logs")
        await asyncio.sleep(_POLL_S)


def last_words(log: Path) -> str:
    """The last line of a log, shortened; empty where there is none."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1].strip()[:200] if lines else ""


@asynccontextmanager
async def connected(
    home: Home,
    hello: Hello,
    *,
    start: bool = False,
    on_event: Callable[[AnyEvent], None] = ignore,
    on_closed: Callable[[HostError], None] = ignore,
) -> AsyncGenerator[Connection, None]:
    """`connect`, closed at the end."""
    connection = await connect(home, hello, start=start, on_event=on_event, on_closed=on_closed)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def in_process(
    home: Home,
    hello: Hello,
    *,
    on_event: Callable[[AnyEvent], None] = ignore,
    on_closed: Callable[[HostError], None] = ignore,
) -> AsyncGenerator[Connection, None]:
    """The running host; where there is none, one in this process for as long as this lasts."""
    if (running := await _running(home, hello, on_event, on_closed)) is not None:
        try:
            yield running
        finally:
            await running.close()
        return
    home.ensure()
    # By name: a face never imports the host's side, and only those who need it pay for it.
    make: Callable[[Home], AbstractAsyncContextManager[HostHere]] = importlib.import_module("vega_tui.host").Host
    async with make(home) as host:
        connection = await Connection.over(host.connect(), hello, on_event=on_event, on_closed=on_closed)
        try:
            yield connection
        finally:
            await connection.close()
