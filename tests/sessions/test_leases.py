from pathlib import Path

import pytest

from tests.sessions.builders import S, chain, entry, numbered, opened, put, session
from vega_tui.core.errors import UserError
from vega_tui.sessions.faults import LeaseLost


async def test_a_branch_has_one_owner_who_keeps_its_epoch(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        mine = await store.acquire_lease(S, "root", "main", "run-1")
        with pytest.raises(UserError, match="being written by run-1"):
            await store.acquire_lease(S, "root", "main", "run-2")
        again = await store.acquire_lease(S, "root", "main", "run-1")
        assert (mine.epoch, again.epoch) == (1, 1)
        other = await store.acquire_lease(S, "root", "try", "run-2")
        assert other.epoch == 1


async def test_a_released_or_expired_lease_goes_to_the_next_with_a_later_epoch(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await store.release_lease(await store.acquire_lease(S, "root", "main", "run-1"))
        second = await store.acquire_lease(S, "root", "main", "run-2", ttl_s=-1.0)
        third = await store.acquire_lease(S, "root", "main", "run-3")
        assert (second.epoch, third.epoch) == (2, 3)


async def test_a_writer_whose_lease_was_taken_over_is_refused(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session())
        late = await store.acquire_lease(S, "root", "main", "run-1", ttl_s=-1.0)
        holds = await store.acquire_lease(S, "root", "main", "run-2")
        batch = numbered(chain(1), after=1)
        with pytest.raises(LeaseLost) as refused:
            await store.append(batch, [late])
        assert refused.value.seq == 2
        with pytest.raises(LeaseLost):
            await store.renew_lease(late)
        await store.append(batch, [holds])
        await store.append(numbered([entry("e", f"{S}_root_0")], after=2), [await store.renew_lease(holds)])
        assert store.last_seq == 3


async def test_a_host_that_is_gone_loses_its_leases_to_the_next_one(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        old = await store.acquire_lease(S, "root", "main", "root", ttl_s=3_600.0)
    async with await opened(tmp_path) as store:
        new = await store.acquire_lease(S, "root", "main", "root")
        assert new.epoch == old.epoch + 1
        with pytest.raises(LeaseLost):
            await store.append(numbered([session()]), [old])
        await store.append(numbered([session()]), [new])
