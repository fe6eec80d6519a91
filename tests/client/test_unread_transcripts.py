"""A transcript that the host won't give: said once, and nothing else stops for it."""

import asyncio

import pytest

from tests.client.test_feed import OPENING, Told, to, until
from tests.fakes.frame_host import FrameHost
from vega_tui.client.feed import Feed, FeedState
from vega_tui.client.views.chat_items import UserItem
from vega_tui.core import events as ev
from vega_tui.core.errors import NotFound
from vega_tui.core.ids import ROOT
from vega_tui.protocol import operations as ops
from vega_tui.protocol.frames import Notice


def unread(_: object) -> ops.Nothing:
    raise NotFound("no entries")


async def test_a_transcript_that_cannot_be_read_is_refused_and_the_rest_goes_on() -> None:
    async with FrameHost() as host:
        story = Told(host)
        root = story.begin()
        feed = Feed(to(host), OPENING)
        await feed.open()
        host.answers["entries.page"] = unread
        with pytest.raises(NotFound, match="no entries"):
            await feed.show("root/sup")
        assert feed.shown == ROOT
        story.say(root, "hello")
        async with asyncio.timeout(10):
            await until(feed, len(host.events))
        assert [item.text for item in feed.views.chat.items if isinstance(item, UserItem)] == ["hello"]
        await feed.close()


async def test_a_moved_branch_that_cannot_be_read_is_told_and_read_when_it_can_be() -> None:
    notices: list[Notice] = []
    async with FrameHost() as host:
        story = Told(host)
        root = story.begin()
        feed = Feed(to(host), OPENING, on_notice=notices.append)
        await feed.open()
        host.answers["entries.page"] = unread
        story.tell(ev.BranchMoved(branch="other", head="", active=True), root)
        async with asyncio.timeout(10):
            while not notices:
                await asyncio.sleep(0)
            assert [(told.kind, told.text) for told in notices] == [
                ("unread", "the transcript could not be read: no entries")
            ]
            assert feed.state is FeedState.LIVE
            host.answers.clear()
            story.tell(ev.BranchMoved(branch="third", head="", active=True), root)
            while feed.views.chat.moved:
                await asyncio.sleep(0)
        assert feed.seq == len(host.events)
        await feed.close()
