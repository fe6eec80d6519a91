"""`python -m vega_tui.agent.isolated FD`: the operating-system process of one isolated agent.

Runs its model calls and its tools, as the host says; decides nothing and stores nothing. Ends when the host does.
"""

import asyncio
import os
import runpy
import socket
import sys
from collections.abc import Awaitable, Callable
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Final

import msgspec

from vega_tui.agent import isolated_frames as fr
from vega_tui.core import secrecy
from vega_tui.core.errors import HostError, PolicyDenied, ProviderError, ToolError
from vega_tui.core.events import AnyDelta, AnyEvent, ToolOutputDelta
from vega_tui.core.messages import Observation
from vega_tui.core.ports import (
    Bus,
    ModelDone,
    ModelSealed,
    ModelText,
    ModelThinking,
    ModelToolArgs,
    ModelUsage,
    Provider,
)
from vega_tui.core.processes import adopt_orphans
from vega_tui.core.provider_settings import ProviderSettings
from vega_tui.llm import make_provider
from vega_tui.tools.context import Delegate, ToolContext
from vega_tui.tools.guard import Guard
from vega_tui.tools.registry import full_registry
from vega_tui.tools.tool import Tool

_Send = Callable[[fr.Frame], None]
_MAIN: Final = "__vega_main__"  # the main program's name here, so that it doesn't run as one


def main() -> None:
    """Serve the host at the other end of the socket that was passed on."""
    secrecy.withdraw(all_keys=True)
    adopt_orphans()
    sock = socket.socket(fileno=int(sys.argv[1]))
    sock.set_inheritable(False)  # a program that a tool leaves behind must not hold the line
    asyncio.run(_Isolated().serve(sock))


