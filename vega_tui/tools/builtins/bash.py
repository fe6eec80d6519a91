"""The `bash` tool: a command in a process group of its own, its output live, its children never left behind."""

import asyncio
import codecs
import os
import re
import signal
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Final

import msgspec

from vega_tui.core import clock
from vega_tui.core.errors import ToolError
from vega_tui.core.ids import new_id
from vega_tui.core.messages import Observation
from vega_tui.core.own_process import program
from vega_tui.core.processes import MARK, Seen
from vega_tui.tools.context import ToolContext
from vega_tui.tools.git_environment import GIT_ENVIRONMENT
from vega_tui.tools.leftovers import Swept
from vega_tui.tools.opened import same_folder
from vega_tui.tools.tool import tool

_HEAD: Final = 20_000
_TAIL: Final = 40_000
_FRAME_S: Final = 0.05  # output is shown at most this often
_FRAME_CHARS: Final = 8_000
_BURST_BYTES: Final = 256_000  # after each a pause: a flood is read slower than it comes, or it would eat the host
_GRACE_S: Final = 2.0
_CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)


@tool(kind="shell", timeout_s=660.0, one_line=lambda args: str(args["command"]))
async def bash(
    ctx: ToolContext,
    command: Annotated[str, "The command line, run by bash -c in the work directory."],
    timeout_s: Annotated[int, msgspec.Meta(ge=1, le=600, description="Seconds until it is stopped.")] = 120,
) -> Observation:
    """Run a shell command and give what it prints (stdout and stderr together) and its exit code.

    There is no terminal and no input. Each call starts in the work directory with a fresh shell; processes
    left in the background are ended with it.
    """
    if not command.strip() or "\0" in command:
        raise ToolError("the command is empty or holds a null byte")
    output = _Output(ctx.emit)
    mark = new_id("c")  # ours alone: ids of calls come from models and may repeat
    timed_out = left = False
    swept = Swept(0, ())
    async with _printing() as (stream, write_end):
        with ctx.guard.starting() if ctx.guard is not None else nullcontext():
            process = await _start(command, ctx, mark, write_end)
            if ctx.guard is not None:
                ctx.guard.own(process.pid)
        try:
            if ctx.guard is not None:
                await ctx.guard.add(process.pid, mark)
            async with asyncio.timeout(timeout_s):
                left = await _follow(process, stream, output)
        except TimeoutError:
            timed_out = True
        finally:
            await _end(process, mark)
            if ctx.guard is not None:
                try:
                    swept = await ctx.guard.sweep(mark)
                finally:
                    ctx.guard.remove(process.pid, mark)
            output.close()
    left = left or swept.found > len(swept.alive)
    return _observation(process, output, timeout_s if timed_out else 0, left, swept.alive)


@asynccontextmanager
async def _printing() -> AsyncGenerator[tuple[asyncio.StreamReader, int]]:
    """A pipe of our own: asyncio's would hold back a process's end until everyone who has the pipe is gone."""
    read_end, write_end = os.pipe()
    stream = asyncio.StreamReader()
    try:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(read_end, "rb", 0)
        )
    except BaseException:
        os.close(write_end)
        raise
    try:
        yield stream, write_end
    finally:
        transport.close()


async def _start(command: str, ctx: ToolContext, mark: str, write_end: int) -> asyncio.subprocess.Process:
    """Start the shell; `write_end` becomes its output and is ours no longer."""
    judged = ctx.judged
    place = same_folder(judged.cwd, judged.node) if judged is not None else nullcontext(str(ctx.cwd))
    try:
        with place as folder:
            return await asyncio.create_subprocess_exec(
                program("bash", ctx.env) or "bash", "-c", command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=write_end,
                stderr=asyncio.subprocess.STDOUT,
                cwd=folder,
                env={**ctx.env, **GIT_ENVIRONMENT, MARK: mark},
                start_new_session=True,
            )  # fmt: skip
    except (OSError, ValueError) as error:
        raise ToolError(f"bash can't be started in {ctx.cwd}: {error}") from error
    except asyncio.CancelledError:
        _kill_marked(mark)  # it may have come to life meanwhile
        raise
    finally:
        os.close(write_end)


async def _follow(process: asyncio.subprocess.Process, stream: asyncio.StreamReader, output: "_Output") -> bool:
    """Read until the shell has ended and its output is drained. True when it left something behind."""
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(_read(stream, output))
        await process.wait()
        left = _alive(process.pid)
        _, pending = await asyncio.wait([reading], timeout=0.05 if left else 1.0)  # the pipe's last content
        if pending:
            reading.cancel()
    return left


