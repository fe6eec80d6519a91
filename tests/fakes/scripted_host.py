"""A host that answers from a script, over a real socket and real frames; for faces that must not need a real one."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from vega_tui.core.errors import VegaError
from vega_tui.core.events import AnyEvent
from vega_tui.protocol import frames
from vega_tui.protocol import operations as ops

OPERATIONS: dict[str, ops.Operation[Any, Any]] = {
    op.name: op for op in vars(ops).values() if isinstance(op, ops.Operation)
}
Answer = Callable[[Any], msgspec.Struct]


class ScriptedHost:
    """`answers` maps an operation's name to its result, an error to raise, or a function of its parameters.

    `asked` keeps what was called, in order. `tell(event)` sends an event to every connection.
    """

    def __init__(self, answers: dict[str, msgspec.Struct | VegaError | Answer] | None = None) -> None:
        self.answers: dict[str, msgspec.Struct | VegaError | Answer] = {
            "hello": ops.Welcome(protocol=frames.PROTOCOL_VERSION, pid=7, version="0.1.0", started=0.0),
            **(answers or {}),
        }
        self.asked: list[tuple[str, Any]] = []
        self._writers: list[asyncio.StreamWriter] = []
        self._serving: set[asyncio.Task[None]] = set()

    def calls(self, name: str) -> list[Any]:
        return [params for asked, params in self.asked if asked == name]

    def tell(self, *events: AnyEvent) -> None:
        for writer in self._writers:
            for event in events:
                writer.write(frames.encode_notification("event", event))

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.close()

    def connect(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        task = asyncio.get_running_loop().create_task(self._accept(ours))
        self._serving.add(task)
        return theirs

    async def __aenter__(self) -> "ScriptedHost":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.hang_up()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    @asynccontextmanager
    async def listening(self, path: Path) -> AsyncGenerator["ScriptedHost", None]:
        """Serve a Unix socket at `path`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        server = await asyncio.start_unix_server(self._serve, str(path))
        try:
            yield self
        finally:
            server.close()
            await self.__aexit__()
            path.unlink(missing_ok=True)

    async def _accept(self, sock: socket.socket) -> None:
        await self._serve(*await asyncio.open_unix_connection(sock=sock))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            while line := await reader.readline():
                frame = frames.decode_frame(line.rstrip(b"\n"))
                writer.write(self._answer(frame))
        except ConnectionError:
            pass
        finally:
            self._writers.remove(writer)
            writer.close()

    def _answer(self, frame: frames.Frame) -> bytes:
        assert frame.id is not None
        assert frame.method is not None
        params = frames.decode_as(frame.params, OPERATIONS[frame.method].params)
        self.asked.append((frame.method, params))
        answer = self.answers.get(frame.method, ops.Nothing())
        try:
            if callable(answer):
                answer = answer(params)
            if isinstance(answer, VegaError):
                raise answer
            return frames.encode_result(frame.id, answer)
        except VegaError as error:
            return frames.encode_error(frame.id, error)
