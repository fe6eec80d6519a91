from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.library import stubborn_tools
from vega_tui import Orchestrator
from vega_tui.llm.simulator import Simulator

Make: TypeAlias = Callable[..., Awaitable[Orchestrator]]


@pytest.fixture(autouse=True)
def events_of_this_loop() -> None:
    stubborn_tools.reset()


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(words_per_s=0, first_word_s=0) as running:
        yield running


@pytest.fixture
async def make(simulator: Simulator, tmp_path: Path) -> AsyncIterator[Make]:
    async with AsyncExitStack() as stack:

        async def open_one(**given: Any) -> Orchestrator:
            work = tmp_path / "work"
            work.mkdir(exist_ok=True)
            given = {"api_key": "k", "base_url": simulator.url, "cwd": work} | given
            return await stack.enter_async_context(Orchestrator(**given))

        yield open_one


@pytest.fixture
async def orch(make: Make) -> Orchestrator:
    return await make()
