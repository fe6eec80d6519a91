"""One connection to a host: hello, calls answered by id, and what the host tells by itself.

Frames are handled as they are read, in order, inside the loop's own callback: there is no reader task to leak.
Reconnecting is the feed's.
"""

import asyncio
import itertools
import socket
from collections.abc import Callable
from typing import TypeVar

import msgspec

from vega_tui.client.listener import refuse_other_listener
from vega_tui.core.errors import HostError, VegaError
from vega_tui.core.events import AnyDelta, AnyEvent
from vega_tui.core.home import Home
from vega_tui.protocol import frames
from vega_tui.protocol import operations as ops
from vega_tui.protocol.operations import Operation

P = TypeVar("P", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)

_CONNECT_TIMEOUT_S = 5.0
_CLOSE_TIMEOUT_S = 1.0


class VersionMismatch(HostError):
    """The host speaks another protocol. `alive` is 0 where restarting it would end nothing."""

    def __init__(self, *, ours: int, theirs: int, host_version: str, pid: int, alive: int) -> None:
        offer = (
            "restart it: vega-tui host stop"
            if not alive
            else f"it still runs {alive} processes; finish them, then vega-tui host stop"
        )
        super().__init__(
            f"the host (pid {pid}, version {host_version}) speaks protocol {theirs}, this program {ours}; {offer}"
        )
        self.ours = ours
        self.theirs = theirs
        self.host_version = host_version
        self.pid = pid
        self.alive = alive


class ConnectionLost(HostError):
    """The host went away; whether a call that was under way took effect is unknown."""


def ignore(_: object) -> None:
    """The callback of those who don't want to be told."""


