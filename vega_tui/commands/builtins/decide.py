"""Questions: open the first, and answer the one whose card has the keys. No slash word answers: a card must be seen."""

import json
from collections.abc import Awaitable, Callable

from vega_tui.commands.command import Command
from vega_tui.commands.context import Choice, CommandContext
from vega_tui.core.messages import JsonObject
from vega_tui.core.records import Approval
from vega_tui.core.words import Decision
from vega_tui.protocol import operations as ops


def _nothing_waits(ctx: CommandContext) -> str | None:
    if ctx.read_only:
        return "the session is read-only: another terminal decides"
    return None if len(ctx.views.inbox) else "nothing waits for you"


def _no_card(ctx: CommandContext) -> str | None:
    return None if ctx.card is not None else "no question is open; F5 opens the first"


def _no_rule(ctx: CommandContext) -> str | None:
    if ctx.card is None:
        return _no_card(ctx)
    return None if ctx.card.rule else "no rule can cover this call"


def _alone(ctx: CommandContext) -> str | None:
    if ctx.card is None:
        return _no_card(ctx)
    return None if ctx.views.inbox.after(ctx.card.id) else "no other question waits"


async def _open_first(ctx: CommandContext, args: str) -> None:
    first = ctx.views.inbox.first
    if first is not None:
        ctx.focus_approval(first.id)


async def _settle(
    ctx: CommandContext, approval: Approval, decision: Decision, feedback: str = "", args: JsonObject | None = None
) -> None:
    answer = ops.Decide(approval=approval.id, decision=decision, feedback=feedback, args=args)
    await ctx.call(ops.APPROVAL_DECIDE, answer)


def _answers(decision: Decision) -> Callable[[CommandContext, str], Awaitable[None]]:
    async def run(ctx: CommandContext, args: str) -> None:
        if ctx.card is not None:
            await _settle(ctx, ctx.card, decision)

    return run


async def _always(ctx: CommandContext, args: str) -> None:
    """Two steps: the rule's text and whom it holds for are shown before anything is written."""
    approval = ctx.card
    if approval is None:
        return
    choices = (
        Choice("project", "in this project", "kept beside the code, in .vega"),
        Choice("user", "in all my projects", "kept in my home's rules"),
        Choice("session", "in this session only", "forgotten with it"),
    )
    scope = await ctx.choose(f"Always allow {approval.rule}", choices, current="project")
    if scope == "project":
        answer = ops.Decide(approval=approval.id, decision=Decision.ALWAYS, rule=approval.rule, scope="project")
    elif scope == "user":
        answer = ops.Decide(approval=approval.id, decision=Decision.ALWAYS, rule=approval.rule, scope="user")
    elif scope == "session":
        answer = ops.Decide(approval=approval.id, decision=Decision.ALWAYS, rule=approval.rule, scope="session")
    else:
        return
    await ctx.call(ops.APPROVAL_DECIDE, answer)


async def _edit(ctx: CommandContext, args: str) -> None:
    approval = ctx.card
    if approval is None:
        return
    edited = await ctx.edit_arguments(approval)
    if edited is not None:
        await _settle(ctx, approval, Decision.ONCE, args=edited if edited != approval.args else None)


async def _deny_saying(ctx: CommandContext, args: str) -> None:
    approval = ctx.card
    if approval is None:
        return
    why = await ctx.ask_text(f"Deny {approval.tool}. What should {approval.process} know?")
    if why is not None:
        await _settle(ctx, approval, Decision.DENY, feedback=why)


async def _explain(ctx: CommandContext, args: str) -> None:
    approval = ctx.card
    if approval is None:
        return
    lines = [approval.why, ""] if approval.why else []
    for part in approval.segments:
        reason = "  ".join(text for text in (part.rule, part.origin, part.why) if text)
        lines.append(f"{part.verdict:<6} {part.text}\n       {reason or 'no rule covers it'}")
    lines.append(f"risk   {approval.risk.value}")
    lines.append(f"in     {approval.cwd}")
    ctx.show_text(f"Why {approval.tool} asks", "\n".join(lines))


async def _view(ctx: CommandContext, args: str) -> None:
    approval = ctx.card
    if approval is not None:
        body = json.dumps(approval.args, indent=2, ensure_ascii=False)
        ctx.show_text(f"{approval.process}  {approval.tool}", f"{body}\n\n{approval.diff}".rstrip())


async def _next(ctx: CommandContext, args: str) -> None:
    following = ctx.views.inbox.after(ctx.card.id) if ctx.card else None
    if following is not None:
        ctx.focus_approval(following.id)


async def _leave(ctx: CommandContext, args: str) -> None:
    ctx.focus_prompt()


def _answer(
    id: str, title: str, description: str, key: str, run: Callable[[CommandContext, str], Awaitable[None]]
) -> Command:
    return Command(
        id=id,
        title=title,
        description=description,
        group="Decide",
        keys=(f"card:{key}",),
        changes=True,
        reason=_no_rule if id == "approval.always" else _no_card,
        run=run,
    )


COMMANDS = (
    Command(
        id="approval.focus",
        title="Decide what waits",
        description="Open the question with the highest risk, then the oldest.",
        group="Decide",
        slash=("approve", "decide"),
        keys=("global:f5",),
        reason=_nothing_waits,
        run=_open_first,
    ),
    _answer("approval.once", "Once", "Allow this call, and no other.", "y", _answers(Decision.ONCE)),
    _answer(
        "approval.session", "This session", "Allow calls like it in this session.", "s", _answers(Decision.SESSION)
    ),
    _answer("approval.always", "Always…", "Write a rule; its text is shown first.", "a", _always),
    _answer("approval.edit", "Edit first", "Change the arguments, then allow the call once.", "e", _edit),
    _answer("approval.deny", "Deny", "Don't run it; the model is told so.", "n", _answers(Decision.DENY)),
    _answer("approval.deny_saying", "Deny, say why", "Don't run it, and tell the model why.", "f", _deny_saying),
    _answer(
        "approval.deny_stop", "Deny and stop it", "Don't run it, and end the run.", "K", _answers(Decision.DENY_STOP)
    ),
    Command(
        id="approval.explain",
        title="Explain",
        description="Which rules looked at each part of the call.",
        group="Decide",
        keys=("card:x",),
        needs_host=False,
        reason=_no_card,
        run=_explain,
    ),
    Command(
        id="approval.view",
        title="Full view",
        description="All arguments and the whole diff.",
        group="Decide",
        keys=("card:v",),
        needs_host=False,
        reason=_no_card,
        run=_view,
    ),
    Command(
        id="approval.next",
        title="Later, the next",
        description="Leave this question waiting and show the next.",
        group="Decide",
        keys=("card:z", "card:tab"),
        needs_host=False,
        reason=_alone,
        run=_next,
    ),
    Command(
        id="approval.leave",
        title="Back to the prompt",
        description="Leave the card; the question goes on waiting.",
        group="Decide",
        keys=("card:escape",),
        needs_host=False,
        run=_leave,
    ),
)
