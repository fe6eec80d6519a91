"""The one thread that writes: takes everything queued, commits once, then acknowledges each.

Grouping comes by itself: while one commit waits for the disk, the next batch gathers
(reference: DESIGN.md §6; waiting on purpose would only add latency).
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from vega_tui.core.errors import BugError, StorageError
from vega_tui.core.events import AnyEvent
from vega_tui.sessions.apply import append_events
from vega_tui.sessions.codec import Codec
from vega_tui.sessions.faults import Refused, storage_error
from vega_tui.sessions.leases import Lease, check_lease

T = TypeVar("T")


@dataclass(slots=True, frozen=True)
class _Append:
    events: Sequence[AnyEvent]
    leases: Sequence[Lease]
    generation: int
    done: asyncio.Future[None]


@dataclass(slots=True, frozen=True)
class _Call:
    work: Callable[[sqlite3.Connection], None]
    done: asyncio.Future[None]
    transaction: bool = True


@dataclass(slots=True, frozen=True)
class _Close:
    done: asyncio.Future[None]


_Job: TypeAlias = _Append | _Call | _Close
_Result: TypeAlias = tuple[asyncio.Future[None], Exception | None]


class Writer:
    """Owns the writing connection. Made and used on one event loop; everything in `_run` is on the thread."""

    def __init__(self, connection: sqlite3.Connection, path: Path, codec: Codec) -> None:
        self._connection: Final = connection
        self._path: Final = path
        self._codec: Final = codec
        self._loop: Final = asyncio.get_running_loop()
        self._jobs: Final[queue.SimpleQueue[_Job]] = queue.SimpleQueue()
        row = connection.execute("SELECT coalesce(max(seq), 0) FROM events").fetchone()
        # On the loop: what is acknowledged, what is queued, and how many failures the loop has heard of.
        self.last_seq = int(row[0])
        self._queued_seq = self.last_seq
        self._generation = 0
        self._closed = False
        # On the thread: what is committed. A failure ends a generation, so that what was queued behind the
        # lost events, before the loop heard of it, fails too instead of leaving a gap.
        self._committed = self.last_seq
        self._thread_generation = 0
        self._failure: Exception = StorageError(f"{path}: no write failed")
        self._thread = threading.Thread(target=self._run, name="vega-store-writer", daemon=True)
        self._thread.start()

    async def append(self, events: Sequence[AnyEvent], leases: Sequence[Lease]) -> None:
        """Return once the events are committed. A cancelled wait does not take back what is queued."""
        self._refuse_when_closed()
        expected = self._queued_seq
        for event in events:
            expected += 1
            if event.seq != expected:
                raise BugError(f"{self._path}: event {event.seq} came where {expected} was due")
        if not events:
            return
        self._queued_seq = expected
        done: asyncio.Future[None] = self._loop.create_future()
        self._jobs.put(_Append(events, leases, self._generation, done))
        await done

    async def call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` returns, run on the thread in a transaction of its own, after all that was queued."""
        self._refuse_when_closed()
        box: list[T] = []
        done: asyncio.Future[None] = self._loop.create_future()
        self._jobs.put(_Call(lambda connection: box.append(work(connection)), done))
        await done
        return box[0]

    async def checkpoint(self) -> None:
        """Fold SQLite's log into the file and empty it, so that nothing removed lingers there."""
        self._refuse_when_closed()
        done: asyncio.Future[None] = self._loop.create_future()
        self._jobs.put(_Call(_checkpoint, done, transaction=False))
        await done

    async def close(self) -> None:
        """Write what is queued, fold the log of the database into its file, close. Idempotent."""
        if self._closed:
            return
        self._closed = True
        done: asyncio.Future[None] = self._loop.create_future()
        self._jobs.put(_Close(done))
        try:
            await done
        finally:
            self._thread.join()

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise StorageError(f"{self._path}: the store is closed")

    def _settle(self, results: list[_Result], committed: int, generation: int) -> None:
        self.last_seq = committed
        if generation != self._generation:
            self._generation = generation
            self._queued_seq = committed
        for done, error in results:
            if done.done():  # its waiter was cancelled
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

    # --- on the thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            jobs = [self._jobs.get()]
            while not self._jobs.empty():
                jobs.append(self._jobs.get())
            results: list[_Result] = []
            appends: list[_Append] = []
            closing: _Close | None = None
            for job in jobs:
                if isinstance(job, _Append):
                    appends.append(job)
                    continue
                self._append(appends, results)
                appends = []
                if isinstance(job, _Call):
                    results.append((job.done, self._transaction(job.work, own=job.transaction)))
                else:
                    closing = job
            self._append(appends, results)
            if closing is not None:
                results.append((closing.done, self._close_connection()))
            try:
                self._loop.call_soon_threadsafe(self._settle, results, self._committed, self._thread_generation)
            except RuntimeError:  # the loop is closed: nobody waits any more
                return
            if closing is not None:
                return

    def _append(self, jobs: Sequence[_Append], results: list[_Result]) -> None:
        live = [job for job in jobs if job.generation == self._thread_generation]
        stale = [job for job in jobs if job.generation != self._thread_generation]
        error = self._write(live) if live else None
        if isinstance(error, Refused):
            # What came before the refused append is sound: it is written by itself.
            index = next(i for i, job in enumerate(live) if job.events[-1].seq >= error.seq)
            before, live = live[:index], live[index:]
            failed = self._write(before) if before else None
            results.extend((job.done, failed) for job in before)
            self._fail(failed or StorageError(f"{self._path}: not written, because an event before it was refused"))
            results.append((live[0].done, failed or error))
            stale = [*live[1:], *stale]
        else:
            if error is not None:
                self._fail(error)
            results.extend((job.done, error) for job in live)
        results.extend((job.done, self._failure) for job in stale)

    def _write(self, jobs: Sequence[_Append]) -> Exception | None:
        def work(connection: sqlite3.Connection) -> None:
            for job in jobs:
                for lease in job.leases:
                    check_lease(connection, lease, job.events[0].seq)
            append_events(connection, self._codec, [event for job in jobs for event in job.events])

        error = self._transaction(work)
        if error is None:
            self._committed = jobs[-1].events[-1].seq
        return error

    def _fail(self, error: Exception) -> None:
        self._failure = error
        self._thread_generation += 1

    def _transaction(self, work: Callable[[sqlite3.Connection], None], *, own: bool = True) -> Exception | None:
        connection = self._connection
        try:
            if own:
                connection.execute("BEGIN IMMEDIATE")
            work(connection)
            if own:
                connection.execute("COMMIT")
        except Exception as error:
            self._roll_back()
            if isinstance(error, sqlite3.Error | OSError):
                return storage_error(self._path, error)
            return error
        return None

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:  # some failures have rolled back already
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            pass  # the failure that led here is the one to tell

    def _close_connection(self) -> Exception | None:
        _checkpoint(self._connection)
        try:
            self._connection.close()
        except sqlite3.Error as error:
            return storage_error(self._path, error)
        return None


def _checkpoint(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error:
        pass  # what is committed is safe in the -wal file; a later checkpoint takes it in