class Connection(asyncio.Protocol):
    """An open connection after its hello; `welcome` is the host's answer.

    `on_closed` is called once, with the reason, when the host goes away; not after `close()`.
    """

    def __init__(
        self,
        *,
        on_event: Callable[[AnyEvent], None] = ignore,
        on_delta: Callable[[AnyDelta], None] = ignore,
        on_notice: Callable[[frames.Notice], None] = ignore,
        on_closed: Callable[[HostError], None] = ignore,
    ) -> None:
        self._on_event = on_event
        self._on_delta = on_delta
        self._on_notice = on_notice
        self._on_closed = on_closed
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[msgspec.Raw]] = {}
        self._parts: list[bytes] = []  # of a line that has not ended yet
        self._parts_bytes = 0
        self._transport: asyncio.Transport | None = None
        self._closing = False
        self._error: HostError | None = None
        self._gone = asyncio.get_running_loop().create_future()
        self.welcome = ops.Welcome(protocol=0, pid=0, version="", started=0.0)

    @classmethod
    async def to_unix(
        cls,
        home: Home,
        hello: ops.Hello,
        *,
        on_event: Callable[[AnyEvent], None] = ignore,
        on_delta: Callable[[AnyDelta], None] = ignore,
        on_notice: Callable[[frames.Notice], None] = ignore,
        on_closed: Callable[[HostError], None] = ignore,
    ) -> "Connection":
        """Connect to the host of `home` and say hello.

        Raises HostError where nobody answers or who listens is not that host, VersionMismatch for an old host.
        """
        path = home.socket
        self = cls(on_event=on_event, on_delta=on_delta, on_notice=on_notice, on_closed=on_closed)
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT_S):
                transport, _ = await asyncio.get_running_loop().create_unix_connection(lambda: self, str(path))
        except (OSError, TimeoutError) as error:
            raise HostError(f"no host answers at {path} ({_why(error)}); vega-tui host status") from error
        try:
            sock: socket.socket | None = transport.get_extra_info("socket")
            if sock is not None:
                refuse_other_listener(sock, home)
            await self._greet(hello)
        except BaseException:
            await self.close()
            raise
        return self

    @classmethod
    async def over(
        cls,
        sock: socket.socket,
        hello: ops.Hello,
        *,
        on_event: Callable[[AnyEvent], None] = ignore,
        on_delta: Callable[[AnyDelta], None] = ignore,
        on_notice: Callable[[frames.Notice], None] = ignore,
        on_closed: Callable[[HostError], None] = ignore,
    ) -> "Connection":
        """The same over one end of a socket pair, for a host in this process."""
        self = cls(on_event=on_event, on_delta=on_delta, on_notice=on_notice, on_closed=on_closed)
        try:
            sock.setblocking(False)
            await asyncio.get_running_loop().create_unix_connection(lambda: self, sock=sock)
        except OSError as error:
            raise HostError(f"the host in this process is gone ({_why(error)})") from error
        try:
            await self._greet(hello)
        except BaseException:
            await self.close()
            raise
        return self

    async def _greet(self, hello: ops.Hello) -> None:
        self.welcome = await self.call(ops.HELLO, hello, timeout_s=_CONNECT_TIMEOUT_S)
        if self.welcome.protocol != frames.PROTOCOL_VERSION:
            raise VersionMismatch(
                ours=frames.PROTOCOL_VERSION,
                theirs=self.welcome.protocol,
                host_version=self.welcome.version,
                pid=self.welcome.pid,
                alive=self.welcome.alive,
            )

    async def call(self, op: Operation[P, R], params: P, timeout_s: float = 30.0) -> R:
        """Ask the host and wait for its answer.

        Raises the error the host raised, as its class; ConnectionLost when the host went away; HostError when it
        said nothing for `timeout_s`.
        """
        transport = self._transport
        if transport is None or self._error is not None or self._closing:
            raise self._error or ConnectionLost("the connection to the host is closed")
        request_id = next(self._ids)
        waiter: asyncio.Future[msgspec.Raw] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = waiter
        try:
            transport.write(frames.encode_request(request_id, op.name, params))
            async with asyncio.timeout(timeout_s):
                raw = await waiter
        except TimeoutError as error:
            raise HostError(f"no answer to {op.name} within {timeout_s:g} s; vega-tui host status") from error
        finally:
            self._waiting.pop(request_id, None)
        return frames.decode_as(raw, op.result)

    @property
    def closed(self) -> bool:
        """True once nothing can be asked any more."""
        return self._closing or self._error is not None

    async def close(self) -> None:
        """Leave; calls under way end with ConnectionLost. Idempotent."""
        self._closing = True
        if self._transport is not None:
            self._transport.close()
            await asyncio.wait({self._gone}, timeout=_CLOSE_TIMEOUT_S)
            if not self._gone.done():  # a host that reads nothing holds what we still had to say
                self._transport.abort()
                await asyncio.wait({self._gone}, timeout=_CLOSE_TIMEOUT_S)

    # --- what the loop calls -------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        end = data.rfind(b"\n")
        if end < 0:
            self._keep(data)
            return
        whole = b"".join((*self._parts, data[:end])) if self._parts else data[:end]
        self._parts.clear()
        self._parts_bytes = 0
        if end + 1 < len(data):
            self._keep(data[end + 1 :])
        try:
            for line in whole.split(b"\n"):
                self._take(frames.decode_frame(line))
        except VegaError as error:
            self._break(HostError(str(error)))
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            self._break(HostError(f"the host said what this version does not know ({error}); restart the older side"))

    def connection_lost(self, exc: Exception | None) -> None:
        error = self._error
        if error is None:
            error = ConnectionLost(f"the host went away ({_why(exc)})" if exc else "the host went away")
        self._error = error
        for waiter in self._waiting.values():
            if not waiter.done():
                waiter.set_exception(error)
        if not self._gone.done():
            self._gone.set_result(None)
        if not self._closing:
            self._on_closed(error)

    def _keep(self, data: bytes) -> None:
        self._parts.append(data)
        self._parts_bytes += len(data)
        if self._parts_bytes > frames.MAX_FRAME_BYTES:
            self._break(HostError("the host sent a line longer than any frame may be"))

    def _take(self, frame: frames.Frame) -> None:
        match frame.method:
            case "event":
                self._on_event(frames.decode_event(frame.params))
            case "delta":
                self._on_delta(frames.decode_delta(frame.params))
            case "notice":
                self._on_notice(frames.decode_as(frame.params, frames.Notice))
            case _:
                self._answer(frame)

    def _answer(self, frame: frames.Frame) -> None:
        waiter = self._waiting.get(frame.id or 0)
        if waiter is None or waiter.done():
            return  # its caller gave up waiting
        if frame.error is not None:
            waiter.set_exception(frames.error_from(frame.error))
        else:
            waiter.set_result(frame.result)

    def _break(self, error: HostError) -> None:
        self._error = self._error or error
        self._parts.clear()
        if self._transport is not None:
            self._transport.abort()


def _why(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
