from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from tests.fakes.screen import screen_text
from tests.tui_app.scene import S, SceneFeed, approval, at, entries, first_run, scene_app, snapshot, two_asks
from vega_tui.client.connection import ConnectionLost
from vega_tui.client.feed import FeedState
from vega_tui.core import events as ev
from vega_tui.core.errors import StorageError
from vega_tui.core.words import Decision, InputMode
from vega_tui.protocol import operations as ops
from vega_tui.tui.app import VegaApp
from vega_tui.tui.panes.card import CardPanel
from vega_tui.tui.startup import FaceOptions


@asynccontextmanager
async def running(
    feed: SceneFeed, home: Path, options: FaceOptions | None = None
) -> AsyncGenerator[tuple[VegaApp, Pilot[None]]]:
    app = scene_app(feed, home, options=options)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        yield app, pilot
    await app.close()


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    """Let the app go on until `true()`; what it spawned may need some turns."""
    for _ in range(100):
        if true():
            return
        await pilot.pause()
    assert true()


def make_live(app: VegaApp) -> None:
    """As if the card had stood there for a while."""
    panel = app.main.panel.panel
    assert isinstance(panel, CardPanel)
    object.__setattr__(panel.state, "changed", float("-inf"))


def hold_over(app: VegaApp) -> None:
    """As if the key that was pressed had been the last for a while."""
    panel = app.main.panel.panel
    assert isinstance(panel, CardPanel)
    assert panel.state.armed is not None
    object.__setattr__(panel.state, "armed", replace(panel.state.armed, at=float("-inf")))
    panel.settle()


def rested(app: VegaApp) -> None:
    """As if no key had come for a while."""
    app.own_keys.rest()


async def test_a_question_that_arrives_while_one_types_takes_nothing(tmp_path: Path) -> None:
    feed = SceneFeed(snapshot(approvals=()))
    async with running(feed, tmp_path) as (app, pilot):
        await pilot.press(*"yes ")
        feed.tell(at(ev.ApprovalRequested(approval=approval())))
        await pilot.press(*"nays")
        await pilot.pause()
        assert app.main.prompt.text == "yes nays"
        assert app.main.panel.panel is None
        assert feed.calls("approval.decide") == []


async def test_f5_opens_the_card_and_keeps_the_draft(tmp_path: Path) -> None:
    feed = SceneFeed(snapshot())
    async with running(feed, tmp_path) as (app, pilot):
        await pilot.press(*"draft", "f5")
        await until(pilot, lambda: isinstance(app.main.panel.panel, CardPanel))
        make_live(app)
        assert feed.calls("approval.decide") == []
        await pilot.press("y")
        hold_over(app)
        await until(pilot, lambda: len(feed.calls("approval.decide")) == 1)
        assert feed.calls("approval.decide") == [ops.Decide(approval="a_rm", decision=Decision.ONCE)]
        assert app.main.prompt.text == "draft"


async def test_tab_opens_the_card_only_from_a_prompt_that_is_empty_and_rested(tmp_path: Path) -> None:
    async with running(SceneFeed(snapshot()), tmp_path) as (app, pilot):
        await pilot.press("a", "backspace", "tab")
        assert app.main.panel.panel is None
        app.main.focus_prompt()
        await pilot.pause()
        rested(app)
        await pilot.press("tab")
        await pilot.pause()
        assert isinstance(app.main.panel.panel, CardPanel)


async def test_a_paste_on_a_card_decides_nothing(tmp_path: Path) -> None:
    feed = SceneFeed(snapshot())
    async with running(feed, tmp_path) as (app, pilot):
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.main.panel.panel, CardPanel))
        make_live(app)
        app.main.panel.post_message(events.Paste("y"))
        await pilot.pause()
        assert feed.calls("approval.decide") == []


async def test_a_question_answered_elsewhere_leaves_the_card_and_the_next_one_is_dead_at_first(tmp_path: Path) -> None:
    feed = SceneFeed(two_asks())
    async with running(feed, tmp_path) as (app, pilot):
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.main.panel.panel, CardPanel))
        make_live(app)
        feed.tell(at(ev.ApprovalDecided(approval="a_rm", decision=Decision.DENY, by="another")))
        app.main._flush_panes()
        await pilot.press("y")
        panel = app.main.panel.panel
        assert isinstance(panel, CardPanel)
        assert panel.state.approval.id == "a_edit"
        assert feed.calls("approval.decide") == []


async def test_escape_goes_back_to_the_prompt_and_interrupts_only_there(tmp_path: Path) -> None:
    feed = SceneFeed(snapshot())
    async with running(feed, tmp_path) as (app, pilot):
        await pilot.press("f5", "escape")
        await pilot.pause()
        assert app.main.prompt.has_focus
        assert feed.calls("process.interrupt") == []
        await pilot.press("escape")
        await until(pilot, lambda: feed.calls("process.interrupt") == [ops.ProcessRef(process="root", session=S)])


