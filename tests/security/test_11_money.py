"""Line 11: what a cut answer cost is counted, never less than the server charged, and a cap holds over it."""

from typing import Any, Final

import pytest

from tests.fakes.face import Face, FaceFactory
from vega_tui.core import events as ev
from vega_tui.core.config import DEFAULT_MODEL
from vega_tui.core.words import Mode, RunStatus, StopReason
from vega_tui.host import Host
from vega_tui.llm.prices import cost_usd
from vega_tui.llm.retry import Backoff, RetryPolicy
from vega_tui.llm.simulator import Simulator, make_scenario
from vega_tui.protocol import operations as op

HOLD_AT_MOST: Final = 0.20  # the whole of 8,192 tokens of answer, and a short prompt
THINK: Final = "First the reeds, then the 17 wind-bent pines; 彼らは静かだ and the { rest } follows."
SAY: Final = "Put it by the sea, where the wind is. "
ARGS: Final = {"command": "echo " + "x1=3; " * 5}
EVENTS: Final = 140  # more than the recorded answer has


def recorded(**fault: Any) -> dict[str, Any]:
    """One answer with everything in it: thinking, sealed thinking, words, a call's arguments."""
    reply = {"think": THINK, "redacted": "c2VhbGVk" * 8, "say": SAY, "calls": [{"tool": "bash", "input": ARGS}]}
    return {"replies": [{"times": 1, **reply, "fault": fault}]} if fault else {"replies": [{"times": 1, **reply}]}


def charged(simulator: Simulator) -> float:
    """What the server says it billed."""
    return cost_usd(DEFAULT_MODEL, simulator.bill.usage) or 0.0


async def counted(me: Face) -> float:
    """What the ledger of the session says."""
    row = (await me.show()).session
    assert row is not None
    return row.cost_usd


async def opened(host: Host, face: FaceFactory, *, attempts: int = 1, **wanted: Any) -> Face:
    """A session in which nobody answers and calls are tried so often, without a wait."""
    me = await (await face(can_ask=False)).open(**wanted)
    host.directory.live[me.row.id].retry = RetryPolicy(attempts=attempts, backoff=Backoff(initial_s=0.0))
    return me


@pytest.mark.parametrize(
    ("kind", "attempts"), [("cut", 1), ("cut", 2), ("eof", 1), ("error_event", 1), ("bad_event", 1)]
)
async def test_an_answer_that_breaks_off_at_any_event_never_counts_less_than_was_charged(
    host: Host, face: FaceFactory, simulator: Simulator, kind: str, attempts: int
) -> None:
    for number in range(EVENTS):
        simulator.play(make_scenario(recorded(kind=kind, event=number)))
        before, requests = charged(simulator), len(simulator.requests)
        me = await opened(host, face, attempts=attempts)
        finished = await me.say("go")
        bill, ledger = charged(simulator) - before, await counted(me)
        assert ledger >= bill - 1e-9, f"cut before event {number}"
        if number > 0:  # the server told of the prompt: only the words are guessed
            assert ledger <= 2.5 * bill + 0.001, f"cut before event {number}"
        assert ledger <= bill + HOLD_AT_MOST
        assert host.directory.live[me.row.id].budget.spent_usd == pytest.approx(ledger)
        await me.connection.call(op.SESSION_CLOSE, op.SessionRef(session=me.row.id))
        if finished.status is RunStatus.COMPLETED and number > 10:
            assert ledger == pytest.approx(bill)
            assert len(simulator.requests) == requests + 2  # the refused call's result went back
            return
    raise AssertionError("the recorded answer has more events than that")


@pytest.mark.parametrize("ending", ["interrupt", "kill", "terminate"])
async def test_an_answer_that_a_person_ends_at_any_event_never_counts_less_than_was_charged(
    host: Host, face: FaceFactory, simulator: Simulator, ending: str
) -> None:
    acts = {"interrupt": op.PROCESS_INTERRUPT, "kill": op.PROCESS_KILL, "terminate": op.PROCESS_TERMINATE}
    for number in range(0, EVENTS, 5):
        simulator.play(make_scenario(recorded(kind="stall", event=number)))
        before = charged(simulator)
        me = await opened(host, face)
        await me.connection.call(op.WATCH, op.Watch(session=me.row.id, processes=("root",)))
        await me.send("go")
        await me.until(ev.TurnStarted)
        while not simulator.streaming and "TurnFinished" not in me.names():
            await me.show()
        for _ in range(5):  # what was sent is received
            await me.show()
        if "TurnFinished" in me.names():
            return
        await me.act(acts[ending], "root")
        await me.until(ev.TurnFinished)
        bill, ledger = charged(simulator) - before, await counted(me)
        assert ledger >= bill - 1e-9, f"ended before event {number}"
        if number > 0:
            assert ledger <= 2.5 * bill + 0.001, f"ended before event {number}"
        await me.connection.call(op.SESSION_CLOSE, op.SessionRef(session=me.row.id))
    raise AssertionError("the recorded answer has more events than that")


