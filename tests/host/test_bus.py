import asyncio
from collections.abc import Sequence

import pytest

from tests.fakes.virtual_loop import run_virtual
from vega_tui.core.errors import BugError, StorageError
from vega_tui.core.events import AnyEvent, Delta, HostStarted, LinkDied, TextDelta
from vega_tui.host.bus import EventBus, EventLog, Item


class FakeLog(EventLog):
    def __init__(self) -> None:
        self.stored: list[AnyEvent] = []
        self.broken: StorageError | None = None
        self.refuses = ""

    @property
    def last_seq(self) -> int:
        return len(self.stored)

    async def append(self, events: Sequence[AnyEvent]) -> None:
        await asyncio.sleep(0.001)
        if self.broken is not None:
            raise self.broken
        for event in events:
            if self.refuses and isinstance(event, LinkDied) and event.peer == self.refuses:
                raise Refusal(event.seq)
        assert [event.seq for event in events] == [len(self.stored) + n for n in range(1, len(events) + 1)]
        self.stored.extend(events)

    def refused_seq(self, error: BaseException) -> int | None:
        return error.seq if isinstance(error, Refusal) else None


class Refusal(BugError):
    def __init__(self, seq: int) -> None:
        super().__init__("it contradicts the log")
        self.seq = seq


class Running:
    """A bus with its task, what it fanned out, and what it said of trouble."""

    def __init__(self) -> None:
        self.log = FakeLog()
        self.out: list[Item] = []
        self.troubles: list[StorageError | None] = []
        self.bus = EventBus(self.log, fan_out=self.out.extend, on_trouble=self.troubles.append)

    async def __aenter__(self) -> "Running":
        self._task = asyncio.create_task(self.bus.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.bus.close()
        await self._task


def fact(peer: str = "p") -> LinkDied:
    return LinkDied(peer=peer, reason="x")


def test_what_is_published_is_stored_before_it_is_fanned_out_and_in_order() -> None:
    async def main() -> None:
        async with Running() as it:
            for n in range(5):
                it.bus.publish(fact(str(n)))
                it.bus.delta(TextDelta(session="s", process="p", text=str(n)))
            assert it.out == []
            await it.bus.flush()
            assert len(it.log.stored) == 5
            kinds = [isinstance(item, Delta) for item in it.out]
            assert kinds == [False, True] * 5
            seqs = [item.seq for item in it.out if not isinstance(item, Delta)]
            assert seqs == [1, 2, 3, 4, 5]

    run_virtual(main())


def test_flush_waits_for_what_was_published_before_it_alone() -> None:
    async def main() -> None:
        async with Running() as it:
            await it.bus.flush()
            it.bus.publish(fact())
            waiting = asyncio.create_task(it.bus.flush())
            await asyncio.sleep(0)
            assert not waiting.done()
            await waiting
            assert it.bus.stored == 1

    run_virtual(main())


def test_while_the_store_fails_nothing_is_acted_on_and_nothing_is_lost() -> None:
    async def main() -> None:
        async with Running() as it:
            it.log.broken = StorageError("the disk is full")
            it.bus.publish(fact("a"))
            with pytest.raises(StorageError, match="disk is full"):
                await it.bus.flush()
            it.bus.publish(fact("b"))
            with pytest.raises(StorageError):
                await it.bus.flush()
            assert it.out == []
            it.log.broken = None
            await asyncio.sleep(5)
            await it.bus.flush()
            assert [event.seq for event in it.log.stored] == [1, 2]
            assert [trouble is None for trouble in it.troubles] == [False, True]

    run_virtual(main())


def test_an_event_that_contradicts_the_log_is_left_out_and_the_rest_goes_on() -> None:
    async def main() -> None:
        async with Running() as it:
            it.log.refuses = "bad"
            for peer in ("a", "bad", "c"):
                it.bus.publish(fact(peer))
            await it.bus.flush()
            it.bus.publish(fact("d"))
            await it.bus.flush()
            assert [(e.seq, e.peer) for e in it.log.stored if isinstance(e, LinkDied)] == [(1, "a"), (2, "c"), (3, "d")]
            assert [e.seq for e in it.out if not isinstance(e, Delta)] == [1, 2, 3]

    run_virtual(main())


def test_closing_stores_what_was_published_last() -> None:
    async def main() -> None:
        async with Running() as it:
            it.bus.publish(HostStarted(pid=1, release="x"))
        assert len(it.log.stored) == 1

    run_virtual(main())
