import pytest

from tests.sessions.builders import a_day, approval, entry, numbered, of
from vega_tui.core import events as ev
from vega_tui.core.events import AnyEvent
from vega_tui.core.messages import Observation
from vega_tui.core.words import CallState, Decision, RunStatus, StopReason
from vega_tui.sessions.lifecycle import validate

TURN: list[AnyEvent] = of("root", ev.RunStarted(), run="r") + of("root", ev.TurnStarted(model="m"), run="r", turn=1)
PROPOSED = ev.ToolProposed(call="c", tool="bash", args={})
STARTED = ev.ToolStarted(call="c", tool="bash", args={})
FINISHED = ev.ToolFinished(call="c", tool="bash", state=CallState.OK, observation=Observation(text="x"))
BLOCKED = ev.ToolBlocked(call="c", tool="bash", reason="no")
ASKED = ev.ApprovalRequested(approval=approval("a", "c"))
TURN_END = ev.TurnFinished(model="m")
DONE = ev.RunFinished(status=RunStatus.COMPLETED, stop_reason=StopReason.TEXT)


@pytest.mark.parametrize(
    ("inside", "rule"),
    [
        ([STARTED, FINISHED], "call start"),
        ([PROPOSED, STARTED, STARTED, FINISHED], "call start"),
        ([PROPOSED, STARTED, BLOCKED], "call end"),
        ([PROPOSED, FINISHED], "call end"),
        ([PROPOSED, STARTED, TURN_END], "call end"),
        ([PROPOSED, ASKED, STARTED, FINISHED], "approval"),
        ([PROPOSED, ASKED, BLOCKED, TURN_END], "approval"),
        ([PROPOSED, ASKED, ev.ApprovalExpired(approval="a"), STARTED, FINISHED], "approval"),
        *[
            ([PROPOSED, ASKED, ev.ApprovalDecided(approval="a", decision=no, by="you"), STARTED, FINISHED], "approval")
            for no in (Decision.DENY, Decision.DENY_STOP)
        ],
        ([ASKED], "approval"),
        ([ev.ApprovalExpired(approval="nobody")], "approval"),
        ([ev.MessageCompleted(entry="never added")], "message"),
        ([DONE], "turn end"),
        ([TURN_END, PROPOSED], "call start"),
        ([TURN_END, DONE, ev.TurnStarted(model="m")], "run end"),
    ],
)
def test_the_broken_rule_is_named(inside: list[AnyEvent], rule: str) -> None:
    broken = validate(numbered([*TURN, *of("root", *inside, run="r", turn=1)]), complete=False)
    assert rule in {violation.rule for violation in broken}


def test_an_event_of_no_run_and_an_entry_that_follows_nothing_are_named() -> None:
    broken = validate(numbered([*of("root", PROPOSED), entry("e2", "e1")]), complete=False)
    assert str(broken[0]) == "event 1: run start: ToolProposed before run (none) starts"
    assert broken[-1].rule == "entry"


def test_a_process_exits_once_in_each_life() -> None:
    life = of("root", ev.ProcessSpawned(), ev.ProcessExited(reason="normal"))
    again = of("root", ev.ProcessRestarted(incarnation=2), ev.ProcessExited(reason="normal", incarnation=2))
    assert validate(numbered([*life, *again])) == []
    assert [each.rule for each in validate(numbered([*life, *life[1:]]))] == ["process"]
    assert validate(numbered([*life, *life])) == []


def test_a_call_id_may_come_again_in_a_later_turn_after_it_was_denied() -> None:
    first = of("root", PROPOSED, ASKED, ev.ApprovalExpired(approval="a"), BLOCKED, TURN_END, run="r", turn=1)
    second = of("root", ev.TurnStarted(model="m"), PROPOSED, STARTED, FINISHED, TURN_END, run="r", turn=2)
    assert validate(numbered([*TURN, *first, *second, *of("root", DONE, run="r")])) == []


def test_two_processes_work_side_by_side_without_mixing() -> None:
    day = a_day()
    assert validate(numbered(day), complete=False) == []
    assert {violation.rule for violation in validate(numbered(day))} == {"run end"}
