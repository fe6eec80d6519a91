"""Runs events' statements on a connection, inside the caller's transaction: the log's rows, blobs, projections."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from vega_tui.core.events import AnyEvent
from vega_tui.sessions import statements as sql
from vega_tui.sessions.codec import Codec
from vega_tui.sessions.faults import Refused
from vega_tui.sessions.projections import Value, Write, project


def append_events(connection: sqlite3.Connection, codec: Codec, events: Sequence[AnyEvent]) -> None:
    """Write events and what follows from them. Raises Refused for the first that must not be taken."""
    log: list[tuple[Value, ...]] = []
    references: list[tuple[int, str]] = []
    for event in events:
        try:
            stored = codec.encode(event)
        except (msgspec.MsgspecError, TypeError, ValueError, OverflowError) as error:
            raise Refused(f"{type(event).__name__} {event.seq} can't be stored: {error}", event.seq) from error
        key = (event.seq, event.ts, event.session, event.process, event.run)
        log.append((*key, stored.type, stored.version, len(stored.blobs), stored.body))
        for blob in stored.blobs:
            connection.execute(sql.INSERT_BLOB, (blob.hash, blob.bytes))
            references.append((event.seq, blob.hash))
    connection.executemany(sql.INSERT_EVENT, log)
    connection.executemany(sql.INSERT_BLOB_REF, references)
    apply_projections(connection, events)


def apply_projections(connection: sqlite3.Connection, events: Iterable[AnyEvent]) -> None:
    """Run the projections of events in order. Raises Refused, with the event's seq, where one may not be."""
    event: AnyEvent | None = None
    try:
        for event, write in _writes(events):
            done = connection.execute(write.sql, write.params)
            if write.refusal and done.rowcount != 1:
                raise Refused(f"{write.refusal} (event {event.seq})", event.seq)
    except sqlite3.IntegrityError as error:
        if event is None:
            raise
        raise Refused(f"{type(event).__name__} {event.seq} contradicts the store: {error}", event.seq) from error


def _writes(events: Iterable[AnyEvent]) -> Iterator[tuple[AnyEvent, Write]]:
    for event in events:
        for write in project(event):
            yield event, write
