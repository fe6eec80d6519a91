import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite
import psutil
import pytest

from tests.fakes.face import Face
from vega_tui.core import events as ev
from vega_tui.core.home import Home
from vega_tui.core.messages import text_of
from vega_tui.core.words import CallState, Mode, RunStatus, StopReason
from vega_tui.llm.simulator import Simulator
from vega_tui.protocol import operations as op
from vega_tui.sessions.lifecycle import validate
from vega_tui.sessions.store import Store


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(words_per_s=0, first_word_s=0) as running:
        yield running


@asynccontextmanager
async def host_process(home: Home) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A host of its own process, listening."""
    home.ensure()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "vega_tui.host", "--home", str(home.root), stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def connect(home: Home, process: asyncio.subprocess.Process) -> socket.socket:
    async with asyncio.timeout(50):
        while True:
            assert process.returncode is None, (await process.communicate())[1].decode()
            sock = socket.socket(socket.AF_UNIX)
            try:
                sock.connect(str(home.socket))
            except OSError:
                sock.close()
                await asyncio.sleep(0.02)  # another process's start can't be waited for in another way
            else:
                return sock


async def test_killed_in_mid_stream_the_question_stays_and_the_run_is_interrupted(
    tmp_path: Path, simulator: Simulator
) -> None:
    home = Home(tmp_path / "home")
    async with host_process(home) as first:
        me = await (await Face.join(await connect(home, first), simulator.url, tmp_path)).open(name="kept")
        await me.say("hello")
        await me.connection.call(op.WATCH, op.Watch(session=me.row.id, processes=("root",)))
        await me.send("stall")
        async with asyncio.timeout(50):
            while not await _kept(home):
                await me.show()
        first.send_signal(signal.SIGKILL)
        await me.lost.wait()
        await me.close()
    async with host_process(home) as second:
        me = await (await Face.join(await connect(home, second), simulator.url, tmp_path)).open(latest=True)
        assert me.row.name == "kept"
        entries = await me.entries()
        assert [text_of(entry.content) for entry in entries if entry.interrupted] == ["waiting"]
        said = [text_of(entry.content) for entry in entries if entry.kind == "user"]
        assert said == ["hello", "stall"]
        assert entries[-1].mark == "interrupted"
        row = await me.process("root")
        assert (row.state, row.incarnation, row.run) == ("wait", 2, "")
        assert (await me.say("hello again")).status is RunStatus.COMPLETED
        await me.close()
    await _check_log(home)


async def test_killed_in_mid_tool_the_call_is_interrupted_and_not_run_again(
    tmp_path: Path, simulator: Simulator
) -> None:
    home = Home(tmp_path / "home")
    marks = tmp_path / "marks"
    async with host_process(home) as first:
        me = await (await Face.join(await connect(home, first), simulator.url, tmp_path)).open(mode=Mode.YOLO)
        await me.send(f'tool bash {{"command": "echo ran >> {marks}; echo $$ > {tmp_path}/pid; sleep 300"}}')
        await me.until(ev.ToolStarted)
        async with asyncio.timeout(50):
            while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
                await me.show()
        first.send_signal(signal.SIGKILL)
        await me.lost.wait()
        await me.close()
    async with host_process(home) as second:
        me = await (await Face.join(await connect(home, second), simulator.url, tmp_path)).open(latest=True)
        result = next(entry for entry in await me.entries() if entry.kind == "tool_result")
        assert result.state == CallState.INTERRUPTED
        assert any(alert.kind == "interrupted" for alert in (await me.show()).alerts)
        assert (await me.say("hello")).status is RunStatus.COMPLETED
        blocks = [block for message in simulator.requests[-1].body["messages"] for block in message["content"]]
        assert sum(block["type"] == "tool_result" for block in blocks) == 1
        await me.close()
    assert marks.read_text() == "ran\n"
    _end(int((tmp_path / "pid").read_text()))
    await _check_log(home)


async def test_killed_while_it_asks_the_question_is_withdrawn_and_the_call_never_ran(
    tmp_path: Path, simulator: Simulator
) -> None:
    home = Home(tmp_path / "home")
    async with host_process(home) as first:
        me = await (await Face.join(await connect(home, first), simulator.url, tmp_path)).open()
        await me.send(f'tool bash {{"command": "touch {tmp_path}/made"}}')
        await me.asked()
        first.send_signal(signal.SIGKILL)
        await me.lost.wait()
        await me.close()
    async with host_process(home) as second:
        me = await (await Face.join(await connect(home, second), simulator.url, tmp_path)).open(latest=True)
        assert (await me.show()).approvals == ()
        result = next(entry for entry in await me.entries() if entry.kind == "tool_result")
        assert result.state == CallState.BLOCKED
        assert (await me.say("hello")).status is RunStatus.COMPLETED
        await me.close()
    assert not (tmp_path / "made").exists()
    await _check_log(home)


async def test_a_host_that_is_told_to_end_closes_its_runs_in_order(tmp_path: Path, simulator: Simulator) -> None:
    home = Home(tmp_path / "home")
    async with host_process(home) as host:
        me = await (await Face.join(await connect(home, host), simulator.url, tmp_path)).open(mode=Mode.YOLO)
        await me.send('tool bash {"command": "sleep 300"}')
        await me.until(ev.ToolStarted)
        host.send_signal(signal.SIGTERM)
        async with asyncio.timeout(50):
            assert await host.wait() == 0
        finished = await me.until(ev.RunFinished)
        assert finished.stop_reason is StopReason.INTERRUPTED
        await me.close()
    assert not home.socket.exists()
    await _check_log(home)


async def _kept(home: Home) -> bool:
    """Whether the answer that is being said is on disk; asked beside the host, which has the store."""
    async with aiosqlite.connect(home.database) as beside:
        return bool(await beside.execute_fetchall("SELECT text FROM partials"))


async def _check_log(home: Home) -> None:
    async with await Store.open(home.database) as store:
        events = await store.events_since(0, limit=100_000)
        assert validate(events) == []
        assert await store.compare() == []


def _end(pid: int) -> None:
    """A host that is killed can't end its tools: what it left is this test's to clear away."""
    try:
        for process in psutil.Process(pid).children(recursive=True):
            process.kill()
        os.kill(pid, signal.SIGKILL)
    except (psutil.NoSuchProcess, ProcessLookupError):
        pass


async def test_what_was_held_for_a_call_that_died_with_its_host_is_spent(tmp_path: Path, simulator: Simulator) -> None:
    home = Home(tmp_path / "home")
    async with host_process(home) as first:
        me = await (await Face.join(await connect(home, first), simulator.url, tmp_path)).open(budget_usd=1.0)
        await me.send("stall")
        held = (await me.until(ev.BudgetReserved)).amount_usd
        while not simulator.streaming:
            await me.show()
        first.send_signal(signal.SIGKILL)
        await me.lost.wait()
        await me.close()
    async with host_process(home) as second:
        me = await (await Face.join(await connect(home, second), simulator.url, tmp_path)).open(latest=True)
        assert me.row.cost_usd == pytest.approx(held)
        assert me.snapshot.held_usd == 0
        await me.close()
