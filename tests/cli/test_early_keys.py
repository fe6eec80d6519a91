import os
import queue
import threading

from vega_tui.cli.early_keys import EarlyKeys, KeyParser


def test_letters_of_any_script_arrive_even_when_cut_in_the_middle() -> None:
    parser = KeyParser()
    for byte in "héllo 世界 🙂".encode():
        parser.feed(bytes([byte]))
    assert parser.text == "héllo 世界 🙂"
    assert parser.whole


def test_half_a_character_is_kept_for_the_next_reader() -> None:
    parser = KeyParser()
    parser.feed("aé".encode()[:2])
    assert (parser.text, parser.rest, parser.whole) == ("a", b"\xc3", False)


def test_backspace_enter_and_newline_do_what_the_prompt_does() -> None:
    parser = KeyParser()
    parser.feed(b"helo\x7flo\rnext\nline")
    assert parser.sent == ["hello"]
    assert parser.text == "next\nline"


def test_enter_on_an_empty_prompt_sends_nothing() -> None:
    parser = KeyParser()
    parser.feed(b"\r \r")
    assert parser.sent == []


def test_a_paste_is_text_whatever_it_holds() -> None:
    parser = KeyParser()
    parser.feed(b"\x1b[200~rm -rf\r\n/\x03")
    assert not parser.whole
    parser.feed(b"y\x1b[201~!")
    assert parser.text == "rm -rf\n/\x03y!"
    assert parser.sent == []


def test_a_paste_that_is_cut_off_is_handed_on_with_its_mark() -> None:
    parser = KeyParser()
    parser.feed(b"a\x1b[200~half")
    assert parser.rest == b"\x1b[200~half"


def test_from_the_first_unknown_key_on_all_bytes_are_kept_for_the_app() -> None:
    parser = KeyParser()
    parser.feed(b"ab\x1b[Dc\r")
    assert (parser.text, parser.rest, parser.sent) == ("ab", b"\x1b[Dc\r", [])
    assert parser.whole


def test_control_c_clears_first_and_then_quits() -> None:
    parser = KeyParser()
    parser.feed(b"text\x03")
    assert (parser.text, parser.quit) == ("", False)
    parser.feed(b"\x03")
    assert parser.quit


def test_nothing_typed_is_lost_when_the_app_takes_over() -> None:
    read, write = os.pipe()
    seen = threading.Event()
    keys = EarlyKeys(read, lambda _: seen.set(), lambda: None)
    os.write(write, b"first ")
    assert seen.wait(5)
    typed = keys.take()
    os.write(write, b"second")
    assert typed.text + os.read(read, 100).decode() == "first second"
    os.close(read)
    os.close(write)


def test_a_line_feed_typed_once_the_terminal_is_ours_sends_nothing_however_late_it_comes() -> None:
    read, write = os.pipe()
    shown: queue.SimpleQueue[str] = queue.SimpleQueue()
    keys = EarlyKeys(read, shown.put, lambda: None, cooked=6)
    os.write(write, b"early\n")
    assert shown.get(timeout=5) == ""
    os.write(write, b"a\nb")
    assert shown.get(timeout=5) == "a\nb"
    typed = keys.take()
    assert (typed.sent, typed.text) == (("early",), "a\nb")
    os.close(read)
    os.close(write)


def test_enter_pressed_before_the_terminal_was_ours_sends() -> None:
    read, write = os.pipe()
    seen = threading.Event()
    os.write(write, b"early\nthen\nline")
    keys = EarlyKeys(read, lambda _: seen.set(), lambda: None, cooked=6)
    assert seen.wait(5)
    typed = keys.take()
    assert (typed.sent, typed.text) == (("early",), "then\nline")
    os.close(read)
    os.close(write)
