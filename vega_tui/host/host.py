"""The host: store → bus → runtime → sessions, opened in that order and closed in reverse. One per home."""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final, Self

from vega_tui.approvals.queue import ApprovalQueue
from vega_tui.core import clock
from vega_tui.core.errors import HostError, StorageError
from vega_tui.core.events import AnyEvent, BranchCreated, BranchMoved, Delta, EntryAdded, HostStarted, SessionRemoved
from vega_tui.core.home import Home
from vega_tui.core.processes import adopt_orphans
from vega_tui.core.version import __version__
from vega_tui.host.alerts import AlertDesk
from vega_tui.host.board import Board
from vega_tui.host.bus import EventBus, EventLog, Item
from vega_tui.host.connections import Client, Table
from vega_tui.host.directory import Directory
from vega_tui.host.handlers import build_table
from vega_tui.host.handlers.context import HostContext
from vega_tui.host.lifecycle import Lifecycle
from vega_tui.host.listener import listen
from vega_tui.host.lock import HomeLock
from vega_tui.host.partials import PartialKeeper
from vega_tui.host.peers import Peer, peer_of, this_process
from vega_tui.host.providers import Providers
from vega_tui.host.recovery import recover
from vega_tui.host.refusals import Refusals
from vega_tui.host.services import Services
from vega_tui.protocol.frames import MAX_FRAME_BYTES, PROTOCOL_VERSION, encode_notification
from vega_tui.protocol.operations import Hello, Welcome
from vega_tui.runtime import INFINITY, Supervisions, SupervisorSpec, System
from vega_tui.sessions.faults import Refused
from vega_tui.sessions.store import Store
from vega_tui.tools.guard import Guard
from vega_tui.tools.registry import full_registry
from vega_tui.tools.tool import Tool

log: Final = logging.getLogger(__name__)

IDLE_S: Final = 60.0
_IDLE_LOOK_S: Final = 5.0


