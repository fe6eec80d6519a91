"""The tools `ask`, `task` and `spawn`: other agents, through what the agent's own side offers."""

from typing import Annotated, Literal

from vega_tui.core.messages import JsonObject, Observation
from vega_tui.tools.context import ToolContext
from vega_tui.tools.tool import tool


def _named(args: JsonObject) -> str:
    return f"{args.get('name') or args.get('to')}: {args.get('prompt') or args.get('message')}"


@tool(kind="agents", timeout_s=None, one_line=_named)
async def ask(
    ctx: ToolContext,
    to: Annotated[str, "Name or path of a process that is running."],
    message: Annotated[str, "What to tell or ask it."],
) -> Observation:
    """Send a message to another agent and wait for its answer."""
    return await ctx.agents().ask(to, message)


@tool(kind="agents", timeout_s=None, one_line=_named)
async def task(
    ctx: ToolContext,
    name: Annotated[str, "A short name for the new process."],
    prompt: Annotated[str, "All that it needs to know: it sees nothing of this conversation."],
    agent: Annotated[str, "Which agent to use; empty: one like this."] = "",
) -> Observation:
    """Give a piece of work to a new agent and wait for its result."""
    return await ctx.agents().task(name, prompt, agent)


@tool(kind="agents", family="task", timeout_s=None, one_line=_named)
async def spawn(
    ctx: ToolContext,
    name: Annotated[str, "A short name for the new process."],
    prompt: Annotated[str, "All that it needs to know: it sees nothing of this conversation."],
    agent: Annotated[str, "Which agent to use; empty: one like this."] = "",
    restart: Annotated[
        Literal["permanent", "transient", "temporary"], "When its supervisor starts it again after it ended."
    ] = "transient",
) -> Observation:
    """Start an agent that goes on by itself, under supervision; don't wait. Gives its path, for ask."""
    path = await ctx.agents().spawn(name, prompt, agent, restart)
    return Observation(text=f"Started {path}.", fact=path.rpartition("/")[2], details={"path": path})
