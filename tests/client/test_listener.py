"""Who listens at a home's socket is asked before anything is said to it: the host of that home, and no agent's."""

import asyncio
import fcntl
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vega_tui.client.connection import Connection
from vega_tui.client.listener import holders_of, why_not_host
from vega_tui.client.locate import Presence, find_host
from vega_tui.core.errors import HostError
from vega_tui.core.home import Home
from vega_tui.core.processes import MARK, Seen
from vega_tui.protocol import operations as ops
from vega_tui.protocol.frames import PROTOCOL_VERSION

HELLO = ops.Hello(protocol=PROTOCOL_VERSION, client="test", provider=ops.ProviderSettings(api_key="sk-canary"))
ME = os.getpid()
LISTENS = """
import fcntl, os, socket, sys
sock = socket.socket(socket.AF_UNIX)
sock.bind(sys.argv[1]); sock.listen()
if sys.argv[2] == "takes":
    lock = open(sys.argv[3], "w"); fcntl.flock(lock, fcntl.LOCK_EX)
print("ready", flush=True)
while True:
    print(sock.accept()[0].recv(1 << 20), flush=True)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "h")
    home.ensure()
    return home


@contextmanager
def somebody(home: Home, lock: str = "leaves", env: dict[str, str] | None = None) -> Generator["subprocess.Popen[str]"]:
    """Another program that listens at the home's socket."""
    command = [sys.executable, "-c", LISTENS, str(home.socket), lock, str(home.lock)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


async def greeted(home: Home) -> str:
    """Why it isn't spoken to."""
    with pytest.raises(HostError) as caught:
        await Connection.to_unix(home, HELLO)
    return str(caught.value)


async def test_who_does_not_hold_the_homes_lock_is_told_nothing(home: Home) -> None:
    with somebody(home) as process:
        said = await greeted(home)
        found = await asyncio.to_thread(find_host, home)
        process.kill()
        assert process.stdout is not None
        heard = process.stdout.read()
    assert f"the socket at {home.socket} is not the host's" in said
    assert f"pid {process.pid}" in said
    assert "\n" not in said
    assert (found.presence, found.text) == (Presence.FOREIGN, said)
    assert "hello" not in heard


async def test_a_lock_that_another_holds_is_not_the_listeners(home: Home) -> None:
    with home.lock.open("w") as mine:
        fcntl.flock(mine, fcntl.LOCK_EX)
        mine.write(f"{ME}\n")
        mine.flush()
        with somebody(home):
            assert f"pid {ME} is the host" in await greeted(home)


async def test_who_bears_the_mark_of_a_call_is_told_nothing_even_with_the_lock(home: Home) -> None:
    with somebody(home, "takes", {**os.environ, MARK: "c_1"}):
        assert "call c_1" in await greeted(home)


def process(pid: int, parent: int, started: int = 200) -> Seen:
    return Seen(pid=pid, name="x", state="S", parent=parent, group=pid, session=pid, terminal="", started=started)


def judged(*family: Seen, commands: dict[int, list[str]], holders: frozenset[int] = frozenset({7})) -> str:
    """Of a listener 7 and who is above it; the face is ME, below 50."""
    there = {each.pid: each for each in (process(1, 0, 0), process(ME, 50, 100), process(50, 1, 10), *family)}
    return why_not_host(7, holders, there.get, lambda _: "", lambda pid: commands.get(pid, []))


HOST = ["python", "-I", "own_start.py", "vega_tui.host", "--home", "/h"]


@pytest.mark.parametrize(
    "family",
    [
        [process(7, 1)],  # its launcher has gone
        [process(7, ME)],  # we started it
        [process(7, 8), process(8, 50)],  # a face beside us did
        [process(7, 0)],
    ],
    ids=["of init", "ours", "of a sibling", "of outside"],
)
def test_a_host_that_a_face_started_is_one(family: list[Seen]) -> None:
    assert judged(*family, commands={7: HOST, 8: ["vega-tui"]}) == ""


@pytest.mark.parametrize(
    "above",
    [HOST, ["/usr/bin/python", "/bin/vega-tui", "-p", "do it"], ["python", "-m", "vega_tui", "--print", "x"]],
    ids=["a host", "-p", "--print"],
)
def test_what_comes_from_below_a_host_is_none(above: list[str]) -> None:
    commands = {7: HOST, 9: above}
    assert "process 9" in judged(process(7, 9), process(9, 1), commands=commands)
    assert "process 9" in judged(process(7, 8), process(8, 9), process(9, 1), commands=commands)


def test_a_family_that_cannot_be_followed_is_not_believed() -> None:
    assert "can't be seen" in judged(process(7, 8), commands={})
    assert judged(process(7, 8), process(8, 7), commands={}) != ""
    assert judged(commands={}) != ""


def test_where_processes_are_hidden_from_each_other_the_lock_alone_tells() -> None:
    def nothing(_: int) -> None:
        return None

    assert why_not_host(7, {7}, nothing, lambda _: "", lambda _: []) == ""
    assert why_not_host(7, {8}, nothing, lambda _: "", lambda _: []) != ""


def test_a_lock_that_several_or_none_hold_is_nobodys() -> None:
    assert judged(process(7, 1), commands={}, holders=frozenset()) != ""
    assert judged(process(7, 1), commands={}, holders=frozenset({7, 8})) != ""


def test_the_holder_is_whom_the_kernel_names_and_else_whom_the_file_names(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert holders_of(lock, "") == frozenset()
    lock.write_text("4121\n")
    status = lock.stat()
    device = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}"
    listed = (
        f"1: FLOCK  ADVISORY  WRITE 7 {device}:{status.st_ino} 0 EOF\n"
        f"1: -> FLOCK  ADVISORY  WRITE 8 {device}:{status.st_ino} 0 EOF\n"  # waits for it
        f"2: POSIX  ADVISORY  WRITE 9 {device}:{status.st_ino} 0 EOF\n"
        f"3: FLOCK  ADVISORY  WRITE 10 ff:ff:{status.st_ino} 0 EOF\n"
    )
    assert holders_of(lock, listed) == {7}
    assert holders_of(lock, listed.replace(device, "aa:bb")) == {7, 10}  # a file system that names itself otherwise
    assert holders_of(lock, "1: FLOCK  ADVISORY  WRITE 7 00:01:1 0 EOF\nnonsense\n") == {4121}
    lock.write_bytes(b"\xff" * 100)
    assert holders_of(lock, "") == frozenset()
