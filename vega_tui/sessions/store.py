"""The durable truth of a home: one SQLite file that holds the log of events and what follows from it.

Reads are in reads.py, the thread that writes in writer.py. Who publishes events, and their order, is the bus's.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

import aiosqlite

from vega_tui.core import clock
from vega_tui.core.errors import StorageError
from vega_tui.core.events import AnyEvent, SessionRemoved
from vega_tui.core.ids import new_id
from vega_tui.sessions import leases, rebuild
from vega_tui.sessions.codec import Codec
from vega_tui.sessions.database import FileLock, open_database
from vega_tui.sessions.faults import storage_error
from vega_tui.sessions.leases import LEASE_S, Lease
from vega_tui.sessions.reads import Reads
from vega_tui.sessions.rows import PartialRow
from vega_tui.sessions.writer import Writer


class Store(Reads):
    """An open database. One per file; belongs to the event loop that opened it."""

    def __init__(self, path: Path, reader: aiosqlite.Connection, codec: Codec, writer: Writer, lock: FileLock) -> None:
        super().__init__(path, reader, codec)
        self.instance: Final = new_id("h")  # whose leases are whose
        self._writer: Final = writer
        self._lock: Final = lock

    @classmethod
    async def open(cls, path: Path, *, check: bool = False) -> "Store":
        """The store in this file, made when missing and brought up to date when old. `check` looks for damage.

        Raises StorageError, naming the file and the cause, when it can't be opened, also while another has it open.
        """
        opening = asyncio.ensure_future(asyncio.to_thread(open_database, path, check=check))
        try:
            connection, lock = await asyncio.shield(opening)
        except asyncio.CancelledError:
            await _discard(opening)
            raise
        codec = Codec()
        reader: aiosqlite.Connection | None = None
        try:
            reader = await aiosqlite.connect(path, isolation_level=None)
            reader.row_factory = sqlite3.Row
            await reader.execute("PRAGMA query_only = ON")
            await reader.execute("PRAGMA busy_timeout = 5000")
            writer = Writer(connection, path, codec)
        except BaseException as error:
            if reader is not None:
                await reader.close()
            connection.close()
            lock.release()
            if isinstance(error, sqlite3.Error):
                raise storage_error(path, error) from error
            raise
        return cls(path, reader, codec, writer, lock)

    async def close(self) -> None:
        """Write what is queued and close. Idempotent."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._reader.close()
        finally:
            try:
                await self._writer.close()
            finally:
                self._lock.release()

    _closed = False

    async def __aenter__(self) -> "Store":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def last_seq(self) -> int:
        """The seq of the last event that is known to be committed; 0 in an empty store."""
        return self._writer.last_seq

    async def append(self, events: Sequence[AnyEvent], leases: Sequence[Lease] = ()) -> None:
        """Return once the events, and all that follows from them, are on disk; all of them or none.

        Events carry their seq, each one more than the last that was appended (BugError otherwise). `leases`
        must still hold. Raises StorageError when the disk says no: `last_seq` is then what is safe, and the
        same events may be appended again. Raises Refused, whose `seq` is the event that contradicts the store
        (an entry that doesn't follow its branch's head): it must be left out, and those after it numbered anew.
        """
        await self._writer.append(events, leases)
        if any(isinstance(event, SessionRemoved) for event in events):
            await self._writer.checkpoint()

    async def set_draft(self, session: str, text: str) -> None:
        """Keep what was typed and not sent; an empty text forgets it."""

        def work(connection: sqlite3.Connection) -> None:
            if text:
                row = (session, text, clock.wall())
                connection.execute("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?)", row)
            else:
                connection.execute("DELETE FROM drafts WHERE session = ?", (session,))

        await self._writer.call(work)

    async def keep_partials(self, partials: Sequence[PartialRow]) -> None:
        """Keep these answers that are being said, and no others: what recovery shows of them is at most as old."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM partials")
            rows = [(row.session, row.process, row.run, row.turn, row.text) for row in partials]
            connection.executemany("INSERT INTO partials VALUES (?, ?, ?, ?, ?)", rows)

        await self._writer.call(work)

    async def acquire_lease(self, session: str, process: str, branch: str, owner: str, ttl_s: float = LEASE_S) -> Lease:
        """The right to write a branch. Raises UserError while another owner of this host holds it."""
        key = (session, process, branch)
        return await self._writer.call(
            lambda connection: leases.acquire_lease(connection, self.instance, key, owner, ttl_s)
        )

    async def renew_lease(self, lease: Lease, ttl_s: float = LEASE_S) -> Lease:
        """The same lease with a later end. Raises LeaseLost once it was taken over."""
        return await self._writer.call(lambda connection: leases.renew_lease(connection, lease, ttl_s))

    async def release_lease(self, lease: Lease) -> None:
        """Let others take the branch at once."""
        await self._writer.call(lambda connection: leases.release_lease(connection, lease))

    async def rebuild(self) -> None:
        """Make every projection again from the log. Holds up writing while it runs."""
        await self._writer.call(lambda connection: rebuild.rebuild(connection, self._codec))

    async def compare(self) -> list[str]:
        """How the projections differ from what the log gives; empty when they agree."""
        try:
            return await asyncio.to_thread(rebuild.compare, self.path, self._codec)
        except sqlite3.Error as error:
            raise storage_error(self.path, error) from error


async def _discard(opening: asyncio.Future[tuple[sqlite3.Connection, FileLock]]) -> None:
    # The thread of a cancelled open goes on; what it opens must not stay locked.
    try:
        connection, lock = await opening
    except StorageError:
        return
    connection.close()
    lock.release()
