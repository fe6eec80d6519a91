"""The host's side of an agent in an operating-system process of its own: starts it, calls into it, really kills it.

Runs, policy, approvals, budget and the log stay in the host: only what calls the model and what a tool does run
over there. So nothing that goes on there can hold up the host, and a kill ends all of it.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

import msgspec

from vega_tui.agent import isolated_frames as fr
from vega_tui.agent.isolated_process import Call, Child, ProcessDied, start
from vega_tui.core.errors import ProviderError, ToolError, Verdict
from vega_tui.core.messages import JsonObject, Observation
from vega_tui.core.ports import (
    ModelDone,
    ModelEvent,
    ModelRequest,
    ModelSealed,
    ModelText,
    ModelThinking,
    ModelToolArgs,
    ModelUsage,
    Provider,
)
from vega_tui.core.provider_settings import ProviderSettings
from vega_tui.tools.context import ToolContext
from vega_tui.tools.guard import Guard
from vega_tui.tools.tool import Tool

_LOCAL_KIND: Final = "agents"  # tools of this kind only talk to the host


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
        self._child: Child | None = None

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
            await self._group.__aexit__(None, None, None)  # what the body raised goes out as it is

    async def child(self) -> Child:
        """The process, started when it isn't there. Raises UserError when it can't be."""
        async with self._starting:
            if self._child is not None:
                await self._child.settled()
            if self._child is None or self._child.expected:
                started = await start(self._guard)
                self._child = started
                self._group.create_task(self._follow(started))
            return self._child

    async def _follow(self, child: Child) -> None:
        died = await child.follow()
        self._guard.remove(child.pid)
        await self._guard.sweep()  # what its tools left is ours now
        if not child.expected:
            self._on_death(died)
        child.lose(died)

    def provider(self, here: Provider) -> Provider:
        """The same model's server, called from over there; one that can't be is called from here."""
        settings = here.settings()
        return here if settings is None else _RemoteProvider(self, here, settings)

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


async def _last_of(call: Call, child: Child, ctx: ToolContext) -> fr.FromChild | ProcessDied:
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


async def _delegate(child: Child, ctx: ToolContext, wanted: fr.Delegated) -> None:
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
    def __init__(self, isolate: Isolate, here: Provider, settings: ProviderSettings) -> None:
        self._isolate = isolate
        self._here = here
        self._settings = settings
        self.simulated = here.simulated

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        child = await self._isolate.child()
        with child.call() as call:
            call.send(fr.Ask(id=call.id, provider=self._settings, simulated=self.simulated, request=request))
            while True:
                match await call.next():
                    case fr.Said(text=text):
                        yield ModelText(text)
                    case fr.Thought(text=text):
                        yield ModelThinking(text)
                    case fr.Args() as args:
                        yield ModelToolArgs(args.call, args.tool, args.partial)
                    case fr.Counted(usage=usage):
                        yield ModelUsage(usage)
                    case fr.Sealed(size=size):
                        yield ModelSealed(size)
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
                            unbilled=failed.unbilled,
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
