"""Reading the log of a database beside whoever writes it, for `vega-tui doctor`. Changes nothing, needs no host."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from vega_tui.core.events import AnyEvent
from vega_tui.sessions.codec import Codec
from vega_tui.sessions.faults import storage_error


class SessionLog(NamedTuple):
    """A session's events in order, and how many of its rows can't be read."""

    events: list[AnyEvent]
    unreadable: int


def read_session(path: Path, session: str) -> SessionLog:
    """The whole log of a session, as of one moment. Raises StorageError where the file can't be read."""
    codec = Codec()
    events: list[AnyEvent] = []
    unreadable = 0
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as reader:
            reader.execute("BEGIN")

            def blob(name: str) -> bytes | None:
                row = reader.execute("SELECT bytes FROM blobs WHERE hash = ?", (name,)).fetchone()
                return None if row is None else bytes(row[0])

            query = "SELECT type, version, blobs, body FROM events WHERE session = ? ORDER BY seq"
            for type_, version, blobs, body in reader.execute(query, (session,)):
                event = codec.decode(type_, version, bytes(body), blob if blobs else None)
                if event is None:
                    unreadable += 1
                else:
                    events.append(event)
    except sqlite3.Error as error:
        raise storage_error(path, error) from error
    return SessionLog(events, unreadable)
