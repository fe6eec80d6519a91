"""The host's side of an agent in an operating-system process of its own: starts it, calls into it, really kills it.

Runs, policy, approvals, budget and the log stay in the host: only what calls the model and what a tool does run
over there. So nothing that goes on there can hold up the host, and a kill ends all of it.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from types import TracebackType
from typing import Final, Self

import msgspec

from vega_tui.agent import isolated_frames as fr
from vega_tui.core.errors import ProviderError, ToolError, UserError, VegaError, Verdict
from vega_tui.core.messages import JsonObject, Observation
from vega_tui.core.ports import ModelDone, ModelEvent, ModelRequest, ModelText, ModelThinking, ModelToolArgs, Provider
from vega_tui.llm.anthropic_provider import AnthropicProvider
from vega_tui.tools.context import ToolContext
from vega_tui.tools.guard import Guard
from vega_tui.tools.tool import Tool

log: Final = logging.getLogger(__name__)

GRACE_S: Final = 1.0  # for its own clean-up, when it is told to end
STUCK_S: Final = 5.0  # for a call to stop, when it is told to
_TAIL: Final = 2_000
_LOCAL_KIND: Final = "agents"  # tools of this kind only talk to the host


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


class Isolate:
    """`async with Isolate(...)`: one life of an isolated agent. Its process is started when it is first needed.

    on_death: told when the process ends and nobody here had asked for it. at_once: whether to end it by a kill.
    """

    def __init__(self, guard: Guard, *, on_death: Callable[[ProcessDied], None], at_once: Callable[[], bool]) -> None:
        self._guard = guard
        self._on_death = on_death
        self._at_once = at_once
        self._group = asyncio.TaskGroup()
        self._starting = asyncio.Lock()
        self._child: _Child | None = None

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        child, self._child = self._child, None
        try:
            if child is not None:
                await child.end(at_once=self._at_once())
        finally:
            await self._group.__aexit__(kind, error, trace)

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        return None if self._child is None else self._child.pid

    async def child(self) -> "_Child":
        """The process, started when it isn't there. Raises UserError when it can't be."""
        async with self._starting:
            if self._child is not None:
                await self._child.settled()
            if self._child is None or self._child.expected:
                started = await _start(self._guard)
                self._child = started
                self._group.create_task(self._follow(started))
            return self._child

    async def _follow(self, child: "_Child") -> None:
        died = await child.follow()
        self._guard.remove(child.pid)
        if not child.expected:
            self._on_death(died)
        child.lose(died)

    def provider(self, here: Provider) -> Provider:
        """The same model's server, called from over there; one that can't be is called from here."""
        return _RemoteProvider(self, here) if isinstance(here, AnthropicProvider) else here

    def elsewhere(self, tool: Tool) -> Tool:
        """The same tool, run over there."""
        if tool.kind == _LOCAL_KIND:
            return tool

        async def run(ctx: ToolContext, args: JsonObject) -> Observation:
            return await self._call(tool, ctx, args)

        return replace(tool, run=run)

    async def _call(self, tool: Tool, ctx: ToolContext, args: JsonObject) -> Observation:
        child = await self.child()
        with child.call() as call:
            call.send(
                fr.Call(
                    id=call.id, tool=tool.name, source=_source(tool), args=msgspec.to_builtins(args),
                    session=ctx.session, process=ctx.process, incarnation=ctx.incarnation, run=ctx.run, turn=ctx.turn,
                    call=ctx.call, cwd=str(ctx.cwd), home=str(ctx.home), env=dict(ctx.env),
                    allowed=tuple(ctx.allowed), approved=ctx.approved,
                )
            )  # fmt: skip
            match await _last_of(call, child, ctx):
                case fr.Observed(observation=observation):
                    return observation
                case fr.Failed(text=text, kind=kind):
                    raise ToolError(f"{tool.name} failed: {kind}: {text}" if kind else text)
                case ProcessDied() as died:
                    raise ToolError(f"{tool.name} was cut off: {died}")
                case _:
                    raise ToolError(f"{tool.name} was cut off")


async def _last_of(call: "_Call", child: "_Child", ctx: ToolContext) -> fr.FromChild | ProcessDied:
    """The frame that ends a tool's call; what it shows and asks of others meanwhile is seen to."""
    async with asyncio.TaskGroup() as asked:
        while True:
            frame = await call.next()
            match frame:
                case fr.Emitted(text=text):
                    ctx.emit(text)
                case fr.Delegated():
                    asked.create_task(_delegate(child, ctx, frame))
                case _:
                    return frame


async def _delegate(child: "_Child", ctx: ToolContext, wanted: fr.Delegated) -> None:
    answer = fr.Answered(id=wanted.ticket)
    try:
        agents = ctx.agents()
        methods = {"task": agents.task, "spawn": agents.spawn, "ask": agents.ask}
        answer = fr.Answered(id=wanted.ticket, value=msgspec.to_builtins(await methods[wanted.method](*wanted.args)))
    except ToolError as error:
        answer = fr.Answered(id=wanted.ticket, error=str(error) or "failed")
    child.send(answer)


