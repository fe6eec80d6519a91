"""What a face knows: a connection kept alive, and views folded from what it tells.

Owns the session it opened, which process is shown, and coming back after a host ended. No timers for painting:
`on_change` says that something is dirty, the face decides when to look.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol, TypeVar

import msgspec

from vega_tui.client.connection import Connection, ConnectionLost, VersionMismatch
from vega_tui.client.views.chat import ChatView
from vega_tui.client.views.view_set import ViewSet
from vega_tui.core import clock
from vega_tui.core.errors import HostError, UserError, VegaError
from vega_tui.core.events import AnyDelta, AnyEvent, Event, HostRecovered
from vega_tui.protocol import operations as ops
from vega_tui.protocol.frames import Notice
from vega_tui.protocol.operations import Operation
from vega_tui.protocol.rows import SessionRow, Snapshot

P = TypeVar("P", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)

log: Final = logging.getLogger(__name__)

PAGE: Final = 200
_FIRST_BACKOFF_S: Final = 0.1
_LAST_BACKOFF_S: Final = 5.0
_RESTART_TIMEOUT_S: Final = 30.0


class Connect(Protocol):
    """How a connection is made: `functools.partial(Connection.to_unix, home, hello)`."""

    def __call__(
        self,
        *,
        on_event: Callable[[AnyEvent], None],
        on_delta: Callable[[AnyDelta], None],
        on_notice: Callable[[Notice], None],
        on_closed: Callable[[HostError], None],
    ) -> Awaitable[Connection]:
        """Connect and say hello. Raises HostError."""
        ...


class FeedState(Enum):
    """How the views stand to the truth."""

    OPENING = "opening"
    LIVE = "live"
    LOST = "lost"  # what is shown may be old; coming back is being tried
    FAILED = "failed"  # it can't come back by itself; `outage.error` says why
    CLOSED = "closed"


@dataclass(slots=True)
class Outage:
    """A time without a host: when it began, why, and once it is over how long it took and what it cut off."""

    began: float  # on clock.monotonic()
    error: str
    seconds: float | None = None  # None while it lasts
    interrupted_calls: int = 0
    attempts: int = 0


class Feed:
    """Views of one session, or of all (`opening` None), that follow the host. Use `await feed.open()` once."""

    def __init__(
        self,
        connect: Connect,
        opening: ops.SessionOpen | None,
        *,
        restart_host: Callable[[], Awaitable[None]] | None = None,
        on_change: Callable[[], None] = lambda: None,
        on_notice: Callable[[Notice], None] = lambda _: None,
        read_only: bool = False,
    ) -> None:
        self._connect = connect
        self._opening = opening
        self._restart_host = restart_host
        self._on_change = on_change
        self._on_notice = on_notice
        self.state = FeedState.OPENING
        self.views = ViewSet(read_only=read_only)
        self.session = ""  # id of the session that is open; empty: all
        self.seq = 0  # of the last event folded
        self.outage: Outage | None = None  # the last one
        self.welcome: ops.Welcome | None = None
        self._connection: Connection | None = None
        self._told_to_stop = False
        self._pending: list[AnyEvent | AnyDelta] | None = None  # told while a snapshot or a page is on its way
        self._changing = asyncio.Lock()
        self._wake = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def shown(self) -> str:
        """Path of the process whose transcript is shown."""
        return self.views.chat.process

    @property
    def session_row(self) -> SessionRow | None:
        """The open session as the header has it."""
        return self.views.header.session

    async def open(self) -> None:
        """Connect, open the session, load every view and the first page.

        Raises HostError when there is no host to talk to, or what the host says against opening.
        """
        try:
            await self._begin(self._opening, since=None)
        except BaseException:
            await self.close()
            raise
        self._keeper = asyncio.create_task(self._keep(), name="feed")

    async def close(self) -> None:
        """Leave the host; nothing that lives there ends by it. Idempotent."""
        self.state = FeedState.CLOSED
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
            self._keeper = None
        if self._connection is not None:
            await self._connection.close()

    async def call(self, op: Operation[P, R], params: P, timeout_s: float = 30.0) -> R:
        """Ask the host. Raises HostError while it is lost, else what the host raises."""
        if self._connection is None or self._connection.closed:
            raise ConnectionLost("the host is gone; it is being started again")
        return await self._connection.call(op, params, timeout_s)

    async def show(self, process: str, session: str = "") -> None:
        """Show another process's transcript: its deltas come from now on, its newest page at once."""
        session = session or self.session
        chat = self.views.chat
        if (chat.process, chat.session) == (process, session) and chat.loaded:
            return
        async with self._changing:
            await self._load_chat(process, session)

    async def older(self) -> bool:
        """Read one more page before the first item. False when there was nothing older."""
        async with self._changing:
            chat = self.views.chat
            if not chat.more or not chat.oldest:
                return False
            page = ops.EntriesPage(session=chat.session, process=chat.process, before=chat.oldest, limit=PAGE)
            chat.add_page(await self.call(ops.ENTRIES_PAGE, page))
        self._on_change()
        return True

    def another(self, opening: ops.SessionOpen) -> "Feed":
        """A feed of another session for the same face. Open it first, then close this one: a failure costs nothing."""
        return Feed(
            self._connect,
            opening,
            restart_host=self._restart_host,
            on_change=self._on_change,
            on_notice=self._on_notice,
            read_only=self.views.header.read_only,
        )

    def reconnect(self) -> None:
        """Try again after FAILED, from starting the host on."""
        if self.state is FeedState.FAILED:
            if self.outage is not None:
                self.outage.attempts = 0
            self._told_to_stop = False
            self.state = FeedState.LOST
            self._wake.set()

    # --- beginning -----------------------------------------------------------------------------------------

    async def _begin(self, opening: ops.SessionOpen | None, since: int | None) -> None:
        """Connect, open, subscribe; load the snapshot unless the host went on after `since`."""
        self._pending = []
        connection = await self._connect(
            on_event=self._event, on_delta=self._delta, on_notice=self._notice, on_closed=self._lost
        )
        self._connection = connection
        try:
            self.welcome = connection.welcome
            if opening is not None:
                self.session = (await connection.call(ops.SESSION_OPEN, opening)).id
                self._opening = ops.SessionOpen(session=self.session)
            snapshot = await self._subscribe(connection, since)
            went_on = since is not None and snapshot.session is None and not snapshot.processes
            if not went_on:
                self.seq = snapshot.seq
                self.views.load(snapshot)
            await self._read_chat(self.views.chat, first=not went_on)
        except BaseException:
            await connection.close()
            raise
        self.state = FeedState.LIVE
        self._told_to_stop = False
        self._release()

    async def _subscribe(self, connection: Connection, since: int | None) -> Snapshot:
        if since is not None:
            try:
                return await connection.call(ops.SUBSCRIBE, ops.Subscribe(session=self.session, since=since))
            except UserError:
                pass  # a host whose log ends before `since`: what it has is the truth now
        return await connection.call(ops.SUBSCRIBE, ops.Subscribe(session=self.session))

    async def _load_chat(self, process: str, session: str) -> None:
        """A new chat view, from a snapshot taken after its deltas began to come."""
        self._pending = []
        try:
            chat = ChatView(session, process)
            show = await self.call(ops.SESSION_SHOW, ops.SessionRef(session=session))
            chat.load(show)
            await self._read_chat(chat, first=True)
            self.views.chat = chat
        finally:
            self._release()

    async def _read_chat(self, chat: ChatView, *, first: bool) -> None:
        if not chat.session or self._connection is None:
            return
        watch = ops.Watch(session=chat.session, processes=(chat.process,))
        chat.say((await self._connection.call(ops.WATCH, watch)).texts)
        if first:
            page = ops.EntriesPage(session=chat.session, process=chat.process, limit=PAGE)
            chat.add_page(await self._connection.call(ops.ENTRIES_PAGE, page))

    # --- what the host tells -------------------------------------------------------------------------------

    def _event(self, event: AnyEvent) -> None:
        if self._pending is not None:
            self._pending.append(event)
            return
        self._fold(event)
        self._on_change()

    def _delta(self, delta: AnyDelta) -> None:
        if self._pending is not None:
            self._pending.append(delta)
            return
        self.views.chat.apply_delta(delta)
        self._on_change()

    def _fold(self, event: AnyEvent) -> None:
        if event.seq <= self.seq:
            return  # part of the snapshot already
        self.seq = event.seq
        self.views.apply(event)
        if self.outage is not None and isinstance(event, HostRecovered):
            self.outage.interrupted_calls += event.interrupted_calls
        if self.views.chat.moved:
            self._wake.set()

    def _release(self) -> None:
        """Fold what was told meanwhile, in its order."""
        pending, self._pending = self._pending or [], None
        for told in pending:
            if isinstance(told, Event):
                self._fold(told)
            else:
                self.views.chat.apply_delta(told)
        self._on_change()

    def _notice(self, notice: Notice) -> None:
        if notice.kind == "stopping":
            self._told_to_stop = True
        self._on_notice(notice)
        self._on_change()

    # --- coming back ---------------------------------------------------------------------------------------

    def _lost(self, error: HostError) -> None:
        if self.state is FeedState.CLOSED:
            return
        self.outage = Outage(began=clock.monotonic(), error=str(error))
        if self._told_to_stop:
            self.state = FeedState.FAILED
            self.outage.error = "the host was stopped"
        else:
            self.state = FeedState.LOST
            self._wake.set()
        self._on_change()

    async def _keep(self) -> None:
        """The feed's one task: come back when lost, read the transcript again when its branch moved."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                async with self._changing:
                    if self.state is FeedState.LOST:
                        await self._recover()
                    elif self.state is FeedState.LIVE and self.views.chat.moved:
                        await self._reload_chat()
            except Exception as error:  # a bug of ours: shown, and this task goes on, so that F5 still works
                log.exception("the feed failed")
                self._broke(error)

    def _broke(self, error: Exception) -> None:
        why = f"a fault in this program ({type(error).__name__}: {error})"
        if self.state is FeedState.LOST:
            self.outage = self.outage or Outage(began=clock.monotonic(), error="")
            self.outage.error = why
            self.state = FeedState.FAILED
        elif self.state is FeedState.LIVE:
            self.views.chat.moved = False
            self._on_notice(Notice(kind="unread", text=f"the transcript could not be read: {why}"))
        self._on_change()

    async def _reload_chat(self) -> None:
        chat = self.views.chat
        try:
            await self._load_chat(chat.process, chat.session)
        except VegaError as error:
            if not isinstance(error, ConnectionLost):  # else recovering reads it
                self._on_notice(Notice(kind="unread", text=f"the transcript could not be read: {error}"))

    async def _recover(self) -> None:
        outage = self.outage or Outage(began=clock.monotonic(), error="")
        backoff_s = _FIRST_BACKOFF_S
        while self.state is FeedState.LOST:
            outage.attempts += 1
            try:
                if outage.attempts == 1 and self._restart_host is not None:
                    async with asyncio.timeout(_RESTART_TIMEOUT_S):
                        await self._restart_host()
                await self._begin(self._opening, since=self.seq)
                outage.seconds = clock.monotonic() - outage.began
            except (VersionMismatch, UserError) as error:
                outage.error = str(error)
                self.state = FeedState.FAILED
            except (VegaError, OSError, TimeoutError) as error:
                outage.error = str(error) or "no host came up in time"
                self._on_change()
                await asyncio.sleep(backoff_s)
                backoff_s = min(backoff_s * 2, _LAST_BACKOFF_S)
        self._on_change()
