import subprocess
import sys
from pathlib import Path

import pytest

from vega_tui.core.assets import asset_dir
from vega_tui.core.errors import NotFound, UserError
from vega_tui.tui.theme import DARK_SPEC, ROLES, Palette, textual_theme, wants_no_color
from vega_tui.tui.theme_file import SHIPPED, contrast, load_theme, read_theme, theme_files

GROUNDS = ("background", "surface", "panel", "select")
WORDS = (
    "strong",
    "text",
    "muted",
    "faint",
    "accent",
    "ask",
    "fail",
    "warn",
    "rstr",
    "run",
    "wait",
    "paus",
    "done",
    "kill",
)
PAIRS = (
    ("ask_on", "ask_fill"),
    ("fail_on", "fail_fill"),
    ("accent_on", "accent_fill"),
    ("strong", "chip"),
    ("add", "add_hi"),
    ("rem", "rem_hi"),
    ("text", "add_bg"),
    ("text", "rem_bg"),
    ("text", "ask_tint"),
    ("text", "fail_tint"),
)


@pytest.mark.parametrize("name", ["dark", "light", "high-contrast"])
def test_every_word_is_readable_on_every_ground(name: str) -> None:
    palette = Palette(load_theme(name))
    for word in WORDS:
        for ground in GROUNDS:
            style = palette.style(word, ground)
            assert style.color is not None
            assert style.bgcolor is not None
            assert contrast(style.color.name.upper(), style.bgcolor.name.upper()) >= 4.5, (word, ground)


@pytest.mark.parametrize("name", ["dark", "light", "high-contrast"])
def test_text_on_fills_is_readable(name: str) -> None:
    roles = load_theme(name).roles
    for front, back in PAIRS:
        assert contrast(roles[front], roles[back]) >= 4.5, (front, back)


@pytest.mark.parametrize("name", ["dark", "light", "high-contrast"])
def test_code_tints_are_readable_on_code_ground(name: str) -> None:
    roles = load_theme(name).roles
    for tint in ("kw", "str", "num", "com", "fn"):
        assert contrast(roles[tint], roles["surface"]) >= 4.5, tint


def test_the_built_in_dark_palette_is_the_file() -> None:
    assert read_theme(asset_dir("themes") / "dark.yaml").roles == DARK_SPEC.roles


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_theme_names_every_role_and_makes_a_textual_theme(name: str) -> None:
    spec = load_theme(name)
    assert set(spec.roles) == set(ROLES)
    assert textual_theme(spec).to_color_system().generate()["primary"]


def test_the_dark_theme_reads_no_yaml() -> None:
    code = (
        "import sys; from vega_tui.tui.theme import Palette, textual_theme, DARK_SPEC\n"
        "from vega_tui.tui.theme_file import load_theme\n"
        "Palette(load_theme('dark')); textual_theme(DARK_SPEC); "
        "sys.exit(bool({'yaml', 'markdown_it'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_user_theme_wins_and_missing_roles_are_derived_readable(tmp_path: Path) -> None:
    folder = tmp_path / "themes"
    folder.mkdir()
    (folder / "mine.yaml").write_text('dark: true\nroles:\n  text: "#AAAAAA"\n  background: "#101010"\n')
    spec = load_theme("mine", tmp_path)
    assert "mine" in theme_files(tmp_path)
    assert spec.roles["text"] == "#AAAAAA"
    assert contrast(spec.roles["faint"], "#101010") >= 4.5
    assert contrast(spec.roles["muted"], "#101010") >= contrast(spec.roles["faint"], "#101010")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('roles:\n  text: "#12"\n', ":2: text: `#12` is not a colour"),
        ('roles:\n  text: "#ZZZZZZ"\n', ":2: text:"),
        ('roles:\n  sparkle: "#123456"\n', ":2: unknown role `sparkle`"),
        ("name: x\ncolours: 3\n", ":2: unknown field `colours`"),
        ("roles:\n  text: [1]\n", ":2: `roles.text` must be one value"),
        ("roles: 3\n", ":1: `roles` must be a list"),
        ("a: [\n", "not YAML"),
    ],
)
def test_a_wrong_theme_file_is_told_with_its_line(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as told:
        read_theme(path)
    assert str(path) in str(told.value)
    assert where in str(told.value)


def test_an_unknown_theme_says_which_there_are() -> None:
    with pytest.raises(NotFound, match="no theme `neon`; there are: ansi, dark, high-contrast, light"):
        load_theme("neon")


def test_quiet_words_are_raised_on_chosen_rows() -> None:
    palette = Palette()
    assert palette.style("faint", "select").color == palette.style("muted").color
    assert palette.style("faint", "panel").color == palette.style("faint").color


def test_a_misspelt_role_is_an_error() -> None:
    with pytest.raises(KeyError):
        Palette().style("acent")


def test_without_colour_only_weight_remains() -> None:
    palette = Palette(no_color=True)
    chip = palette.style("ask_on bold on ask_fill")
    assert (chip.color, chip.bgcolor, chip.reverse, chip.bold) == (None, None, True, True)
    assert palette.style("fail").color is None
    assert palette.style("text", "select").reverse
    assert palette.style("text underline").underline is None
    assert wants_no_color({"NO_COLOR": "1"})
    assert not wants_no_color({"NO_COLOR": ""})


@pytest.mark.parametrize("name", SHIPPED)
def test_marked_text_differs_from_what_is_around_it(name: str) -> None:
    palette = Palette(load_theme(name))
    strip = palette.strip([("a word here", "text")], 14)
    marked = palette.marked(strip, 2, 6)
    assert marked.text == strip.text
    before, middle, *_ = list(marked)
    assert middle.text == "word"
    assert middle.style != before.style


def test_sixteen_colours_keep_the_terminals_grounds() -> None:
    palette = Palette(load_theme("ansi"))
    assert palette.style("text").bgcolor is None
    assert palette.style("text", "select").reverse
    assert palette.style("faint").dim
    assert palette.style("strong").bold
    warn = palette.style("warn bold")
    assert warn.bold is None
    assert warn.color is not None
    assert warn.color.number == 3
