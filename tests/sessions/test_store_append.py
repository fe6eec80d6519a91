import asyncio
import stat
from pathlib import Path

import pytest

from tests.sessions.builders import S, a_day, chain, entry, numbered, opened, put, session
from vega_tui.core import events as ev
from vega_tui.core.errors import BugError, StorageError
from vega_tui.core.events import AnyEvent
from vega_tui.core.messages import JsonObject
from vega_tui.sessions.faults import Refused
from vega_tui.sessions.store import Store


async def test_what_was_appended_is_read_back_unchanged_by_another_opener(tmp_path: Path) -> None:
    day = numbered(a_day())
    async with await opened(tmp_path) as store:
        await store.append(day)
    async with await opened(tmp_path) as store:
        assert await store.events_since(0) == day
        assert store.last_seq == len(day)
        assert store.unreadable == 0


async def test_only_its_owner_may_read_the_file_and_its_companions(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session())
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in store.path.parent.iterdir()}
    assert "vega.db-wal" in modes
    assert set(modes.values()) == {0o600}


async def test_many_producers_keep_the_one_order(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        taken = 0

        async def produce() -> None:
            nonlocal taken
            for _ in range(20):
                taken += 1
                await store.append([ev.LinkDied(seq=taken, ts=1.0, session=S, peer="p", reason=str(taken))])
                assert store.last_seq >= 1

        async with asyncio.TaskGroup() as group:
            for _ in range(10):
                group.create_task(produce())
        events = await store.events_since(0)
        assert [event.seq for event in events] == list(range(1, 201))
        assert [event.reason for event in events if isinstance(event, ev.LinkDied)] == [str(n) for n in range(1, 201)]


@pytest.mark.parametrize("seq", [0, 1, 3])
async def test_a_gap_or_a_repetition_of_seq_is_a_bug_and_changes_nothing(tmp_path: Path, seq: int) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session())
        with pytest.raises(BugError, match="was due"):
            await store.append([ev.LinkDied(seq=seq, peer="p", reason="r")])
        await put(store, ev.LinkDied(peer="p", reason="r"))
        assert store.last_seq == 2


async def test_an_entry_that_does_not_follow_its_branchs_head_is_refused(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session(), *chain(2))
        with pytest.raises(Refused) as refused:
            await put(store, entry("late", f"{S}_root_0", "two writers"))
        assert refused.value.seq == 4
        assert store.last_seq == 3
        await put(store, entry("next", f"{S}_root_1", "one writer"))
        assert [each.id for each in await store.entries_page(S, "root", "main")][-1] == "next"


async def test_an_entry_id_is_never_used_twice(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session(), *chain(2))
        with pytest.raises(Refused, match="contradicts"):
            await put(store, entry(f"{S}_root_1", f"{S}_root_1"))


async def test_of_appends_queued_together_those_before_a_refused_one_are_written_and_those_after_are_not(
    tmp_path: Path,
) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session())
        queued: list[list[AnyEvent]] = [
            [*numbered(chain(1), after=1)],
            [*numbered([entry("bad", "nowhere")], after=2)],
            [*numbered([ev.LinkDied(peer="p", reason="r")], after=3)],
        ]
        results = await asyncio.gather(*(store.append(each) for each in queued), return_exceptions=True)
        assert results[0] is None
        assert isinstance(results[1], Refused)
        assert isinstance(results[2], StorageError)
        assert store.last_seq == 2
        await put(store, ev.LinkDied(peer="p", reason="again"))
        assert [event.seq for event in await store.events_since(0)] == [1, 2, 3]


async def test_a_cancelled_wait_does_not_take_back_what_was_queued(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        waiting = asyncio.ensure_future(put(store, session()))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await store.append([ev.LinkDied(seq=2, ts=1.0, peer="p", reason="r")])
        assert [event.seq for event in await store.events_since(0)] == [1, 2]


async def test_closing_writes_what_is_queued_and_closes_once(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    waiting = asyncio.ensure_future(put(store, session()))
    await asyncio.sleep(0)
    await store.close()
    await waiting
    await store.close()
    with pytest.raises(StorageError, match="closed"):
        await put(store, session("s_2"))
    with pytest.raises(StorageError):
        await store.sessions()
    assert not store.path.with_name("vega.db-wal").exists()


async def test_text_that_utf8_cannot_hold_is_kept_readable(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, ev.LinkDied(peer="p", reason="half a \ud83d sign"))
        assert [event.reason for event in await store.events_since(0) if isinstance(event, ev.LinkDied)] == [
            "half a ? sign"
        ]


async def test_an_event_that_json_cannot_hold_is_refused_by_its_number(tmp_path: Path) -> None:
    args: JsonObject = {"what": object()}
    async with await opened(tmp_path) as store:
        with pytest.raises(Refused) as refused:
            await put(store, session(), ev.ToolProposed(session=S, call="c", tool="t", args=args))
        assert refused.value.seq == 2
        assert store.last_seq == 0


async def test_a_second_store_on_the_same_file_is_refused_while_the_first_is_open(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        with pytest.raises(StorageError, match="another vega-tui host has it open"):
            await Store.open(store.path)
        await put(store, session())
    async with await Store.open(store.path) as again:
        assert again.last_seq == 1


async def test_an_open_that_is_cancelled_leaves_the_file_free(tmp_path: Path) -> None:
    opening = asyncio.ensure_future(opened(tmp_path))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    async with await opened(tmp_path) as store:
        assert store.last_seq == 0


async def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        store.path.chmod(0o644)
    async with await opened(tmp_path) as store:
        assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
