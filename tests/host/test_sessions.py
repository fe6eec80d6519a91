import asyncio
import socket
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.face import Face, FaceFactory
from vega_tui.core import events as ev
from vega_tui.core.errors import HostError, NotFound, PolicyDenied, UserError
from vega_tui.core.home import Home
from vega_tui.core.messages import Text, text_of
from vega_tui.core.words import Decision, InputMode, Mode, RunStatus
from vega_tui.host import Host
from vega_tui.llm.simulator import Simulator
from vega_tui.protocol import operations as op
from vega_tui.protocol.frames import PROTOCOL_VERSION, encode_request
from vega_tui.sessions.lifecycle import validate


async def test_a_session_comes_back_with_its_history_mode_and_name(
    home: Home, simulator: Simulator, work: Path
) -> None:
    async with Host(home) as first:
        me = await (await Face.join(first.connect(), simulator.url, work)).open(mode=Mode.EDITS, name="auth refactor")
        await me.say("hello")
        await me.close()
    async with Host(home) as second:
        me = await (await Face.join(second.connect(), simulator.url, work)).open(latest=True)
        assert (me.row.name, me.row.mode) == ("auth refactor", Mode.EDITS)
        assert [entry.kind for entry in await me.entries()] == ["user", "assistant"]
        await me.say("hello again")
        assert len(simulator.requests[-1].body["messages"]) == 3
        assert (await me.process("root")).incarnation == 1
        await me.close()


async def test_a_new_session_has_the_callers_settings_however_it_is_opened_and_a_known_one_its_own(
    home: Home, simulator: Simulator, work: Path
) -> None:
    defaults = op.SessionDefaults(model="claude-haiku-4-5", mode=Mode.EDITS, budget_usd=2.0, max_turns=7)
    other = op.SessionDefaults(budget_usd=9.0, max_turns=3)
    async with Host(home) as host:
        me = await Face.join(host.connect(), simulator.url, work, defaults=defaults)
        for wanted in ({"latest": True, "model": ""}, {"name": "by hand", "model": ""}):
            row = (await me.open(**wanted)).row
            assert (row.model, row.mode, row.budget_usd, row.max_turns) == ("claude-haiku-4-5", Mode.EDITS, 2.0, 7)
        given = (await me.open(budget_usd=1.0)).row
        assert (given.budget_usd, given.max_turns) == (1.0, 7)
        later = await Face.join(host.connect(), simulator.url, work, defaults=other)
        known = (await later.open(session=given.id, model="")).row
        assert (known.budget_usd, known.mode, known.max_turns) == (1.0, Mode.EDITS, 7)
        await me.close()
        await later.close()


async def test_the_first_message_names_a_session_that_has_no_name(face: FaceFactory) -> None:
    me = await (await face()).open()
    assert me.row.name == "new session"
    await me.say("hello there")
    snapshot = await me.show()
    assert snapshot.session is not None
    assert snapshot.session.name == "hello there"


async def test_a_face_that_comes_later_is_told_of_the_newest_facts(
    home: Home, simulator: Simulator, work: Path
) -> None:
    async with Host(home) as first:
        me = await (await Face.join(first.connect(), simulator.url, work)).open(name="kept")
        await me.say("hello")
        other = await (await Face.join(first.connect(), simulator.url, work)).open(session="kept")
        told = [event.seq for event in other.snapshot.recent]
        assert told == sorted(told)
        assert told[-1] == other.snapshot.seq
        await me.close()
        await other.close()
    async with Host(home) as second:
        me = await (await Face.join(second.connect(), simulator.url, work)).open(session="kept")
        assert any(isinstance(event, ev.RunFinished) for event in me.snapshot.recent)
        assert me.snapshot.recent[-1].seq == me.snapshot.seq
        await me.close()


async def test_a_session_is_found_by_its_name_and_an_unknown_one_is_refused_in_one_line(face: FaceFactory) -> None:
    me = await (await face()).open(name="alpha")
    again = await (await face()).open(session="alpha")
    assert again.row.id == me.row.id
    with pytest.raises(NotFound, match="omega"):
        await (await face()).open(session="omega")


async def test_two_faces_see_the_same_and_an_answer_given_in_one_settles_it_in_the_other(face: FaceFactory) -> None:
    one = await (await face()).open(name="shared")
    two = await (await face()).open(session="shared")
    await one.send('tool bash {"command": "echo hi"}')
    approval = await two.asked()
    await two.decide(approval.id, Decision.ONCE)
    await one.until(ev.ApprovalDecided)
    with pytest.raises(UserError, match="decided by"):
        await one.decide(approval.id, Decision.DENY)
    await one.until(ev.RunFinished)
    await two.until(ev.RunFinished)
    seen = [event.seq for event in one.events if event.seq > two.snapshot.seq]
    assert seen == [event.seq for event in two.events]


