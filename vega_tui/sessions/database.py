"""Opens the database file for writing: who may read it, one opener at a time, pragmas, migrations."""

import fcntl
import os
import sqlite3
from pathlib import Path

from vega_tui.core.errors import StorageError
from vega_tui.sessions.faults import storage_error
from vega_tui.sessions.migrations import migrate


class FileLock:
    """A lock beside the database that one Store holds; the system frees it when the process ends, however it ends."""

    def __init__(self, database: Path) -> None:
        # Not the database itself: closing any handle of that file would drop SQLite's own locks.
        self._path = database.with_name(f"{database.name}.lock")
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._handle)
            raise StorageError(
                f"{database}: another vega-tui host has it open; connect to that one, or stop it"
            ) from None

    def release(self) -> None:
        """Let others open the database."""
        os.close(self._handle)


def open_database(path: Path, *, check: bool) -> tuple[sqlite3.Connection, FileLock]:
    """A connection for the writer, with the file's lock. Creates folder and file where they are missing.

    Raises StorageError that names the file and the cause. `check` reads the whole file for damage first.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(path)
    except OSError as error:
        raise _unusable(path, error) from error
    connection: sqlite3.Connection | None = None
    try:
        _only_for_its_owner(path)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
        _prepare(connection)
        if check:
            _check(connection, path)
        migrate(connection, path)
    except BaseException as error:
        if connection is not None:
            connection.close()
        lock.release()
        if isinstance(error, sqlite3.Error):
            raise storage_error(path, error) from error
        if isinstance(error, OSError):
            raise _unusable(path, error) from error
        raise
    return connection, lock


def _unusable(path: Path, error: OSError) -> StorageError:
    return StorageError(f"{path}: {error.strerror}; check its folder, or set VEGA_HOME elsewhere")


def _only_for_its_owner(path: Path) -> None:
    # Under the file's lock: closing a handle drops the locks that SQLite holds on it in this process.
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)  # before SQLite makes it with the usual mode
    try:
        os.fchmod(handle, 0o600)
    finally:
        os.close(handle)


def _prepare(connection: sqlite3.Connection) -> None:
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "busy_timeout = 5000",
        "secure_delete = ON",  # what is removed is overwritten
    ):
        connection.execute(f"PRAGMA {pragma}")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    problems = [str(row[0]) for row in connection.execute("PRAGMA quick_check(5)")]
    if problems != ["ok"]:
        raise StorageError(f"{path}: it is damaged ({problems[0]}); put back a backup beside it")
