import asyncio
import shutil
import sys
from pathlib import Path

import psutil
import pytest

from vega_tui.llm.simulator import Simulator


@pytest.mark.skipif(shutil.which("bash") is None, reason="the guard is a shell")
async def test_nothing_that_tools_started_outlives_a_program_that_is_killed(
    simulator: Simulator, tmp_path: Path
) -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.library.doomed", simulator.url,
        stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert program.stdout is not None
    try:
        async with asyncio.timeout(45):
            pids = [int(await program.stdout.readline()) for _ in range(3)]
            started = psutil.Process(program.pid).children(recursive=True)
            while sum(process.name() == "sleep" for process in started) < 4:  # two of them left their group
                await asyncio.sleep(0.02)
                started = psutil.Process(program.pid).children(recursive=True)
    finally:
        program.kill()
        await program.wait()
    assert {process.pid for process in started} >= set(pids)
    async with asyncio.timeout(10):
        while any(_lives(process) for process in started):
            await asyncio.sleep(0.02)  # the kernel tells nobody but the parent


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
