from pathlib import Path

import pytest
from textual.geometry import Region

from tests.tui_app.scene import SceneFeed, at, scene_app, snapshot
from vega_tui.core import events as ev
from vega_tui.tui.screens.regions import Shape, regions

SIZES = [
    (80, 24),
    (99, 30),
    (100, 24),
    (120, 40),
    (159, 50),
    (160, 45),
    (200, 60),
    (60, 15),
    (79, 20),
    (59, 14),
    (40, 8),
]


def shape(columns: int, rows: int, **rest: int | bool | str) -> Shape:
    fields: dict[str, int | bool | str] = {"columns": columns, "rows": rows, "fleet_rows": 18, "strip": True, **rest}
    return Shape(**fields)  # pyright: ignore[reportArgumentType]  # mixed by a test's keywords


@pytest.mark.parametrize(("columns", "rows"), SIZES)
@pytest.mark.parametrize("tab", ["fleet", "chat", "inbox", "log", "sessions"])
@pytest.mark.parametrize("panel", [0, 14, 30])
def test_parts_stay_on_the_screen_and_never_overlap(columns: int, rows: int, tab: str, panel: int) -> None:
    placed = regions(shape(columns, rows, tab=tab, panel_rows=panel, queue_rows=2, prompt_rows=3))
    screen = Region(0, 0, columns, rows)
    parts = list(placed.items())
    for index, (name, region) in enumerate(parts):
        assert region.area > 0, name
        assert screen.contains_region(region), name
        for other, rest in parts[index + 1 :]:
            assert not region.intersection(rest).area, (name, other)
    assert {"prompt", "rule"} <= placed.keys()


def test_the_rows_of_120_by_40_are_those_of_the_drawing() -> None:
    placed = regions(shape(120, 40, queue_rows=1))
    rows = {name: region.y for name, region in placed.items()}
    assert (rows["header"], rows["alert_strip"], rows["fleet"], rows["chat_title"]) == (0, 1, 2, 2)
    assert (rows["strip"], rows["rule"], rows["queue"], rows["prompt"], rows["footer"]) == (35, 36, 37, 38, 39)
    assert placed["chat"] == Region(52, 3, 67, 31)
    assert placed["fleet"].width == 50


def test_a_card_takes_its_rows_from_the_panes_and_replaces_the_strip() -> None:
    placed = regions(shape(120, 40, queue_rows=1, panel_rows=14))
    assert placed["panel"] == Region(0, 22, 120, 14)
    assert "strip" not in placed
    assert placed["rule"].y == 36
    assert placed["chat"].bottom <= 21


def test_a_narrow_screen_has_tabs_and_no_alert_strip() -> None:
    placed = regions(shape(80, 24, fleet_rows=9, queue_rows=1))
    assert placed["tabs"].y == 1
    assert "alert_strip" not in placed
    assert placed["chat"].width >= 70
    assert placed["strip"].y == 19


def test_three_columns_from_160_on() -> None:
    placed = regions(shape(200, 60))
    assert (placed["fleet"].width, placed["chat"].x, placed["inbox"].x) == (68, 70, 150)
    assert placed["log"].y > placed["chat"].bottom


def test_low_screens_lose_the_footer_then_the_queue_then_the_strip() -> None:
    assert "footer" not in regions(shape(80, 23, queue_rows=1))
    assert "queue" in regions(shape(80, 20, queue_rows=1))
    assert "queue" not in regions(shape(80, 19, queue_rows=1))
    assert "strip" not in regions(shape(80, 17))


def test_the_prompt_grows_upwards_to_eight_rows() -> None:
    heights = [regions(shape(120, 40, prompt_rows=rows))["prompt"].height for rows in (1, 5, 8, 20)]
    assert heights == [2, 5, 8, 8]


async def test_a_fleet_longer_than_the_screen_is_not_laid_out_again_for_every_process(tmp_path: Path) -> None:
    feed = SceneFeed(snapshot())
    app = scene_app(feed, tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        feed.tell(*(at(ev.ProcessSpawned(parent="root"), f"root/p{n}") for n in range(60)))
        await pilot.pause(0.2)
        laid_out: list[object] = []
        app.main.relayout = lambda: laid_out.append(None)
        feed.tell(*(at(ev.ProcessSpawned(parent="root"), f"root/q{n}") for n in range(5)))
        app.main.relayout_if_needed()
        assert laid_out == []
    await app.close()
