"""Who may decide, over families that /proc could show: the way up is followed as far as it can be."""

import os

import pytest

from vega_tui.core.processes import Seen
from vega_tui.host.peers import why_not

HOST = os.getpid()


def process(pid: int, parent: int, started: int = 200) -> Seen:
    return Seen(pid=pid, name="x", state="S", parent=parent, group=pid, session=pid, terminal="", started=started)


HERE = process(HOST, 50, 100)


def judged(*family: Seen, marks: dict[int, str] | None = None) -> str:
    there = {each.pid: each for each in (HERE, *family)}
    return why_not(family[0].pid, there.get, lambda pid: (marks or {}).get(pid, ""))


@pytest.mark.parametrize(
    "family",
    [
        [process(7, 1)],
        [process(7, 0)],  # let into this container from outside
        [process(7, 8), process(8, 9), process(9, 1)],
        [process(7, 8), process(8, 9, 50)],  # what is above was there before the host: it needn't be seen
        [process(7, 99, 99)],
    ],
    ids=["of init", "of outside", "of a shell", "of an older one", "older than the host"],
)
def test_a_persons_face_may(family: list[Seen]) -> None:
    assert judged(*family) == ""


@pytest.mark.parametrize(
    "family",
    [
        [process(7, HOST)],
        [process(7, 8), process(8, HOST)],
        [process(7, 8), process(8, 9), process(9, 10), process(10, HOST)],
        [process(7, 8)],  # its parent can't be seen
        [process(7, 8), process(8, 7)],  # no family at all
    ],
    ids=["child", "grandchild", "far below", "unseen", "circle"],
)
def test_what_the_host_started_may_not_nor_what_cannot_be_followed(family: list[Seen]) -> None:
    assert judged(*family) != ""


def test_a_mark_tells_even_where_the_family_does_not() -> None:
    assert "call c_1" in judged(process(7, 1), marks={7: "c_1"})
    assert "call c_1" in judged(process(7, 8), process(8, 1), marks={8: "c_1"})


def test_a_process_that_has_gone_may_nothing() -> None:
    assert why_not(7, {HOST: HERE}.get, lambda _: "") != ""


def test_a_parent_younger_than_its_child_is_somebody_elses_number() -> None:
    looks = iter([HERE, process(7, 8), process(8, 1, 900), process(7, HOST)])
    assert "this host started" in why_not(7, lambda _: next(looks), lambda _: "")