class _Isolated:
    def __init__(self) -> None:
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._tickets: dict[int, asyncio.Future[fr.Answered]] = {}
        self._numbers = count(1)
        self._providers: dict[tuple[str, str, bool], Provider] = {}
        self._registry = full_registry()
        self._loaded: dict[str, Tool] = {}
        self._guard = Guard(alone=False)  # tools that aren't ours start programs here, too

    async def serve(self, sock: socket.socket) -> None:
        """Until the host closes its end."""
        reader, writer = await asyncio.open_connection(sock=sock, limit=fr.MAX_LINE)
        self._writer = writer
        try:
            async with asyncio.TaskGroup() as group:
                while data := await reader.readline():
                    self._take(group, fr.from_host.decode(data))
                for task in self._tasks.values():
                    task.cancel()
        finally:
            await self._guard.aclose()
            for provider in self._providers.values():
                await provider.aclose()
            writer.close()

    def _take(self, group: asyncio.TaskGroup, frame: fr.FromHost) -> None:
        match frame:
            case fr.Ask():
                self._tasks[frame.id] = group.create_task(self._carry_out(frame, self._ask(frame)))
            case fr.Call():
                self._tasks[frame.id] = group.create_task(self._carry_out(frame, self._call(frame)))
            case fr.Cancel():
                task = self._tasks.get(frame.id)
                if task is not None:
                    task.cancel()
            case fr.Answered():
                ticket = self._tickets.pop(frame.id, None)
                if ticket is not None and not ticket.done():
                    ticket.set_result(frame)

    def _send(self, frame: fr.Frame) -> None:
        if not self._writer.is_closing():
            self._writer.write(fr.line(frame))

    async def _carry_out(self, frame: fr.Frame, work: Awaitable[None]) -> None:
        try:
            await work
        except asyncio.CancelledError:
            self._send(fr.Cancelled(id=frame.id))
        except ProviderError as error:
            self._send(
                fr.Failed(
                    id=frame.id, text=str(error), verdict=error.verdict.value, status=error.status,
                    retry_after_s=error.retry_after_s, after_delta=error.after_delta, unbilled=error.unbilled,
                )
            )  # fmt: skip
        except (ToolError, PolicyDenied) as error:
            self._send(fr.Failed(id=frame.id, text=str(error)))
        except Exception as error:  # the border to tools that aren't ours
            self._send(fr.Failed(id=frame.id, text=str(error), kind=type(error).__name__))
        finally:
            self._tasks.pop(frame.id, None)

    # --- the model -----------------------------------------------------------------------------------------

    async def _ask(self, ask: fr.Ask) -> None:
        stream = self._provider(ask.provider, simulated=ask.simulated).stream(ask.request)
        try:
            async for piece in stream:
                match piece:
                    case ModelText(text):
                        self._send(fr.Said(id=ask.id, text=text))
                    case ModelThinking(text):
                        self._send(fr.Thought(id=ask.id, text=text))
                    case ModelToolArgs(call, tool, partial):
                        self._send(fr.Args(id=ask.id, call=call, tool=tool, partial=partial))
                    case ModelUsage(usage):
                        self._send(fr.Counted(id=ask.id, usage=usage))
                    case ModelSealed(size):
                        self._send(fr.Sealed(id=ask.id, size=size))
                    case ModelDone():
                        self._send(_done(ask, piece))
        finally:
            await stream.aclose()

    def _provider(self, settings: ProviderSettings, *, simulated: bool) -> Provider:
        key = (settings.api_key, settings.base_url, simulated)
        if key not in self._providers:
            self._providers[key] = make_provider(settings, simulated=simulated)
        return self._providers[key]

    # --- tools ---------------------------------------------------------------------------------------------

    async def _call(self, call: fr.Call) -> None:
        tool = self._tool(call)
        ctx = ToolContext(
            session=call.session, process=call.process, incarnation=call.incarnation, run=call.run, turn=call.turn,
            call=call.call, cwd=Path(call.cwd), home=Path(call.home), env=call.env, allowed=frozenset(call.allowed),
            approved=call.approved, bus=_Output(call.id, self._send), delegate=_Others(self, call.id),
            guard=self._guard,
        )  # fmt: skip
        self._send(fr.Observed(id=call.id, observation=await tool.run(ctx, tool.validate(call.args))))

    def _tool(self, call: fr.Call) -> Tool:
        if call.tool in self._registry.names():
            return self._registry.get(call.tool)
        if call.source not in self._loaded:
            place, _, name = call.source.rpartition(":")
            found: object
            if place.endswith(".py"):
                found = runpy.run_path(place, run_name=_MAIN).get(name)
            else:
                found = getattr(import_module(place), name, None)
            if not isinstance(found, Tool):
                raise ToolError(f"tool {call.tool} can't be reached from here: {call.source} is not a tool")
            self._loaded[call.source] = found
        return self._loaded[call.source]

    async def delegated(self, call: int, method: str, *args: str) -> fr.Answered:
        """What the host's side answers."""
        ticket = next(self._numbers)
        future: asyncio.Future[fr.Answered] = asyncio.get_running_loop().create_future()
        self._tickets[ticket] = future
        self._send(fr.Delegated(id=call, ticket=ticket, method=method, args=args))
        answered = await future
        if answered.error:
            raise ToolError(answered.error)
        return answered


def _done(ask: fr.Ask, done: ModelDone) -> fr.Done:
    return fr.Done(
        id=ask.id, content=done.content, stop_reason=done.stop_reason, usage=done.usage, model=done.model,
        bad_calls=done.bad_calls,
    )  # fmt: skip


class _Output(Bus):
    """A tool may show output; all other facts are the host's to tell."""

    def __init__(self, call: int, send: _Send) -> None:
        self._call = call
        self._send = send

    def publish(self, event: AnyEvent) -> None:
        raise HostError("tools don't publish events")

    def delta(self, delta: AnyDelta) -> None:
        if isinstance(delta, ToolOutputDelta):
            self._send(fr.Emitted(id=self._call, text=delta.text))

    async def flush(self) -> None:
        """The host has stored all that comes before this call."""


class _Others(Delegate):
    """The other agents, through the host."""

    def __init__(self, isolated: _Isolated, call: int) -> None:
        self._isolated = isolated
        self._call = call

    async def task(self, name: str, prompt: str, agent: str = "") -> Observation:
        answered = await self._isolated.delegated(self._call, "task", name, prompt, agent)
        return msgspec.convert(answered.value, Observation)

    async def spawn(self, name: str, prompt: str, agent: str = "", restart: str = "transient") -> str:
        return str((await self._isolated.delegated(self._call, "spawn", name, prompt, agent, restart)).value)

    async def ask(self, to: str, message: str) -> Observation:
        answered = await self._isolated.delegated(self._call, "ask", to, message)
        return msgspec.convert(answered.value, Observation)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # threads of tools that can't be stopped must not hold the process
