import io

import pytest

from vega_tui.plain.output import Out, cells, cut, harmless, one_line
from vega_tui.plain.tables import Column, table


@pytest.mark.parametrize(
    "hostile", ["\x1b[2J", "\x1b]0;title\x07", "\x1b]52;c;AAAA\x1b\\", "\x9b31m", "\r", "\x08", "\u202e"]
)
def test_what_steers_a_terminal_is_left_out(hostile: str) -> None:
    left = harmless(f"a{hostile}b")
    assert not any(ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 or sign == "\u202e" for sign in left)
    assert left.startswith("a")
    assert left.endswith("b")


def test_line_feeds_and_tabs_stay() -> None:
    assert harmless("a\n\tb") == "a\n\tb"
    assert one_line("a\n\t b ") == "a b"


def test_width_counts_columns_and_not_signs() -> None:
    assert (cells("abc"), cells("日本"), cells("é"), cells("e\u0301")) == (3, 4, 1, 1)


def test_a_cut_never_passes_the_width() -> None:
    for width in range(8):
        assert cells(cut("日本語 text", width)) <= width
    assert cut("short", 5) == "short"


def test_a_pipe_gets_the_bytes_as_they_are_and_a_terminal_only_harmless_ones() -> None:
    pipe, screen = io.BytesIO(), io.BytesIO()
    Out(pipe, terminal=False).line("a\x1b[1mb")
    Out(screen, terminal=True).line("a\x1b[1mb")
    assert (pipe.getvalue(), screen.getvalue()) == (b"a\x1b[1mb\n", b"ab\n")


def test_text_that_is_no_unicode_is_still_written() -> None:
    pipe = io.BytesIO()
    Out(pipe, terminal=False).line("a\ud800b")
    assert pipe.getvalue() == b"a?b\n"


COLUMNS = (Column("NAME", yields=True), Column("N", right=True), Column("WORDS", yields=True))


def test_columns_align_and_figures_stand_right() -> None:
    assert table(COLUMNS, [["ab", "1", "x"], ["c", "200", "y"]]) == ["NAME    N  WORDS", "ab      1  x", "c     200  y"]


def test_a_narrow_terminal_takes_from_the_columns_that_yield() -> None:
    lines = table(COLUMNS, [["n" * 30, "123456", "w" * 60]], width=40)
    assert all(cells(line) <= 40 for line in lines)
    assert "123456" in lines[1]


def test_a_cell_with_line_feeds_stays_one_line() -> None:
    assert len(table(COLUMNS, [["a\nb", "1", "x\x1b[2Jy"]])) == 2
