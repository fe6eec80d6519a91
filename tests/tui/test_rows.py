from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests.fakes.screen import screen_text
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.paint.glyphs import Glyphs
from vega_tui.tui.widgets.rows import Rows

painted: list[str] = []


@dataclass(frozen=True)
class Process:
    key: str
    note: str = ""
    height: int = 1

    def paint(self, width: int, signs: Glyphs, *, chosen: bool, focused: bool) -> Sequence[Line]:
        painted.append(self.key)
        lines: list[Line] = [[(f"  {self.key} {self.note}", "strong bold" if chosen else "text")]]
        return lines + [[("    now", "faint")]] * (self.height - 1)


class Stage(App[None]):
    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self.list = rows
        self.seen: list[str] = []
        self.opened: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.list

    def on_rows_highlighted(self, message: Rows.Highlighted) -> None:
        (self.opened if isinstance(message, Rows.Opened) else self.seen).append(message.key)

    def on_rows_opened(self, message: Rows.Opened) -> None:
        self.opened.append(message.key)


@asynccontextmanager
async def stage(
    rows: list[Process], *, height: int = 8, focus: bool = True, follow_end: bool = False
) -> AsyncGenerator[tuple[Pilot[None], Rows, Stage]]:
    widget = Rows(rate=1000, follow_end=follow_end)
    app = Stage(widget)
    async with app.run_test(size=(40, height)) as pilot:
        app.set_focus(widget if focus else None)
        widget.set_rows(rows)
        await pilot.pause(0.01)
        painted.clear()
        yield pilot, widget, app


def many(count: int, height: int = 1) -> list[Process]:
    return [Process(f"p{at}", height=height) for at in range(count)]


async def test_keys_move_the_cursor_and_keep_it_in_view() -> None:
    async with stage(many(50)) as (pilot, rows, app):
        await pilot.press("j", "down", "k")
        assert rows.chosen is not None
        assert rows.chosen.key == "p1"
        await pilot.press("G")
        await pilot.pause(0.01)
        assert rows.chosen.key == "p49"
        assert screen_text(app).split("\n")[-1] == "▌ p49"
        await pilot.press("pageup")
        assert rows.chosen.key == "p43"
        await pilot.press("g")
        assert rows.chosen.key == "p0"
        assert app.seen[-1] == "p0"


async def test_the_cursor_stays_on_its_row_and_line_when_rows_are_sorted_anew() -> None:
    async with stage(many(50)) as (pilot, rows, app):
        rows.choose("p23")
        rows.choose("p20")
        await pilot.pause(0.01)
        line = next(at for at, text in enumerate(screen_text(app).split("\n")) if "p20" in text)
        rows.set_rows(list(reversed(many(50))))
        await pilot.pause(0.01)
        assert rows.chosen is not None
        assert rows.chosen.key == "p20"
        assert "p20" in screen_text(app).split("\n")[line]


async def test_when_the_chosen_row_goes_its_neighbour_is_chosen() -> None:
    async with stage(many(5)) as (pilot, rows, app):
        rows.choose("p2")
        rows.set_rows([row for row in many(5) if row.key != "p2"])
        assert rows.chosen is not None
        assert rows.chosen.key == "p3"
        rows.set_rows([])
        await pilot.pause(0.01)
        assert rows.chosen is None
        assert app.seen[-1] == ""


async def test_a_change_paints_only_its_row_and_off_screen_ones_not_at_all() -> None:
    async with stage(many(5000)) as (pilot, rows, app):
        rows.update(Process("p3", "changed"))
        rows.update(Process("p4000", "changed"))
        await pilot.pause(0.01)
        assert painted == ["p3"]
        assert "p3 changed" in screen_text(app)
        rows.choose("p4000")
        await pilot.pause(0.01)
        assert "p4000 changed" in screen_text(app)


async def test_replacing_all_rows_paints_only_those_that_are_others() -> None:
    same = many(20)
    async with stage(same) as (pilot, rows, _app):
        rows.set_rows([*same[:3], Process("p3", "new"), *same[4:]])
        await pilot.pause(0.01)
        assert painted == ["p3"]


async def test_rows_of_two_lines_scroll_by_line_and_choose_whole() -> None:
    async with stage(many(20, height=2)) as (pilot, rows, app):
        await pilot.press("j", "j", "j", "j")
        await pilot.pause(0.01)
        assert screen_text(app).split("\n") == [
            "  p1",
            "    now",
            "  p2",
            "    now",
            "  p3",
            "    now",
            "▌ p4",
            "▌   now",
        ]
        rows.update(Process("p2", height=1))
        await pilot.pause(0.01)
        assert "▌ p4" in screen_text(app)


async def test_a_filter_hides_rows_and_its_updates_are_kept() -> None:
    async with stage(many(30)) as (pilot, rows, app):
        rows.set_filter(lambda row: row.key.endswith("7"))
        rows.update(Process("p3", "hidden change"))
        await pilot.pause(0.01)
        assert [row.key for row in rows.rows] == ["p7", "p17", "p27"]
        rows.set_filter(None)
        await pilot.pause(0.01)
        rows.choose("p3")
        await pilot.pause(0.01)
        assert "hidden change" in screen_text(app)


async def test_an_empty_list_says_so() -> None:
    async with stage([]) as (pilot, rows, app):
        rows.set_placeholder([[("  No alerts.", "text")]])
        await pilot.pause(0.01)
        assert screen_text(app).split("\n")[0] == "  No alerts."


async def test_enter_and_click_open_rows() -> None:
    async with stage(many(10)) as (pilot, rows, app):
        await pilot.press("j", "enter")
        await pilot.click(rows, offset=(3, 4))
        assert rows.chosen is not None
        assert rows.chosen.key == "p4"
        assert app.opened[0] == "p1"


async def test_new_rows_at_the_top_show_in_a_list_nobody_is_in() -> None:
    async with stage(many(30), focus=False) as (pilot, rows, app):
        rows.set_rows([Process("fresh"), *many(30)])
        await pilot.pause(0.01)
        assert "fresh" in screen_text(app).split("\n")[0]


async def test_a_log_follows_its_end_until_the_cursor_leaves_it() -> None:
    async with stage(many(30), follow_end=True) as (pilot, rows, app):
        await pilot.press("G")
        rows.set_rows(many(40))
        await pilot.pause(0.01)
        assert "p39" in screen_text(app)
        await pilot.press("k", "k")
        rows.set_rows(many(60))
        await pilot.pause(0.01)
        assert "p59" not in screen_text(app)
        assert rows.chosen is not None
        assert rows.chosen.key == "p37"
