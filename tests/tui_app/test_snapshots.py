from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.fakes.screen import assert_snapshot, screen_dump
from tests.tui_app.scene import SceneFeed, edit_approval, first_run, scene_app, snapshot, two_asks
from vega_tui.client.feed import FeedState, Outage
from vega_tui.core import clock
from vega_tui.tui.app import VegaApp
from vega_tui.tui.panes.card import CardPanel
from vega_tui.tui.panes.card_state import Step

SIZES = [(80, 24), (120, 40), (200, 60)]
Act = Callable[[VegaApp], None]


@pytest.fixture(autouse=True)
def time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a screen says of how long something took is the same however busy the machine is."""
    monkeypatch.setattr(clock, "monotonic", lambda: 1_000.0)


def at_work(app: VegaApp) -> bool:
    """Whether a message waits to be handled, or something that changed to be painted."""
    pumps = (app, app.screen, *app.screen.walk_children())
    paces = (app.main._chat_pace, app.main._panes_pace)
    return any(pump.message_queue_size for pump in pumps) or any(pace._handle is not None for pace in paces)


async def settled(pilot: Pilot[None]) -> None:
    """Until nothing is left to do and two looks in a row see the same screen."""
    app, before, now = pilot.app, "", ""
    assert isinstance(app, VegaApp)
    while at_work(app) or not now or now != before:
        await pilot.pause()
        before, now = now, screen_dump(app)


async def dump(
    feed: SceneFeed,
    home: Path,
    size: tuple[int, int],
    *keys: str,
    act: Act | None = None,
    theme: str = "dark",
    ascii_only: bool = False,
) -> str:
    app = scene_app(feed, home, theme=theme, ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        app.main.prompt.load("keep the old cookie name for one release" if feed.views.chat.items else "")
        await settled(pilot)
        if act is not None:
            act(app)
        await pilot.press(*keys)
        await settled(pilot)
        panel = app.main.panel.panel
        if isinstance(panel, CardPanel):
            panel.state = replace(panel.state, changed=float("-inf"))
            app.main.panel.repaint()
            await settled(pilot)
        seen = screen_dump(app)
    await app.close()
    return seen


def at(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


@pytest.mark.parametrize("size", SIZES, ids=at)
async def test_the_main_screen(size: tuple[int, int], tmp_path: Path) -> None:
    assert_snapshot(f"main-{at(size)}", await dump(SceneFeed(snapshot()), tmp_path, size))


@pytest.mark.parametrize("theme", ["light", "high-contrast", "ansi"])
async def test_the_main_screen_in_another_theme(theme: str, tmp_path: Path) -> None:
    assert_snapshot(f"main-{theme}", await dump(SceneFeed(snapshot()), tmp_path, (120, 40), theme=theme))


async def test_the_main_screen_in_ascii(tmp_path: Path) -> None:
    assert_snapshot("main-ascii", await dump(SceneFeed(snapshot()), tmp_path, (120, 40), ascii_only=True))


async def test_the_main_screen_without_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert_snapshot("main-no-colour", await dump(SceneFeed(snapshot()), tmp_path, (120, 40)))


@pytest.mark.parametrize("size", SIZES, ids=at)
async def test_the_card_of_a_command(size: tuple[int, int], tmp_path: Path) -> None:
    assert_snapshot(f"card-shell-{at(size)}", await dump(SceneFeed(two_asks()), tmp_path, size, "f5"))


@pytest.mark.parametrize("size", SIZES[:2], ids=at)
async def test_the_card_of_an_edit(size: tuple[int, int], tmp_path: Path) -> None:
    def open_it(app: VegaApp) -> None:
        app.cards.open(edit_approval())

    assert_snapshot(f"card-edit-{at(size)}", await dump(SceneFeed(two_asks()), tmp_path, size, act=open_it))


@pytest.mark.parametrize("step", ["always", "edit", "feedback"])
async def test_a_second_step_of_the_card(step: Step, tmp_path: Path) -> None:
    def open_it(app: VegaApp) -> None:
        app.cards.open(two_asks().approvals[0])
        panel = app.main.panel.panel
        assert isinstance(panel, CardPanel)
        panel.state = panel.state.stepped(step)

    seen = await dump(SceneFeed(two_asks()), tmp_path, (120, 40), act=open_it)
    assert_snapshot(f"card-{step}", seen)


async def test_a_card_that_is_not_live_yet(tmp_path: Path) -> None:
    app = scene_app(SceneFeed(snapshot()), tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        app.cards.open(snapshot().approvals[0])
        panel = app.main.panel.panel
        assert isinstance(panel, CardPanel)
        panel.state = replace(panel.state, changed=float("inf"))
        await settled(pilot)
        assert_snapshot("card-not-live", screen_dump(app))
    await app.close()


@pytest.mark.parametrize("size", SIZES, ids=at)
async def test_the_first_run(size: tuple[int, int], tmp_path: Path) -> None:
    assert_snapshot(f"first-run-{at(size)}", await dump(SceneFeed(first_run(), talk=False), tmp_path, size))


@pytest.mark.parametrize("size", SIZES, ids=at)
async def test_without_a_host_only_the_prompt_has_colour(size: tuple[int, int], tmp_path: Path) -> None:
    feed = SceneFeed(snapshot())

    def lose(app: VegaApp) -> None:
        feed.state, feed.outage = FeedState.LOST, Outage(began=clock.monotonic() - 120.2, error="gone")
        app.changed()

    assert_snapshot(f"host-lost-{at(size)}", await dump(feed, tmp_path, size, act=lose))


async def test_before_the_host_has_answered_the_panes_say_that_they_load(tmp_path: Path) -> None:
    feed = SceneFeed()
    feed.state = FeedState.OPENING
    assert_snapshot("opening", await dump(feed, tmp_path, (120, 40)))


@pytest.mark.parametrize("number", range(2, 8))
async def test_each_pane_as_a_tab(number: int, tmp_path: Path) -> None:
    seen = await dump(SceneFeed(two_asks()), tmp_path, (80, 24), f"alt+{number}")
    assert_snapshot(f"tab-{number}", seen)


@pytest.mark.parametrize("number", range(2, 8))
async def test_each_pane_when_it_is_empty(number: int, tmp_path: Path) -> None:
    seen = await dump(SceneFeed(first_run(), talk=False), tmp_path, (80, 24), f"alt+{number}")
    assert_snapshot(f"tab-{number}-empty", seen)


@pytest.mark.parametrize("keys", ["f1", "ctrl+p", "ctrl+r"])
async def test_a_panel_above_the_prompt(keys: str, tmp_path: Path) -> None:
    assert_snapshot(f"panel-{keys}", await dump(SceneFeed(snapshot()), tmp_path, (120, 40), keys))


async def test_a_tiny_screen_is_a_list_of_states(tmp_path: Path) -> None:
    assert_snapshot("tiny", await dump(SceneFeed(snapshot()), tmp_path, (50, 14)))


def in_focus(name: str) -> Act:
    def act(app: VegaApp) -> None:
        app.main.show_pane(name)

    return act


@pytest.mark.parametrize("name", ["fleet", "chat"])
async def test_exactly_one_rule_is_heavy_and_blue(name: str, tmp_path: Path) -> None:
    assert_snapshot(f"focus-{name}", await dump(SceneFeed(snapshot()), tmp_path, (120, 40), act=in_focus(name)))