async def test_enter_steers_and_alt_enter_follows_up(tmp_path: Path) -> None:
    feed = SceneFeed(snapshot())
    async with running(feed, tmp_path) as (_, pilot):
        await pilot.press(*"one", "enter", *"two", "alt+enter")
        await until(pilot, lambda: len(feed.calls("process.send")) == 2)
        sent = feed.calls("process.send")
        assert [(one.text, one.mode) for one in sent] == [("one", InputMode.STEER), ("two", InputMode.FOLLOWUP)]


async def test_an_address_sends_to_that_process(tmp_path: Path) -> None:
    feed = SceneFeed(snapshot())
    async with running(feed, tmp_path) as (app, pilot):
        app.outbox.say("@planner look here")
        app.outbox.say("@nobody stays text")
        await until(pilot, lambda: len(feed.calls("process.send")) == 2)
        sent = [(one.process, one.text) for one in feed.calls("process.send")]
        assert sent == [("root/planner", "look here"), ("root", "@nobody stays text")]


async def test_what_is_sent_without_a_host_is_kept_and_sent_in_order(tmp_path: Path) -> None:
    feed = SceneFeed(snapshot())
    async with running(feed, tmp_path) as (_, pilot):
        feed.lose()
        await pilot.press("a", "enter", "b", "enter")
        await pilot.pause()
        assert feed.calls("process.send") == []
        feed.state = FeedState.LIVE
        feed.on_change()
        await until(pilot, lambda: [one.text for one in feed.calls("process.send")] == ["a", "b"])


async def test_a_text_the_host_did_not_take_is_sent_again_when_it_is_back(tmp_path: Path) -> None:
    feed = SceneFeed(snapshot())
    async with running(feed, tmp_path) as (_, pilot):
        feed.failing = ConnectionLost("gone in the middle")
        await pilot.press("a", "enter")
        await pilot.pause()
        assert feed.calls("process.send") == []
        feed.lose()
        feed.failing, feed.state = None, FeedState.LIVE
        feed.on_change()
        await until(pilot, lambda: [one.text for one in feed.calls("process.send")] == ["a"])


async def test_a_text_that_is_sent_again_is_the_same_message(tmp_path: Path) -> None:
    feed = SceneFeed(snapshot())
    asked: list[str] = []

    def lost(wanted: ops.Send) -> ops.Sent:
        asked.append(wanted.id)
        if len(asked) == 1:
            raise ConnectionLost("gone before the answer")
        return ops.Sent(input=wanted.id, delivered=True)

    feed.answers["process.send"] = lost
    async with running(feed, tmp_path) as (_, pilot):
        await pilot.press("a", "enter")
        await until(pilot, lambda: len(asked) == 1)
        feed.on_change()
        feed.lose()
        feed.state = FeedState.LIVE
        feed.on_change()
        await until(pilot, lambda: len(asked) == 2)
        assert asked[0] == asked[1] != ""


async def test_a_text_that_is_refused_stands_in_the_prompt_again_before_what_was_typed_since(tmp_path: Path) -> None:
    feed = SceneFeed(snapshot())
    async with running(feed, tmp_path) as (app, pilot):
        feed.failing = StorageError("the disk is full")
        await pilot.press("a", "enter")
        await until(pilot, lambda: app.main.prompt.text == "a")
        assert app.outbox.waiting == 0
        feed.failing = None
        await pilot.press("enter")
        await until(pilot, lambda: [one.text for one in feed.calls("process.send")] == ["a"])


async def test_a_text_that_was_entered_is_not_kept_as_a_draft(tmp_path: Path) -> None:
    feed = SceneFeed(snapshot())
    async with running(feed, tmp_path) as (app, pilot):
        await pilot.press("h", "i")
        app.outbox.say("hi")  # as Enter does, before the prompt's own word that it is empty
        await app.outbox.close()
        assert [one.text for one in feed.calls("draft.set")] == []


async def test_control_c_clears_then_asks_then_quits(tmp_path: Path) -> None:
    async with running(SceneFeed(first_run(), talk=False), tmp_path) as (app, pilot):
        await pilot.press("x", "ctrl+c")
        assert app.main.prompt.text == ""
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "^C again quits" in screen_text(app))
        assert app._exit is False
        await pilot.press("ctrl+c")
        await until(pilot, lambda: app._exit)


async def test_a_read_only_face_opens_no_card(tmp_path: Path) -> None:
    options = FaceOptions()
    options.read_only = True
    async with running(SceneFeed(snapshot()), tmp_path, options) as (app, pilot):
        await pilot.press("f5")
        await pilot.pause()
        assert app.main.panel.panel is None


