from hypothesis import given, settings
from hypothesis import strategies as st

from vega_tui.tui.paint.cells import (
    cell_len,
    clean,
    clip,
    cut,
    pad,
    shorten,
    shorten_path,
    spread,
    text_of,
    width_of,
    wrap,
)

texts = st.text(
    alphabet=st.one_of(st.sampled_from("ab .-中文🙂é\u0301\n\t"), st.characters(exclude_categories=["Cs"])),
    max_size=120,
)
spans = st.lists(st.tuples(texts.map(clean), st.sampled_from(["text", "strong bold", "str"])), max_size=5)


@given(spans, st.integers(1, 30))
@settings(max_examples=200, deadline=None)
def test_a_wrapped_line_never_exceeds_its_width(line: list[tuple[str, str]], cells: int) -> None:
    assert all(width_of(row) <= cells for row in wrap(line, cells))


@given(spans, st.integers(2, 30))
@settings(max_examples=200, deadline=None)
def test_wrapping_keeps_every_visible_character_in_order(line: list[tuple[str, str]], cells: int) -> None:
    kept = "".join(text_of(row) for row in wrap(line, cells))
    assert kept.replace(" ", "") == text_of(line).replace(" ", "").replace("\n", "")


@given(texts, st.integers(0, 30))
@settings(max_examples=200, deadline=None)
def test_a_cut_halves_no_wide_character_and_loses_nothing(text: str, cells: int) -> None:
    left, right = cut(clean(text), cells)
    assert left + right == clean(text)
    assert cell_len(left) <= cells


@given(texts)
@settings(max_examples=200, deadline=None)
def test_cleaned_text_holds_nothing_a_terminal_obeys(text: str) -> None:
    shown = clean(text)
    assert all(char == "\n" or (ord(char) >= 0x20 and not 0x7F <= ord(char) <= 0x9F) for char in shown)
    assert clean(shown) == shown


def test_escape_sequences_become_visible() -> None:
    assert clean("\x1b[31mred\x07\x7f\x9b") == "␛[31mred␇␡\ufffd"


def test_direction_marks_and_invisible_characters_become_visible() -> None:
    assert clean("rm \u202egpj.exe\u200b") == "rm \ufffdgpj.exe\ufffd"


def test_tabs_stand_on_their_stops() -> None:
    assert clean("a\tb\n\tc") == "a   b\n    c"


def test_words_of_several_styles_stay_together() -> None:
    rows = wrap([("one ", "text"), ("two", "strong"), ("three", "text")], 9)
    assert [text_of(row) for row in rows] == ["one", "twothree"]
    assert rows[1] == [("two", "strong"), ("three", "text")]


def test_text_without_spaces_fills_the_line() -> None:
    assert [text_of(row) for row in wrap([("ab 中文中文中文", "text")], 8)] == ["ab 中文", "中文中文"]


def test_indents_survive_wrapping() -> None:
    assert text_of(wrap([("\n  x", "text")], 8)[1]) == "  x"


def test_shortened_text_ends_in_an_ellipsis_within_its_cells() -> None:
    assert shorten("pytest -q tests", 8) == "pytest…"
    assert shorten("中文中文", 5) == "中文…"


def test_paths_lose_their_middle() -> None:
    assert shorten_path("src/deep/auth/session.py", 18) == "…/auth/session.py"
    assert shorten_path("session_with_a_long_name.py", 10) == "session_w…"


def test_the_right_side_of_a_row_is_never_cut() -> None:
    row = spread([("a long argument of a call", "")], [("214 lines", "")], 20)
    assert width_of(row) == 20
    assert text_of(row).endswith("214 lines")


def test_clipping_and_padding_give_exact_widths() -> None:
    line = [("中文中", "text")]
    assert width_of(clip(line, 4)) <= 4
    assert width_of(pad(line, 5)) == 5
    assert width_of(pad(line, 9)) == 9