async def test_who_comes_back_with_a_seq_misses_nothing_and_gets_nothing_twice(face: FaceFactory) -> None:
    one = await (await face()).open(name="shared", mode=Mode.YOLO)
    two = await (await face()).open(session="shared")
    await one.say("hello")
    at = two.events[2].seq
    await two.close()
    await one.send('tool bash {"command": "echo hi"}')
    three = await face()
    three.row = one.row
    await three.subscribe(since=at)
    await one.until(ev.RunFinished, lambda _: one.names().count("RunFinished") == 2)
    await three.until(ev.RunFinished, lambda _: three.names().count("RunFinished") == 2)
    assert [event.seq for event in three.events] == [event.seq for event in one.events if event.seq > at]


async def test_a_snapshot_in_the_middle_of_an_answer_goes_on_where_the_watched_text_stops(
    face: FaceFactory, simulator: Simulator
) -> None:
    one = await (await face()).open(name="shared")
    await one.connection.call(op.WATCH, op.Watch(session=one.row.id, processes=("root",)))
    await one.send("stream 60 at 200 tag A")
    while len(one.deltas) < 3:
        await one.show()
    two = await (await face()).open(session="shared")
    watched = await two.connection.call(op.WATCH, op.Watch(session=two.row.id, processes=("root",)))
    await two.until(ev.RunFinished)
    whole = text_of((await two.entries())[-1].content)
    text = "".join(open_text.text for open_text in watched.texts) + "".join(delta.text for delta in two.deltas)
    assert text.strip() == whole.strip()


async def test_a_fork_before_a_message_gives_its_text_back_and_leaves_the_old_branch_whole(
    face: FaceFactory, simulator: Simulator
) -> None:
    me = await (await face()).open()
    await me.say("hello")
    await me.say("and now this")
    entries = await me.entries()
    forked = await me.connection.call(op.SESSION_FORK, op.Fork(session=me.row.id, entry=entries[2].id))
    assert (forked.text, forked.head) == ("and now this", entries[1].id)
    await me.say("something else")
    said = [text_of(entry.content) for entry in await me.entries() if entry.kind == "user"]
    assert said == ["hello", "something else"]
    old = [text_of(entry.content) for entry in await me.entries(branch="main") if entry.kind == "user"]
    assert old == ["hello", "and now this"]
    assert len(simulator.requests[-1].body["messages"]) == 3
    listed = (await me.connection.call(op.BRANCH_LIST, op.SessionRef(session=me.row.id))).branches
    assert {branch.name: (branch.entries, branch.active) for branch in listed} == {
        "main": (4, False),
        forked.branch: (4, True),
    }
    await me.connection.call(op.BRANCH_SWITCH, op.BranchSwitch(session=me.row.id, branch="main"))
    await me.say("back")
    assert [text_of(e.content) for e in await me.entries() if e.kind == "user"] == ["hello", "and now this", "back"]


