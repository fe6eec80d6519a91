from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests.fakes.screen import assert_snapshot, screen_dump, screen_text
from tests.tui.test_lifeline import EVERY
from vega_tui.tui.look import Look
from vega_tui.tui.paint.glyphs import glyphs
from vega_tui.tui.paint.items import AssistantItem, Item, ThinkingItem, ToolItem, UserItem
from vega_tui.tui.theme import Palette
from vega_tui.tui.theme_file import load_theme
from vega_tui.tui.widgets.transcript import Transcript


class Stage(App[None]):
    def __init__(self, look: Look | None = None) -> None:
        super().__init__()
        self.transcript = Transcript(look)
        self.copied: list[str] = []
        self.opened: list[Item] = []
        self.told: list[bool] = []

    def compose(self) -> ComposeResult:
        yield self.transcript

    def on_transcript_copy_requested(self, message: Transcript.CopyRequested) -> None:
        self.copied.append(message.text)

    def on_transcript_follow_changed(self, message: Transcript.FollowChanged) -> None:
        self.told.append(message.following)

    def on_transcript_opened(self, message: Transcript.Opened) -> None:
        self.opened.append(message.item)


@asynccontextmanager
async def stage(
    items: list[Item], size: tuple[int, int] = (68, 12), look: Look | None = None
) -> AsyncGenerator[tuple[Pilot[None], Transcript, Stage]]:
    app = Stage(look)
    async with app.run_test(size=size) as pilot:
        app.transcript.set_items(items)
        app.transcript.focus()
        await pilot.pause()
        yield pilot, app.transcript, app


def talk(count: int) -> list[Item]:
    return [UserItem(f"u{at}", f"message {at}") for at in range(count)]


def rows(app: Stage) -> list[str]:
    return [row[:67].rstrip() for row in screen_text(app).split("\n")]


@pytest.mark.parametrize(("theme", "plain"), [("dark", False), ("ansi", True)])
async def test_every_kind_of_entry_as_a_picture(theme: str, plain: bool) -> None:
    look = Look(Palette(load_theme(theme)), glyphs(plain))
    async with stage(EVERY, (70, 60), look) as (pilot, transcript, app):
        transcript.set_alive(True)
        await pilot.pause()
        assert_snapshot(f"transcript-{theme}", screen_dump(app))


async def test_it_follows_the_end_until_one_scrolls_up() -> None:
    async with stage(talk(50)) as (pilot, transcript, app):
        assert "message 49" in rows(app)[-1]
        transcript.append(UserItem("x", "newest"))
        await pilot.pause()
        assert "newest" in rows(app)[-1]
        await pilot.press("up")
        before = rows(app)
        transcript.append(UserItem("y", "later"))
        await pilot.pause()
        assert rows(app)[:-1] == before[:-1]
        assert "↓ 1 new entry  End" in rows(app)[-1]
        await pilot.press("end")
        assert "later" in rows(app)[-1]
        assert transcript.following


async def test_scrolling_down_to_the_end_follows_again() -> None:
    async with stage(talk(50)) as (pilot, transcript, app):
        await pilot.press("up", "up")
        assert not transcript.following
        await pilot.press("down", "down")
        assert transcript.following
        assert app.told == [False, True]


async def test_a_reader_is_not_moved_by_text_that_grows_above_or_below() -> None:
    items = [ToolItem("t", "run", "bash", "make"), *talk(40), AssistantItem("a", "", open=True)]
    async with stage(items) as (pilot, transcript, app):
        transcript.scroll_to_key("u20")
        await pilot.pause()
        before = rows(app)
        transcript.update("t", ToolItem("t", "fail", "bash", "make", lines=("a", "b"), hint="why"))
        for _ in range(30):
            transcript.extend_open_text("a", "more text\n\n")
        await pilot.pause(0.05)
        assert rows(app) == before


async def test_a_reader_stays_at_the_entry_when_older_ones_are_loaded_above() -> None:
    async with stage(talk(40)) as (pilot, transcript, app):
        transcript.scroll_to_key("u20")
        await pilot.pause()
        before = rows(app)
        transcript.set_items([*[UserItem(f"old{at}", "older") for at in range(30)], *talk(40)])
        await pilot.pause()
        assert rows(app) == before


async def test_folding_keeps_the_readers_entry_at_the_top() -> None:
    items: list[Item] = []
    for at in range(20):
        items += [
            ThinkingItem(f"th{at}", "deep thought " * 30),
            ToolItem(f"t{at}", "ok", "bash", f"call {at}", lines=("x",) * 9),
        ]
    async with stage(items) as (pilot, transcript, app):
        transcript.scroll_to_key("t10")
        await pilot.pause()
        assert "call 10" in rows(app)[1]
        transcript.set_folds(thinking="hidden", tools_open=True)
        await pilot.pause()
        assert "call 10" in "".join(rows(app)[:2])
        transcript.set_folds(thinking="full", tools_open=False)
        await pilot.pause()
        assert "call 10" in "".join(rows(app)[:2])


