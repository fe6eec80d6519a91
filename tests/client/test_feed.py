import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from tests.fakes.frame_host import FrameHost
from tests.fakes.projection import snapshot_at
from tests.fakes.story import SESSION, Actor, Story
from tests.fakes.virtual_loop import run_virtual
from vega_tui.client.connection import Connection
from vega_tui.client.feed import Connect, Feed, FeedState
from vega_tui.client.views.chat import ChatView
from vega_tui.client.views.chat_items import AssistantItem, UserItem
from vega_tui.core import events as ev
from vega_tui.core.errors import HostError, NotFound
from vega_tui.core.home import Home
from vega_tui.core.ids import ROOT
from vega_tui.protocol import frames
from vega_tui.protocol import operations as ops
from vega_tui.protocol.frames import PROTOCOL_VERSION, Notice
from vega_tui.protocol.rows import OpenText, Snapshot

HELLO = ops.Hello(protocol=PROTOCOL_VERSION, client="tui")
OPENING = ops.SessionOpen(latest=True)


def to(host: FrameHost) -> Connect:
    def connect(
        *,
        on_event: Callable[[ev.AnyEvent], None],
        on_delta: Callable[[ev.AnyDelta], None],
        on_notice: Callable[[Notice], None],
        on_closed: Callable[[HostError], None],
    ) -> Awaitable[Connection]:
        return Connection.over(
            host.pair(), HELLO, on_event=on_event, on_delta=on_delta, on_notice=on_notice, on_closed=on_closed
        )

    return connect


def at(home: Home) -> Connect:
    return partial(Connection.to_unix, home, HELLO)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.ensure()
    return home


class Told(Story):
    """A story a host tells as it goes on."""

    def __init__(self, host: FrameHost) -> None:
        super().__init__()
        self.events = host.events
        self._host = host

    def tell(self, event: ev.AnyEvent, actor: Actor | None = None) -> None:
        super().tell(event, actor)
        self._host.tell(self._host.events.pop())


async def until(feed: Feed, seq: int) -> None:
    while feed.seq < seq:
        await asyncio.sleep(0)


async def test_opening_loads_the_views_and_the_first_page() -> None:
    async with FrameHost() as host:
        story = Told(host)
        root = story.begin()
        story.say(root, "hello")
        feed = Feed(to(host), OPENING)
        await feed.open()
        assert feed.state is FeedState.LIVE
        assert feed.session_row is not None
        assert feed.session_row.name == "a story"
        assert [row.path for row in feed.views.fleet.order] == ["root", "root/sup"]
        assert [item.text for item in feed.views.chat.items if isinstance(item, UserItem)] == ["hello"]
        await feed.close()


async def test_events_after_opening_fold_and_say_that_something_changed() -> None:
    changes: list[int] = []
    async with FrameHost() as host:
        story = Told(host)
        root = story.begin()
        feed = Feed(to(host), OPENING, on_change=lambda: changes.append(1))
        await feed.open()
        changes.clear()
        story.say(root, "hello")
        story.answer(root, "Hi.")
        await until(feed, len(host.events))
        assert feed.views.chat.last_answer == "Hi."
        assert changes
        await feed.close()


async def test_what_is_told_while_opening_is_neither_lost_nor_folded_twice() -> None:
    async with FrameHost() as host:
        story = Told(host)
        root = story.begin()
        story.say(root, "hello")
        host.before_answer["entries.page"] = lambda: story.answer(root, "Hi.")
        feed = Feed(to(host), OPENING)
        await feed.open()
        await until(feed, len(host.events))
        assert feed.views.budget.spent_usd == 0.125
        assert [type(item) for item in feed.views.chat.items] == [UserItem, AssistantItem]
        await feed.close()


async def test_what_comes_right_behind_the_snapshot_waits_until_that_is_folded() -> None:
    async with FrameHost() as host:
        story = Told(host)
        root = story.begin()
        story.say(root, "hello")
        host.after_answer["subscribe"] = lambda: story.answer(root, "Hi.")
        feed = Feed(to(host), OPENING)
        await feed.open()
        assert feed.views.budget.spent_usd == 0.125
        assert feed.views.chat.last_answer == "Hi."
        await feed.close()


async def test_what_the_snapshot_holds_already_is_not_folded_again() -> None:
    async with FrameHost() as host:
        story = Told(host)
        root = story.begin()
        story.say(root, "hello")
        story.answer(root, "Hi.")

        def again() -> None:
            for event in host.events:
                host.send(frames.encode_notification("event", event))

        host.before_answer["entries.page"] = again
        feed = Feed(to(host), OPENING)
        await feed.open()
        assert feed.views.budget.spent_usd == 0.125
        await feed.close()


