"""A host of its own process with a person's face, and an agent whose bash is the attacker's."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.fakes.face import Face
from vega_tui.core import events as ev
from vega_tui.core.home import Home
from vega_tui.core.words import Mode
from vega_tui.llm.simulator import Simulator

# What an attacker has: the wire's frames, written by hand. `ask(method, params…)` gives the answer as a dict.
WIRE = """
import json, os, socket, sys, time
def connect(client="tui", path=None):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(path or os.environ.get("SOCK") or {sock!r})
    return say(sock, "hello", protocol=1, client=client, cwd=os.getcwd()) and sock
def say(sock, method, **params):
    sock.sendall(json.dumps({{"jsonrpc": "2.0", "id": 7, "method": method, "params": params}}).encode() + b"\\n")
    data = b""
    while b"\\n" not in data:
        piece = sock.recv(1 << 20)
        if not piece:
            return {{"error": {{"message": "cut off"}}}}
        data += piece
    return json.loads(data.split(b"\\n")[0])
def told(answer):
    print("REFUSED" if "error" in answer else "TAKEN", json.dumps(answer)[:2000], flush=True)
"""


class Attacked:
    """A session of a real host. `bash` lets its agent run a command; `script` lets it run the attacker's Python."""

    def __init__(self, home: Home, work: Path, me: Face, process: asyncio.subprocess.Process) -> None:
        self.home, self.work, self.me, self.process = home, work, me, process

    async def start(self, command: str, timeout_s: int = 60) -> None:
        await self.me.send("tool bash " + json.dumps({"command": command, "timeout_s": timeout_s}))

    async def bash(self, command: str, timeout_s: int = 60) -> str:
        seen = len(self.me.events)
        await self.start(command, timeout_s)
        finished = await self.me.until(ev.ToolFinished, after=seen)
        await self.me.until(ev.RunFinished, after=seen)
        return finished.observation.text

    def script(self, code: str, name: str = "attack.py") -> str:
        """Where the attacker's program lies; its command line."""
        path = self.work / name
        path.write_text(WIRE.format(sock=str(self.home.socket)) + code)
        return f"{sys.executable} -I {path}"

    async def run(self, code: str) -> str:
        return await self.bash(self.script(code))


async def host_process(home: Home, env: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
    home.ensure()
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "vega_tui.host", "--home", str(home.root),
        stderr=asyncio.subprocess.DEVNULL, env={**os.environ, **(env or {})}, start_new_session=True,
    )  # fmt: skip


async def reach(home: Home, process: asyncio.subprocess.Process) -> socket.socket:
    async with asyncio.timeout(20):
        while True:
            assert process.returncode is None
            sock = socket.socket(socket.AF_UNIX)
            try:
                sock.connect(str(home.socket))
            except OSError:
                sock.close()
                await asyncio.sleep(0.02)  # another process's start can't be waited for in another way
            else:
                return sock


@asynccontextmanager
async def attacked(
    home: Home, work: Path, simulator: Simulator, *, mode: Mode = Mode.YOLO, **more: Any
) -> AsyncGenerator[Attacked]:
    work.mkdir(exist_ok=True)
    process = await host_process(home)
    try:
        face = await Face.join(await reach(home, process), simulator.url, work, **more)
        me = await face.open(mode=mode)
        yield Attacked(home, work, me, process)
        await me.close()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(15):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
