"""What a host has acknowledged is heard, once: over kills at any event, second sendings, and a disk that fills up."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.face import Face, FaceFactory
from vega_tui.core import events as ev
from vega_tui.core.errors import StorageError, UserError
from vega_tui.core.home import Home
from vega_tui.core.ids import new_id
from vega_tui.core.messages import text_of
from vega_tui.core.words import InputMode, Mode
from vega_tui.host import Host
from vega_tui.llm.simulator import Simulator
from vega_tui.protocol import operations as op
from vega_tui.sessions.lifecycle import validate
from vega_tui.sessions.store import Store


async def settled(me: Face) -> None:
    snapshot = await me.show()
    while snapshot.inputs or any(row.run for row in snapshot.processes):
        snapshot = await me.show()


async def send(me: Face, text: str, id: str, session: str = "") -> str:
    wanted = op.Send(session=session or me.row.id, text=text, id=id, mode=InputMode.QUEUE)
    return (await me.connection.call(op.SEND, wanted)).input


async def heard(me: Face, process: str = "root") -> Counter[str]:
    """How often each input stands in the transcript."""
    return Counter(entry.input for entry in await me.entries(process) if entry.input)


async def told_story(host: Host, simulator: Simulator, work: Path) -> list[ev.AnyEvent]:
    """A session with inputs of every kind, as the log has it."""
    me = await (await Face.join(host.connect(), simulator.url, work)).open(mode=Mode.YOLO, name="told")
    await me.say("say one")
    await me.send('tool bash {"command": "echo two"}')
    await me.send("say steered")
    await me.send("say after", mode=InputMode.FOLLOWUP)
    waiting = await me.send("say never", mode=InputMode.FOLLOWUP)
    try:
        await me.connection.call(op.INPUT_WITHDRAW, op.InputRef(session=me.row.id, input=waiting))
    except UserError:
        pass  # it was heard already
    await settled(me)
    await me.close()
    return await host.services.store.events_since(0)


async def test_wherever_the_log_ends_each_input_in_it_is_heard_once_and_each_call_has_one_result(
    tmp_path: Path, simulator: Simulator, work: Path
) -> None:
    async with Host(Home(tmp_path / "told")) as host:
        story = await told_story(host, simulator, work)
    begin = next(event.seq for event in story if isinstance(event, ev.InputReceived))
    for end in range(begin, len(story) + 1):
        home = Home(tmp_path / f"cut{end}")
        home.ensure()
        async with await Store.open(home.database) as store:
            await store.append(story[:end])
        async with Host(home) as host:
            me = await (await Face.join(host.connect(), simulator.url, work)).open(latest=True)
            await settled(me)
            log = await host.services.store.events_since(0)
            received = {event.input for event in log if isinstance(event, ev.InputReceived)}
            dropped = {event.input for event in log if isinstance(event, ev.InputDropped)}
            delivered = [event.input for event in log if isinstance(event, ev.InputDelivered)]
            assert await heard(me) == Counter(received - dropped), f"cut after event {end}"
            assert Counter(delivered) == Counter(received - dropped), f"cut after event {end}"
            calls = Counter(event.call for event in log if isinstance(event, ev.ToolProposed))
            results = Counter(entry.call for entry in await me.entries() if entry.kind == "tool_result")
            assert results == calls, f"cut after event {end}"
            assert validate(log) == [], f"cut after event {end}"
            await me.close()


async def test_the_word_that_an_input_was_heard_is_never_stored_without_its_entry(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.say("hello")
    names = me.names()
    assert names.index("RunStarted") < names.index("EntryAdded") < names.index("InputDelivered")


async def test_an_input_that_meets_the_end_of_its_process_is_heard_by_the_next_life(face: FaceFactory) -> None:
    me = await (await face()).open()
    for life in range(2, 6):  # more restarts in a minute would end the root
        await asyncio.gather(me.send("say yes"), me.act(op.PROCESS_KILL, "root"))
        await me.until(ev.ProcessStarted, lambda event, life=life: event.incarnation == life)
    await settled(me)
    assert set((await heard(me)).values()) == {1}
    assert len(await heard(me)) == 4


async def test_a_message_that_is_sent_again_is_the_same_message(face: FaceFactory) -> None:
    me, other = await (await face()).open(), await face()
    id = new_id("i")
    told = await asyncio.gather(*(send(me, "say yes", id) for _ in range(3)), send(other, "say yes", id, me.row.id))
    await settled(me)
    assert {*told, await send(me, "say yes", id)} == {id}
    await settled(me)
    assert await heard(me) == {id: 1}
    assert me.names().count("RunStarted") == 1


async def test_a_message_is_the_same_for_the_next_host_too(tmp_path: Path, simulator: Simulator, work: Path) -> None:
    home, id = Home(tmp_path / "home"), new_id("i")
    for _ in range(2):
        async with Host(home) as host:
            me = await (await Face.join(host.connect(), simulator.url, work)).open(latest=True)
            await send(me, "say yes", id)
            await settled(me)
            assert await heard(me) == {id: 1}
            await me.close()


@pytest.mark.parametrize("id", ["i_", "x" * 20, "i_" + "A" * 18, "i_" + "é" * 18, "i_0000000000000000001"])
async def test_an_id_that_is_none_is_refused(face: FaceFactory, id: str) -> None:
    me = await (await face()).open()
    with pytest.raises(UserError, match="id"):
        await send(me, "hello", id)


async def test_an_id_of_another_message_and_one_that_was_taken_back_are_refused(face: FaceFactory) -> None:
    me, other = await (await face()).open(), await (await face()).open()
    id = new_id("i")
    await send(me, "say yes", id)
    with pytest.raises(UserError, match="another message"):
        await send(other, "say no", id)
    await me.send('tool bash {"command": "echo one"}')
    await me.asked()
    again = new_id("i")
    await send(me, "hello", again)
    await me.connection.call(op.INPUT_WITHDRAW, op.InputRef(session=me.row.id, input=again))
    with pytest.raises(UserError, match="not heard any more"):
        await send(me, "hello", again)


@asynccontextmanager
async def full_disk(store: Store) -> AsyncGenerator[None]:
    def limit(connection: sqlite3.Connection) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    await store._writer.call(limit)  # pyright: ignore[reportPrivateUsage]  a disk that is really full
    yield
    await store._writer.call(lambda connection: connection.execute("PRAGMA max_page_count = 1000000"))  # pyright: ignore[reportPrivateUsage]  as above


async def test_a_message_that_could_not_be_stored_is_refused_and_not_heard_later(
    host: Host, face: FaceFactory, simulator: Simulator
) -> None:
    me = await (await face()).open()
    await me.say("hello")
    before = len(simulator.requests)
    async with full_disk(host.services.store):
        for _ in range(2):  # at the write that fails, and once the trouble is known
            with pytest.raises(StorageError, match="full"):
                await me.send("say never " + "x" * 500_000)
    while any(notice.kind == "storage" for notice in me.notices[-1:]):
        await me.show()
    await me.say("say yes")
    assert [text_of(entry.content) for entry in await me.entries() if entry.kind == "user"] == ["hello", "say yes"]
    assert len(simulator.requests) == before + 1
    assert (await me.show()).inputs == ()


async def test_what_was_sent_is_no_draft_any_more_though_its_face_is_gone(face: FaceFactory) -> None:
    me = await (await face()).open()
    for sent, kept in (("hello", "hello"), ("look here", "@root look here\n"), ("hello", "another thought")):
        await me.connection.call(op.DRAFT_SET, op.DraftSet(session=me.row.id, text=kept))
        await me.say(sent)
        assert (await me.show()).draft == ("another thought" if kept == "another thought" else "")