def _source(tool: Tool) -> str:
    """Where the other process finds the tool. Raises ToolError where it can't."""
    module, _, name = tool.source.partition(":")
    if "<locals>" in name:
        raise ToolError(f"tool {tool.name} is made inside a function, where another process can't find it")
    if module == "__main__":
        module = str(getattr(sys.modules["__main__"], "__file__", None) or "__main__")
    return f"{module}:{name}"


class _RemoteProvider(Provider):
    def __init__(self, isolate: Isolate, here: AnthropicProvider) -> None:
        self._isolate = isolate
        self._here = here
        self.simulated = here.simulated

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        child = await self._isolate.child()
        with child.call() as call:
            call.send(fr.Ask(id=call.id, provider=self._here.settings(), simulated=self.simulated, request=request))
            while True:
                match await call.next():
                    case fr.Said(text=text):
                        yield ModelText(text)
                    case fr.Thought(text=text):
                        yield ModelThinking(text)
                    case fr.Args() as args:
                        yield ModelToolArgs(args.call, args.tool, args.partial)
                    case fr.Done() as done:
                        yield ModelDone(
                            content=done.content, stop_reason=done.stop_reason, usage=done.usage, model=done.model,
                            bad_calls=done.bad_calls,
                        )  # fmt: skip
                        return
                    case fr.Failed() as failed:
                        raise ProviderError(
                            failed.text, verdict=Verdict(failed.verdict or Verdict.TEMPORARY), status=failed.status,
                            retry_after_s=failed.retry_after_s, after_delta=failed.after_delta,
                        )  # fmt: skip
                    case ProcessDied() as died:
                        raise ProviderError(str(died), verdict=Verdict.TEMPORARY, after_delta=True)
                    case _:
                        raise ProviderError("the call was cut off", verdict=Verdict.TEMPORARY, after_delta=True)

    async def count_tokens(self, request: ModelRequest) -> int:
        return await self._here.count_tokens(request)

    async def models(self) -> tuple[str, ...]:
        return await self._here.models()

    async def aclose(self) -> None:
        """The provider here is not ours to close."""


# --- the process -------------------------------------------------------------------------------------------


class _Call:
    """One call under way. Leaving the `with` before its last frame cancels it over there."""

    def __init__(self, child: "_Child") -> None:
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
        self._child.send(frame)

    async def next(self) -> fr.FromChild | ProcessDied:
        return await self.frames.get()


class _Child:
    """A running process, the leader of a process group that dies with it."""

    def __init__(
        self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.pid = process.pid
        self.numbers = count(1)
        self.calls: dict[int, _Call] = {}
        self.expected = False  # its end was asked for
        self._process = process
        self._reader = reader
        self._writer = writer
        self._dead: ProcessDied | None = None
        self._stopping: set[int] = set()  # calls that were cancelled and have not ended
        self._settled = asyncio.Event()
        self._settled.set()

    async def settled(self) -> None:
        """Return when no call is being stopped: one that can't be stopped would hold up the next, and be its end."""
        await self._settled.wait()

    def call(self) -> _Call:
        """A new call."""
        return _Call(self)

    def send(self, frame: fr.Frame) -> None:
        """Raises ProcessDied when nobody is there to read it."""
        if self._dead is not None:
            raise self._dead
        if not self._writer.is_closing():
            self._writer.write(fr.line(frame))

    def cancel(self, call: _Call) -> None:
        """Stop a call. A process that can't stop it in time is killed, and another takes its place."""
        if self._dead is None and not self._writer.is_closing():
            self.send(fr.Cancel(id=call.id))
            self._stopping.add(call.id)
            self._settled.clear()
            asyncio.get_running_loop().call_later(STUCK_S, self._give_up_on, call)

    def _give_up_on(self, call: _Call) -> None:
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
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

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
        tail = ""
        async with asyncio.TaskGroup() as group:
            said = group.create_task(self._last_words())
            with suppress(ConnectionError):
                while line := await self._reader.readline():
                    self._take(fr.from_child.decode(line))
            code = await self._process.wait()
            self.kill()  # what it left in its group
            tail = await said
        self._dead = ProcessDied(code, tail)
        return self._dead

    async def _last_words(self) -> str:
        kept = b""
        stderr = self._process.stderr
        while stderr is not None and (data := await stderr.read(65_536)):
            kept = (kept + data)[-_TAIL:]
        lines = kept.decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""

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


async def _start(guard: Guard) -> _Child:
    mine, theirs = socket.socketpair()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "vega_tui.agent.isolated", str(theirs.fileno()),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            pass_fds=(theirs.fileno(),),
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        mine.close()
        raise UserError(f"no process can be started for an isolated agent: {error}") from error
    finally:
        theirs.close()
    await guard.add(process.pid)
    reader, writer = await asyncio.open_connection(sock=mine, limit=fr.MAX_LINE)
    return _Child(process, reader, writer)
