"""Runs what isn't ours, tools and hooks, under a time limit; whatever they raise becomes words."""

import asyncio
from typing import Final

import msgspec

from vega_tui.core.errors import PolicyDenied, StorageError, ToolError
from vega_tui.core.messages import JsonObject, Observation
from vega_tui.tools.checks import Blocked, storable_args
from vega_tui.tools.context import ToolContext
from vega_tui.tools.hooks import Hook
from vega_tui.tools.tool import Tool

HOOK_TIMEOUT_S: Final = 60.0
_EXITS: Final = (SystemExit, KeyboardInterrupt)  # asyncio would end the whole program with one of a task


async def invoke(tool: Tool, typed: JsonObject, ctx: ToolContext) -> Observation:
    """Run a tool; whatever it raises becomes its observation."""
    limit = asyncio.timeout(tool.timeout_s)
    try:
        async with limit:
            return await tool.run(ctx, typed)
    except (ToolError, PolicyDenied) as error:
        return Observation(text=str(error), error=True)
    except StorageError:
        raise
    except TimeoutError as error:
        if limit.expired():
            return Observation(text=f"{tool.name} took longer than {tool.timeout_s:g} s", fact="timed out", error=True)
        return Observation(text=f"{tool.name} failed: {str(error) or 'timed out'}", error=True)
    except (Exception, *_EXITS) as error:  # the border to code that isn't ours
        return Observation(text=f"{tool.name} failed: {type(error).__name__}: {error}", error=True)


async def before(hook: Hook, tool: Tool, args: JsonObject, ctx: ToolContext) -> JsonObject | None:
    """The arguments that a hook puts in the place of these, if it does. Raises Blocked for its no."""
    try:
        async with asyncio.timeout(HOOK_TIMEOUT_S):
            said = await hook.before(tool.name, args, ctx)
    except (Exception, *_EXITS) as error:  # a broken hook must not let through what it was put there to stop
        raise Blocked(f"Hook {hook.name} failed: {error}", by=f"hook {hook.name}") from error
    if said.verdict == "deny":
        raise Blocked(f"Denied by hook {hook.name}: {said.reason}", by=f"hook {hook.name}", reason=said.reason)
    return storable_args(said.args) if said.verdict == "modify" and said.args is not None else None


async def after(hook: Hook, tool: Tool, args: JsonObject, observation: Observation, ctx: ToolContext) -> Observation:
    """The observation as a hook leaves it."""
    try:
        async with asyncio.timeout(HOOK_TIMEOUT_S):
            return await hook.after(tool.name, args, observation, ctx)
    except (Exception, *_EXITS) as error:  # the tool has run: its result stands, with a word on the hook
        return msgspec.structs.replace(observation, text=f"{observation.text}\n[hook {hook.name} failed: {error}]")
