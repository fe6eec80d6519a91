"""Money and context: set the cap, read what was spent, by whom, and how full the window is."""

import math

from vega_tui.client import format as fmt
from vega_tui.commands.command import Command, no_session
from vega_tui.commands.context import CommandContext
from vega_tui.core import clock
from vega_tui.core.errors import UserError
from vega_tui.protocol import operations as ops

_NO_CAP = frozenset({"off", "none", "no"})


async def _budget(ctx: CommandContext, args: str) -> None:
    session = ctx.session
    if session is None:
        return
    present = f"{session.budget_usd:.2f}" if session.budget_usd is not None else ""
    text = args or await ctx.dialogs.ask_text("Cap of this session in dollars, or off", present)
    if not text:
        return
    cap = _dollars(text)
    await ctx.call(ops.SESSION_CHANGE, ops.SessionChange(session=session.id, budget_usd=cap))
    ctx.notify("No cap." if cap < 0 else f"This session is held at {fmt.money(cap)}.")


def _dollars(text: str) -> float:
    if text.strip().lower() in _NO_CAP:
        return -1.0
    try:
        cap = float(text.strip().lstrip("$").replace(",", ""))
    except ValueError:
        cap = math.nan
    if not math.isfinite(cap) or cap < 0:
        raise UserError(f"{text} is no amount; /budget 5.00 sets a cap, /budget off removes it")
    return cap


async def _cost(ctx: CommandContext, args: str) -> None:
    budget, session = ctx.views.budget, ctx.session
    now = clock.wall()
    cap = f" of {fmt.money(budget.cap_usd)}" if budget.cap_usd is not None else ", no cap"
    lines = [f"session   {fmt.spent(budget.spent_usd, budget.unpriced)}{cap}"]
    if budget.held_usd:
        lines.append(f"held      {fmt.money(budget.held_usd)} for calls in flight")
    burn = budget.burn_per_minute(now)
    if burn:
        cap_in = budget.cap_in_s(now)
        lines.append(f"rate      {fmt.money(burn)}/min" + (f", cap in {fmt.age(cap_in)}" if cap_in else ""))
    lines.append(f"today     {fmt.money(budget.today_usd)}")
    if session is not None:
        usage = session.usage
        lines.append(f"tokens    {fmt.tokens(usage.prompt_tokens)} in, {fmt.tokens(usage.output_tokens)} out")
        if usage.prompt_tokens:
            lines.append(f"cache     {fmt.percent(usage.cache_read_tokens, usage.prompt_tokens)} of what was read")
    dearest = sorted(ctx.views.fleet.rows.values(), key=lambda row: -row.cost_usd)[:10]
    rows = [f"  {fmt.spent(row.cost_usd, row.unpriced):>9}  {row.path}" for row in dearest if row.turns]
    ctx.dialogs.show_text("Cost", "\n".join([*lines, "", *rows]).rstrip())


async def _status(ctx: CommandContext, args: str) -> None:
    header, session = ctx.views.header, ctx.session
    lines: list[str] = []
    if session is not None:
        lines += [
            f"session   {session.name}  {session.id}",
            f"branch    {header.branch}",
            f"folder    {session.cwd}",
            f"model     {session.model}" + ("  simulated" if session.simulated else ""),
            f"mode      {session.mode.value}",
        ]
    row = ctx.views.fleet.row(ctx.shown, session.id if session else "")
    if row is not None and row.context_window:
        window = f"{fmt.tokens(row.context_tokens)} of {fmt.tokens(row.context_window)} tokens"
        lines.append(f"context   {fmt.percent(row.context_tokens, row.context_window)}  {window}  {row.path}")
    if ctx.live:
        host = await ctx.call(ops.HOST_STATUS, ops.Nothing())
        lines += [
            f"host      pid {host.pid}, version {host.version}, {fmt.plural(host.clients, 'client')}",
            f"          {fmt.plural(host.processes, 'process', 'processes')}, {host.working} at work",
            f"          {host.memory_mib:.0f} MiB, database {fmt.size(host.database_bytes)}",
        ]
    ctx.dialogs.show_text("Status", "\n".join(lines))


COMMANDS = (
    Command(
        id="session.budget",
        title="Set the budget",
        description="Cap what this session may spend: /budget 5.00, or off.",
        group="Money",
        slash=("budget",),
        keys=("list:b",),
        args_hint="[DOLLARS|off]",
        changes=True,
        reason=no_session,
        run=_budget,
    ),
    Command(
        id="session.cost",
        title="Cost",
        description="What was spent, how fast, and by whom.",
        group="Money",
        slash=("cost",),
        needs_host=False,
        run=_cost,
    ),
    Command(
        id="session.status",
        title="Status and context",
        description="Session, model, folder, how full the context is, and the host.",
        group="Money",
        slash=("status", "context"),
        needs_host=False,
        run=_status,
    ),
)
