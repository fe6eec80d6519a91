"""What is a call's leftover, over families that /proc could show; and that such are ended, by a real host's guard."""

import pytest

from vega_tui.core.processes import Seen
from vega_tui.tools.leftovers import of_call


def process(pid: int, *, session: int = 0, started: int = 200) -> Seen:
    return Seen(pid=pid, name="x", state="S", parent=1, group=pid, session=session or pid, terminal="", started=started)


CALL, OTHER = process(10, started=100), process(20, started=150)
FLED = {
    "its session": (process(7, session=10), ""),
    "its mark": (process(7), "c_1"),
    "neither": (process(7), ""),
    "the mark of one before": (process(7), "c_0"),
}


def left(adopted: Seen, its_mark: str, running: dict[str, Seen], *, alone: bool = True, sure: bool = False) -> bool:
    found = of_call([adopted], "c_1", CALL, running, lambda _: its_mark, alone=alone, sure=sure)
    return found == [adopted]


@pytest.mark.parametrize("fled", FLED)
def test_what_fled_from_a_call_is_its_leftover(fled: str) -> None:
    assert left(*FLED[fled], {})


@pytest.mark.parametrize(("its", "mark"), [(process(7, session=20), ""), (process(7), "c_2"), (process(7), "")])
def test_what_may_be_of_a_call_that_still_runs_is_left_alone(its: Seen, mark: str) -> None:
    assert not left(its, mark, {"c_2": OTHER})


def test_what_was_started_before_a_running_call_is_none_of_its() -> None:
    assert left(process(7, started=120), "", {"c_2": OTHER})


def test_in_somebody_elses_program_only_marks_and_sessions_tell() -> None:
    assert not left(process(7), "", {}, alone=False)
    assert left(process(7), "c_1", {}, alone=False)
    assert left(process(7, session=10), "", {}, alone=False)


def test_while_a_program_of_ours_is_started_only_what_is_certain_is_ended() -> None:
    assert not left(process(7), "", {}, sure=True)
    assert left(process(7), "c_1", {}, sure=True)
