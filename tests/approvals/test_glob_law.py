"""The matcher of rules fits what the regular expressions of the specification fit, in steps bounded by the text."""

import re
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vega_tui.approvals import glob
from vega_tui.approvals.glob import host_glob, path_glob, text_glob


def as_text(pattern: str) -> str:
    return ".*".join(re.escape(part) for part in re.split(r"\*+", pattern))


def as_host(pattern: str) -> str:
    return "[^.]*".join(re.escape(part) for part in pattern.split("*"))


def as_path(pattern: str) -> str:
    tokens = {"/**/": "/(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = [tokens.get(part) or re.escape(part) for part in re.split(r"(/\*\*/|\*\*|\*|\?)", pattern) if part]
    return "".join(parts) + "(?:/.*)?"


@given(st.text("ab*?\n\0", max_size=9), st.text("ab*?\n\0", max_size=12))
def test_texts_fit_as_the_expression_says(pattern: str, text: str) -> None:
    assert text_glob(pattern).fits(text) == bool(re.fullmatch(as_text(pattern), text, re.S))


@given(st.text("ab*.", max_size=9), st.text("ab.", max_size=12))
def test_hosts_fit_as_the_expression_says(pattern: str, host: str) -> None:
    assert host_glob(pattern).fits(host) == bool(re.fullmatch(as_host(pattern), host, re.S))


PIECES = st.sampled_from(["a", "b", "/", "*", "**", "/**/", "?", ".", "***", "/**", "**/"])


@given(st.lists(PIECES, max_size=9).map("".join), st.text("ab/.*?\n", max_size=14))
def test_paths_fit_as_the_expression_says(pattern: str, path: str) -> None:
    assert path_glob(pattern).fits(path) == bool(re.fullmatch(as_path(pattern), path, re.S))


def steps(work: Callable[[], object]) -> int:
    """Lines of the matcher that `work` executes."""
    count = 0

    def watch(frame: FrameType, event: str, arg: Any) -> Any:  # Any: as the interpreter has it
        nonlocal count
        if frame.f_code.co_filename != glob.__file__:
            return None
        count += event == "line"
        return watch

    sys.settrace(watch)
    try:
        work()
    finally:
        sys.settrace(None)
    return count


LONG = "a" * 100_000


@pytest.mark.parametrize(
    ("make", "pattern", "text"),
    [
        (text_glob, "a*" * 30 + "b", LONG + "c"),
        (text_glob, "*a" * 200 + "*b*c", LONG + "bd"),
        (host_glob, "a*" * 30 + "b", LONG + "c"),
        (host_glob, "*a" * 30 + ".b", LONG + ".bb"),
        (path_glob, "/**/a" * 30 + "/b", "/a" * 50_000 + "/b/c"),
        (path_glob, "/**/" + "*a" * 30 + "b", "/" + LONG + "bb"),
        (path_glob, "**a" * 30 + "?b", LONG + "ab\nc"),
        (path_glob, "/**/*?*?*?*?*?*b", "/" + LONG),
        (path_glob, "?" * 200 + "**/x", LONG + "/x/" + LONG),
    ],
)
def test_no_pattern_takes_more_steps_than_a_few_for_each_character(
    make: Callable[[str], glob.Glob], pattern: str, text: str
) -> None:
    made = make(pattern)
    assert steps(lambda: made.fits(text)) < 20 * len(text) + 20 * len(pattern)