async def _read(stream: asyncio.StreamReader, output: "_Output") -> None:
    unpaid = 0
    while True:
        try:
            async with asyncio.timeout(_FRAME_S if output.waiting else None):
                chunk = await stream.read(65_536)
        except TimeoutError:
            output.show()
            continue
        if not chunk:
            return
        output.take(chunk)
        unpaid += len(chunk)
        if unpaid > _BURST_BYTES:
            unpaid = 0
            await asyncio.sleep(0.01)


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return not Path("/proc/self/stat").exists() or _has_members(group)


def _has_members(group: int) -> bool:
    """True when a group has more than dead members that nobody collects, as in a container without an init."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            state, _, its_group = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[:3]
        except (OSError, ValueError):  # it ended meanwhile
            continue
        if its_group == str(group) and state not in ("Z", "X"):
            return True
    return False


def _signal(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        pass


async def _end(process: asyncio.subprocess.Process, mark: str) -> None:
    """End the whole group: asked first, killed after two seconds. What fled into a session of its own, too."""
    cut_off = process.returncode is None
    try:
        if _alive(process.pid):
            _signal(process.pid, signal.SIGTERM)
            give_up = clock.monotonic() + _GRACE_S
            # Only the kernel knows when the last member of a group is gone, and it doesn't tell: so ask.
            while _alive(process.pid) and clock.monotonic() < give_up:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    finally:  # a second cancellation must not leave anything behind
        _signal(process.pid, signal.SIGKILL)
        if cut_off:
            _kill_marked(mark)
        async with asyncio.timeout(_GRACE_S):
            await process.wait()


def _kill_marked(mark: str) -> None:
    """Kill processes whose environment carries this call's mark (Linux; elsewhere the group must do)."""
    wanted = f"{MARK}={mark}".encode()
    if not Path("/proc/self/environ").exists():
        return
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)
        except (OSError, ProcessLookupError):
            continue


class _Output:
    """Head and tail of what was printed, and a rate-limited live copy."""

    def __init__(self, emit: Callable[[str], None]) -> None:
        self._emit = emit
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._head = self._tail = self._unshown = ""
        self._shown_at = 0.0
        self._chars = 0

    @property
    def waiting(self) -> bool:
        """True when something was read and not shown yet."""
        return bool(self._unshown)

    def take(self, chunk: bytes) -> None:
        """Add what was read."""
        self._add(self._decoder.decode(chunk))

    def _add(self, text: str) -> None:
        self._chars += len(text)
        room = _HEAD - len(self._head)
        self._head += text[:room]
        self._tail = (self._tail + text[room if room > 0 else 0 :])[-_TAIL:]
        self._unshown = (self._unshown + text)[-_FRAME_CHARS:]
        if clock.monotonic() - self._shown_at >= _FRAME_S:
            self.show()

    def show(self) -> None:
        """Show what is waiting."""
        text, self._unshown = plain(self._unshown), ""
        self._shown_at = clock.monotonic()
        if text:
            self._emit(text)

    def close(self) -> None:
        """Take the last incomplete character and show the rest."""
        self._add(self._decoder.decode(b"", final=True))
        self.show()

    @property
    def text(self) -> str:
        """All of it, or head and tail with a line between that says how much is gone."""
        lost = self._chars - len(self._head) - len(self._tail)
        between = f"\n[… {lost:,} characters cut …]\n" if lost > 0 else ""
        return plain(self._head + between + self._tail)

    @property
    def lost(self) -> bool:
        """True when the middle is gone."""
        return self._chars > len(self._head) + len(self._tail)


def plain(text: str) -> str:
    """Printed text without terminal codes; of a line that was written over, what stood last."""
    lines = _CONTROL.sub("", text).split("\n")
    return "\n".join(line if "\r" not in line else line.rstrip("\r").rpartition("\r")[2] for line in lines)


def _observation(
    process: asyncio.subprocess.Process, output: _Output, timed_out_s: int, left: bool, alive: Sequence[Seen]
) -> Observation:
    code = process.returncode
    text = output.text.rstrip("\n")
    if timed_out_s:
        fact = "timed out"
        text += f"\n[stopped after {timed_out_s} s; its processes were ended]"
    else:
        fact = f"exit {code}" if code is not None and code >= 0 else f"signal {-(code or 0)}"
        if code:
            text += f"\n[{fact}]"
        if left:
            text += "\n[processes left in the background were ended]"
    if alive:
        text += f"\n[left running: {', '.join(f'{each.name} (pid {each.pid})' for each in alive)}]"
    return Observation(
        text=text.lstrip("\n") or "(no output)", fact=fact, error=bool(timed_out_s or code),
        truncated=output.lost, details={"exit_code": code},
    )  # fmt: skip
