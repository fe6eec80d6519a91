"""The database's shape, as numbered steps. `PRAGMA user_version` says how many of them a file has had."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, TypeAlias

from vega_tui.core.errors import StorageError
from vega_tui.sessions.migrations import m0001_first

Migration: TypeAlias = Callable[[sqlite3.Connection], None]

MIGRATIONS: Final[tuple[Migration, ...]] = (m0001_first.apply,)
APPLICATION_ID: Final = 0x56454741  # "VEGA": tells our files from any other SQLite database


def migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring a database up to date, each step in a transaction of its own, a backup beside the file before each.

    Raises StorageError for a file of a newer vega-tui or of another program; the file is then left as it was.
    """
    version = _number(connection, "PRAGMA user_version")
    application = _number(connection, "PRAGMA application_id")
    if version > len(migrations):
        raise StorageError(
            f"{path}: made by a newer vega-tui (its form is {version}, this one knows {len(migrations)}); "
            "update vega-tui, or set VEGA_HOME to another folder"
        )
    tables = _number(connection, "SELECT count(*) FROM sqlite_master")
    if application not in (0, APPLICATION_ID) or (application == 0 and tables > 0):
        raise StorageError(f"{path}: a database of another program; move it away, or set VEGA_HOME elsewhere")
    for step, migration in enumerate(migrations[version:], start=version):
        if step > 0:
            _backup(connection, path.with_name(f"{path.name}.v{step}.bak"))
        connection.execute("BEGIN IMMEDIATE")
        try:
            migration(connection)
            connection.execute(f"PRAGMA user_version = {step + 1}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def _number(connection: sqlite3.Connection, sql: str) -> int:
    return int(connection.execute(sql).fetchone()[0])


def _backup(connection: sqlite3.Connection, target: Path) -> None:
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    with closing(sqlite3.connect(target)) as copy:
        connection.backup(copy)
