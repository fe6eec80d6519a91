"""Projections made again from the log: in place (rebuild), or beside it to compare (doctor)."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from vega_tui.core.events import AnyEvent
from vega_tui.sessions import statements as sql
from vega_tui.sessions.apply import apply_projections
from vega_tui.sessions.codec import Codec
from vega_tui.sessions.migrations import MIGRATIONS


class _Log:
    """The events of a database in order; counts the rows that can't be read."""

    def __init__(self, connection: sqlite3.Connection, codec: Codec, schema: str) -> None:
        self._connection = connection
        self._codec = codec
        self._schema = schema
        self.unreadable = 0

    def __iter__(self) -> Iterator[AnyEvent]:
        query = f"SELECT type, version, blobs, body FROM {self._schema}.events ORDER BY seq"
        for type_, version, blobs, body in self._connection.execute(query):
            event = self._codec.decode(type_, version, body, self._blob if blobs else None)
            if event is None:
                self.unreadable += 1
            else:
                yield event

    def _blob(self, name: str) -> bytes | None:
        row = self._connection.execute(f"SELECT bytes FROM {self._schema}.blobs WHERE hash = ?", (name,)).fetchone()
        return None if row is None else row[0]


def rebuild(connection: sqlite3.Connection, codec: Codec) -> None:
    """Empty the projections and fill them from the log, inside the caller's transaction."""
    events = list(_Log(connection, codec, "main"))  # a removal deletes from the log while it is read
    # The search index is emptied at once: its trigger would do it row by row, ten times as slowly.
    query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'entries_fts_delete'"
    trigger = str(connection.execute(query).fetchone()[0])
    connection.execute("DROP TRIGGER entries_fts_delete")
    for table in sql.PROJECTED:
        connection.execute(f"DELETE FROM {table}")
    connection.execute("INSERT INTO entries_fts(entries_fts) VALUES ('delete-all')")
    connection.execute(trigger)
    apply_projections(connection, events)


def compare(path: Path, codec: Codec) -> list[str]:
    """How the projections differ from what the log gives, one line per table; empty when they agree."""
    with closing(sqlite3.connect(":memory:", isolation_level=None, uri=True)) as scratch:
        for migration in MIGRATIONS:
            migration(scratch)
        scratch.execute("ATTACH DATABASE ? AS stored", (f"{path.absolute().as_uri()}?mode=ro",))
        scratch.execute("BEGIN")
        log = _Log(scratch, codec, "stored")
        apply_projections(scratch, log)
        found = [line for table in sql.PROJECTED for line in _differences(scratch, table)]
        lost = _count(scratch, "SELECT seq FROM main.spending EXCEPT SELECT seq FROM stored.spending")
        if lost:
            found.append(f"spending: {lost} turns are missing")
        if log.unreadable:
            found.append(f"events: {log.unreadable} can't be read")
    return found


def _differences(connection: sqlite3.Connection, table: str) -> list[str]:
    found: list[str] = []
    for here, there, what in (
        ("main", "stored", "missing or changed"),
        ("stored", "main", "more than the log has, or changed"),
    ):
        rows = _count(connection, f"SELECT * FROM {here}.{table} EXCEPT SELECT * FROM {there}.{table}")
        if rows:
            found.append(f"{table}: {rows} rows {what}")
    return found


def _count(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM ({query})").fetchone()[0])
