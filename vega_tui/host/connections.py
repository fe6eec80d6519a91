"""One client's connection: hello first, then requests answered in the order their handlers end; events go out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

import msgspec

from vega_tui.core.errors import HostError, PolicyDenied, UserError, VegaError
from vega_tui.core.events import AnyDelta
from vega_tui.host.outbox import Outbox
from vega_tui.host.peers import Peer
from vega_tui.protocol.frames import (
    MAX_FRAME_BYTES,
    PROTOCOL_VERSION,
    Frame,
    Notice,
    decode_as,
    decode_frame,
    encode_error,
    encode_notification,
    encode_result,
)
from vega_tui.protocol.operations import HELLO, Hello, Operation, Welcome

log: Final = logging.getLogger(__name__)

# Any: an operation's own types are checked where its handler is registered.
Handler: TypeAlias = Callable[["Client", Any], Awaitable[msgspec.Struct]]
Table: TypeAlias = dict[str, tuple[Operation[Any, Any], Handler]]

HELLO_TIMEOUT_S: Final = 10.0
_CLOSE_S: Final = 2.0


class Client:
    """A connected face: what it brought, what it follows, and its way out."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        table: Table,
        peer: Peer,
        on_refused: Callable[[Peer, Operation[Any, Any]], None],
    ) -> None:
        """`on_refused` is told what an agent's program asked for and may not."""
        self.peer = peer
        self._on_refused = on_refused
        self.hello = Hello(protocol=PROTOCOL_VERSION, client="")
        self.session: str | None = None  # followed: an id, "" for all, None for nothing yet
        self.opened: set[str] = set()  # sessions that this client opened or follows
        self.watched: frozenset[tuple[str, str]] = frozenset()
        self._held: list[tuple[int, bytes]] | None = None
        self._reader = reader
        self._writer = writer
        self._table = table
        self._outbox = Outbox(writer)

    @property
    def by(self) -> str:
        """Who did what this client asks for, as events have it: the face as the kernel knows it."""
        return f"you ({self.peer})"

    # --- what goes out -------------------------------------------------------------------------------------

    def follows(self, session: str) -> bool:
        """Whether events of this session go to this client; events of the host itself go to all who follow any."""
        return self.session is not None and (self.session in ("", session) or not session)

    def send_event(self, seq: int, line: bytes) -> None:
        """Send an encoded event in its order; kept back while an earlier stretch is still being read."""
        if self._held is not None:
            self._held.append((seq, line))
        else:
            self._outbox.put(line)

    def send_delta(self, delta: AnyDelta) -> None:
        """Send passing text, when it is of a watched process."""
        if (delta.session, delta.process) in self.watched and self._held is None:
            self._outbox.delta(delta)

    def notice(self, kind: str, text: str = "") -> None:
        """Send a word about the host itself."""
        self._outbox.put(encode_notification("notice", Notice(kind=kind, text=text)))

    def replay(self, line: bytes) -> None:
        """Send an event of an earlier stretch, before what is kept back."""
        self._outbox.put(line)

    def hold(self) -> None:
        """Keep events back, while those before them are read from the store."""
        self._held = []

    def release(self, after: int) -> None:
        """Send what was kept back, but for what the reading covered (seq up to `after`)."""
        held, self._held = self._held or [], None
        for seq, line in held:
            if seq > after:
                self._outbox.put(line)

    # --- the connection ------------------------------------------------------------------------------------

    async def serve(self, welcome: Callable[[Hello], Welcome]) -> None:
        """Serve until the client goes or `close` is called."""
        async with asyncio.TaskGroup() as group:
            sender = group.create_task(self._send())
            try:
                await self._greet(welcome)
                while line := await self._read_line():
                    self._dispatch(group, line)
            except (HostError, ConnectionError, TimeoutError) as error:
                log.debug("client %s left: %s", self.hello.client or "(no hello)", error)
            finally:
                self._outbox.close()
            await sender

    def close(self) -> None:
        """End the connection once what waits has been sent, or soon: a face that doesn't read must not hold us."""
        self._outbox.close()
        self._reader.feed_eof()
        asyncio.get_running_loop().call_later(_CLOSE_S, self._writer.transport.abort)

    async def _send(self) -> None:
        try:
            await self._outbox.run()
        except ConnectionError:
            pass  # the reading side sees the end too
        finally:
            self._writer.close()

    async def _greet(self, welcome: Callable[[Hello], Welcome]) -> None:
        async with asyncio.timeout(HELLO_TIMEOUT_S):
            line = await self._read_line()
        frame = decode_frame(line)
        if frame.method != HELLO.name or frame.id is None:
            raise HostError("the first frame is hello")
        try:
            self.hello = decode_as(frame.params, Hello)
            self._outbox.put(encode_result(frame.id, welcome(self.hello)))
        except VegaError as error:
            self._outbox.put(encode_error(frame.id, error))
            raise HostError(str(error)) from error

    async def _read_line(self) -> bytes:
        try:
            return await self._reader.readline()
        except ValueError as error:
            raise HostError(f"a frame is longer than {MAX_FRAME_BYTES:,} bytes") from error

    def _dispatch(self, group: asyncio.TaskGroup, line: bytes) -> None:
        frame = decode_frame(line)
        if frame.id is None or frame.method is None:
            return
        known = self._table.get(frame.method)
        if known is None:
            error = UserError(f"no operation {frame.method}; this host speaks protocol {PROTOCOL_VERSION}")
            self._outbox.put(encode_error(frame.id, error))
            return
        operation, handler = known
        if (refusal := self._refusal(operation)) is not None:
            self._outbox.put(encode_error(frame.id, refusal))
            return
        group.create_task(self._answer(frame, operation, handler))

    def _refusal(self, operation: Operation[Any, Any]) -> PolicyDenied | None:
        if not self.peer.trusted and not operation.agents:
            log.warning("refused %s to %s: %s", operation.name, self.peer, self.peer.why)
            self._on_refused(self.peer, operation)
            return PolicyDenied(
                f"{operation.name} is refused to {self.peer}: {self.peer.why}; only what a person started may"
            )
        if operation.changes and self.hello.read_only:
            return PolicyDenied(f"{operation.name}: this client is read-only")
        return None

    async def _answer(self, frame: Frame, operation: Operation[Any, Any], handler: Handler) -> None:
        request_id = frame.id or 0
        try:
            result = await handler(self, decode_as(frame.params, operation.params))
        except VegaError as error:
            self._outbox.put(encode_error(request_id, error))
        except Exception as error:  # the border: a bug in a handler must not end the connection of a person
            log.exception("operation %s failed", operation.name)
            self._outbox.put(encode_error(request_id, error))
        else:
            # No await between the handler's end and here: a snapshot and the events after it stay in order.
            self._outbox.put(encode_result(request_id, result))
