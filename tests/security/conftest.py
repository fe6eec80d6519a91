from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from vega_tui.core.home import Home
from vega_tui.llm.simulator import Simulator


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(words_per_s=0, first_word_s=0) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")
