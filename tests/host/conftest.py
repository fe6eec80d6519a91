from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.face import Face, FaceFactory
from vega_tui.core.home import Home
from vega_tui.host import Host
from vega_tui.llm.simulator import Simulator


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(words_per_s=0, first_word_s=0) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
async def host(home: Home) -> AsyncIterator[Host]:
    async with Host(home) as running:
        yield running


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "notes.md").write_text("one\ntwo\n")
    return folder


@pytest.fixture
async def face(host: Host, simulator: Simulator, work: Path) -> AsyncIterator[FaceFactory]:
    faces: list[Face] = []

    async def make(*, can_ask: bool = True, read_only: bool = False, api_key: str = "k") -> Face:
        made = await Face.join(
            host.connect(), simulator.url, work, can_ask=can_ask, read_only=read_only, api_key=api_key
        )
        faces.append(made)
        return made

    yield make
    for made in faces:
        await made.close()
