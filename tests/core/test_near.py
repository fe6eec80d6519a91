import pytest

from vega_tui.core.near import near

NAMES = ("sessions", "send", "status", "host")


@pytest.mark.parametrize(("word", "name"), [("sesions", "sessions"), ("Sned", "send"), ("statsu", "status")])
def test_a_slip_of_the_finger_finds_its_name(word: str, name: str) -> None:
    assert near(word, NAMES) == name


@pytest.mark.parametrize("word", ["", "x", "hello", "test", "demo"])
def test_another_word_finds_nothing(word: str) -> None:
    assert near(word, NAMES) == ""


def test_no_names_find_nothing() -> None:
    assert near("word", ()) == ""
