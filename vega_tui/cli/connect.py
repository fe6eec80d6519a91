"""A connection to the host of a home: to the one that runs, to one started for it, or to one in this process."""

import asyncio
import importlib
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

from vega_tui.cli import host_process
from vega_tui.client.connection import Connection, VersionMismatch, ignore
from vega_tui.client.locate import Presence, find_host, folder_complaint
from vega_tui.core import clock
from vega_tui.core.errors import HostError
from vega_tui.core.events import AnyEvent
from vega_tui.core.home import Home
from vega_tui.protocol import operations as ops
from vega_tui.protocol.operations import Hello

_START_TIMEOUT_S: Final = 20.0  # a cold disk imports the model's SDK slowly
_LOST_RACE_S: Final = 2.0  # ours ended since another took the home's lock and is about to listen
_POLL_S: Final = 0.02
_LINGER_POLL_S: Final = 0.1
_JUST_CAME_S: Final = 0.5  # a client that has said hello and is about to ask for something


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
    return await Connection.to_unix(home, hello, on_event=on_event, on_closed=on_closed)


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
        return await Connection.to_unix(home, hello, on_event=on_event, on_closed=on_closed)
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
    notes: Callable[[str], None] = ignore,
) -> AsyncGenerator[Connection, None]:
    """The running host; where there is none, one in this process for as long as this lasts.

    Others may connect to that one too; their runs are waited for at the end, and `notes` is told so.
    """
    if (running := await _running(home, hello, on_event, on_closed)) is not None:
        try:
            yield running
        finally:
            await running.close()
        return
    home.ensure()
    # By name: a face never imports the host's side, and only those who need it pay for it.
    make: Callable[[Home], AbstractAsyncContextManager[HostHere]] = importlib.import_module("vega_tui.host").Host
    async with AsyncExitStack() as stack:
        try:
            host = await stack.enter_async_context(make(home))
        except HostError as error:
            connection = await _who_was_faster(home, hello, on_event, on_closed, error)
            stack.push_async_callback(connection.close)
            yield connection
            return
        connection = await Connection.over(host.connect(), hello, on_event=on_event, on_closed=on_closed)
        stack.push_async_callback(connection.close)
        yield connection
        await _until_others_are_done(connection, notes)


async def _who_was_faster(
    home: Home,
    hello: Hello,
    on_event: Callable[[AnyEvent], None],
    on_closed: Callable[[HostError], None],
    error: HostError,
) -> Connection:
    """A connection to the host that took the home's lock just before ours; raises `error` where none comes up."""
    deadline = clock.monotonic() + _START_TIMEOUT_S
    while clock.monotonic() < deadline:
        if (running := await _running(home, hello, on_event, on_closed)) is not None:
            return running
        await asyncio.sleep(_POLL_S)
    raise error


async def _until_others_are_done(connection: Connection, notes: Callable[[str], None]) -> None:
    """Keep the host of this process while others work in it: what they do would be cut off with it."""
    patience = clock.monotonic() + _JUST_CAME_S
    told = False
    while True:
        status = await connection.call(ops.HOST_STATUS, ops.Nothing())
        if not status.working and (status.clients <= 1 or clock.monotonic() > patience):
            return
        if status.working and not told:
            told = True
            notes(f"staying while others work in this host ({status.working} runs); Ctrl+C interrupts them")
        await asyncio.sleep(_LINGER_POLL_S)