async def test_a_branch_does_not_change_under_a_run(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.send('tool bash {"command": "echo hi"}')
    await me.asked()
    with pytest.raises(UserError, match="run is under way"):
        await me.connection.call(op.SESSION_FORK, op.Fork(session=me.row.id))


async def test_an_ephemeral_session_is_gone_with_its_last_face(host: Host, face: FaceFactory) -> None:
    watcher = await (await face()).open(name="kept")
    me = await (await face()).open(ephemeral=True, name="secret plan")
    await me.say("hello")
    await me.close()
    listed = op.SessionList()
    async with asyncio.timeout(5):
        while len((await watcher.connection.call(op.SESSION_LIST, listed)).sessions) > 1:
            await watcher.show()


async def test_a_removed_session_leaves_nothing_to_find(face: FaceFactory, home: Home) -> None:
    me = await (await face()).open(name="to go")
    await me.say("a word that nobody else says: xylophone")
    await me.connection.call(op.SESSION_REMOVE, op.SessionRef(session="to go"))
    with pytest.raises(NotFound):
        await me.connection.call(op.SESSION_SHOW, op.SessionRef(session="to go"))
    assert b"xylophone" not in home.database.read_bytes()


async def test_a_read_only_face_may_look_but_not_touch(face: FaceFactory) -> None:
    me = await (await face()).open(name="shared")
    looker = await face(read_only=True)
    looker.row = me.row
    await looker.subscribe()
    with pytest.raises(PolicyDenied, match="read-only"):
        await looker.send("hello")
    await me.say("hello")
    await looker.until(ev.RunFinished)


async def test_a_read_only_face_joins_what_is_open_and_changes_nothing_by_it(face: FaceFactory) -> None:
    looker = await face(read_only=True)
    with pytest.raises(NotFound, match="without --read-only"):
        await looker.open()
    me = await (await face()).open(name="shared", mode=Mode.MANUAL)
    assert (await looker.open(mode=Mode.YOLO)).row.id == me.row.id
    assert (await looker.open(session="shared")).row.mode is Mode.MANUAL
    with pytest.raises(NotFound, match="omega"):
        await looker.open(session="omega")


async def test_drafts_and_waiting_inputs_survive_the_host(home: Home, simulator: Simulator, work: Path) -> None:
    async with Host(home) as first:
        me = await (await Face.join(first.connect(), simulator.url, work)).open(name="kept")
        await me.send('tool bash {"command": "echo hi"}')
        await me.asked()
        await me.send("hello", mode=InputMode.FOLLOWUP)
        await me.connection.call(op.DRAFT_SET, op.DraftSet(session=me.row.id, text="half a thou"))
        await me.close()
    async with Host(home) as second:
        me = await (await Face.join(second.connect(), simulator.url, work)).open(session="kept")
        assert me.snapshot.draft == "half a thou"
        await me.until(ev.RunFinished)
        assert [text_of(entry.content) for entry in await me.entries() if entry.kind == "user"][-1] == "hello"
        await me.close()


async def test_a_second_host_of_the_same_home_is_refused_and_the_first_goes_on(home: Home, host: Host) -> None:
    with pytest.raises(HostError, match="another host"):
        async with Host(home):
            pass
    assert home.socket.exists()


async def test_a_face_that_stopped_reading_does_not_keep_the_host_from_ending(
    home: Home, simulator: Simulator, work: Path
) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as stuck:
        async with asyncio.timeout(40), Host(home) as host:
            me = await (await Face.join(host.connect(), simulator.url, work)).open()
            stuck.connect(str(home.socket))
            stuck.sendall(encode_request(1, "hello", op.Hello(protocol=PROTOCOL_VERSION, client="stuck")))
            stuck.sendall(encode_request(2, "subscribe", op.Subscribe()))
            await me.say("write big.txt: " + "x" * 1_500_000)
            await me.close()


async def test_a_stale_socket_of_a_dead_host_is_taken_over(home: Home) -> None:
    home.ensure()
    home.socket.write_text("")
    async with Host(home):
        assert home.socket.is_socket()
    assert not home.socket.exists()


async def test_a_home_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="VEGA_HOME"):
        async with Host(Home(tmp_path / "file" / "home")):
            pass


async def test_a_face_of_another_protocol_is_told_both_versions(host: Host) -> None:
    from vega_tui.client.connection import Connection

    with pytest.raises(HostError, match="protocol 1, the client 99"):
        await Connection.over(host.connect(), op.Hello(protocol=99, client="old"))


async def test_an_idle_host_ends_and_one_that_works_does_not(home: Home, simulator: Simulator, work: Path) -> None:
    async with Host(home) as host:
        me = await (await Face.join(host.connect(), simulator.url, work)).open()
        await me.send('tool bash {"command": "echo hi"}')
        await me.asked()
        await me.close()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await host.run_until_idle(0.05)
        again = await (await Face.join(host.connect(), simulator.url, work)).open(latest=True)
        await again.decide((await again.connection.call(op.APPROVAL_LIST, op.ApprovalList())).approvals[0].id,
                           Decision.DENY)  # fmt: skip
        await again.until(ev.RunFinished)
        await again.close()
        async with asyncio.timeout(5):
            await host.run_until_idle(0.05)


async def test_an_unknown_operation_and_a_broken_frame_do_not_harm_the_host(host: Host, face: FaceFactory) -> None:
    me = await (await face()).open()
    sock = host.connect()
    sock.sendall(b"this is no frame\n")
    assert (await me.say("hello")).status is RunStatus.COMPLETED
    sock.close()


async def test_what_a_session_did_passes_the_lifecycle_check(face: FaceFactory) -> None:
    auditor = await face()
    await auditor.connection.call(op.SUBSCRIBE, op.Subscribe())
    me = await (await face()).open(mode=Mode.YOLO)
    for text in ("hello", "list files here", "task helper: run echo hi", "cut 3", "fail 400", "code 3"):
        await me.say(text)
    await me.until(ev.ProcessStarted, lambda event: event.process == "root" and event.incarnation == 2)
    assert validate(auditor.events) == []
    assert any(isinstance(block, Text) for entry in await me.entries() for block in entry.content)
