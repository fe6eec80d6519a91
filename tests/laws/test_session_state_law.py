"""The law of a session's row: what the store kept of a story is what a face folds from its events, field by field."""

import asyncio
import tempfile
from pathlib import Path
from random import Random

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.fakes.projection import snapshot_at
from tests.fakes.story import SESSION, told
from vega_tui.core.events import AnyEvent
from vega_tui.host.directory import session_row
from vega_tui.protocol.rows import SessionRow
from vega_tui.protocol.session_state import session_after
from vega_tui.sessions.store import Store


def folded(events: list[AnyEvent]) -> SessionRow:
    row = SessionRow(id="", name="", cwd="", model="")
    for event in events:
        row = session_after(row, event)
    return row


async def stored(events: list[AnyEvent], folder: Path) -> SessionRow:
    async with await Store.open(folder / "vega.db") as store:
        await store.append(events)
        return session_row(await store.session(SESSION))


@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(st.integers(0, 2**32).map(Random), st.integers(1, 60))
def test_the_store_the_fold_and_the_plainest_reading_give_one_row(random: Random, moves: int) -> None:
    events = told(random, moves)
    with tempfile.TemporaryDirectory() as folder:
        kept = asyncio.run(stored(events, Path(folder)))
    assert folded(events) == kept == snapshot_at(events).session
