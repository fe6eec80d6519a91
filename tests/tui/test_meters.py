import pytest

from vega_tui.tui.paint.cells import Line, text_of, width_of
from vega_tui.tui.paint.glyphs import ASCII, UNICODE, glyphs, to_ascii
from vega_tui.tui.paint.meters import bar, chip, fit, keycap, meter, percent, pips, state_word, title_rule


def test_a_meter_shows_spent_held_and_free() -> None:
    assert meter(1.92, 0.25, 5.0, 14) == [("━━━━━", "fill"), ("╍", "held"), ("────────", "rest")]


def test_a_meter_takes_colour_near_its_cap() -> None:
    assert meter(0.88, 0, 1, 10)[0][1] == "warn"
    assert meter(0.97, 0, 1, 10)[0][1] == "fail"
    assert percent(0.88) == ("88 %", "warn")


@pytest.mark.parametrize("spent", [0, 0.01, 2.5, 5, 80])
@pytest.mark.parametrize("held", [0, 0.1, 9])
def test_a_meter_is_always_as_wide_as_asked(spent: float, held: float) -> None:
    assert width_of(meter(spent, held, 5.0, 8)) == 8


def test_without_a_cap_there_is_no_bar() -> None:
    assert meter(3, 0, 0, 10) == []


def test_pips_count_restarts() -> None:
    assert text_of(pips(4, 5)) == "▮▮▮▮▯ 4 of 5"
    assert pips(3, 5)[0][1] == "muted"
    assert pips(4, 5)[0][1] == "warn"
    assert pips(5, 5)[0][1] == "fail"
    assert text_of(pips(4, 20)) == "4 of 20"


def test_a_forbidden_key_is_struck_and_says_why() -> None:
    key = keycap("y", "once", forbidden="a rule denies rm")
    assert key[0][1] == "faint strike"
    assert text_of(key).endswith("a rule denies rm")


def test_a_key_that_is_not_live_has_no_cap() -> None:
    assert "chip" in keycap("y", "once")[0][1]
    assert "chip" not in keycap("y", "once", live=False)[0][1]


def test_a_title_is_a_rule_with_its_note_at_the_right() -> None:
    line = title_rule("Fleet", 30, count="8", note="sort attention")
    assert text_of(line) == " Fleet 8 ────── sort attention"
    assert ("━" * 21, "accent") in title_rule("Log", 26, focused=True)


def test_parts_go_by_priority_when_a_bar_is_narrow() -> None:
    parts: list[tuple[int, Line]] = [(9, [("session", "")]), (1, [("burn", "")]), (5, [("ctx", "")])]
    assert text_of(fit(parts, 40)) == "session   burn   ctx"
    assert text_of(fit(parts, 14)) == "session   ctx"
    assert text_of(bar([(9, [("a", "")])], [(1, [("b", "")]), (5, [("c", "")])], 8)) == "a      c"


def test_states_are_glyph_and_word() -> None:
    assert text_of(state_word("ASK")) == "◆ ASK "
    assert text_of(state_word("run", ASCII)) == "* run "
    assert chip("manual") == (" manual ", "text on chip")


def test_every_sign_is_one_cell_and_has_an_ascii_form() -> None:
    for name in ASCII.__struct_fields__:
        plain, sign = getattr(ASCII, name), getattr(UNICODE, name)
        assert plain.isascii(), name
        assert len(plain) == len(sign) == width_of([(sign, "")]), name
    assert glyphs(True) is ASCII
    assert to_ascii("“tester#3” · 4 of 5 ▮▯ …") == '"tester#3" . 4 of 5 #. ~'
