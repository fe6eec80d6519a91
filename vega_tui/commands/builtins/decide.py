"""Questions: open the first, and the keys of a card. No slash word answers: a card must be seen.

What a key of the card does stands in the face alone (tui/panes/card_state.py): safe answering is a matter of time
and of what is on the screen. Here is what it is called and which key it has.
"""

from collections.abc import Awaitable, Callable

from vega_tui.commands.command import Command
from vega_tui.commands.context import CommandContext


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
        ctx.panes.open_card(first.id)


def _on_card(command: str) -> Callable[[CommandContext, str], Awaitable[None]]:
    async def run(ctx: CommandContext, args: str) -> None:
        ctx.panes.use_card(command)

    return run


def _card(
    id: str,
    title: str,
    description: str,
    *keys: str,
    changes: bool = False,
    reason: Callable[[CommandContext], str | None] = _no_card,
) -> Command:
    return Command(
        id=id,
        title=title,
        description=description,
        group="Decide",
        keys=tuple(f"card:{key}" for key in keys),
        changes=changes,
        needs_host=changes,
        reason=reason,
        run=_on_card(id),
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
    _card("approval.once", "Once", "Allow this call, and no other.", "y", changes=True),
    _card("approval.session", "This session", "Allow calls like it in this session.", "s", changes=True),
    _card("approval.always", "Always…", "Write a rule; its text is shown first.", "a", changes=True, reason=_no_rule),
    _card("approval.edit", "Edit first", "Change the arguments, then allow the call.", "e", changes=True),
    _card("approval.deny", "Deny", "Don't run it; the model is told so.", "n", changes=True),
    _card("approval.deny_saying", "Deny, say why", "Don't run it, and tell the model why.", "f", changes=True),
    _card("approval.deny_stop", "Deny and stop it", "Don't run it, and end the run.", "K", changes=True),
    _card("approval.explain", "Explain", "What its risk is, and which rule a yes would write.", "x"),
    _card("approval.view", "Full view", "All of the call.", "v"),
    _card("approval.later", "Later", "Put this question behind the others, and show the next.", "z", reason=_alone),
    _card("approval.next", "Next", "Show the next question; this one keeps its place.", "tab", reason=_alone),
    _card("approval.leave", "Back to the prompt", "Leave the card; the question goes on waiting.", "escape"),
)
