import pytest

from vega_tui.core import events as ev
from vega_tui.core.messages import Text, ToolUse, Usage
from vega_tui.core.records import Approval, Entry
from vega_tui.core.words import Decision, RunStatus, StopReason
from vega_tui.plain.outcome import Outcome, result_of


def fed(*events: ev.AnyEvent) -> Outcome:
    outcome = Outcome("i_1")
    for event in events:
        outcome.take(event)
    return outcome


def said(text: str, run: str = "r_1", process: str = "root") -> ev.EntryAdded:
    content = (Text(text=text), ToolUse(id="c", name="bash", input={}))
    entry = Entry(id="e", session="s", process=process, kind="assistant", run=run, content=content)
    return ev.EntryAdded(session="s", process=process, run=run, branch="main", entry=entry)


STARTED = ev.RunStarted(session="s", process="root", run="r_1", input="i_1")
OTHER = ev.RunStarted(session="s", process="root", run="r_0", input="i_0")
ASKED = ev.ApprovalRequested(
    session="s",
    process="root",
    run="r_1",
    approval=Approval(id="a_1", session="s", process="root", call="c_1", tool="bash", args={}, summary="echo hi"),
)


def finished(
    stop: StopReason = StopReason.TEXT, status: RunStatus = RunStatus.COMPLETED, error: str = "", run: str = "r_1"
) -> ev.RunFinished:
    usage = Usage(input_tokens=10, output_tokens=3)
    return ev.RunFinished(
        session="s", process="root", run=run, status=status, stop_reason=stop, error=error, turns=2, usage=usage
    )


def test_the_answer_is_the_last_text_of_this_run() -> None:
    outcome = fed(STARTED, said("first"), said("last"), finished())
    assert (outcome.done, outcome.text, outcome.exit, outcome.error) == (True, "last", 0, "")


def test_a_last_message_without_text_leaves_the_one_before() -> None:
    assert fed(STARTED, said("first"), said(""), finished()).text == "first"


def test_what_another_run_says_is_not_the_answer() -> None:
    outcome = fed(OTHER, said("old", run="r_0"), finished(run="r_0"), STARTED, said("mine"))
    assert (outcome.text, outcome.done) == ("mine", False)


def test_what_came_before_the_run_is_not_part_of_it() -> None:
    outcome = Outcome("i_1")
    assert not outcome.take(OTHER)
    assert outcome.take(STARTED)
    assert outcome.take(said("x", process="root/w1", run="r_9"))


def test_a_childs_text_is_not_the_answer() -> None:
    assert fed(STARTED, said("child", run="r_2", process="root/w1"), finished()).text == ""


@pytest.mark.parametrize("no", [Decision.DENY, Decision.DENY_STOP])
def test_a_denied_approval_of_any_process_ends_with_4(no: Decision) -> None:
    denied = ev.ApprovalDecided(session="s", process="root/w1", approval="a_1", decision=no, by="policy")
    outcome = fed(STARTED, ASKED, denied, said("I could not"), finished())
    assert outcome.exit == 4
    assert [each.summary for each in outcome.denials.values()] == ["echo hi"]


def test_a_call_blocked_by_policy_ends_with_4_and_counts_once() -> None:
    proposed = ev.ToolProposed(session="s", process="root", call="c_1", tool="bash", args={}, summary="echo hi")
    denied = ev.ApprovalDecided(session="s", process="root", approval="a_1", decision=Decision.DENY, by="policy")
    blocked = ev.ToolBlocked(session="s", process="root", call="c_1", tool="bash", reason="no", by="policy")
    outcome = fed(STARTED, proposed, ASKED, denied, blocked, finished())
    assert (outcome.exit, len(outcome.denials)) == (4, 1)


def test_a_call_blocked_since_it_was_wrong_is_no_denial() -> None:
    blocked = ev.ToolBlocked(session="s", process="root", call="c_1", tool="bahs", reason="unknown tool")
    assert fed(STARTED, blocked, finished()).exit == 0


def test_an_approval_that_was_given_is_no_denial() -> None:
    given = ev.ApprovalDecided(session="s", process="root", approval="a_1", decision=Decision.ONCE, by="you")
    assert fed(STARTED, ASKED, given, finished()).exit == 0


def test_a_budget_that_held_ends_with_3() -> None:
    outcome = fed(STARTED, finished(StopReason.BUDGET_EXHAUSTED, RunStatus.STOPPED))
    assert outcome.exit == 3
    assert "--max-budget-usd" in outcome.error


def test_a_failed_run_ends_with_1_and_its_error_on_one_line() -> None:
    outcome = fed(STARTED, finished(StopReason.ERROR, RunStatus.FAILED, "401 bad key\n  set it"))
    assert (outcome.exit, outcome.error) == (1, "401 bad key set it")


def test_too_many_turns_end_with_1() -> None:
    outcome = fed(STARTED, finished(StopReason.MAX_TURNS, RunStatus.STOPPED))
    assert outcome.exit == 1
    assert "--max-turns" in outcome.error


def test_an_input_that_was_dropped_ends_with_1() -> None:
    outcome = fed(ev.InputDropped(session="s", process="root", input="i_1", reason="the process gave up"))
    assert (outcome.done, outcome.exit) == (True, 1)
    assert "gave up" in outcome.error


def test_an_interrupt_ends_with_130_whatever_the_run_says() -> None:
    outcome = fed(STARTED, said("half"), finished(StopReason.CANCELLED, RunStatus.CANCELLED))
    outcome.interrupted = True
    assert (outcome.exit, outcome.text) == (130, "half")


def test_a_lost_host_ends_with_5() -> None:
    outcome = fed(STARTED)
    outcome.lost = "the host went away"
    assert outcome.exit == 5


def test_the_result_has_every_figure_and_an_unknown_price_is_none() -> None:
    outcome = fed(STARTED, said("hi"), finished())
    outcome.finished = ev.RunFinished(
        status=RunStatus.COMPLETED, stop_reason=StopReason.TEXT, turns=2, usage=Usage(10, 3, 4, 5), cost_usd=None
    )
    found = result_of(outcome, session="s", model="m", simulated=False, duration_s=1.23456)
    assert (found.result, found.stop_reason, found.is_error, found.error) == ("hi", "text", False, None)
    assert (found.cost_usd, found.num_turns, found.duration_s) == (None, 2, 1.235)
    assert (found.usage.cache_read_tokens, found.usage.cache_write_tokens) == (4, 5)
