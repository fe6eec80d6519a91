import asyncio
import io
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.fakes.scripted_host import ScriptedHost
from vega_tui.client.connection import Connection
from vega_tui.core import events as ev
from vega_tui.core.errors import HostError, NotFound, VegaError
from vega_tui.core.events import AnyEvent
from vega_tui.core.exits import Exit
from vega_tui.core.messages import Text
from vega_tui.core.records import Approval, Entry
from vega_tui.core.words import Decision, InputMode, RunStatus, StopReason
from vega_tui.plain.headless import Asked, Headless
from vega_tui.plain.output import Out
from vega_tui.protocol import operations as ops
from vega_tui.protocol.frames import PROTOCOL_VERSION
from vega_tui.protocol.rows import SessionRow, Snapshot

ROW = SessionRow(id="s_1", name="n", cwd="/w", model="m", simulated=True)


def entry(text: str) -> ev.EntryAdded:
    said = Entry(id="e", session="s_1", process="root", kind="assistant", run="r_1", content=(Text(text=text),))
    return ev.EntryAdded(seq=3, session="s_1", process="root", run="r_1", branch="main", entry=said)


STARTED = ev.RunStarted(seq=2, session="s_1", process="root", run="r_1", input="i_1")
FINISHED = ev.RunFinished(
    seq=9, session="s_1", process="root", run="r_1", status=RunStatus.COMPLETED, stop_reason=StopReason.TEXT, turns=1
)
CANCELLED = ev.RunFinished(
    seq=9, session="s_1", process="root", run="r_1", status=RunStatus.CANCELLED, stop_reason=StopReason.CANCELLED
)


class Scene:
    """A headless run against a scripted host; what it printed, and what it asked."""

    def __init__(self, *events: AnyEvent, output_format: str = "text", terminal: bool = False) -> None:
        self.stdout, self.stderr = io.BytesIO(), io.BytesIO()
        self.host = ScriptedHost(
            {"session.open": ROW, "subscribe": Snapshot(seq=1, session=ROW), "process.send": self._sent}
        )
        self.events = events
        self.after_interrupt: tuple[AnyEvent, ...] = ()
        self.sent = asyncio.Event()
        self.host.answers["process.interrupt"] = self._interrupted
        asked = Asked(prompt="do it", open=ops.SessionOpen(), output_format=output_format)
        self.headless = Headless(asked, Out(self.stdout, terminal=False), Out(self.stderr, terminal=terminal))

    def _sent(self, _: Any) -> ops.Sent:
        # Before the reply, as a fast host may: nothing that comes early may be lost.
        self.host.tell(*self.events)
        self.sent.set()
        return ops.Sent(input="i_1", delivered=True)

    def _interrupted(self, _: Any) -> ops.Nothing:
        self.host.tell(*self.after_interrupt)
        return ops.Nothing()

    async def run(self) -> Exit:
        async with self.host:
            return await self.headless.run(self.connect)

    @asynccontextmanager
    async def connect(
        self, *, on_event: Callable[[AnyEvent], None], on_closed: Callable[[HostError], None]
    ) -> AsyncGenerator[Connection, None]:
        hello = ops.Hello(protocol=PROTOCOL_VERSION, client="headless", can_ask=False)
        connection = await Connection.over(self.host.connect(), hello, on_event=on_event, on_closed=on_closed)
        try:
            yield connection
        finally:
            await connection.close()


async def test_text_prints_the_answer_and_nothing_else() -> None:
    scene = Scene(STARTED, entry("the answer"), FINISHED)
    assert await scene.run() == 0
    assert scene.stdout.getvalue() == b"the answer\n"
    assert scene.stderr.getvalue() == b""


async def test_the_prompt_becomes_a_run_of_its_own() -> None:
    scene = Scene(STARTED, FINISHED)
    await scene.run()
    (said,) = scene.host.calls("process.send")
    assert (said.text, said.mode, said.process) == ("do it", InputMode.QUEUE, "root")


async def test_json_prints_one_object() -> None:
    scene = Scene(STARTED, entry("hi"), FINISHED, output_format="json")
    assert await scene.run() == 0
    found = json.loads(scene.stdout.getvalue())
    assert (found["type"], found["result"], found["session_id"]) == ("result", "hi", "s_1")
    assert found["usage"]["input_tokens"] == 0


