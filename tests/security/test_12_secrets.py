"""Issue 6, line 12: keys and passwords stay in the process that needs them, and are kept nowhere."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.fakes.face import Face
from tests.security.kit import host_process, reach
from vega_tui import Agent, Mode, Orchestrator
from vega_tui.client.environment import hello_for
from vega_tui.core.config import Config
from vega_tui.core.environment import allowed_environment, command_environment
from vega_tui.core.errors import VegaError
from vega_tui.core.home import Home
from vega_tui.core.secrecy import cleaned, know, passwords_in, without_userinfo
from vega_tui.llm.simulator import Simulator

KEY = "sk-canary-4f1d9a7be2c8"
PASSWORD = "hunter2-9c31"
BEARER = "aG9vazpodW50ZXIyLTljMzE="  # hook:hunter2-9c31, as a header has it
HIDDEN = (KEY, PASSWORD, BEARER)
# In whoever started the command, and in itself. The words are put together only there.
SEARCH = (
    "cat /proc/$PPID/environ /proc/$PPID/cmdline /proc/self/environ | tr '\\0' '\\n' "
    "| grep -c 'canary-4f1[d]\\|hunter2-9c3[1]'"
)
ENV = {
    "PATH": os.environ["PATH"],
    "ANTHROPIC_API_KEY": KEY,
    "GITHUB_TOKEN": KEY + "-github",
    "HTTPS_PROXY": f"http://hook:{PASSWORD}@proxy.invalid:1",
    "NO_PROXY": "127.0.0.1",
}


def shown(text: str) -> list[str]:
    return [each for each in HIDDEN if each in text]


@asynccontextmanager
async def echoing(status: int) -> AsyncGenerator[str]:
    """A model's server that fails, and says back all that it was sent; its address, with a password."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        words = head + "x" * 230 + KEY  # where a shortened message is cut, too
        error = {"type": "error", "error": {"type": "api_error", "message": words}}
        body = json.dumps(error).encode()
        writer.write(
            b"HTTP/1.1 %d no\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s"
            % (status, len(body), body)
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://hook:{PASSWORD}@127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def program(*argv: str, home: Path, cwd: Path, env: Mapping[str, str] = ENV) -> str:
    """All that the program prints."""
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "vega_tui", *argv, cwd=cwd, env={**env, "VEGA_HOME": str(home)},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(60):
        out, _ = await run.communicate()
    return out.decode()


def kept_in(home: Path) -> list[str]:
    """Files of a home that hold any of it."""
    files = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.name == "vega.db" for path in files)
    return [path.name for path in files if shown(path.read_bytes().decode("latin-1"))]


async def test_no_process_that_a_command_can_look_into_was_started_with_a_key(
    simulator: Simulator, tmp_path: Path
) -> None:
    out = await program(
        "-p", "tool bash " + json.dumps({"command": SEARCH}), "--output-format", "json",
        home=tmp_path / "home", cwd=tmp_path, env={**ENV, "ANTHROPIC_BASE_URL": simulator.url, "VEGA_MODE": "yolo"},
    )  # fmt: skip
    calls = [block for message in simulator.requests[-1].body["messages"] for block in message["content"]]
    results = [block for block in calls if block["type"] == "tool_result"]
    assert "[exit 1]" in str(results[0]["content"]), out  # grep found nothing


async def test_a_host_that_was_started_with_keys_shows_none(home: Home, simulator: Simulator, tmp_path: Path) -> None:
    process = await host_process(home, ENV)
    try:
        me = await (await Face.join(await reach(home, process), simulator.url, tmp_path)).open(mode=Mode.YOLO)
        shown_there = Path(f"/proc/{process.pid}/environ").read_bytes().decode()
        assert "GITHUB_TOKEN" in shown_there  # the names stay, there was something to take
        assert shown(shown_there) == []
        await me.close()
    finally:
        process.kill()
        await process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="as Linux shows processes")
@pytest.mark.parametrize("hidden", [True, False])
def test_another_program_of_the_same_user_cannot_look_into_ours(*, hidden: bool) -> None:
    code = f"""
import ctypes, os, sys
from vega_tui.core import secrecy
if os.getuid() == 0:  # who may look into everything
    os.setgid(65534); os.setuid(65534)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
if {hidden}: secrecy.withdraw(all_keys=True)
if os.fork() == 0:
    for name in ("environ", "mem"):
        try: open(f"/proc/{{os.getppid()}}/{{name}}", "rb").close(); print(name, "open")
        except PermissionError: print(name, "closed")
    sys.stdout.flush(); os._exit(0)
os.wait()
"""
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split("\n")
    assert out[:2] == (["environ closed", "mem closed"] if hidden else ["environ open", "mem open"])