async def test_a_process_shown_later_counts_nothing_twice() -> None:
    async with FrameHost() as host:
        story = Told(host)
        root = story.begin()
        story.say(root, "hello")
        call = story.new_call("task")
        story.answer(root, "", [call])
        story.start(root, call)
        feed = Feed(to(host), OPENING)
        await feed.open()

        def newer(_: object) -> Snapshot:
            story.answer(story.actors[call.child], "Child here.")
            return snapshot_at(host.events)

        host.answers["session.show"] = newer
        await feed.show(call.child)
        await until(feed, len(host.events))
        assert feed.views.chat.state.turns == 1
        assert feed.views.fleet.rows[call.child].turns == 1
        await feed.close()


async def test_what_is_being_said_goes_on_from_where_it_stands() -> None:
    async with FrameHost() as host:
        story = Told(host)
        root = story.begin()
        story.say(root, "hello")
        host.saying = (OpenText(process=ROOT, run=root.run, turn=1, text="Once upon"),)
        feed = Feed(to(host), OPENING)
        await feed.open()
        host.say(ev.TextDelta(session=SESSION, process=ROOT, run=root.run, turn=1, text=" a time"))
        while feed.views.chat.last_answer != "Once upon a time":
            await asyncio.sleep(0)
        await feed.close()


async def test_showing_another_process_watches_it_and_reads_its_page() -> None:
    async with FrameHost() as host:
        story = Told(host)
        root = story.begin()
        story.say(root, "hello")
        call = story.new_call("task")
        story.answer(root, "", [call])
        story.start(root, call)
        feed = Feed(to(host), OPENING)
        await feed.open()
        await feed.show(call.child)
        assert host.watched == [(ROOT,), (call.child,)]
        assert feed.shown == call.child
        story.answer(story.actors[call.child], "Child here.")
        await until(feed, len(host.events))
        assert feed.views.chat.last_answer == "Child here."
        await feed.close()


async def test_older_entries_come_before_the_first_until_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vega_tui.client.feed.PAGE", 2)
    async with FrameHost() as host:
        story = Told(host)
        root = story.begin()
        for number in range(4):
            story.say(root, f"say {number}")
            story.answer(root, f"answer {number}")
        feed = Feed(to(host), OPENING)
        await feed.open()
        pages = 1
        while await feed.older():
            pages += 1
        texts = [item.text for item in feed.views.chat.items if isinstance(item, (UserItem, AssistantItem))]
        assert texts == [f"{kind} {number}" for number in range(4) for kind in ("say", "answer")]
        assert pages == 4
        await feed.close()


async def test_a_branch_that_moved_has_its_transcript_read_again() -> None:
    async with FrameHost() as host:
        story = Told(host)
        root = story.begin()
        story.say(root, "hello")
        feed = Feed(to(host), OPENING)
        await feed.open()
        story.tell(ev.BranchMoved(branch="other", head="", active=True), root)
        while host.asked.count("entries.page") < 2 or feed.views.chat.moved:
            await asyncio.sleep(0)
        await feed.close()


async def test_a_session_that_cannot_be_opened_raises_and_leaves_nothing_open() -> None:
    def refuse(_: object) -> ops.Nothing:
        raise NotFound("no session “zap”")

    async with FrameHost() as host:
        host.answers["session.open"] = refuse
        feed = Feed(to(host), OPENING)
        with pytest.raises(NotFound, match="no session"):
            await feed.open()
        assert feed.state is FeedState.CLOSED


def lost_and_found(home: Home, *, forgetful: bool) -> Feed:
    """A host dies in mid-run and another comes back with what the first stored."""

    async def main() -> Feed:
        first, second = FrameHost(), FrameHost()
        starts: list[int] = []

        async def restart() -> None:
            starts.append(1)
            home.socket.unlink(missing_ok=True)
            second.events = list(first.events)
            story.events = second.events
            story.tell_recovered(second)
            second.forgetful = forgetful
            await second.listen(home.socket)

        async with first, second:
            await first.listen(home.socket)
            story = Recovering(first)
            root = story.begin()
            story.say(root, "hello")
            feed = Feed(at(home), OPENING, restart_host=restart)
            await feed.open()
            await first.stop()
            while feed.outage is None or feed.outage.seconds is None:
                await asyncio.sleep(0)
            await until(feed, len(second.events))
            assert starts == [1]
            await feed.close()
        return feed

    return run_virtual(main())


class Recovering(Told):
    def tell_recovered(self, host: FrameHost) -> None:
        self._host = host
        self.tell(ev.HostRecovered(interrupted_calls=2, interrupted_runs=1), self.actors[ROOT])


