"""Issue 6, line 13: what a person types or pastes while a card has the keys decides nothing and is not lost."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from tests.fakes.screen import screen_text
from tests.tui_app.scene import SceneFeed, scene_app, two_asks
from vega_tui.commands.command import Key
from vega_tui.core.words import Decision
from vega_tui.protocol import operations as ops
from vega_tui.tui.app import VegaApp
from vega_tui.tui.panes.card import CardPanel


@asynccontextmanager
async def at_a_live_card(
    feed: SceneFeed, home: Path, size: tuple[int, int] = (120, 40)
) -> AsyncGenerator[tuple[VegaApp, Pilot[None]]]:
    app = scene_app(feed, home)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("f5")
        await pilot.pause()
        panel = app.main.panel.panel
        assert isinstance(panel, CardPanel)
        object.__setattr__(panel.state, "changed", float("-inf"))
        yield app, pilot
    await app.close()


SENTENCES = ["put it by the sea", "yes please", "no", "so", "y\r", "nn", "1 y", "K", "fix it\r", "say yes\ry\r", "yy"]


@pytest.mark.parametrize("sentence", [one for one in SENTENCES if len(one) > 1])
async def test_a_sentence_typed_over_a_card_decides_nothing_and_stands_in_the_prompt(
    sentence: str, tmp_path: Path
) -> None:
    feed = SceneFeed(two_asks())
    async with at_a_live_card(feed, tmp_path) as (app, pilot):
        for char in sentence:
            key = events.Key("enter" if char == "\r" else char, char)
            app.post_message(key)
        for _ in range(20):
            await pilot.pause()
        assert feed.calls("approval.decide") == []
        said = [sent.text for sent in feed.calls("process.send")]
        assert "".join([*said, app.main.prompt.text]).replace("\n", "") == sentence.replace("\r", "")


async def test_a_paste_over_a_card_stands_in_the_prompt(tmp_path: Path) -> None:
    feed = SceneFeed(two_asks())
    async with at_a_live_card(feed, tmp_path) as (app, pilot):
        app.main.panel.post_message(events.Paste("y\nn"))
        for _ in range(10):
            await pilot.pause()
        assert feed.calls("approval.decide") == []
        assert app.main.prompt.text == "y\nn"


def pressed_and_left(app: VegaApp) -> None:
    """As if nothing had followed the last key for a while."""
    panel = app.main.panel.panel
    assert isinstance(panel, CardPanel)
    assert panel.state.armed is not None
    object.__setattr__(panel.state, "armed", replace(panel.state.armed, at=float("-inf")))
    panel.settle()


async def test_the_card_takes_its_keys_from_the_keymap_and_says_so(tmp_path: Path) -> None:
    feed = SceneFeed(two_asks())
    async with at_a_live_card(feed, tmp_path) as (app, pilot):
        app.keys.keymap.move("approval.once", (Key("card", "u"),))
        app.keys.keymap.move("approval.leave", (Key("card", "f9"),))
        app.main.panel.repaint()
        app.main.footer.repaint()
        await pilot.pause()
        shown = screen_text(app)
        assert " u  once" in shown
        assert " y  once" not in shown
        assert "F9 back to the prompt" in shown
        await pilot.press("u")
        assert "allowing once…" in screen_text(app)
        pressed_and_left(app)
        for _ in range(10):
            await pilot.pause()
        assert feed.calls("approval.decide") == [ops.Decide(approval="a_rm", decision=Decision.ONCE)]


async def test_a_key_that_the_keymap_took_away_decides_nothing(tmp_path: Path) -> None:
    feed = SceneFeed(two_asks())
    async with at_a_live_card(feed, tmp_path) as (app, pilot):
        app.keys.keymap.move("approval.once", ())
        await pilot.press("y")
        assert app.main.panel.panel is None
        await pilot.pause()
        assert feed.calls("approval.decide") == []
        assert app.main.prompt.text == "y"


@pytest.mark.parametrize("size", [(40, 10), (59, 12), (80, 14), (30, 24)])
async def test_on_a_small_screen_the_call_stands_there_while_it_is_decided(
    size: tuple[int, int], tmp_path: Path
) -> None:
    feed = SceneFeed(two_asks())
    async with at_a_live_card(feed, tmp_path, size) as (app, pilot):
        app.main.panel.repaint()
        await pilot.pause()
        assert "rm -rf build" in " ".join(screen_text(app).split())
        await pilot.press("y")
        pressed_and_left(app)
        await pilot.pause()
        assert len(feed.calls("approval.decide")) == 1


@pytest.mark.parametrize("size", [(29, 24), (20, 10), (29, 5)])
async def test_a_screen_without_room_for_the_call_decides_nothing(size: tuple[int, int], tmp_path: Path) -> None:
    feed = SceneFeed(two_asks())
    async with at_a_live_card(feed, tmp_path, size) as (app, pilot):
        app.main.panel.repaint()
        await pilot.pause()
        assert "too small" in screen_text(app)
        await pilot.press("y")
        panel = app.main.panel.panel
        assert isinstance(panel, CardPanel)
        assert panel.state.armed is None


async def test_a_resize_takes_back_what_waits(tmp_path: Path) -> None:
    feed = SceneFeed(two_asks())
    async with at_a_live_card(feed, tmp_path) as (app, pilot):
        await pilot.press("y")
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        panel = app.main.panel.panel
        assert isinstance(panel, CardPanel)
        assert panel.state.armed is None
        assert feed.calls("approval.decide") == []


async def test_a_call_that_is_cut_on_a_small_screen_is_decided_only_after_a_look_at_all_of_it(tmp_path: Path) -> None:
    feed = SceneFeed(two_asks())
    async with at_a_live_card(feed, tmp_path, (40, 5)) as (app, pilot):
        app.main.panel.repaint()
        await pilot.pause()
        panel = app.main.panel.panel
        assert isinstance(panel, CardPanel)
        assert "1/2 lines" in screen_text(app)
        panel.use("approval.once")
        assert panel.state.armed is None
        panel.use("approval.view")
        panel.use("approval.once")
        assert panel.state.armed is None  # what taking it back changed has its dead time
        object.__setattr__(panel.state, "changed", float("-inf"))
        panel.use("approval.once")
        assert panel.state.armed is not None
