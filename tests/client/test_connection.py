import asyncio
import os
from pathlib import Path

import pytest

from tests.fakes.frame_host import FrameHost
from tests.fakes.story import SESSION
from tests.fakes.virtual_loop import run_virtual
from vega_tui.client.connection import Connection, ConnectionLost, VersionMismatch
from vega_tui.core import events as ev
from vega_tui.core.errors import HostError, NotFound
from vega_tui.core.home import Home
from vega_tui.protocol import frames
from vega_tui.protocol import operations as ops
from vega_tui.protocol.frames import PROTOCOL_VERSION

HELLO = ops.Hello(protocol=PROTOCOL_VERSION, client="tui")


def renamed(seq: int, name: str = "x") -> ev.SessionChanged:
    return ev.SessionChanged(seq=seq, session=SESSION, name=name)


async def test_answers_come_back_to_their_own_questions() -> None:
    async with FrameHost() as host:
        host.answers["model.list"] = lambda raw: ops.Models(models=(frames.decode_as(raw, ops.SessionRef).session,))
        connection = await Connection.over(host.pair(), HELLO)
        asked = [connection.call(ops.MODEL_LIST, ops.SessionRef(session=f"s{n}")) for n in range(20)]
        answers = await asyncio.gather(*asked)
        await connection.close()
    assert [answer.models for answer in answers] == [(f"s{n}",) for n in range(20)]


async def test_an_error_of_the_host_is_raised_as_its_class() -> None:
    def refuse(_: object) -> ops.Nothing:
        raise NotFound("no session “zap”")

    async with FrameHost() as host:
        host.answers["session.close"] = refuse
        connection = await Connection.over(host.pair(), HELLO)
        with pytest.raises(NotFound, match="no session “zap”"):
            await connection.call(ops.SESSION_CLOSE, ops.SessionRef(session="zap"))
        await connection.close()


async def test_a_host_of_another_protocol_is_named_with_both_versions() -> None:
    async with FrameHost(protocol=7) as host:
        with pytest.raises(VersionMismatch, match=f"speaks protocol 7, this program {PROTOCOL_VERSION}") as caught:
            await Connection.over(host.pair(), HELLO)
    assert (caught.value.theirs, caught.value.pid, caught.value.alive) == (7, 77, 0)
    assert "restart it" in str(caught.value)


async def test_an_old_host_with_work_under_way_is_not_offered_for_restart() -> None:
    async with FrameHost(protocol=7) as host:
        host.alive = 3
        with pytest.raises(VersionMismatch, match="still runs 3 processes"):
            await Connection.over(host.pair(), HELLO)


async def test_a_host_of_another_user_is_left_before_a_word_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with FrameHost() as host:
        home = Home(tmp_path)
        home.ensure()
        await host.listen(home.socket)
        owner = os.getuid()
        monkeypatch.setattr(os, "getuid", lambda: owner + 1)
        with pytest.raises(HostError, match="is another user"):
            await Connection.to_unix(home, HELLO)
        assert host.asked == []


async def test_events_deltas_and_notices_come_in_their_order() -> None:
    told: list[object] = []
    done = asyncio.Event()

    def notice(told_by_host: frames.Notice) -> None:
        told.append(told_by_host)
        done.set()

    async with FrameHost() as host:
        connection = await Connection.over(
            host.pair(), HELLO, on_event=told.append, on_delta=told.append, on_notice=notice
        )
        delta = ev.TextDelta(session=SESSION, process="root", text="hi")
        host.tell(renamed(1))
        host.say(delta)
        host.tell(renamed(2))
        host.notice("storage")
        await done.wait()
        await connection.close()
    assert told == [renamed(1), delta, renamed(2), frames.Notice(kind="storage")]


async def test_a_line_of_many_megabytes_arrives_whole() -> None:
    got = asyncio.get_running_loop().create_future()
    name = "n" * 5_000_000
    async with FrameHost() as host:
        connection = await Connection.over(host.pair(), HELLO, on_event=got.set_result)
        host.tell(renamed(1, name))
        event = await got
        await connection.close()
    assert event == renamed(1, name)


async def test_a_line_longer_than_a_frame_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_FRAME_BYTES", 10_000)
    closed = asyncio.get_running_loop().create_future()
    async with FrameHost() as host:
        connection = await Connection.over(host.pair(), HELLO, on_closed=closed.set_result)
        host.send(b"x" * 20_000)
        assert "longer than any frame" in str(await closed)
        await connection.close()


async def test_what_is_no_frame_ends_the_connection() -> None:
    closed = asyncio.get_running_loop().create_future()
    async with FrameHost() as host:
        connection = await Connection.over(host.pair(), HELLO, on_closed=closed.set_result)
        host.send(b"hello, world\n")
        assert "could not be read" in str(await closed)
        await connection.close()


async def test_an_event_this_version_does_not_know_ends_the_connection_with_advice() -> None:
    closed = asyncio.get_running_loop().create_future()
    async with FrameHost() as host:
        connection = await Connection.over(host.pair(), HELLO, on_closed=closed.set_result)
        host.send(b'{"jsonrpc":"2.0","method":"event","params":{"type":"from.the.future"}}\n')
        assert "restart the older side" in str(await closed)
        await connection.close()


async def test_calls_under_way_end_when_the_host_goes_away() -> None:
    async with FrameHost() as host:
        host.silent.add("model.list")
        connection = await Connection.over(host.pair(), HELLO)
        asked = asyncio.ensure_future(connection.call(ops.MODEL_LIST, ops.SessionRef(session="s")))
        while "model.list" not in host.asked:
            await asyncio.sleep(0)
        host.drop()
        with pytest.raises(ConnectionLost):
            await asked
        with pytest.raises(ConnectionLost):
            await connection.call(ops.MODEL_LIST, ops.SessionRef(session="s"))
        await connection.close()


def test_a_mute_host_is_given_up_on_and_later_calls_still_work() -> None:
    async def main() -> None:
        async with FrameHost() as host:
            host.silent.add("model.list")
            connection = await Connection.over(host.pair(), HELLO)
            with pytest.raises(HostError, match=r"no answer to model\.list within 30 s"):
                await connection.call(ops.MODEL_LIST, ops.SessionRef(session="s"))
            await connection.call(ops.SESSION_CLOSE, ops.SessionRef(session="s"))
            await connection.close()

    run_virtual(main())


async def test_closing_says_nothing_to_on_closed() -> None:
    closed: list[HostError] = []
    async with FrameHost() as host:
        connection = await Connection.over(host.pair(), HELLO, on_closed=closed.append)
        await connection.close()
        await connection.close()
    assert closed == []
    assert connection.closed


async def test_a_socket_nobody_listens_on_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"no host answers at .*\.sock"):
        await Connection.to_unix(Home(tmp_path), HELLO)


async def test_over_a_unix_socket_it_is_the_same(tmp_path: Path) -> None:
    async with FrameHost() as host:
        home = Home(tmp_path)
        home.ensure()
        await host.listen(home.socket)
        connection = await Connection.to_unix(home, HELLO)
        assert connection.welcome.pid == 77
        await connection.close()
