"""A host that is only its wire: answers operations from a list of events, tells what a test says, can drop a client."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import msgspec

from tests.fakes.projection import page_at, snapshot_at
from tests.fakes.story import SESSION
from vega_tui.core.events import AnyDelta, AnyEvent
from vega_tui.protocol import frames
from vega_tui.protocol import operations as ops
from vega_tui.protocol.rows import OpenText, SessionRow, Snapshot

Answer = Callable[[msgspec.Raw], msgspec.Struct]


class FrameHost:
    """`async with FrameHost(events) as host`, then `host.pair()` or `await host.listen(path)`."""

    def __init__(self, events: list[AnyEvent] | None = None, protocol: int = frames.PROTOCOL_VERSION) -> None:
        self.events = events or []
        self.protocol = protocol
        self.alive = 0
        self.asked: list[str] = []
        self.watched: list[tuple[str, ...]] = []
        self.saying: tuple[OpenText, ...] = ()
        self.silent: set[str] = set()  # operations that get no answer
        self.answers: dict[str, Answer] = {}
        self.before_answer: dict[str, Callable[[], None]] = {}
        self.after_answer: dict[str, Callable[[], None]] = {}
        self.forgetful = False  # answers `since` with a fresh snapshot
        self.clients: list[asyncio.StreamWriter] = []
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "FrameHost":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        self.drop()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    def pair(self) -> socket.socket:
        """The face's end of a socket pair that this host serves."""
        mine, theirs = socket.socketpair()
        self._own(self._serve_socket(mine))
        return theirs

    async def listen(self, path: Path) -> None:
        self._server = await asyncio.start_unix_server(self._accept, path)

    def tell(self, event: AnyEvent) -> None:
        """Publish: keep it, and tell every client."""
        self.events.append(event)
        self.send(frames.encode_notification("event", event))

    def say(self, delta: AnyDelta) -> None:
        self.send(frames.encode_notification("delta", delta))

    def notice(self, kind: str) -> None:
        self.send(frames.encode_notification("notice", frames.Notice(kind=kind)))

    def send(self, line: bytes) -> None:
        for writer in self.clients:
            writer.write(line)

    def drop(self) -> None:
        """Cut every client off, as a dying host does."""
        for writer in self.clients:
            writer.transport.abort()
        self.clients.clear()

    def _own(self, work: "asyncio.Future[None] | object") -> None:
        assert asyncio.iscoroutine(work)
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve_socket(self, sock: socket.socket) -> None:
        reader, writer = await asyncio.open_unix_connection(sock=sock)
        self._writers.append(writer)
        await self._serve(reader, writer)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        self._own(self._serve(reader, writer))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.clients.append(writer)
        try:
            while line := await reader.readline():
                self._answer(frames.decode_frame(line), writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _answer(self, frame: frames.Frame, writer: asyncio.StreamWriter) -> None:
        name, request = frame.method or "", frame.id or 0
        self.asked.append(name)
        if name in self.silent:
            return
        try:
            result = self.answers.get(name, lambda raw: self._usual(name, raw))(frame.params)
        except Exception as error:
            writer.write(frames.encode_error(request, error))
            return
        self.before_answer.get(name, lambda: None)()
        writer.write(frames.encode_result(request, result))
        self.after_answer.get(name, lambda: None)()

    def _usual(self, name: str, raw: msgspec.Raw) -> msgspec.Struct:
        match name:
            case "hello":
                return ops.Welcome(protocol=self.protocol, pid=77, version="9.9", started=0.0, alive=self.alive)
            case "session.open":
                return SessionRow(id=SESSION, name="a story", cwd="/work", model="sim")
            case "subscribe":
                return self._subscribe(frames.decode_as(raw, ops.Subscribe))
            case "watch":
                self.watched.append(frames.decode_as(raw, ops.Watch).processes)
                return ops.Watched(texts=self.saying)
            case "entries.page":
                asked = frames.decode_as(raw, ops.EntriesPage)
                return page_at(self.events, asked.process, asked.limit, asked.before)
            case "session.show":
                return snapshot_at(self.events)
            case _:
                return ops.Nothing()

    def _subscribe(self, asked: ops.Subscribe) -> Snapshot:
        if asked.since is None or self.forgetful:
            return snapshot_at(self.events)
        for event in self.events:
            if event.seq > asked.since:
                self.send(frames.encode_notification("event", event))
        return Snapshot(seq=asked.since)