async def test_a_read_only_face_keeps_what_was_typed_and_says_why_it_is_not_sent(tmp_path: Path) -> None:
    options = FaceOptions()
    options.read_only = True
    async with running(SceneFeed(snapshot()), tmp_path, options) as (app, pilot):
        await until(pilot, lambda: "Read-only: nothing is sent from here" in screen_text(app))
        await until(pilot, lambda: "F5 decide" not in screen_text(app))
        assert "Enter steer" not in screen_text(app)
        await pilot.press("h", "i", "enter")
        assert app.main.prompt.text == "hi"
        assert app.outbox.waiting == 0
        app.main.prompt.text = "/theme light"
        await pilot.press("enter")
        await until(pilot, lambda: app.wardrobe.name == "light")


async def test_a_slash_line_runs_the_command_and_an_unknown_one_says_what_is_near(tmp_path: Path) -> None:
    async with running(SceneFeed(snapshot()), tmp_path) as (app, pilot):
        app.outbox.say("/theme light")
        await until(pilot, lambda: app.wardrobe.name == "light")
        app.outbox.say("/thme")
        await until(pilot, lambda: "did you mean /theme?" in screen_text(app))


async def test_all_commands_of_the_table_are_in_the_palette(tmp_path: Path) -> None:
    async with running(SceneFeed(snapshot()), tmp_path) as (app, _):
        assert {choice.key for choice in app.keys.palette(app.ctx)} == set(app.keys.table.by_id)


@pytest.mark.parametrize("key", ["enter", "down", "tab"])
async def test_the_palette_filters_and_chooses(key: str, tmp_path: Path) -> None:
    async with running(SceneFeed(snapshot()), tmp_path) as (app, pilot):
        await pilot.press("ctrl+p", *"fleet pane", key)
        await until(pilot, lambda: app.main.fleet.has_focus is (key == "enter"))


async def test_letters_in_a_list_are_keys_and_never_text(tmp_path: Path) -> None:
    async with running(SceneFeed(snapshot()), tmp_path) as (app, pilot):
        app.main.fleet.focus()
        await pilot.press("j", "2")
        await until(pilot, lambda: app.main.chat.has_focus)
        assert app.main.prompt.text == ""
        assert app.main.fleet.chosen_key == "root/planner"


async def test_the_first_line_to_try_goes_into_the_prompt_and_is_not_sent(tmp_path: Path) -> None:
    feed = SceneFeed(first_run(), talk=False)
    async with running(feed, tmp_path) as (app, pilot):
        await pilot.press("down")
        await pilot.pause()
        assert app.main.prompt.text == "list files"
        assert feed.calls("process.send") == []


async def test_the_draft_is_saved_when_the_face_closes(tmp_path: Path) -> None:
    feed = SceneFeed(snapshot())
    async with running(feed, tmp_path) as (_, pilot):
        await pilot.press(*"half")
    assert feed.calls("draft.set")[-1] == ops.DraftSet(session=S, text="half")


async def test_scrolling_to_the_top_reads_older_entries(tmp_path: Path) -> None:
    feed = SceneFeed(snapshot())
    feed.views.chat.add_page(ops.Entries(entries=entries(), more=True))
    async with running(feed, tmp_path) as (app, pilot):
        app.main.chat.focus()
        await pilot.resize_terminal(120, 24)
        await pilot.press("pageup", "pageup", "pageup", "pageup")
        await until(pilot, lambda: ("older", None) in feed.asked)


def test_the_app_stays_small() -> None:
    lines = Path(__file__).parents[2] / "vega_tui" / "tui" / "app.py"
    assert len(lines.read_text().splitlines()) <= 280


@pytest.mark.parametrize("sizes", [[(80, 24), (200, 60)], [(200, 60), (120, 40)], [(100, 50), (180, 50)]])
async def test_after_every_resize_the_chat_is_as_if_painted_for_the_first_time(
    tmp_path: Path, sizes: list[tuple[int, int]]
) -> None:
    async with running(SceneFeed(snapshot()), tmp_path) as (app, pilot):
        for size in sizes:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            shown = screen_text(app)
            app.main.chat.refresh()
            await pilot.pause()
            assert screen_text(app) == shown


async def test_page_up_reads_back_from_the_prompt_and_end_returns_to_what_is_written(tmp_path: Path) -> None:
    async with running(SceneFeed(snapshot()), tmp_path) as (app, pilot):
        await pilot.resize_terminal(80, 24)
        assert app.main.chat.following
        await pilot.press("pageup")
        assert not app.main.chat.following
        await pilot.press("h", "i", "end")
        assert not app.main.chat.following
        await pilot.press("backspace", "backspace", "end")
        assert app.main.chat.following
        await pilot.press("pageup", "pagedown")
        assert app.main.chat.following
