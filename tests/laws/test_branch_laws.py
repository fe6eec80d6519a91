"""Branches against git's model in a dictionary: a branch is a name for an entry, an entry knows its parent."""

import asyncio
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sessions.builders import S, entry, put, session
from vega_tui.core import events as ev
from vega_tui.sessions.faults import Refused
from vega_tui.sessions.store import Store


class Step(NamedTuple):
    what: str
    branch: int
    entry: int


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(["append", "append", "append", "fork", "move", "append elsewhere", "reopen", "rebuild"]),
        st.integers(0, 9),
        st.integers(0, 99),
    ),
    max_size=25,
)


class Model:
    def __init__(self) -> None:
        self.parents: dict[str, str] = {}
        self.heads = {"main": ""}

    def lineage(self, branch: str) -> list[str]:
        found: list[str] = []
        at = self.heads[branch]
        while at:
            found.append(at)
            at = self.parents[at]
        return found[::-1]


async def take(store: Store, model: Model, step: Step, number: int) -> None:
    branch = sorted(model.heads)[step.branch % len(model.heads)]
    entries = ["", *model.parents]
    chosen = entries[step.entry % len(entries)]
    fresh = f"e{number}"
    match step.what:
        case "append":
            await put(store, entry(fresh, model.heads[branch], f"words {number}", branch=branch))
            model.parents[fresh], model.heads[branch] = model.heads[branch], fresh
        case "append elsewhere" if chosen != model.heads[branch]:
            with pytest.raises(Refused):
                await put(store, entry(fresh, chosen, branch=branch))
        case "fork":
            name = f"b{number}"
            await put(store, ev.BranchCreated(session=S, process="root", branch=name, head=chosen, origin=chosen))
            model.heads[name] = chosen
        case "move":
            await put(store, ev.BranchMoved(session=S, process="root", branch=branch, head=chosen))
            model.heads[branch] = chosen
        case "rebuild":
            await store.rebuild()
        case _:
            pass


async def walk(steps: list[Step], path: Path) -> None:
    model = Model()
    store = await Store.open(path)
    try:
        await put(store, session(), ev.BranchCreated(session=S, process="root", branch="main"))
        for number, step in enumerate(steps):
            if step.what == "reopen":
                await store.close()
                store = await Store.open(path)
            await take(store, model, step, number)
        for branch in model.heads:
            assert [each.id for each in await store.entries_page(S, "root", branch)] == model.lineage(branch)
        assert {row.name: row.head for row in await store.branches(S)} == model.heads
        assert (await store.session(S)).entries == len(model.parents)
        assert await store.compare() == []
    finally:
        await store.close()


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_branches_follow_the_model_through_forks_moves_and_restarts(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(walk(steps, Path(folder) / "vega.db"))
