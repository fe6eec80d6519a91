"""Tools that misbehave, at the top level of a module, where another process finds them."""

import asyncio
import os
import time

from vega_tui import tool
from vega_tui.tools.context import ToolContext

inside = asyncio.Event()
let_go = asyncio.Event()


def reset() -> None:
    global inside, let_go
    inside, let_go = asyncio.Event(), asyncio.Event()


@tool(kind="other", timeout_s=None)
async def stubborn() -> str:
    """Work on, whoever asks to stop, until it is let go."""
    inside.set()
    while not let_go.is_set():
        try:
            await let_go.wait()
        except asyncio.CancelledError:
            continue
    return "done"


@tool(kind="other", timeout_s=None)
async def spin(ctx: ToolContext) -> str:
    """Hold the interpreter for ever: no cancellation is even heard."""
    ctx.emit(f"pid {os.getpid()}")
    await asyncio.sleep(0)  # lets what was shown go out
    while True:
        time.sleep(0.01)


@tool(kind="other", timeout_s=None)
async def swallow(ctx: ToolContext) -> str:
    """Work on, whoever asks to stop."""
    ctx.emit(f"pid {os.getpid()}")
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            continue


@tool(kind="other")
async def vanish() -> str:
    """End the whole process."""
    os._exit(7)


@tool(kind="other")
async def litter(ctx: ToolContext) -> str:
    """Start a program, leave it, and end the whole process."""
    left = await asyncio.create_subprocess_exec("sleep", "300")
    ctx.emit(f"pid {left.pid}")
    await asyncio.sleep(0.05)  # lets what was shown go out
    os._exit(7)


@tool(kind="other")
async def where() -> str:
    """Say in which process this runs."""
    return f"in {os.getpid()}"


@tool(kind="other")
async def broken() -> str:
    """Fail."""
    raise LookupError("nothing there")


@tool(kind="other")
async def consult(ctx: ToolContext, who: str) -> str:
    """Ask another agent."""
    return (await ctx.agents().ask(who, "hello")).text


ALL = (spin, swallow, vanish, litter, where, broken, consult)
NAMES = tuple(each.name for each in ALL)
