import asyncio
import os
import socket
from pathlib import Path

import pytest

from tests.fakes.frame_host import FrameHost
from vega_tui.client import listener
from vega_tui.client.locate import PROBE, Found, Presence, find_host
from vega_tui.core.home import Home
from vega_tui.protocol import frames
from vega_tui.protocol import operations as ops


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "h")
    home.ensure()
    return home


async def found(home: Home) -> Found:
    return await asyncio.to_thread(find_host, home, 0.2)


async def test_a_host_that_answers_is_ready(home: Home) -> None:
    async with FrameHost() as host:
        await host.listen(home.socket)
        assert await found(home) == Found(Presence.READY)


def test_without_a_socket_there_is_none(home: Home) -> None:
    assert find_host(home).presence is Presence.ABSENT


def test_a_socket_left_over_is_stale(home: Home) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(home.socket))
    assert find_host(home).presence is Presence.STALE


def test_a_host_that_says_nothing_is_mute(home: Home) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(home.socket))
        sock.listen()
        assert find_host(home, 0.01).presence is Presence.MUTE


def test_a_folder_that_others_can_write_is_not_trusted(home: Home) -> None:
    home.socket.touch()
    home.socket.parent.chmod(0o777)
    answer = find_host(home)
    assert answer.presence is Presence.FOREIGN
    assert "chmod 700" in answer.text


def test_a_folder_of_another_user_is_not_trusted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.socket.touch()
    owner = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    answer = find_host(home)
    assert answer.presence is Presence.FOREIGN
    assert "belongs to another user" in answer.text


def test_a_listener_of_another_user_is_not_trusted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def somebody_else(_: socket.socket) -> tuple[int, int]:
        return os.getpid(), os.getuid() + 1

    monkeypatch.setattr(listener, "peer", somebody_else)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(home.socket))
        sock.listen()
        assert find_host(home).presence is Presence.FOREIGN


def test_the_probe_is_a_hello_of_this_protocol() -> None:
    frame = frames.decode_frame(PROBE)
    assert frame.method == ops.HELLO.name
    assert frames.decode_as(frame.params, ops.Hello).protocol == frames.PROTOCOL_VERSION


def test_finding_out_loads_nothing_heavy() -> None:
    import subprocess
    import sys

    code = (
        "import sys, vega_tui.client.locate as l; print([m for m in ('msgspec','asyncio','yaml') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert said.stdout.strip() == "[]"
