import pytest
from textual import events

from vega_tui.tui.handover import Keyboard


def keys(typed: str) -> list[str]:
    return [event.key for event in Keyboard().feed(typed) if isinstance(event, events.Key)]


@pytest.mark.parametrize("digit", "123456789")
def test_alt_and_a_digit_is_itself_in_a_terminal_without_a_keyboard_protocol(digit: str) -> None:
    assert keys(f"\x1b{digit}") == [f"alt+{digit}"]


def test_alt_and_enter_is_not_enter_in_a_terminal_without_a_keyboard_protocol() -> None:
    assert keys("\x1b\rx") == ["alt+enter", "x"]


def test_other_keys_stay_as_the_library_reads_them() -> None:
    assert keys("1\r\x1bb\x1b[A\x1b[13;3u\x1b[49;3u") == ["1", "enter", "ctrl+left", "up", "alt+enter", "alt+1"]
