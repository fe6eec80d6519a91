import asyncio
import gc

import pytest

from tests.library.conftest import Make
from vega_tui import Agent, Mode, Orchestrator, ProcessFailed, Status, parse_rule
from vega_tui.core import events as ev
from vega_tui.core.errors import LimitReached, NotCompleted, RunCancelled
from vega_tui.core.events import Delta, TextDelta
from vega_tui.llm.simulator import Simulator

HELPER = Agent(name="helper", system="You help.")


async def test_a_stream_gives_the_events_and_deltas_of_its_own_run_in_order(orch: Orchestrator) -> None:
    proc = await orch.spawn(HELPER)
    await proc.send("hello")
    items = [item async for item in proc.stream("say three words")]
    events = [type(item) for item in items if not isinstance(item, Delta)]
    assert events[0] is ev.RunStarted
    assert events[-1] is ev.RunFinished
    assert len({item.run for item in items}) == 1
    seqs = [item.seq for item in items if isinstance(item, ev.Event)]
    assert seqs == sorted(seqs)
    said = "".join(item.text for item in items if isinstance(item, TextDelta))
    (answer,) = [item.entry for item in items if isinstance(item, ev.EntryAdded) and item.entry.kind == "assistant"]
    assert said == "".join(getattr(block, "text", "") for block in answer.content)


async def test_sending_and_streaming_are_one_path_and_keep_one_conversation(
    orch: Orchestrator, simulator: Simulator
) -> None:
    proc = await orch.spawn(HELPER)
    text = await proc.send("first")
    async for _ in proc.stream("second"):
        pass
    said = [message["role"] for message in simulator.requests[-1].body["messages"]]
    assert said == ["user", "assistant", "user"]
    assert text


async def test_leaving_a_stream_early_leaves_nothing_behind(orch: Orchestrator) -> None:
    proc = await orch.spawn(HELPER)
    async for _ in proc.stream("hello"):
        break
    assert await proc.send("hello")
    gc.collect()
    assert not list(orch._program._taps)


async def test_messages_sent_at_once_are_heard_one_after_the_other(orch: Orchestrator, simulator: Simulator) -> None:
    proc = await orch.spawn(HELPER)
    replies = [await proc.send_async(text) for text in ("one", "two", "three")]
    for reply in replies:
        await reply
    heard = [message["content"][0]["text"] for message in simulator.requests[-1].body["messages"][::2]]
    assert heard == ["one", "two", "three"]


async def test_a_reply_has_no_result_before_its_run_has_ended(orch: Orchestrator) -> None:
    proc = await orch.spawn(HELPER)
    reply = await proc.send_async("stall")
    with pytest.raises(NotCompleted):
        reply.result()
    reply.cancel()
    with pytest.raises(RunCancelled):
        await reply
    assert await proc.send("hello")
    assert (proc.status, proc.incarnation) == (Status.RUNNING, 1)


async def test_cancelling_a_send_interrupts_the_run_and_not_the_process(orch: Orchestrator) -> None:
    proc = await orch.spawn(HELPER)
    started = asyncio.Event()

    async def ask() -> None:
        started.set()
        await proc.send("stall")

    task = asyncio.create_task(ask())
    await started.wait()
    while "TurnStarted" not in [type(item).__name__ for item in await _so_far(orch)]:
        pass
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await proc.send("hello")
    assert proc.incarnation == 1


async def _so_far(orch: Orchestrator) -> list[ev.AnyEvent]:
    await orch.services.bus.flush()
    return await orch.services.store.events_since(0)


async def test_a_callback_allows_what_would_be_denied_without_one(make: Make) -> None:
    alone = await make()
    proc = await alone.spawn(HELPER)
    assert "nobody to ask" in await proc.send('tool bash {"command": "touch made"}')
    asked: list[str] = []

    async def approve(approval: object) -> bool:
        asked.append(getattr(approval, "summary", ""))
        return True

    watched = await make(approve=approve)
    proc = await watched.spawn(HELPER)
    await proc.send('tool bash {"command": "touch made"}')
    assert asked == ["touch made"]
    assert (watched.session.cwd / "made").exists()


async def test_a_callback_that_fails_is_a_no(make: Make) -> None:
    async def approve(_: object) -> bool:
        raise RuntimeError("undecided")

    orch = await make(approve=approve)
    proc = await orch.spawn(HELPER)
    assert "undecided" in await proc.send('tool bash {"command": "touch made"}')
    assert not (orch.session.cwd / "made").exists()


async def test_a_budget_that_is_used_up_refuses_the_message_and_keeps_the_process(make: Make) -> None:
    orch = await make(max_budget_usd=0.0)
    proc = await orch.spawn(HELPER)
    with pytest.raises(LimitReached, match="budget"):
        await proc.send("hello")
    assert proc.status is Status.RUNNING


async def test_a_process_that_is_killed_fails_the_messages_it_has_not_answered(make: Make) -> None:
    orch = await make(mode=Mode.YOLO)
    proc = await orch.spawn(HELPER)
    first = await proc.send_async("stall")
    second = await proc.send_async("hello")
    await proc.kill()
    for reply in (first, second):
        with pytest.raises(ProcessFailed):
            await reply
    assert proc.status is Status.KILLED


async def test_metrics_count_over_all_lives(make: Make) -> None:
    orch = await make(mode=Mode.YOLO)
    proc = await orch.spawn(HELPER)
    await proc.send("hello")
    await proc.send("list files here")
    metrics = proc.metrics
    assert (metrics.turns, metrics.tool_calls, metrics.errors) == (3, 1, 0)
    assert metrics.usage.output_tokens > 0


async def test_rules_of_the_program_hold_beside_those_of_files(make: Make) -> None:
    orch = await make(rules=[parse_rule("bash(touch *)", "allow", "the program's rule")])
    proc = await orch.spawn(HELPER)
    await proc.send('tool bash {"command": "touch made"}')
    assert (orch.session.cwd / "made").exists()
    assert "nobody to ask" in await proc.send('tool bash {"command": "rm made"}')
