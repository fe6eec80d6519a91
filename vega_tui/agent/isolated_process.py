"""The operating-system process of an isolated agent, as the host holds it: its calls, its end, how it ended."""

import asyncio
import logging
import os
import signal
import socket
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import Final, Self

from vega_tui.agent import isolated_frames as fr
from vega_tui.core import own_process
from vega_tui.core.errors import UserError, VegaError
from vega_tui.tools.guard import Guard

log: Final = logging.getLogger(__name__)

GRACE_S: Final = 1.0  # for its own clean-up, when it is told to end
STUCK_S: Final = 5.0  # for a call to stop, when it is told to
_TAIL: Final = 2_000
_WORDS_S: Final = 0.5


class ProcessDied(VegaError):
    """The operating-system process of an isolated agent ended by itself, or was killed from outside."""

    code = "process_died"

    def __init__(self, returncode: int, said: str = "") -> None:
        if returncode < 0:
            with suppress(ValueError):
                said = said or signal.Signals(-returncode).name
        how = f"signal {-returncode}" if returncode < 0 else f"exit code {returncode}"
        super().__init__(f"its process ended with {how}{': ' + said if said else ''}")
        self.returncode = returncode


class Call:
    """One call under way. Leaving the `with` before its last frame cancels it over there."""

    def __init__(self, child: "Child") -> None:
        self._child = child
        self.id = next(child.numbers)
        self.frames: asyncio.Queue[fr.FromChild | ProcessDied] = asyncio.Queue()
        self.ended = False

    def __enter__(self) -> Self:
        self._child.calls[self.id] = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.ended:
            self._child.cancel(self)

    def send(self, frame: fr.Frame) -> None:
        """Raises ProcessDied when nobody is there to read it."""
        self._child.send(frame)

    async def next(self) -> fr.FromChild | ProcessDied:
        """The next frame of this call; what became of the process, when that ended first."""
        return await self.frames.get()


class Child:
    """A running process, the leader of a process group that dies with it."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        words: asyncio.StreamReader,
        pipe: asyncio.ReadTransport,
    ) -> None:
        self.pid = process.pid
        self.numbers = count(1)
        self.calls: dict[int, Call] = {}
        self.expected = False  # its end was asked for
        self._process = process
        self._reader = reader
        self._writer = writer
        self._words = words
        self._pipe = pipe
        self._said = b""
        self._dead: ProcessDied | None = None
        self._stopping: set[int] = set()  # calls that were cancelled and have not ended
        self._settled = asyncio.Event()
        self._settled.set()

    async def settled(self) -> None:
        """Return when no call is being stopped: one that can't be stopped would hold up the next, and be its end."""
        await self._settled.wait()

    def call(self) -> Call:
        """A new call."""
        return Call(self)

    def send(self, frame: fr.Frame) -> None:
        """Raises ProcessDied when nobody is there to read it."""
        if self._dead is not None:
            raise self._dead
        if not self._writer.is_closing():
            self._writer.write(fr.line(frame))

    def cancel(self, call: Call) -> None:
        """Stop a call. A process that can't stop it in time is killed, and another takes its place."""
        if self._dead is None and not self._writer.is_closing():
            self.send(fr.Cancel(id=call.id))
            self._stopping.add(call.id)
            self._settled.clear()
            asyncio.get_running_loop().call_later(STUCK_S, self._give_up_on, call)

    def _give_up_on(self, call: Call) -> None:
        if not call.ended and self._dead is None and not self.expected:
            log.warning("process %s ignores cancellation: killed", self.pid)
            self.expected = True
            self.kill()
            self._settled.set()

    def _stopped(self, call_id: int) -> None:
        self._stopping.discard(call_id)
        if not self._stopping:
            self._settled.set()

    def kill(self) -> None:
        """SIGKILL to the whole process group."""
        _kill_group(self.pid)

    async def end(self, *, at_once: bool) -> None:
        """Let it clean up for a moment, then kill what is left."""
        self.expected = True
        self._writer.close()
        try:
            if not at_once:
                async with asyncio.timeout(GRACE_S):
                    await self._process.wait()
        except TimeoutError:
            pass
        finally:
            self.kill()

    async def follow(self) -> ProcessDied:
        """Hand frames to their calls until the process has ended; how it did."""
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(self._listen())
            with suppress(ConnectionError):
                while line := await self._reader.readline():
                    self._take(fr.from_child.decode(line))
            code = await self._process.wait()
            self.kill()  # what it left in its group
            await asyncio.wait([listening], timeout=_WORDS_S)  # who fled the group may hold the pipe
            listening.cancel()
        self._pipe.close()
        lines = self._said.decode(errors="replace").strip().splitlines()
        self._dead = ProcessDied(code, lines[-1] if lines else "")
        return self._dead

    async def _listen(self) -> None:
        while data := await self._words.read(65_536):
            self._said = (self._said + data)[-_TAIL:]

    def _take(self, frame: fr.FromChild) -> None:
        call = self.calls.get(frame.id)
        if call is None:
            return
        if isinstance(frame, fr.LAST):
            call.ended = True
            del self.calls[frame.id]
            self._stopped(frame.id)
        call.frames.put_nowait(frame)

    def lose(self, died: ProcessDied) -> None:
        """Let every call that waits know."""
        self._writer.close()
        self._settled.set()
        for call in self.calls.values():
            call.ended = True
            call.frames.put_nowait(died)
        self.calls.clear()


async def start(guard: Guard) -> Child:
    """A new process, guarded. Raises UserError when none can be started."""
    mine, theirs = socket.socketpair()
    read_end, write_end = os.pipe()
    # A pipe of our own: asyncio's would hold back the process's end until everyone who has the pipe is gone.
    words = asyncio.StreamReader()
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(words), os.fdopen(read_end, "rb", 0)
    )
    try:
        with guard.starting():
            process = await asyncio.create_subprocess_exec(
                *own_process.command("vega_tui.agent.isolated", str(theirs.fileno())),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=write_end,
                pass_fds=(theirs.fileno(),),
                cwd="/",
                env=own_process.with_module_path(os.environ),
                start_new_session=True,
            )
            guard.own(process.pid)
    except BaseException as error:
        mine.close()
        pipe.close()
        if isinstance(error, OSError):
            raise UserError(f"no process can be started for an isolated agent: {error}") from error
        raise
    finally:
        theirs.close()
        os.close(write_end)
    try:
        await guard.add(process.pid)
        reader, writer = await asyncio.open_connection(sock=mine, limit=fr.MAX_LINE)
    except BaseException:  # cancelled half-way: nobody would know of it
        _kill_group(process.pid)
        mine.close()
        pipe.close()
        raise
    return Child(process, reader, writer, words, pipe)


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