def test_a_lost_host_is_started_once_and_the_story_goes_on_where_it_stood(home: Home) -> None:
    feed = lost_and_found(home, forgetful=False)
    assert feed.outage is not None
    assert feed.outage.interrupted_calls == 2
    assert [item.text for item in feed.views.chat.items if isinstance(item, UserItem)] == ["hello"]


def test_a_host_that_no_longer_knows_since_gives_a_fresh_snapshot(home: Home) -> None:
    feed = lost_and_found(home, forgetful=True)
    assert [item.text for item in feed.views.chat.items if isinstance(item, UserItem)] == ["hello"]
    assert feed.views.header.name == "a story"


def test_while_the_host_does_not_come_up_it_is_tried_again_and_says_why(home: Home) -> None:
    async def main() -> None:
        host = FrameHost()
        tries: list[str] = []

        async def restart() -> None:
            raise HostError("database is locked by pid 4121")

        async with host:
            await host.listen(home.socket)
            Told(host).begin()
            feed = Feed(at(home), OPENING, restart_host=restart)
            await feed.open()
            await host.stop()
            home.socket.unlink(missing_ok=True)
            while len(tries) < 2:
                await asyncio.sleep(0.05)
                if feed.outage and feed.outage.attempts > len(tries):
                    tries.append(feed.outage.error)
            assert "database is locked" in tries[0]
            assert feed.state is FeedState.LOST
            with pytest.raises(HostError, match="being started again"):
                await feed.call(ops.HOST_STATUS, ops.Nothing())
            await host.listen(home.socket)
            while feed.state is not FeedState.LIVE:
                await asyncio.sleep(0.05)
            await feed.close()

    run_virtual(main())


async def test_a_host_that_was_told_to_stop_is_not_started_again(home: Home) -> None:
    starts: list[int] = []

    async def restart() -> None:
        starts.append(1)

    async with FrameHost() as host:
        await host.listen(home.socket)
        Told(host).begin()
        feed = Feed(at(home), OPENING, restart_host=restart)
        await feed.open()
        host.send(b'{"jsonrpc":"2.0","method":"notice","params":{"kind":"stopping"}}\n')
        await feed.call(ops.HOST_STOP, ops.HostStop())
        host.drop()
        while feed.state is not FeedState.FAILED:
            await asyncio.sleep(0)
        assert starts == []
        await feed.close()


async def test_another_session_opens_beside_the_first_one() -> None:
    async with FrameHost() as host:
        Told(host).begin()
        first = Feed(to(host), OPENING)
        await first.open()
        second = first.another(ops.SessionOpen(session=SESSION))
        await second.open()
        await first.close()
        assert second.state is FeedState.LIVE
        await second.close()


def test_a_fault_of_our_own_while_coming_back_is_shown_and_can_be_tried_again(home: Home) -> None:
    async def main() -> None:
        host = FrameHost()
        faults = [ZeroDivisionError("a slip"), KeyError("another")]

        async def restart() -> None:
            if faults:
                raise faults.pop(0)
            await host.listen(home.socket)

        async with host:
            await host.listen(home.socket)
            Told(host).begin()
            feed = Feed(at(home), OPENING, restart_host=restart)
            await feed.open()
            await host.stop()
            home.socket.unlink(missing_ok=True)
            for fault in ("ZeroDivisionError: a slip", "KeyError"):
                while feed.state is not FeedState.FAILED:
                    await asyncio.sleep(0)
                assert feed.outage is not None
                assert fault in feed.outage.error
                feed.reconnect()
            while feed.state is not FeedState.LIVE:
                await asyncio.sleep(0)
            await feed.close()

    run_virtual(main())


async def test_a_fault_of_our_own_in_reading_a_branch_is_told_and_the_feed_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []

    def slip(self: ChatView, snapshot: Snapshot) -> None:
        raise ZeroDivisionError("a slip")

    async with FrameHost() as host:
        story = Told(host)
        root = story.begin()
        story.say(root, "hello")
        feed = Feed(to(host), OPENING, on_notice=lambda notice: told.append(notice.text))
        await feed.open()
        monkeypatch.setattr(ChatView, "load", slip)
        feed.views.chat.moved = True
        story.say(root, "again")
        while not told:
            await asyncio.sleep(0)
        assert "could not be read: a fault in this program (ZeroDivisionError: a slip)" in told[0]
        assert feed.state is FeedState.LIVE
        seen = feed.seq
        story.say(root, "more")
        await until(feed, seen + 1)
        await feed.close()
