"""Sound runs are made from the rules' own words; each is then broken in one place, and the check must see it."""

from collections.abc import Callable
from typing import Final, Literal

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sessions.builders import approval, entry, numbered, of
from vega_tui.core import events as ev
from vega_tui.core.events import AnyEvent
from vega_tui.core.messages import Observation
from vega_tui.core.words import CallState, Decision, RunStatus, StopReason, status_of
from vega_tui.sessions.lifecycle import validate

Fate = Literal["ran", "blocked", "allowed", "denied", "expired", "interrupted"]
FATES: Final[tuple[Fate, ...]] = ("ran", "blocked", "allowed", "denied", "expired", "interrupted")


def a_call(call: str, fate: Fate) -> list[AnyEvent]:
    asked = approval(f"a_{call}", call)
    proposed = ev.ToolProposed(call=call, tool="bash", args={})
    started = ev.ToolStarted(call=call, tool="bash", args={})
    seen = Observation(text="x")
    finished = ev.ToolFinished(call=call, tool="bash", state=CallState.OK, observation=seen)
    blocked = ev.ToolBlocked(call=call, tool="bash", reason="no")
    yes = ev.ApprovalDecided(approval=asked.id, decision=Decision.ONCE, by="you")
    no = ev.ApprovalDecided(approval=asked.id, decision=Decision.DENY, by="you")
    match fate:
        case "ran":
            return [proposed, started, finished]
        case "blocked":
            return [proposed, blocked]
        case "allowed":
            return [proposed, ev.ApprovalRequested(approval=asked), yes, started, finished]
        case "denied":
            return [proposed, ev.ApprovalRequested(approval=asked), no, blocked]
        case "expired":
            return [proposed, ev.ApprovalRequested(approval=asked), ev.ApprovalExpired(approval=asked.id), blocked]
        case "interrupted":
            return [proposed, msgspec.structs.replace(finished, state=CallState.INTERRUPTED)]


@st.composite
def sound_runs(draw: st.DrawFn) -> list[AnyEvent]:
    events: list[AnyEvent] = of("root", ev.ProcessSpawned(), ev.ProcessStarted())
    parent = ""
    for name in ("r_1", "r_2")[: draw(st.integers(1, 2))]:
        events += of("root", ev.RunStarted(), run=name)
        for turn in range(1, draw(st.integers(1, 3)) + 1):
            said = f"e_{name}_{turn}"
            calls = [
                event
                for n, fate in enumerate(draw(st.lists(st.sampled_from(FATES), max_size=3)))
                for event in a_call(f"c_{name}_{turn}_{n}", fate)
            ]
            inside = [ev.TurnStarted(model="m"), ev.MessageCompleted(entry=said), *calls, ev.TurnFinished(model="m")]
            placed = of("root", *inside, run=name, turn=turn)
            events += [placed[0], entry(said, parent, "hm", kind="assistant"), *placed[1:]]
            parent = said
        reason = draw(st.sampled_from(list(StopReason)))
        error = "it broke" if reason is StopReason.ERROR else ""
        events += of("root", ev.RunFinished(status=status_of(reason), stop_reason=reason, error=error), run=name)
    return [*events, *of("root", ev.ProcessExited(reason="normal"))]


MAY_BE_MISSING: Final = (ev.MessageCompleted, ev.ProcessStarted, ev.ProcessExited)


@settings(max_examples=40, deadline=None)
@given(sound_runs())
def test_sound_runs_break_no_rule(events: list[AnyEvent]) -> None:
    assert validate(numbered(events)) == []


@settings(max_examples=80, deadline=None)
@given(sound_runs(), st.data())
def test_a_run_with_any_needed_event_missing_breaks_one(events: list[AnyEvent], data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([n for n, event in enumerate(events) if not isinstance(event, MAY_BE_MISSING)]))
    assert validate(numbered(events[:at] + events[at + 1 :])), f"without {events[at]}"


@settings(max_examples=80, deadline=None)
@given(sound_runs(), st.data())
def test_a_run_with_any_event_twice_breaks_one(events: list[AnyEvent], data: st.DataObject) -> None:
    harmless = (ev.MessageCompleted, ev.ProcessStarted, ev.ProcessSpawned)
    at = data.draw(st.sampled_from([n for n, event in enumerate(events) if not isinstance(event, harmless)]))
    assert validate(numbered([*events[: at + 1], *events[at:]])), f"twice {events[at]}"


@settings(max_examples=40, deadline=None)
@given(sound_runs(), st.data())
def test_an_event_out_of_order_breaks_the_order(events: list[AnyEvent], data: st.DataObject) -> None:
    placed = numbered(events)
    at = data.draw(st.integers(0, len(placed) - 2))
    placed[at], placed[at + 1] = placed[at + 1], placed[at]
    assert "order" in {violation.rule for violation in validate(placed)}


def _with_end(change: Callable[[ev.RunFinished], ev.RunFinished], events: list[AnyEvent]) -> list[AnyEvent]:
    return numbered([change(event) if isinstance(event, ev.RunFinished) else event for event in events])


@settings(max_examples=40, deadline=None)
@given(sound_runs(), st.sampled_from(list(RunStatus)), st.sampled_from(list(StopReason)))
def test_status_and_stop_reason_must_go_together(events: list[AnyEvent], status: RunStatus, reason: StopReason) -> None:
    def change(end: ev.RunFinished) -> ev.RunFinished:
        return msgspec.structs.replace(end, status=status, stop_reason=reason, error="")

    agree = status is status_of(reason) and reason is not StopReason.ERROR
    assert (validate(_with_end(change, events)) == []) is agree


@settings(max_examples=30, deadline=None)
@given(sound_runs(), st.data())
def test_a_run_cut_off_anywhere_is_sound_so_far(events: list[AnyEvent], data: st.DataObject) -> None:
    placed = numbered(events)
    assert validate(placed[: data.draw(st.integers(0, len(placed)))], complete=False) == []