class _Log(EventLog):
    """The store as the bus sees it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def last_seq(self) -> int:
        return self._store.last_seq

    async def append(self, events: Sequence[AnyEvent]) -> None:
        await self._store.append(events)

    def refused_seq(self, error: BaseException) -> int | None:
        return error.seq if isinstance(error, Refused) else None


class Host:
    """`async with Host(home) as host`: runs, listens at the home's socket, and gives in-process connections.

    Raises HostError when another host has the home, StorageError when the store can't be opened, UserError
    when the home can't be written.
    """

    def __init__(self, home: Home, *, tools: Iterable[Tool] = (), alone: bool = True) -> None:
        """`tools`: offered beside the built-in ones. `alone`: nothing else in this process starts programs.

        Raises UserError where a tool takes a name twice.
        """
        self._alone = alone
        self.home = home
        self._tools = full_registry(tools)
        for problem in self._tools.problems:
            log.warning("tool %s", problem)
        self.listeners: list[Callable[[Item], None]] = []  # of what is stored, and of deltas, in order; never raise
        self.started = clock.wall()
        self._stack = AsyncExitStack()
        self._clients: set[Client] = set()
        self._stopping = asyncio.Event()
        self._lone_since: float | None = None
        self._boards: dict[str, Board] = {}

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _open(self) -> None:
        self.home.ensure()
        self._stack.enter_context(HomeLock(self.home))
        adopt_orphans()  # before any of a tool's programs can be one
        store = await self._stack.enter_async_context(await Store.open(self.home.database))
        self._group = await self._stack.enter_async_context(asyncio.TaskGroup())
        self._bus = EventBus(_Log(store), fan_out=self._fan_out, on_trouble=self._trouble, on_refused=self._refused)
        self._alerts = AlertDesk(self._bus)
        self._alerts.restore(await store.alerts())
        self._refusals = Refusals(self._alerts, self._boards)
        bus_task = self._group.create_task(self._bus.run())
        self._stack.push_async_callback(self._end_bus, bus_task)
        providers = Providers(self._group)
        self._stack.push_async_callback(providers.aclose)
        guard = Guard(alone=self._alone)
        self._stack.push_async_callback(guard.aclose)
        system = await self._stack.enter_async_context(System(on_event=Lifecycle(self._bus).on_event))
        sessions = await system.start_supervisor(SupervisorSpec(intensity=INFINITY, name="sessions"))
        self.services = services = Services(
            store=store,
            bus=self._bus,
            system=system,
            sessions=sessions,
            approvals=ApprovalQueue(self._bus),
            alerts=self._alerts,
            providers=providers,
            tools=self._tools,
            supervisions=Supervisions(system),
            guard=guard,
        )
        self.directory = self._directory = Directory(services, self.home, self._boards)
        await self._forget_ephemeral(store)
        self._bus.publish(HostStarted(pid=os.getpid(), release=__version__))
        await recover(store, self._bus)
        self._partials = PartialKeeper(store, self._boards)
        keeper = self._group.create_task(self._partials.run())
        self._stack.callback(keeper.cancel)
        context = HostContext(
            home=self.home, services=services, directory=self._directory, clients=self._clients, stop=self.stop
        )
        self._table: Table = build_table(context)
        self._server = await listen(self.home, self._admit)
        self._stack.push_async_callback(self._leave)

    async def close(self) -> None:
        """Stop all sessions in order, store what is left, and give the home back. Idempotent."""
        self._stopping.set()
        await self._stack.aclose()

    async def _leave(self) -> None:
        """No new clients, sessions stopped, clients told and let go."""
        self._server.close()
        self.home.socket.unlink(missing_ok=True)
        for client in self._clients:
            client.notice("stopping", "the host is stopping")
        await self._directory.close_all()
        with contextlib.suppress(StorageError):
            await self._bus.flush()
        for client in list(self._clients):
            client.close()

    async def _end_bus(self, task: asyncio.Task[None]) -> None:
        self._refusals.close()
        self._alerts.close()
        self._bus.close()
        await task

    @property
    def bus(self) -> EventBus:
        """Where this host's facts go."""
        return self._bus

    # --- clients -------------------------------------------------------------------------------------------

    def connect(self) -> socket.socket:
        """The client's end of a new in-process connection."""
        mine, theirs = socket.socketpair()
        self._group.create_task(self._accept_pair(mine))
        return theirs

    def _admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._stopping.is_set():
            writer.close()
        else:
            sock: socket.socket = writer.get_extra_info("socket")
            peer = peer_of(sock)  # at once: later, whoever connected may have gone
            if peer is None:
                writer.close()
            else:
                self._group.create_task(self._accept(reader, writer, peer))

    async def _accept_pair(self, mine: socket.socket) -> None:
        await self._accept(*await asyncio.open_connection(sock=mine, limit=MAX_FRAME_BYTES), this_process())

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: Peer) -> None:
        client = Client(reader, writer, self._table, peer, self._refusals.note)
        self._clients.add(client)
        self._idle_for(clock.monotonic())  # who comes and goes between two looks was here, too
        try:
            await client.serve(self._welcome)
        except* (ConnectionError, OSError) as group:
            log.debug("a client went away: %s", group.exceptions[0])
        finally:
            self._clients.discard(client)
            await self._after(client)

    def _welcome(self, hello: Hello) -> Welcome:
        if hello.protocol != PROTOCOL_VERSION:
            raise HostError(
                f"this host speaks protocol {PROTOCOL_VERSION}, the client {hello.protocol}; "
                "`vega-tui host stop` ends the host when nothing works in it"
            )
        alive = sum(1 for board in self._boards.values() if board.working)
        return Welcome(
            protocol=PROTOCOL_VERSION,
            pid=os.getpid(),
            version=__version__,
            started=self.started,
            alive=alive,
            home=str(self.home.root),
        )

    async def _after(self, client: Client) -> None:
        """Remove ephemeral sessions whose last client has gone."""
        if self._stopping.is_set():
            return
        for session in client.opened:
            live = self._directory.live.get(session)
            if live is None or not live.board.row.ephemeral:
                continue
            if not any(session in other.opened for other in self._clients):
                await self._directory.close(session)

    async def _forget_ephemeral(self, store: Store) -> None:
        """Remove what an ephemeral session of a host that was killed has left."""
        for row in await store.sessions(limit=1_000_000):
            if row.ephemeral:
                self._bus.publish(SessionRemoved(session=row.id))
        await self._bus.flush()

    # --- events --------------------------------------------------------------------------------------------

    def _fan_out(self, batch: Sequence[Item]) -> None:
        boards = self._boards
        for item in batch:
            board = boards.get(item.session)
            if isinstance(item, Delta):
                if board is not None:
                    board.apply_delta(item)
                    self._partials.touch()
                for client in self._clients:
                    client.send_delta(item)
            else:
                if board is not None:
                    board.apply(item)
                self._alerts.on_event(item)
                self._tell(item)
            for listener in self.listeners:
                listener(item)

    def _tell(self, event: AnyEvent) -> None:
        line: bytes | None = None
        for client in self._clients:
            if client.follows(event.session):
                line = line or encode_notification("event", event)
                client.send_event(event.seq, line)

    def _refused(self, event: AnyEvent) -> None:
        live = self._directory.live.get(event.session)
        if live is not None and isinstance(event, EntryAdded | BranchCreated | BranchMoved):
            live.refused(event)

    def _trouble(self, error: StorageError | None) -> None:
        if error is not None:
            log.error("storage: %s", error)
        for client in self._clients:
            if error is None:
                client.notice("storage_back", "the store can be written again; nothing was lost")
            else:
                client.notice("storage", str(error))

    # --- the end -------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Let `run_until_idle` return, after which the host is closed."""
        self._stopping.set()

    async def run_until_idle(self, idle_s: float = IDLE_S) -> None:
        """Return when told to stop, or when for `idle_s` no client was there and nothing worked."""
        while not self._stopping.is_set():
            try:
                async with asyncio.timeout(min(_IDLE_LOOK_S, idle_s)):
                    await self._stopping.wait()
            except TimeoutError:
                if self._idle_for(clock.monotonic()) >= idle_s:
                    log.info("nobody is here and nothing works: ending")
                    return

    def _idle_for(self, now: float) -> float:
        busy = bool(self._clients) or any(board.working for board in self._boards.values())
        if busy:
            self._lone_since = None
            return 0.0
        if self._lone_since is None:
            self._lone_since = now
        return now - self._lone_since
