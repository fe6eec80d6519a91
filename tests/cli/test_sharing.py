"""A host that runs inside a command line is everybody's while it runs."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.face import Face
from vega_tui.cli.connect import in_process
from vega_tui.core import events as ev
from vega_tui.core.home import Home
from vega_tui.core.words import Decision, RunStatus
from vega_tui.llm.simulator import Simulator
from vega_tui.protocol.frames import PROTOCOL_VERSION
from vega_tui.protocol.operations import Hello


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(words_per_s=0, first_word_s=0) as running:
        yield running


async def test_it_stays_until_the_runs_are_done_that_others_began_in_it(tmp_path: Path, simulator: Simulator) -> None:
    home, there, asked = Home(tmp_path / "home"), asyncio.Event(), asyncio.Event()
    told: list[str] = []

    async def command_line() -> None:
        hello = Hello(protocol=PROTOCOL_VERSION, client="headless", can_ask=False)
        async with in_process(home, hello, notes=told.append):
            there.set()
            await asked.wait()

    command = asyncio.create_task(command_line())
    await there.wait()
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(str(home.socket))
    other = await (await Face.join(sock, simulator.url, tmp_path)).open()
    await other.send('tool bash {"command": "echo hi"}')
    question = await other.asked()
    asked.set()
    while not told:
        await other.show()
    await other.decide(question.id, Decision.ONCE)
    assert (await other.until(ev.RunFinished)).status is RunStatus.COMPLETED
    await other.close()
    await command
    assert "others work" in told[0]
