"""The bus: owns the one order of events. Takes what is published, commits it, then fans it out, in order."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeAlias

import msgspec

from vega_tui.core import clock
from vega_tui.core.errors import BugError, StorageError
from vega_tui.core.events import AnyDelta, AnyEvent, Delta

Item: TypeAlias = AnyEvent | AnyDelta
_RETRY_S: Final = 1.0

log: Final = logging.getLogger(__name__)


class EventLog(Protocol):
    """Where events are kept."""

    @property
    def last_seq(self) -> int:
        """The newest stored seq."""
        ...

    async def append(self, events: Sequence[AnyEvent]) -> None:
        """Store all, in order, and return once they are. Raises StorageError with nothing of them stored."""
        ...

    def refused_seq(self, error: BaseException) -> int | None:
        """The seq of the event that contradicts the log, when that is what `error` says."""
        ...


class EventBus:
    """Implements core.ports.Bus. `run()` is its one task; `fan_out` gets what is stored, and the deltas between."""

    def __init__(
        self,
        log: EventLog,
        *,
        fan_out: Callable[[Sequence[Item]], None],
        on_trouble: Callable[[StorageError | None], None],
        on_refused: Callable[[AnyEvent], None] = lambda _: None,
    ) -> None:
        self._log = log
        self._fan_out = fan_out
        self._on_trouble = on_trouble
        self._on_refused = on_refused
        self._seq = log.last_seq
        self._stored = log.last_seq
        self._queue: deque[Item] = deque()
        self._wake = asyncio.Event()
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._trouble: StorageError | None = None
        self._closing = False

    @property
    def seq(self) -> int:
        """The newest seq given out."""
        return self._seq

    @property
    def stored(self) -> int:
        """The newest seq that is stored and fanned out."""
        return self._stored

    def publish(self, event: AnyEvent) -> None:
        """Give the event its place in the order. Never awaits."""
        self._seq += 1
        self._queue.append(msgspec.structs.replace(event, seq=self._seq, ts=clock.wall()))
        self._wake.set()

    def delta(self, delta: AnyDelta) -> None:
        """Pass text on in its place among the events; dropped while the store is in trouble."""
        if self._trouble is None:
            self._queue.append(delta)
            self._wake.set()

    async def flush(self) -> None:
        """Return once everything published before is stored. Raises StorageError while it can't be."""
        if self._trouble is not None:
            raise self._trouble
        if self._stored >= self._seq:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((self._seq, waiter))
        await waiter

    async def run(self) -> None:
        """Commit and fan out until `close()`; then once more, so that nothing published is lost."""
        while not (self._closing and not self._queue):
            if not self._queue:
                await self._wake.wait()
                self._wake.clear()
            batch = list(self._queue)
            self._queue.clear()
            events: list[AnyEvent] = [item for item in batch if not isinstance(item, Delta)]
            count = len(events)
            if events and not await self._commit(events):
                return
            self._fan_out(batch if len(events) == count else events)
            self._release()

    def close(self) -> None:
        """Let `run()` end once the queue is empty."""
        self._closing = True
        self._wake.set()

    async def _commit(self, events: list[AnyEvent]) -> bool:
        """True once stored. Keeps trying while the store is in trouble; False when closing in trouble."""
        while events:
            try:
                await self._log.append(events)
            except StorageError as error:
                self._set_trouble(error)
                if self._closing:
                    return False
                await asyncio.sleep(_RETRY_S)
            except BugError as error:
                seq = self._log.refused_seq(error)
                if seq is None:
                    raise
                self._leave_out(seq, events, error)
            else:
                self._stored = events[-1].seq
                self._set_trouble(None)
                return True
        return True

    def _leave_out(self, seq: int, events: list[AnyEvent], error: BugError) -> None:
        """Drop an event that contradicts the log, so that one bug doesn't stop all sessions; its own is told."""
        log.error("left out an event that the store refused: %s", error)
        for event in events:
            if event.seq == seq:
                self._on_refused(event)
        events[:] = [_renumbered(event, seq) for event in events if event.seq != seq]
        self._queue = deque(item if isinstance(item, Delta) else _renumbered(item, seq) for item in self._queue)
        self._waiters = [(at - 1 if at >= seq else at, waiter) for at, waiter in self._waiters]
        self._seq -= 1

    def _set_trouble(self, error: StorageError | None) -> None:
        if error is not None:
            for _, waiter in self._waiters:
                if not waiter.done():
                    waiter.set_exception(error)
            self._waiters.clear()
        if (error is None) != (self._trouble is None):
            self._on_trouble(error)
        self._trouble = error

    def _release(self) -> None:
        still: list[tuple[int, asyncio.Future[None]]] = []
        for seq, waiter in self._waiters:
            if seq > self._stored:
                still.append((seq, waiter))
            elif not waiter.done():
                waiter.set_result(None)
        self._waiters = still


def _renumbered(event: AnyEvent, left_out: int) -> AnyEvent:
    return msgspec.structs.replace(event, seq=event.seq - 1) if event.seq > left_out else event