@pytest.mark.parametrize("status", [400, 401, 500])
async def test_what_a_server_says_back_reaches_no_file_and_no_output(tmp_path: Path, status: int) -> None:
    home = tmp_path / "home"
    async with echoing(status) as url:
        env = {**ENV, "ANTHROPIC_BASE_URL": url, "VEGA_MAX_TURNS": "1"}
        said = ""
        for words in (
            ("-p", "hello", "--output-format", "stream-json"),
            ("doctor",),
            ("config", "show", "--origin"),
            ("config", "show", "--origin", "--json"),
            ("sessions", "list"),
        ):
            said += await asyncio.wait_for(program(*words, home=home, cwd=tmp_path, env=env), 60)
    assert "127.0.0.1" in said
    assert shown(said) == []
    assert kept_in(home) == []


async def test_an_isolated_agents_failure_tells_no_key_either(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with (
        echoing(400) as url,
        Orchestrator(home=home, api_key=KEY, base_url=url, cwd=tmp_path, mode=Mode.YOLO) as orch,
    ):
        far = await orch.spawn(Agent(name="far", isolation="process"))
        with pytest.raises(VegaError) as failed:
            await far.send("hello")
    assert shown(str(failed.value)) == []
    assert kept_in(home) == []


async def test_an_address_that_is_none_is_named_without_its_password(tmp_path: Path) -> None:
    for url in (f"ftp://hook:{PASSWORD}@host", f"http://hook:{PASSWORD}@:0", f"http://hook:{PASSWORD}@ho st"):
        env = {**ENV, "ANTHROPIC_BASE_URL": url}
        said = await program("-p", "hello", home=tmp_path / "home", cwd=tmp_path, env=env)
        assert shown(said) == [], url


HOSTILE = {
    **ENV,
    "AWS_SECRET_ACCESS_KEY": KEY,
    "AWS_PROFILE": "prod",
    "https_proxy": f"http://{KEY}@proxy:1",
    "ALL_PROXY": f"socks5://hook:{PASSWORD}@proxy:1",
    "http_proxy": "http://proxy:1",
    "LC_ALL": "C.UTF-8",
    "LC_API_KEY": KEY,
    "XDG_RUNTIME_DIR": "/run/user/1",
    "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1/bus",
    "SSH_AUTH_SOCK": "/tmp/agent",
    "HOME": "/h",
}


async def test_program_and_library_let_the_same_through(tmp_path: Path) -> None:
    async with Orchestrator(env=HOSTILE, cwd=tmp_path) as orch:
        library = dict(orch.session.env)
    assert library == command_environment(hello_for("tui", Config(), tmp_path, env=HOSTILE).env)
    assert allowed_environment(HOSTILE) == {
        "PATH": ENV["PATH"], "NO_PROXY": "127.0.0.1", "http_proxy": "http://proxy:1", "LC_ALL": "C.UTF-8", "HOME": "/h",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("http://me:pw@host/x", "http://host/x"),
        ("https://token@host", "https://host"),
        ("at http://a:b@h1 and ftp://c:d@h2:3/p.", "at http://h1 and ftp://h2:3/p."),
        ("http://a:b@c@host/", "http://host/"),
        ("postgres://me:p%40w@db:5432/x", "postgres://db:5432/x"),
        ("http://:pw@host", "http://host"),
        ("https://host/@scope/pkg", "https://host/@scope/pkg"),
        ("https://host?to=a@b", "https://host?to=a@b"),
        ("https://host#a@b", "https://host#a@b"),
        ("mail a@b, or http://host", "mail a@b, or http://host"),
        ("ssh://git@github.com/x", "ssh://github.com/x"),
        ("'http://a:b@host'", "'http://host'"),
        ("", ""),
    ],
)
def test_addresses_are_shown_without_who_signs_in(text: str, plain: str) -> None:
    assert without_userinfo(text) == plain


def test_all_forms_of_an_addresss_password_are_known() -> None:
    assert set(passwords_in("http://hook:hunter2-9c31@h")) >= {PASSWORD, BEARER}
    assert "p@w-word" in passwords_in("http://a:p%40w-word@h")
    assert passwords_in("http://just-a-token@h")[-1] == "just-a-token"
    assert passwords_in("http://host") == passwords_in("http://[bad") == passwords_in("") == ()


def test_a_log_line_has_no_key_that_this_process_knows() -> None:
    know("long-enough-to-be-one", "short")
    assert cleaned("x long-enough-to-be-one short http://a:b@h") == "x (key) short http://h"
