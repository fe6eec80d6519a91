"""Rules that hold, and taking a remembered yes back."""

from vega_tui.commands.command import Command, no_session
from vega_tui.commands.context import Choice, CommandContext
from vega_tui.protocol import operations as ops


async def _rules(ctx: CommandContext, args: str) -> None:
    session = ctx.session.id if ctx.session else ""
    found = (await ctx.call(ops.RULE_LIST, ops.RuleList(session=session))).rules
    lines = [f"{row.effect:<6} {row.rule}\n       {row.origin}; {row.refused or row.covers}" for row in found]
    ctx.dialogs.show_text("Rules that hold", "\n".join(lines) or "No rules hold here: what no mode allows asks.")


async def _revoke(ctx: CommandContext, args: str) -> None:
    session = ctx.session.id if ctx.session else ""
    found = (await ctx.call(ops.RULE_LIST, ops.RuleList(session=session))).rules
    choices = [Choice(row.grant, row.rule, row.refused or row.origin) for row in found if row.grant]
    if not choices:
        ctx.notify("Nothing is remembered here; other rules stand in rules.yaml.")
        return
    grant = args or await ctx.dialogs.choose("Which remembered yes is taken back?", choices)
    if grant:
        await ctx.call(ops.GRANT_REVOKE, ops.GrantRef(grant=grant))
        ctx.notify("Taken back; such calls ask again.")


COMMANDS = (
    Command(
        id="rules.list",
        title="Rules",
        description="Every rule that holds, where it comes from, and what it covers.",
        group="Session",
        slash=("rules",),
        reason=no_session,
        run=_rules,
    ),
    Command(
        id="rules.revoke",
        title="Take a rule back…",
        description="Forget a remembered yes, in this session and all others.",
        group="Session",
        slash=("forget",),
        changes=True,
        reason=no_session,
        run=_revoke,
    ),
)