async def test_resizing_keeps_the_entry_and_wraps_anew() -> None:
    items: list[Item] = [UserItem(f"u{at}", f"start{at} " + "word " * 60) for at in range(30)]
    async with stage(items, (68, 12)) as (pilot, transcript, app):
        transcript.scroll_to_key("u15")
        await pilot.pause()
        await pilot.resize_terminal(40, 12)
        await pilot.pause()
        assert any("start15" in row for row in rows(app))
        assert all(len(row) <= 40 for row in rows(app))


async def test_streamed_text_appears_with_the_writing_cursor() -> None:
    async with stage([AssistantItem("a", "", name="root", open=True, tail="3 tokens")]) as (pilot, transcript, app):
        transcript.extend_open_text("a", "Hello **wor")
        transcript.extend_open_text("a", "ld**")
        await pilot.pause(0.05)
        assert "│ Hello world▍" in screen_text(app)
        assert "3 tokens" in screen_text(app)
        transcript.update("a", AssistantItem("a", "Hello **world**", name="root"))
        await pilot.pause()
        assert "▍" not in screen_text(app)


async def test_the_line_goes_on_below_while_the_process_lives() -> None:
    async with stage(talk(1)) as (pilot, transcript, app):
        assert rows(app)[-1].strip() == ""
        transcript.set_alive(True)
        await pilot.pause()
        assert rows(app)[-1].strip() == "┊"


async def test_y_copies_the_chosen_entry_and_else_the_last_answer() -> None:
    async with stage([*talk(3), AssistantItem("a", "the **answer**")]) as (pilot, transcript, app):
        await pilot.press("y")
        transcript.choose("u1")
        await pilot.press("y")
        assert app.copied == ["the **answer**", "message 1"]


async def test_enter_unfolds_a_call_and_offers_other_entries_to_the_app() -> None:
    items: list[Item] = [UserItem("u", "hi"), ToolItem("t", "ok", "bash", "make", lines=tuple("abcdef"))]
    async with stage(items) as (pilot, transcript, app):
        transcript.choose("t")
        await pilot.press("enter")
        await pilot.pause()
        assert "│         f" in screen_text(app)
        transcript.choose("u")
        await pilot.press("enter")
        await pilot.pause()
        assert app.opened == [items[0]]


async def test_text_is_marked_with_the_mouse_and_survives_streaming() -> None:
    async with stage([UserItem("u", "first line\nsecond line"), AssistantItem("a", "x", open=True)]) as (
        pilot,
        transcript,
        app,
    ):
        await pilot.mouse_down(transcript, offset=(8, 2))
        await pilot.hover(transcript, offset=(7, 3))
        await pilot.mouse_up(transcript, offset=(7, 3))
        assert transcript.selected_text == "line\nsecond"
        transcript.extend_open_text("a", "\n\nmore" * 20)
        await pilot.pause(0.05)
        assert transcript.selected_text == "line\nsecond"
        await pilot.press("y")
        assert app.copied == ["line\nsecond"]


async def test_marked_lines_that_were_folded_away_are_not_marked_any_more() -> None:
    items: list[Item] = [ToolItem("t", "ok", "bash", "make", lines=tuple("abcdef"), folded=False)]
    async with stage(items) as (pilot, transcript, _):
        await pilot.mouse_down(transcript, offset=(9, 5))
        await pilot.hover(transcript, offset=(20, 7))
        await pilot.mouse_up(transcript, offset=(20, 7))
        assert transcript.selected_text.split() == ["d", "e", "f"]
        assert transcript.selected_text
        transcript.toggle(items[0])
        await pilot.pause()
        assert transcript.selected_text == ""


async def test_j_and_k_walk_entries_and_keep_the_chosen_one_in_view() -> None:
    async with stage(talk(50)) as (pilot, transcript, app):
        await pilot.press("k")
        assert transcript.chosen is not None
        for _ in range(20):
            await pilot.press("k")
        chosen = transcript.chosen
        assert chosen is not None
        assert chosen.key == "u29"
        assert any("message 29" in row for row in rows(app))


async def test_opening_many_messages_lays_out_only_what_is_seen() -> None:
    async with stage([AssistantItem(f"a{at}", "text **bold**\n\n- x") for at in range(5000)]) as (_, transcript, __):
        assert len(transcript.document._views) < 60


async def test_the_scrollbar_leads_to_the_top() -> None:
    async with stage(talk(200)) as (pilot, transcript, app):
        await pilot.mouse_down(transcript, offset=(67, 0))
        await pilot.mouse_up(transcript, offset=(67, 0))
        await pilot.pause()
        assert "message 0" in screen_text(app)
        assert not transcript.following


async def test_a_note_that_no_longer_holds_can_be_taken_off() -> None:
    async with stage(talk(3)) as (pilot, transcript, app):
        transcript.append(UserItem("tail", "only for now"))
        await pilot.pause()
        transcript.drop_last()
        await pilot.pause()
        assert "only for now" not in screen_text(app)
        transcript.append(UserItem("tail", "again"))
        await pilot.pause()
        assert "again" in screen_text(app)
