import io
import os

import pytest

from vega_tui.core.errors import UserError
from vega_tui.plain.output import Out
from vega_tui.plain.prompt import read_context, with_context


def test_piped_text_is_context_below_the_instruction() -> None:
    assert with_context("explain", "a = 1\n") == "explain\n\nContext, from stdin:\n```\na = 1\n```"


def test_a_fence_inside_the_context_does_not_end_it() -> None:
    assert "\n````\n" in with_context("explain", "```py\n```")


def test_piped_text_alone_is_the_prompt() -> None:
    assert with_context("", "do this\n") == "do this\n"


def test_nothing_to_ask_is_refused() -> None:
    with pytest.raises(UserError, match="nothing to ask"):
        with_context(" ", "\n")


def test_all_of_a_pipe_is_read_and_bad_bytes_do_no_harm() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"caf\xc3\xa9 \xff")
    os.close(writing)
    with open(reading, "rb") as stdin:
        assert read_context(stdin, Out(io.BytesIO(), terminal=False)) == "café �"


def test_a_silent_pipe_is_named_instead_of_hanging_without_a_word() -> None:
    reading, writing = os.pipe()
    notes = io.BytesIO()

    class Closing(Out):
        def line(self, text: str = "") -> None:
            super().line(text)
            os.close(writing)

    with open(reading, "rb") as stdin:
        assert read_context(stdin, Closing(notes, terminal=False), patience_s=0) == ""
    assert b"waiting for the end of stdin" in notes.getvalue()


def test_no_stdin_is_no_context() -> None:
    assert read_context(None, Out(io.BytesIO(), terminal=False)) == ""
    with open(os.devnull, "rb") as stdin:
        assert read_context(stdin, Out(io.BytesIO(), terminal=False)) == ""
