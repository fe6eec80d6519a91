import asyncio
import signal
import sqlite3
import sys
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from tests.sessions.builders import S, chain, entry, numbered, opened, put, session
from vega_tui.core import events as ev
from vega_tui.core.errors import StorageError
from vega_tui.core.events import EntryAdded
from vega_tui.sessions.store import Store

ROOM = "x" * 15_000


@asynccontextmanager
async def full_disk(store: Store) -> AsyncGenerator[None]:
    def limit(connection: sqlite3.Connection) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    await store._writer.call(limit)
    yield
    await store._writer.call(lambda connection: connection.execute("PRAGMA max_page_count = 1000000"))


@pytest.mark.parametrize("acknowledged", [1, 60, 200])
async def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path, acknowledged: int) -> None:
    path = tmp_path / "vega.db"
    last = 0
    for _ in range(2):  # the second writer goes on where the first was killed
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.sessions.appender", str(path), stdout=asyncio.subprocess.PIPE
        )
        assert child.stdout is not None
        for _ in range(acknowledged):
            last = int(await child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        rest = (await child.stdout.read()).split(b"\n")
        await child.wait()
        last = max([last, *(int(line) for line in rest[:-1])])
    async with await Store.open(path, check=True) as store:
        assert store.last_seq >= last
        events = await store.events_since(0, limit=100_000)
        assert [event.seq for event in events] == list(range(1, store.last_seq + 1))
        assert await store.compare() == []


async def test_a_full_disk_is_told_and_the_same_events_go_in_once_there_is_room(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session())
        batch = numbered([entry("e1", "", ROOM), entry("e2", "e1", ROOM)], after=1)
        async with full_disk(store):
            with pytest.raises(StorageError, match=r"vega\.db: the disk is full .*free some space"):
                await store.append(batch)
            assert store.last_seq == 1
            assert [row.entries for row in await store.sessions()] == [0]
        await store.append(batch)
        assert store.last_seq == 3
        assert [event.entry.id for event in await store.events_since(1) if isinstance(event, EntryAdded)] == [
            "e1",
            "e2",
        ]
        assert await store.compare() == []


async def test_everyone_who_waits_behind_a_failed_write_hears_of_it_and_order_holds(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session())
        waiting = [numbered([ev.LinkDied(peer=str(n), reason=ROOM)], after=n) for n in range(1, 9)]
        async with full_disk(store):
            results = await asyncio.gather(*(store.append(each) for each in waiting), return_exceptions=True)
        assert [type(result) for result in results] == [StorageError] * 8
        assert store.last_seq == 1
        await asyncio.gather(*(store.append(each) for each in waiting))
        assert [event.seq for event in await store.events_since(0)] == list(range(1, 10))


async def test_what_was_queued_before_a_failure_was_heard_of_does_not_leave_a_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session())
        failed = threading.Event()
        fail = store._writer._fail

        def fail_and_tell(error: Exception) -> None:
            fail(error)
            failed.set()

        monkeypatch.setattr(store._writer, "_fail", fail_and_tell)

        async def append_too_much() -> None:
            await store.append(numbered([ev.LinkDied(peer="a", reason=ROOM)], after=1))

        async def append_before_the_loop_hears_of_the_failure() -> None:
            assert failed.wait(10)  # holds the loop up on purpose
            await store.append(numbered([ev.LinkDied(peer="b", reason="small")], after=2))

        async with full_disk(store):
            results = await asyncio.gather(
                append_too_much(), append_before_the_loop_hears_of_the_failure(), return_exceptions=True
            )
        assert [type(result) for result in results] == [StorageError, StorageError]
        await put(store, ev.LinkDied(peer="c", reason="r"))
        assert [event.seq for event in await store.events_since(0)] == [1, 2]


async def test_a_database_locked_by_another_program_is_told_and_waited_for(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session())
        await store._writer.checkpoint()
        await store._writer.call(lambda connection: connection.execute("PRAGMA busy_timeout = 1"))
        batch = numbered(chain(1), after=1)
        with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StorageError, match="another program holds its lock"):
                await store.append(batch)
            assert len(await store.sessions()) == 1  # reading goes on
            other.execute("ROLLBACK")
        await store.append(batch)
        assert store.last_seq == 2


async def test_a_store_that_became_read_only_says_so(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session())
        await store._writer.call(lambda connection: connection.execute("PRAGMA query_only = ON"))
        with pytest.raises(StorageError, match="read-only"):
            await put(store, *chain(1))
        store._writer._connection.execute("PRAGMA query_only = OFF")
        await put(store, *chain(1))


async def test_a_file_that_is_no_database_gives_one_clear_error_and_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "vega.db"
    path.write_bytes(b"this is a letter to my aunt\n" * 400)
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(StorageError, match=r"vega\.db: it is not a vega-tui database") as told:
            await Store.open(path)
        assert "\n" not in str(told.value)
    assert path.read_bytes() == before


async def test_damage_inside_the_file_is_found_by_a_check_and_told_by_reads(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session(), *chain(400))
    with store.path.open("r+b") as file:
        for page in range(3, store.path.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
    with pytest.raises(StorageError, match="it is damaged"):
        await Store.open(store.path, check=True)
    with pytest.raises(StorageError, match="damaged"):
        async with await Store.open(store.path) as broken:
            await broken.events_since(0)


async def test_another_programs_database_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "vega.db"
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE bookmarks(url TEXT)")
    with pytest.raises(StorageError, match="another program"):
        await Store.open(path)
    with closing(sqlite3.connect(path)) as other:
        assert [row[0] for row in other.execute("SELECT name FROM sqlite_master")] == ["bookmarks"]


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"file/home/vega\.db: Not a directory"):
        await Store.open(tmp_path / "file" / "home" / "vega.db")


async def test_after_a_failed_open_the_file_can_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "vega.db"
    path.write_bytes(b"x" * 5_000)
    with pytest.raises(StorageError):
        await Store.open(path)
    path.unlink()
    async with await Store.open(path) as store:
        await put(store, session(S))


async def test_a_database_that_is_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "vega.db").mkdir()
    with pytest.raises(StorageError, match=r"vega\.db: Is a directory"):
        await Store.open(tmp_path / "vega.db")
