"""The standing of one call: its facts, the ruling on them, and whether both are still so when it runs.

Owns no state: each look is at the rules and the disk as they are.
"""

import asyncio
from dataclasses import dataclass, replace

from vega_tui.approvals.facts import CallFacts, facts_of
from vega_tui.approvals.grants import Permissions
from vega_tui.approvals.modes import freedom
from vega_tui.approvals.policy import Ruling, decide
from vega_tui.approvals.veil import veil
from vega_tui.core.errors import ToolError
from vega_tui.core.messages import JsonObject
from vega_tui.tools.checks import Blocked, denied_by_rule
from vega_tui.tools.context import ToolContext
from vega_tui.tools.moment import moved, same_change
from vega_tui.tools.tool import Tool


@dataclass(frozen=True, slots=True)
class Ready:
    """A call that may run, as it was judged."""

    tool: Tool
    args: JsonObject  # as told and stored
    typed: JsonObject  # as the tool takes them
    ctx: ToolContext
    edited: bool
    facts: CallFacts
    ruling: Ruling
    asked: bool  # a person said yes to it


def judge(tool: Tool, typed: JsonObject, ctx: ToolContext, permissions: Permissions) -> tuple[CallFacts, Ruling]:
    """The call's facts and the ruling, allow or ask. Raises Blocked for a deny, and where it can't be judged."""
    try:
        facts = facts_of(
            tool.name, tool.kind, typed, cwd=ctx.cwd, home=ctx.home, paths=tool.paths(typed), family=tool.family
        )
        ruling = decide(facts, *permissions.standing())
    except Exception as error:  # a fault of ours while judging must end as a no, and not end the process
        text = f"Denied: the call can't be judged ({type(error).__name__}: {error}); please report this"
        raise Blocked(text, by="policy") from error
    if ruling.verdict == "deny":
        raise denied_by_rule(ruling)
    return facts, ruling


def opened(ready: Ready, permissions: Permissions) -> Ready:
    """The call with all that its facts let it touch."""
    facts, (mode, rules) = ready.facts, permissions.standing()
    ctx = replace(
        ready.ctx,
        allowed=frozenset(use.target for use in facts.paths if not use.inside),
        approved=ready.asked or freedom(mode).everything,
        judged=facts,
        veil=veil(facts, mode, rules, str(ready.ctx.cwd)),
    )
    return replace(ready, ctx=ctx)


async def as_it_stands(ready: Ready, permissions: Permissions) -> tuple[Ready, str]:
    """The call judged at this moment, and why it must be asked about again. Raises Blocked for a deny."""
    facts, ruling = judge(ready.tool, ready.typed, ready.ctx, permissions)
    now = opened(replace(ready, facts=facts, ruling=ruling), permissions)
    if ruling.verdict == "allow":
        return replace(now, ctx=replace(now.ctx, shown=None)), ""
    if not ready.asked:
        return now, "the rules or the disk changed since it was allowed"
    because = moved(ready.facts, facts)
    if not because and facts != ready.facts and ruling.why != ready.ruling.why:
        because = "the disk changed since it was approved"
    if not because and ready.ctx.shown is not None:
        shows = await preview(ready.tool, ready.typed, ready.ctx, facts)
        if not same_change(ready.ctx.shown, shows or ""):
            because = "the file changed since the change was shown"
    return now, because


async def preview(tool: Tool, typed: JsonObject, ctx: ToolContext, facts: CallFacts) -> str | None:
    """The change that the call would make; None for a tool that shows none."""
    if tool.preview is None:
        return None
    # The operator may be shown what lies outside the work directory: it is what they are asked about.
    shown = replace(ctx, allowed=frozenset(use.target for use in facts.paths), judged=facts)
    try:
        return await asyncio.to_thread(tool.preview, shown, typed)
    except (ToolError, OSError, UnicodeError, ValueError) as error:
        return f"(no preview: {error})"
