"""The law of views: a snapshot at N and the events after it show what all events from the first show."""

import copy
from collections.abc import Sequence
from random import Random

import msgspec
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.fakes.projection import page_at, snapshot_at
from tests.fakes.story import SESSION, told
from vega_tui.client.views.chat import ChatView
from vega_tui.client.views.chat_items import OPEN_CALLS, ChatItem, ToolItem
from vega_tui.client.views.fleet import FleetView
from vega_tui.client.views.view_set import ViewSet
from vega_tui.core import events as ev
from vega_tui.core.ids import ROOT
from vega_tui.host.board import Board
from vega_tui.protocol.operations import Entries
from vega_tui.protocol.rows import SessionRow, Snapshot

EMPTY_ROW = SessionRow(id=SESSION, name="", cwd="", model="")
EMPTY = Snapshot(seq=0, session=EMPTY_ROW)
NOTHING = Entries(entries=())

stories = st.builds(told, st.integers(0, 2**32).map(Random), st.integers(1, 80))
parts = st.floats(0, 1)
laws = settings(max_examples=150, deadline=None, phases=(Phase.explicit, Phase.generate))  # stories shrink badly


def whole(events: Sequence[ev.AnyEvent]) -> ViewSet:
    views = ViewSet()
    views.load(EMPTY)
    views.chat.add_page(NOTHING)
    for event in events:
        views.apply(event)
    return views


def hosted(events: Sequence[ev.AnyEvent]) -> Snapshot:
    """The snapshot as the host's own fold makes it."""
    board = Board(EMPTY_ROW)
    for event in events:
        board.apply(event)
    return Snapshot(
        seq=events[-1].seq,
        session=board.row,
        processes=board.process_rows(),
        calls=board.call_rows(),
        approvals=tuple(board.approvals.values()),
        alerts=tuple(board.alerts.values()),
        inputs=tuple(board.inputs.values()),
        holds=board.holds,
        today_usd=board.row.cost_usd,
    )


def joined(events: Sequence[ev.AnyEvent], at: int) -> ViewSet:
    """Through the plain projection for an even seq, through the host's fold for an odd one."""
    views = ViewSet()
    make = snapshot_at if at % 2 == 0 else hosted
    views.load(make(events[:at]) if at else EMPTY)
    views.chat.add_page(page_at(events[:at], views.chat.process))
    for event in events[at:]:
        views.apply(event)
    return views


def fleet_state(fleet: FleetView, now: float) -> list[object]:
    return [
        (
            (row.key, row.rails, row.subtree_usd, row.subtree_unpriced, row.calls, row.asking),
            (row.restarts_used(now), msgspec.structs.replace(row.to_row(), restarts=())),
        )
        for row in fleet.order
    ]


def chat_state(chat: ChatView) -> list[ChatItem]:
    """A nested call that has ended is a courtesy to those who saw it: no snapshot tells of it."""
    items = copy.deepcopy(chat.items)
    for item in items:
        if isinstance(item, ToolItem) and item.nested is not None and item.nested.state not in OPEN_CALLS:
            item.nested = None
    return items


@laws
@given(stories, parts)
def test_the_fleet_is_the_same_from_a_snapshot_as_from_the_start(events: list[ev.AnyEvent], part: float) -> None:
    one, other = whole(events).fleet, joined(events, int(len(events) * part)).fleet
    assert fleet_state(one, events[-1].ts) == fleet_state(other, events[-1].ts)
    assert +one.counts == +other.counts


@laws
@given(stories, parts)
def test_the_transcript_is_the_same_from_a_snapshot_as_from_the_start(events: list[ev.AnyEvent], part: float) -> None:
    one, other = whole(events).chat, joined(events, int(len(events) * part)).chat
    assert chat_state(one) == chat_state(other)
    assert one.tail == other.tail


@laws
@given(stories, parts, parts)
def test_a_page_that_is_newer_than_the_snapshot_changes_nothing(
    events: list[ev.AnyEvent], part: float, later: float
) -> None:
    at = int(len(events) * part)
    read = at + int((len(events) - at) * later)
    chat = ChatView(SESSION)
    chat.load(snapshot_at(events[:at]) if at else EMPTY)
    for event in events[at : (at + read) // 2]:
        chat.apply(event)
    chat.add_page(page_at(events[:read], ROOT) if read else NOTHING)
    for event in events[(at + read) // 2 :]:
        chat.apply(event)
    assert chat_state(chat) == chat_state(whole(events).chat)


@laws
@given(stories, st.integers(1, 7))
def test_paging_back_gives_the_transcript_that_was_told(events: list[ev.AnyEvent], limit: int) -> None:
    chat = ChatView(SESSION)
    chat.load(snapshot_at(events))
    chat.add_page(page_at(events, ROOT, limit))
    while chat.more:
        chat.add_page(page_at(events, ROOT, limit, chat.oldest))
    assert chat_state(chat) == chat_state(whole(events).chat)


@laws
@given(stories, parts)
def test_the_small_views_are_the_same_from_a_snapshot_as_from_the_start(events: list[ev.AnyEvent], part: float) -> None:
    one, other = whole(events), joined(events, int(len(events) * part))
    assert one.inbox.ordered == other.inbox.ordered
    assert one.alerts.ordered == other.alerts.ordered
    assert one.queue.inputs == other.queue.inputs
    assert (one.header.chips, one.header.context_percent) == (other.header.chips, other.header.context_percent)
    assert one.header.session == other.header.session
    figures = [
        (b.cap_usd, b.spent_usd, b.held_usd, b.unpriced, b.today_usd, b.by_child) for b in (one.budget, other.budget)
    ]
    assert figures[0] == figures[1]


def test_stories_hold_what_the_laws_are_about() -> None:
    kinds = {type(event) for seed in range(200) for event in told(Random(seed), 60)}
    assert kinds >= {
        ev.ProcessRestarting,
        ev.ProcessRestarted,
        ev.ModelRetry,
        ev.ApprovalRequested,
        ev.ApprovalDecided,
        ev.ApprovalWithdrawn,
        ev.ToolBlocked,
        ev.ToolFinished,
        ev.ProcessPaused,
        ev.InputDelivered,
        ev.AlertAcknowledged,
    }
