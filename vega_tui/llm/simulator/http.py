"""Just enough HTTP/1.1 for a model's server: keep-alive, bodies of any size, chunked replies, early leavers.

It ends the work for a request as soon as its client is gone. Serves loopback only; speaks no TLS.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, TypeAlias

_HEAD_LIMIT: Final = 64 * 1024
_BODY_LIMIT: Final = 64 * 1024 * 1024
_REASONS: Final = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


class BadRequest(Exception):
    """What came is not HTTP that we speak; the connection ends."""


@dataclass(frozen=True)
class HttpRequest:
    """One request, whole. Header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


class HttpReply:
    """The way back to a client: one JSON reply, or a stream that may be left unfinished on purpose."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.streaming = False
        self.dropped = False

    async def send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """A whole reply."""
        head = {"content-type": "application/json", "content-length": str(len(body))} | dict(headers or {})
        self._writer.write(_head(status, head) + body)
        await self._writer.drain()

    async def start_stream(self, headers: Mapping[str, str] | None = None) -> None:
        """The head of an event stream."""
        head = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
        self._writer.write(_head(200, head | {"transfer-encoding": "chunked"} | dict(headers or {})))
        self.streaming = True
        await self._writer.drain()

    async def write(self, data: bytes) -> None:
        """The next piece of the stream, after the client took enough of what went before."""
        if data:
            self._writer.write(b"%x\r\n%b\r\n" % (len(data), data))
            await self._writer.drain()

    def drop(self) -> None:
        """Leave the reply as it is: the connection breaks off once what was written is sent."""
        self.dropped = True

    async def finish(self) -> None:
        """The proper end of a stream; nothing for a whole reply."""
        if self.streaming:
            self._writer.write(b"0\r\n\r\n")
            await self._writer.drain()


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


Handler: TypeAlias = Callable[[HttpRequest, HttpReply], Awaitable[None]]


class HttpServer:
    """Listens on a loopback port until closed; every connection's work ends with it."""

    def __init__(self, handler: Handler, host: str, port: int) -> None:
        self._handler = handler
        self._host = host
        self._port = port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.accepted = 0

    @property
    def port(self) -> int:
        """The port taken, once started."""
        return self._port

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._server = await asyncio.start_server(self._accept, self._host, self._port, limit=_HEAD_LIMIT)
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening, end every reply where it is, and wait for that."""
        if self._server is None:
            return
        self._server.close()
        ending = list(self._connections)
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(task)
        self.accepted += 1
        task.add_done_callback(lambda done: self._leave(done, writer))

    def _leave(self, task: asyncio.Task[None], writer: asyncio.StreamWriter) -> None:
        # A task that is cancelled before its first step runs no line of its own: its socket would stay open, and
        # from Python 3.12 on `wait_closed` waits for every socket.
        self._connections.discard(task)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except (BadRequest, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client left, or never spoke HTTP: there is nobody to tell
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ahead = await reader.read(1)
        while ahead:
            request = await _read_request(reader, writer, ahead)
            reply = HttpReply(writer)
            ahead = await self._answer(request, reply, reader)

    async def _answer(self, request: HttpRequest, reply: HttpReply, reader: asyncio.StreamReader) -> bytes:
        """Work until the reply is out or the client is gone; returns what it begins to say next, if it may."""
        listening = asyncio.create_task(reader.read(1))
        working = asyncio.create_task(self._reply(request, reply))
        try:
            await asyncio.wait((listening, working), return_when=asyncio.FIRST_COMPLETED)
            if listening.done() and not (listening.exception() is None and listening.result()):
                return b""
            await working
            last = reply.dropped or request.headers.get("connection", "").lower() == "close"
            return b"" if last else await listening
        finally:
            for task in (working, listening):
                task.cancel()
            await asyncio.gather(working, listening, return_exceptions=True)

    async def _reply(self, request: HttpRequest, reply: HttpReply) -> None:
        await self._handler(request, reply)
        if not reply.dropped:
            await reply.finish()


async def _read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ahead: bytes) -> HttpRequest:
    head = (ahead + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip("\r\n").split("\r\n")
    try:
        method, target, _ = first.split(" ", 2)
    except ValueError as error:
        raise BadRequest(first) from error
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(_length(headers.get("content-length", "0")))
    return HttpRequest(method, target.partition("?")[0], headers, body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    parts: list[bytes] = []
    total = 0
    while True:
        line = await reader.readuntil(b"\r\n")
        size = _length(line.split(b";")[0].strip().decode("latin-1"), base=16)
        total += size
        if total > _BODY_LIMIT:
            raise BadRequest("body too large")
        if size == 0:
            while (await reader.readuntil(b"\r\n")).strip():
                pass
            return b"".join(parts)
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)


def _length(text: str, base: int = 10) -> int:
    try:
        size = int(text, base)
    except ValueError as error:
        raise BadRequest(text) from error
    if not 0 <= size <= _BODY_LIMIT:
        raise BadRequest("body too large")
    return size
