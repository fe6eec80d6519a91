import os

import pytest

from vega_tui.core.processes import look, mark_of, read_stat

LINE = b"%d (%b) S 1 2 3 34817 0 0 0 0 0 0 0 0 0 0 0 0 0 0 777 0 0 0"


@pytest.mark.parametrize(
    "name", [b"sh", b"a b", b"a) R 1 1 1 (b", b"(((", b")))", b"", b"\xff\xfe", b"two\nlines", b") Z 0 0 0 0"]
)
def test_no_name_of_a_program_can_lie_about_its_parent(name: bytes) -> None:
    seen = read_stat(LINE % (7, name))
    assert seen is not None
    assert (seen.pid, seen.parent, seen.group, seen.session, seen.started) == (7, 1, 2, 3, 777)
    assert seen.name == name.decode("utf-8", "replace")
    assert seen.terminal == "pts/1"


@pytest.mark.parametrize("line", [b"", b"7", b"7 (sh", b"7 (sh) S", b"x (sh) S 1 2 3 4", LINE[:30] % (7, b"sh")])
def test_what_is_no_line_of_the_kernel_says_nothing(line: bytes) -> None:
    assert read_stat(line) is None


def test_this_process_is_seen_as_it_is() -> None:
    seen = look(os.getpid())
    assert seen is not None
    assert (seen.parent, seen.group, seen.session) == (os.getppid(), os.getpgrp(), os.getsid(0))
    assert not seen.dead
    assert mark_of(os.getpid()) == os.environ.get("VEGA_CALL", "")


def test_nothing_is_seen_where_nothing_is() -> None:
    assert look(2**30) is None
    assert mark_of(2**30) == ""
