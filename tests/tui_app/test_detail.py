from pathlib import Path

import pytest

from tests.fakes.screen import assert_snapshot, screen_dump, screen_text
from tests.tui_app.scene import SceneFeed, at, scene_app
from tests.tui_app.supervision import WORKERS, supervised
from tests.tui_app.test_app import running
from tests.tui_app.test_snapshots import SIZES, settled
from tests.tui_app.test_snapshots import at as named
from vega_tui.core import events as ev
from vega_tui.tui.panes.card import CardPanel


async def seen(home: Path, size: tuple[int, int], path: str, *keys: str, ascii_only: bool = False) -> str:
    app = scene_app(supervised(), home, ascii_only=ascii_only)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        app.ctx.panes.describe_process(path)
        for key in keys:
            await settled(pilot)
            await pilot.press(key)
        await settled(pilot)
        screen = screen_dump(app)
    await app.close()
    return screen


def asked(feed: SceneFeed) -> list[str]:
    return [ref.process for ref in feed.calls("process.describe")]


@pytest.mark.parametrize("size", SIZES, ids=named)
async def test_a_supervisor_and_its_child_that_backs_off(size: tuple[int, int], tmp_path: Path) -> None:
    assert_snapshot(f"detail-{named(size)}", await seen(tmp_path, size, WORKERS, "down", "down"))


async def test_the_second_half_on_a_narrow_screen(tmp_path: Path) -> None:
    assert_snapshot("detail-80x24-lives", await seen(tmp_path, (80, 24), WORKERS, "down", "down", "tab"))


async def test_the_detail_view_in_ascii(tmp_path: Path) -> None:
    screen = await seen(tmp_path, (120, 40), WORKERS, "down", "down", ascii_only=True)
    assert_snapshot("detail-ascii", screen)


async def test_an_agent_whose_supervisor_is_not_shown(tmp_path: Path) -> None:
    assert_snapshot("detail-agent", await seen(tmp_path, (120, 40), "root/planner"))


async def test_enter_on_a_supervisor_describes_it_and_escape_leads_back_to_its_row(tmp_path: Path) -> None:
    feed = supervised()
    async with running(feed, tmp_path) as (app, pilot):
        app.main.show_pane("fleet")
        await pilot.pause()
        await pilot.press("down", "down", "down", "down", "enter")
        await pilot.pause()
        assert app.main.detail.has_focus
        assert asked(feed) == [WORKERS]
        await pilot.press("escape")
        await pilot.pause()
        assert app.main.fleet.has_focus
        assert app.main.fleet.chosen_key == WORKERS
        assert not app.face.views.detail.open


async def test_keys_act_on_the_child_that_is_chosen(tmp_path: Path) -> None:
    feed = supervised()
    async with running(feed, tmp_path) as (app, pilot):
        app.ctx.panes.describe_process(WORKERS)
        await pilot.pause()
        await pilot.press("down")
        await pilot.pause()
        assert asked(feed)[0] == WORKERS
        assert app.ctx.selected == f"{WORKERS}/w1"
        await pilot.press("k")
        await pilot.pause()
        assert "Kill w1?" in screen_text(app)
        await pilot.press("y")
        await pilot.pause()
        assert [ref.process for ref in feed.calls("process.kill")] == [f"{WORKERS}/w1"]
        assert app.main.detail.has_focus


async def test_what_can_not_be_done_now_is_said_where_one_looks(tmp_path: Path) -> None:
    feed = supervised()
    async with running(feed, tmp_path) as (app, pilot):
        app.ctx.panes.describe_process(WORKERS)
        await pilot.pause()
        await pilot.press("down", "down", "k")
        await pilot.pause()
        assert "it is between two lives" in screen_text(app)
        assert feed.calls("process.kill") == []


async def test_a_question_can_be_decided_from_the_detail_view_which_stays(tmp_path: Path) -> None:
    async with running(supervised(), tmp_path) as (app, pilot):
        app.ctx.panes.describe_process(WORKERS)
        await pilot.pause()
        await pilot.press("f5")
        await pilot.pause()
        assert isinstance(app.main.panel.panel, CardPanel)
        await pilot.press("escape")
        await pilot.pause()
        assert app.main.detail.has_focus


async def test_what_happens_to_a_child_makes_the_answer_old(tmp_path: Path) -> None:
    feed = supervised()
    async with running(feed, tmp_path) as (app, pilot):
        app.ctx.panes.describe_process(WORKERS)
        await pilot.pause()
        feed.tell(at(ev.ProcessExited(reason="killed", abnormal=True), "root/planner"))
        assert not app.face.views.detail.stale
        feed.tell(at(ev.ProcessExited(reason="killed", abnormal=True), f"{WORKERS}/w1"))
        assert app.face.views.detail.stale


async def test_a_process_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    async with running(supervised(), tmp_path) as (app, pilot):
        app.ctx.panes.describe_process("root/planner/docs")
        await pilot.pause()
        assert "no process root/planner/docs" in screen_text(app)


async def test_a_jump_to_a_pane_closes_the_detail_view(tmp_path: Path) -> None:
    async with running(supervised(), tmp_path) as (app, pilot):
        app.ctx.panes.describe_process(WORKERS)
        await pilot.pause()
        await pilot.press("2")
        await pilot.pause()
        assert not app.face.views.detail.open
        assert app.main.chat.has_focus


async def test_enter_on_an_agent_of_the_detail_view_shows_its_transcript(tmp_path: Path) -> None:
    feed = supervised()
    async with running(feed, tmp_path) as (app, pilot):
        app.ctx.panes.describe_process(WORKERS)
        await pilot.pause()
        await pilot.press("down", "enter")
        await pilot.pause()
        assert ("show", f"{WORKERS}/w1") in feed.asked
        assert not app.face.views.detail.open


async def test_left_folds_what_is_below_a_process_and_right_unfolds_it(tmp_path: Path) -> None:
    async with running(supervised(), tmp_path) as (app, pilot):
        app.main.show_pane("fleet")
        app.main.fleet.choose(WORKERS)
        await pilot.pause()
        await pilot.press("left")
        await pilot.pause()
        assert f"{WORKERS}/w1" not in [row.path for row in app.main.fleet.shown()]
        assert "workers +2" in screen_text(app)
        await pilot.press("right")
        assert f"{WORKERS}/w1" in [row.path for row in app.main.fleet.shown()]