async def test_answers_that_break_off_in_thinking_use_a_cap_up_and_never_pass_it(
    host: Host, face: FaceFactory, simulator: Simulator
) -> None:
    replies = [{"think": "and so on " * 4000, "say": "never", "fault": {"kind": "cut", "after": 8000}}]
    simulator.play(make_scenario({"replies": replies}))
    me = await opened(host, face, budget_usd=0.05)
    runs = [(await me.say("go")).stop_reason for _ in range(3)]
    assert runs[-1] is StopReason.BUDGET_EXHAUSTED
    assert 0.01 < charged(simulator) <= await counted(me) <= 0.05


async def test_each_attempt_of_a_call_is_held_before_it_is_sent(
    host: Host, face: FaceFactory, simulator: Simulator
) -> None:
    # Broken off before its first word, each attempt has its prompt charged, 5,000 words of it.
    simulator.play(make_scenario({"replies": [{"say": "never", "fault": {"kind": "cut", "event": 2}}]}))
    me = await opened(host, face, attempts=50, budget_usd=0.05)
    finished = await me.say("word " * 5000)
    assert finished.stop_reason is StopReason.BUDGET_EXHAUSTED
    assert charged(simulator) <= await counted(me) <= 0.05
    assert 1 < len(simulator.requests) < 50


async def test_what_was_never_sent_or_was_refused_costs_nothing(
    host: Host, face: FaceFactory, simulator: Simulator
) -> None:
    me = await opened(host, face)
    assert (await me.say("fail 401")).status is RunStatus.FAILED
    await simulator.aclose()
    assert (await me.say("hello")).status is RunStatus.FAILED
    assert charged(simulator) == await counted(me) == 0.0


async def test_a_server_that_never_says_a_word_may_have_charged_all_it_was_allowed(
    host: Host, face: FaceFactory, simulator: Simulator
) -> None:
    simulator.play(make_scenario({"replies": [{"fault": {"kind": "silent"}}]}))
    me = await opened(host, face, budget_usd=0.05)
    await me.send("go")
    while not simulator.requests:
        await me.show()
    await me.act(op.PROCESS_INTERRUPT, "root")
    held = await me.until(ev.BudgetReserved)
    assert (await me.until(ev.BudgetSettled)).amount_usd == held.amount_usd > 0
    assert await counted(me) == held.amount_usd


async def test_what_the_cache_held_is_counted_as_such_when_an_answer_breaks_off(
    host: Host, face: FaceFactory, simulator: Simulator
) -> None:
    me = await opened(host, face)
    await me.say("word " * 60_000)
    spent, before = await counted(me), charged(simulator)
    simulator.play(make_scenario(recorded(kind="cut", after=6)))
    await me.say("go")
    bill = charged(simulator) - before
    assert bill - 1e-9 <= await counted(me) - spent <= 1.2 * bill


CHILDREN: Final = {
    "task": "task helper: run echo forty-two",
    "spawn": "spawn 2 workers to run echo forty-two",
    "ask": 'tool ask {"to": "root/helper", "message": "run echo forty-two"}',
}


@pytest.mark.parametrize("way", CHILDREN)
@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_the_turns_of_children_count_as_those_of_the_prompt_that_set_them_to_work(
    face: FaceFactory, simulator: Simulator, way: str, limit: int
) -> None:
    me = await (await face()).open(mode=Mode.YOLO, max_turns=limit)
    if way == "ask":
        await me.say('tool spawn {"name": "helper", "prompt": "say hello"}')
        await me.until(ev.ProcessExited, lambda event: event.process == "root/helper")
    before, seen = len(simulator.requests), len(me.events)
    finished = await me.say(CHILDREN[way])
    while any(row.run for row in (await me.show()).processes):
        pass
    assert len(simulator.requests) - before == limit
    stops = {event.stop_reason for event in me.events[seen:] if isinstance(event, ev.RunFinished)}
    assert StopReason.MAX_TURNS in stops
    assert finished.status is not RunStatus.FAILED
    assert (await me.say("hello")).status is RunStatus.COMPLETED  # what a person says has turns of its own
