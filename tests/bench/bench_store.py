"""Durable events a second: 50 producers, each waiting for its own event to be on disk before it sends the next."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from vega_tui.core import events as ev
from vega_tui.core.events import AnyEvent
from vega_tui.core.messages import Observation, Text, Usage
from vega_tui.core.records import Entry
from vega_tui.core.words import CallState
from vega_tui.sessions.store import Store

PRODUCERS = 50
EVENTS = 40_000


def _plain(process: str, n: int) -> AnyEvent:
    # No projection: what the log alone costs. About 320 bytes.
    return ev.ModelRetry(
        session="s1", process=process, attempt=n, attempts=9, delay_s=1.0, verdict="x", message="m" * 180
    )


def _turn(process: str, n: int) -> AnyEvent:
    """A worker's day, event by event: turn, answer, call, result."""
    key = process.replace("/", "_")
    run, turn, step = f"run_{key}", n // 6, n % 6
    call = f"call_{key}_{turn}"
    before = f"e_{key}_{turn - 1}_5" if turn else ""
    if step == 0:
        return ev.TurnStarted(session="s1", process=process, run=run, turn=turn, model="m")
    if step == 1:
        said = (Text(text="I look at the file and then say what is in it. " * 4),)
        entry = Entry(
            id=f"e_{key}_{turn}_1", session="s1", process=process, kind="assistant", parent=before, content=said
        )
        return ev.EntryAdded(session="s1", process=process, run=run, turn=turn, branch="main", entry=entry)
    if step == 2:
        return ev.ToolProposed(
            session="s1", process=process, run=run, turn=turn, call=call, tool="read", args={"path": "a.py"}
        )
    if step == 3:
        return ev.ToolFinished(
            session="s1",
            process=process,
            run=run,
            turn=turn,
            call=call,
            tool="read",
            state=CallState.OK,
            observation=Observation(text="x = 1\n" * 50),
        )
    if step == 4:
        return ev.TurnFinished(
            session="s1", process=process, run=run, turn=turn, model="m", usage=Usage(900, 80), cost_usd=0.01
        )
    entry = Entry(
        id=f"e_{key}_{turn}_5",
        session="s1",
        process=process,
        kind="tool_result",
        parent=f"e_{key}_{turn}_1",
        call=call,
        observation=Observation(text="x = 1\n" * 50),
    )
    return ev.EntryAdded(session="s1", process=process, run=run, turn=turn, branch="main", entry=entry)


async def measure(make: Callable[[str, int], AnyEvent], per_append: int) -> tuple[float, float]:
    """Events a second, and microseconds of CPU for each, threads included."""
    with tempfile.TemporaryDirectory() as folder:
        async with await Store.open(Path(folder) / "vega.db") as store:
            await store.append([ev.SessionCreated(seq=1, session="s1", name="n", cwd="/", model="m")])
            seq = 1

            async def produce(number: int) -> None:
                nonlocal seq
                for start in range(0, EVENTS // PRODUCERS, per_append):
                    batch: list[AnyEvent] = []
                    for n in range(start, start + per_append):
                        seq += 1
                        batch.append(msgspec.structs.replace(make(f"root/w{number}", n), seq=seq, ts=1.0))
                    await store.append(batch)

            began, cpu = time.perf_counter(), time.process_time()
            async with asyncio.TaskGroup() as group:
                for number in range(PRODUCERS):
                    group.create_task(produce(number))
            took, used = time.perf_counter() - began, time.process_time() - cpu
            stored = store.last_seq - 1
    return stored / took, used / stored * 1e6


def main() -> None:
    """Print one line per kind of load."""
    for name, make, per_append in (
        ("log only, an event at a time", _plain, 1),
        ("agents at work, an event at a time", _turn, 1),
        ("agents at work, 20 events at a time (as the bus does)", _turn, 20),
    ):
        rate, cpu = asyncio.run(measure(make, per_append))
        print(f"durable events, {PRODUCERS} producers, {name}: {rate:,.0f}/s, {cpu:.1f} µs CPU each")


if __name__ == "__main__":
    main()