async def test_stream_json_prints_the_runs_events_and_then_the_result() -> None:
    before = ev.SessionCreated(seq=1, session="s_1", name="n", cwd="/w", model="m")
    elsewhere = ev.ProcessStarted(seq=2, session="s_2", process="root")
    scene = Scene(before, STARTED, elsewhere, entry("hi"), FINISHED, output_format="stream-json")
    assert await scene.run() == 0
    lines = [json.loads(line) for line in scene.stdout.getvalue().splitlines()]
    assert [line["type"] for line in lines] == ["run.started", "entry.added", "run.finished", "result"]
    assert [line["seq"] for line in lines[:3]] == [2, 3, 9]


async def test_a_denied_call_ends_with_4_and_says_which() -> None:
    asked = Approval(id="a", session="s_1", process="root", call="c", tool="bash", args={}, summary="rm x")
    scene = Scene(
        STARTED,
        ev.ApprovalRequested(session="s_1", process="root", approval=asked),
        ev.ApprovalDecided(session="s_1", process="root", approval="a", decision=Decision.DENY, by="policy"),
        entry("not allowed"),
        FINISHED,
    )
    assert await scene.run() == 4
    assert scene.stdout.getvalue() == b"not allowed\n"
    assert b"bash rm x" in scene.stderr.getvalue()


async def test_a_failed_run_says_why_in_one_line_on_stderr() -> None:
    failed = ev.RunFinished(
        session="s_1", process="root", run="r_1", status=RunStatus.FAILED, stop_reason=StopReason.ERROR, error="401\nno"
    )
    scene = Scene(STARTED, failed)
    assert await scene.run() == 1
    assert scene.stdout.getvalue() == b""
    assert scene.stderr.getvalue() == b"vega-tui: 401 no\n"


async def test_progress_shows_on_a_terminal_only() -> None:
    tool = ev.ToolStarted(session="s_1", process="root/w1", call="c", tool="bash", args={}, summary="ls \x1b[31m")
    loud, quiet = Scene(STARTED, tool, FINISHED, terminal=True), Scene(STARTED, tool, FINISHED)
    await loud.run()
    await quiet.run()
    assert loud.stderr.getvalue() == "  root/w1: bash ls ␛[31m\n".encode()
    assert quiet.stderr.getvalue() == b""


async def test_an_interrupt_stops_the_run_keeps_what_was_said_and_ends_with_130() -> None:
    scene = Scene(STARTED, entry("half"))
    scene.after_interrupt = (CANCELLED,)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(scene.run())
        await scene.sent.wait()
        scene.headless.interrupt()
    assert running.result() == 130
    assert scene.stdout.getvalue() == b"half\n"
    assert len(scene.host.calls("process.interrupt")) == 1


async def test_a_second_interrupt_does_not_wait_for_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vega_tui.plain.headless._INTERRUPT_TIMEOUT_S", 1e6)
    scene = Scene(STARTED)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(scene.run())
        await scene.sent.wait()
        scene.headless.interrupt()
        scene.headless.interrupt()
    assert running.result() == 130


async def test_a_host_that_goes_away_ends_with_5() -> None:
    scene = Scene(STARTED)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(scene.run())
        await scene.sent.wait()
        scene.host.hang_up()
    assert running.result() == 5
    assert b"host" in scene.stderr.getvalue()


async def test_a_session_that_is_not_there_is_the_hosts_own_error() -> None:
    scene = Scene()
    scene.host.answers["session.open"] = NotFound("no session x")
    with pytest.raises(VegaError, match="no session x"):
        await scene.run()


class ClosedPipe(io.BytesIO):
    def write(self, data: Any) -> int:
        raise BrokenPipeError


async def test_a_reader_that_went_away_stops_the_run() -> None:
    scene = Scene(STARTED, output_format="stream-json")
    asked = Asked(prompt="x", open=ops.SessionOpen(), output_format="stream-json")
    scene.headless = Headless(asked, Out(ClosedPipe(), terminal=False), Out(scene.stderr, terminal=False))
    with pytest.raises(BrokenPipeError):
        await scene.run()
    assert len(scene.host.calls("process.interrupt")) == 1
