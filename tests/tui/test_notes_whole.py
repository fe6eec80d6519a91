from vega_tui.tui.paint.glyphs import glyphs
from vega_tui.tui.paint.items import LifeItem, RetryItem, SystemItem
from vega_tui.tui.paint.lifeline import item_lines

SIGNS = glyphs()
LONG = "http://127.0.0.1:44205 refused the API key (401); check ANTHROPIC_API_KEY: the key was revoked on Monday"


def shown(item: SystemItem | LifeItem | RetryItem, width: int = 66) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in item_lines(item, width, SIGNS)]


def test_an_error_is_shown_whole_because_its_end_says_what_to_do() -> None:
    lines = shown(SystemItem("e", LONG, "fail"))
    assert len(lines) == 2
    assert " ".join(line.removeprefix(SIGNS.line).strip() for line in lines) == LONG
    assert all(line.startswith(f"{SIGNS.line} ") for line in lines)


def test_a_death_with_much_to_say_goes_on_beside_the_lifeline() -> None:
    lines = shown(LifeItem("d", "died", f"#1 died: {LONG}"))
    assert lines[0].startswith(f"{SIGNS.fail} #1 died")
    assert lines[1].startswith(f"{SIGNS.line} ")


def test_a_retry_keeps_its_place_on_the_lifeline_and_its_figures_however_long_the_reason() -> None:
    (line,) = shown(RetryItem("r", LONG, "retry 2 of 4", "in 3 s"))
    assert line.startswith(f"{SIGNS.rstr} model")
    assert line.endswith("retry 2 of 4 in 3 s")
