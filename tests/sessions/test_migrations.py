import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.sessions.builders import opened, put, session
from vega_tui.core.errors import StorageError
from vega_tui.sessions.migrations import MIGRATIONS, migrate
from vega_tui.sessions.store import Store


def _add_colour(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE sessions ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'")


def _half_then_fail(connection: sqlite3.Connection) -> None:
    _add_colour(connection)
    connection.execute("ALTER TABLE nowhere ADD COLUMN x TEXT")


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


async def test_a_new_database_needs_no_backup(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        assert not list(store.path.parent.glob("*.bak"))


async def test_each_step_of_an_old_database_leaves_a_backup_of_what_was_before(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session())
    count = len(MIGRATIONS)
    with closing(_connect(store.path)) as connection:
        migrate(connection, store.path, [*MIGRATIONS, _add_colour])
        assert connection.execute("SELECT name, colour FROM sessions").fetchall() == [("night sky", "blue")]
        assert connection.execute("PRAGMA user_version").fetchone() == (count + 1,)
    backup = store.path.with_name(f"vega.db.v{count}.bak")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    store.path.unlink()
    backup.rename(store.path)
    async with await Store.open(store.path) as restored:
        assert [row.name for row in await restored.sessions()] == ["night sky"]


async def test_a_step_that_fails_changes_nothing(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session())
    with closing(_connect(store.path)) as connection:
        with pytest.raises(sqlite3.OperationalError):
            migrate(connection, store.path, [*MIGRATIONS, _half_then_fail])
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    async with await Store.open(store.path) as again:
        assert len(await again.sessions()) == 1


async def test_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session())
    with closing(_connect(store.path)) as connection:
        connection.execute("PRAGMA user_version = 999")
    with pytest.raises(StorageError, match="newer vega-tui"):
        await Store.open(store.path)
