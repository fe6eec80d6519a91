import sqlite3
from contextlib import closing
from pathlib import Path

from tests.sessions.builders import S, a_day, chain, opened, put, session
from vega_tui.core import events as ev
from vega_tui.sessions import statements
from vega_tui.sessions.rows import PartialRow


async def test_projections_agree_with_the_log_and_a_rebuild_gives_them_again(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, *a_day("s_a"), *a_day("s_b"), ev.SessionRemoved(session="s_a"))
        assert await store.compare() == []
        before = await store.sessions(), await store.processes(), await store.runs("s_b"), await store.calls("s_b")
        await store.rebuild()
        after = await store.sessions(), await store.processes(), await store.runs("s_b"), await store.calls("s_b")
        assert after == before
        assert await store.compare() == []
        assert len(await store.search("falling stars")) == 1


async def test_every_projected_table_has_rows_after_a_day(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, *a_day())
    with closing(sqlite3.connect(store.path)) as raw:
        for table in statements.PROJECTED:
            assert raw.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0, table


async def test_a_projection_that_was_tampered_with_is_told_and_rebuilt(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, *a_day())
    with closing(sqlite3.connect(store.path)) as raw, raw:
        raw.execute("UPDATE sessions SET cost_usd = 0")
        raw.execute("DELETE FROM runs")
        raw.execute("DELETE FROM spending")
    async with await opened(tmp_path) as store:
        assert await store.compare() == [
            "sessions: 1 rows missing or changed",
            "sessions: 1 rows more than the log has, or changed",
            "runs: 2 rows missing or changed",
            "spending: 1 turns are missing",
        ]
        await store.rebuild()
        assert await store.compare() == []


async def test_a_removed_session_leaves_a_tombstone_and_nothing_it_said(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, *a_day("s_gone"), session("s_stays"), *chain(3, session="s_stays"))
        await store.set_draft("s_gone", "secret draft")
        said = [
            PartialRow(session=one, process="root", run="r", turn=1, text=f"half {one}")
            for one in ("s_gone", "s_stays")
        ]
        await store.keep_partials(said)
        removed = await put(store, ev.SessionRemoved(session="s_gone"))
        assert [row.id for row in await store.sessions()] == ["s_stays"]
        kept = await store.events_since(0, "s_gone")
        assert [type(event) for event in kept] == [ev.GrantAdded, ev.SessionRemoved]
        assert kept[-1] == removed[0]
        assert [grant.scope for grant in await store.grants("s_gone", "/work")] == ["project"]
        assert await store.search("falling") == []
        assert await store.draft("s_gone") == ""
        assert [row.text for row in await store.partials()] == ["half s_stays"]
        assert await store.compare() == []
        on_disk = b"".join(file.read_bytes() for file in store.path.parent.iterdir())
        for private in (b"falling", b"count them", b"secret draft", b"half s_gone", b"rm x"):
            assert private not in on_disk
        with closing(sqlite3.connect(store.path)) as raw:
            assert raw.execute("SELECT count(*) FROM blobs").fetchone()[0] == 0
            assert raw.execute("SELECT count(*) FROM blob_refs").fetchone()[0] == 0
    async with await opened(tmp_path) as store:
        await put(store, *a_day(S))
        assert len(await store.lineage("s_stays", "s_stays_root_2")) == 3


async def test_a_long_output_that_another_session_holds_too_survives_a_removal(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, *a_day("s_a"), *a_day("s_b"), ev.SessionRemoved(session="s_a"))
        added = await store.entry("s_b_e3")
        assert added.observation is not None
        assert len(added.observation.text) == 32_000


async def test_events_of_unknown_type_and_broken_rows_are_skipped_and_counted(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session(), *chain(3))
    with closing(sqlite3.connect(store.path)) as raw, raw:
        raw.execute("UPDATE events SET type = 'from.tomorrow' WHERE seq = 2")
        raw.execute("UPDATE events SET body = x'00ff' WHERE seq = 3")
        raw.execute("UPDATE events SET version = 99 WHERE seq = 4")
    async with await opened(tmp_path) as store:
        assert [event.seq for event in await store.events_since(0, limit=2)] == [1]
        assert store.unreadable == 3
        await put(store, ev.LinkDied(session=S, peer="p", reason="r"))
        assert [event.seq for event in await store.events_since(1, limit=1)] == [5]
        assert "events: 3 can't be read" in await store.compare()
