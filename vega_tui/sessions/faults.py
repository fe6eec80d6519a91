"""What can go wrong with the store, as errors of ours: SQLite's causes in words, and refused events."""

import sqlite3
from pathlib import Path
from typing import Final

from vega_tui.core.errors import BugError, StorageError

# SQLite's primary result codes (sqlite.org/rescode.html) → cause, what to do.
_CAUSES: Final = {
    5: ("another program holds its lock", "close that program and try again"),
    6: ("another program holds its lock", "close that program and try again"),
    8: ("it is read-only", "check the permissions of the file and its folder"),
    10: ("the disk failed to read or write", "check the disk"),
    11: ("it is damaged", "run `vega-tui doctor --db`, or put back a backup beside it"),
    13: ("the disk is full", "free some space; nothing that was acknowledged is lost"),
    14: ("it can't be opened", "check that its folder exists and may be written"),
    26: ("it is not a vega-tui database, or it is damaged", "put back a backup beside it, or move it away"),
}


class Refused(BugError):
    """An event that the store must not take; `seq` says which. Nothing of its append was written."""

    def __init__(self, message: str, seq: int) -> None:
        super().__init__(message)
        self.seq = seq


class LeaseLost(Refused):
    """The writer's lease on a branch was taken over: a later epoch owns it."""

    code = "lease_lost"


def storage_error(path: Path, error: Exception) -> StorageError:
    """The error to raise for a failure of SQLite or of the file system: one line that names the file and the cause."""
    if isinstance(error, StorageError):
        return error
    code = getattr(error, "sqlite_errorcode", None)
    cause = _CAUSES.get(code & 0xFF) if isinstance(code, int) else None
    if cause is None and isinstance(error, sqlite3.DatabaseError) and "not a database" in str(error):
        cause = _CAUSES[26]
    if cause is None:
        return StorageError(f"{path}: {error}")
    return StorageError(f"{path}: {cause[0]} ({error}); {cause[1]}")
