from pathlib import Path

from vega_tui.cli.skeleton import DARK, Colours, frame, palette, prompt_row
from vega_tui.core.home import Home
from vega_tui.tui.screens.regions import Shape, regions
from vega_tui.tui.theme_dark import DARK as THEME
from vega_tui.tui.wardrobe import Wardrobe


def test_the_first_frame_has_the_colours_of_the_theme_last_worn(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.ensure()
    wardrobe = Wardrobe(home, "dark", ascii_only=False, complain=print)
    wardrobe.wear("light")
    assert palette(str(home.run / "skeleton"))["background"] == wardrobe.spec.roles["background"]
    Wardrobe(home, "dark", ascii_only=False, complain=print)
    assert palette(str(home.run / "skeleton")) == DARK


def test_the_first_frame_has_the_dark_theme_without_a_file(tmp_path: Path) -> None:
    assert palette(str(tmp_path / "none")) == DARK
    assert {role: THEME[role] for role in DARK} == DARK


def test_a_theme_that_is_not_there_is_named_and_the_dark_one_worn(tmp_path: Path) -> None:
    said: list[str] = []
    wardrobe = Wardrobe(Home(tmp_path), "nosuch", ascii_only=False, complain=said.append)
    assert wardrobe.name == "dark"
    assert "nosuch" in said[0]


def test_the_first_frame_puts_the_prompt_where_the_app_will() -> None:
    for columns, rows in ((80, 24), (120, 40), (200, 60), (70, 20)):
        assert prompt_row(rows) == regions(Shape(columns=columns, rows=rows))["prompt"].y


def test_without_colours_the_first_frame_has_none() -> None:
    drawn = frame(80, 24, Colours(DARK, plain=True))
    assert "38;2" not in drawn
    assert "48;2" not in drawn
