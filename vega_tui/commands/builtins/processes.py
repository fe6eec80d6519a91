"""A process under the cursor, or named: open, pause, restart, terminate, kill."""

from collections.abc import Awaitable, Callable

from vega_tui.client import format as fmt
from vega_tui.client.views.fleet import FleetRow
from vega_tui.commands.command import Command
from vega_tui.commands.context import CommandContext
from vega_tui.core.errors import NotFound
from vega_tui.core.near import near
from vega_tui.protocol import operations as ops
from vega_tui.protocol.operations import Operation


def _row(ctx: CommandContext, args: str) -> FleetRow:
    """The process that is meant: named by path or the end of one, else the one under the cursor."""
    session = ctx.session.id if ctx.session else ""
    fleet = ctx.views.fleet
    wanted = args.strip() or ctx.selected
    row = fleet.rows.get(wanted) or fleet.row(wanted, session)
    if row is None:
        ending = [one for one in fleet.rows.values() if one.path.endswith("/" + wanted)]
        if len(ending) == 1:
            return ending[0]
        if ending:
            raise NotFound(f"{wanted} could be {', '.join(one.path for one in ending[:5])}")
        nearest = near(wanted, [one.name for one in fleet.rows.values()])
        raise NotFound(f"no process {wanted}" + (f"; did you mean {nearest}?" if nearest else ""))
    return row


def _selected(ctx: CommandContext) -> FleetRow | None:
    session = ctx.session.id if ctx.session else ""
    return ctx.views.fleet.rows.get(ctx.selected) or ctx.views.fleet.row(ctx.selected, session)


def _none_there(ctx: CommandContext) -> str | None:
    return None if ctx.views.fleet.rows else "there is no process yet"


async def _tell(ctx: CommandContext, op: Operation[ops.ProcessRef, ops.Nothing], row: FleetRow) -> None:
    await ctx.call(op, ops.ProcessRef(process=row.path, session=row.session))


async def _show(ctx: CommandContext, args: str) -> None:
    await ctx.panes.show_process(_row(ctx, args).path)
    ctx.panes.show("chat")


async def _describe(ctx: CommandContext, args: str) -> None:
    ctx.panes.describe_process(_row(ctx, args).path)


async def _pause(ctx: CommandContext, args: str) -> None:
    row = _row(ctx, args)
    held = any(one.paused for one in ctx.views.fleet.subtree(row))
    await _tell(ctx, ops.PROCESS_RESUME if held else ops.PROCESS_PAUSE, row)


async def _go_on(ctx: CommandContext, args: str) -> None:
    await _tell(ctx, ops.PROCESS_RESUME, _row(ctx, args))


async def _restart(ctx: CommandContext, args: str) -> None:
    row = _row(ctx, args)
    question = f"Restart {row.name}{_and_below(ctx, row)}? What runs there now is cut off."
    if row.ended or row.state == "RSTR" or await ctx.dialogs.confirm(question, "Restart"):
        await _tell(ctx, ops.PROCESS_RESTART, row)


def _and_below(ctx: CommandContext, row: FleetRow) -> str:
    below = sum(1 for one in ctx.views.fleet.subtree(row)[1:] if not one.ended)
    return f" and {fmt.plural(below, 'process', 'processes')} below it" if below else ""


def _ends(op: Operation[ops.ProcessRef, ops.Nothing], verb: str) -> Callable[[CommandContext, str], Awaitable[None]]:
    async def run(ctx: CommandContext, args: str) -> None:
        row = _row(ctx, args)
        if row.ended:
            ctx.notify(f"{row.name} has ended already.")
            return
        if op is ops.PROCESS_KILL and (why := _between(row)):
            ctx.notify(f"Can't kill {row.name}: {why}.", "warning")
            return
        spent = fmt.spent(row.subtree_usd, row.subtree_unpriced)
        if await ctx.dialogs.confirm(f"{verb} {row.name}{_and_below(ctx, row)}? {spent} spent there.", verb):
            await _tell(ctx, op, row)

    return run


def _ended(ctx: CommandContext) -> str | None:
    row = _selected(ctx)
    return f"{row.name} has ended already" if row is not None and row.ended else _none_there(ctx)


def _between(row: FleetRow) -> str:
    """Why a process that waits for its next life can't be killed; empty for another."""
    return "it is between two lives; terminating it calls the next one off" if row.state == "RSTR" else ""


def _not_killable(ctx: CommandContext) -> str | None:
    row = _selected(ctx)
    return _ended(ctx) or (_between(row) if row is not None else "") or None


def _not_paused(ctx: CommandContext) -> str | None:
    return None if any(row.paused for row in ctx.views.fleet.rows.values()) else "nothing is paused"


COMMANDS = (
    Command(
        id="process.show",
        title="Show the process",
        description="Show the transcript of the process under the cursor.",
        group="Process",
        slash=("show",),
        keys=("list:enter",),
        args_hint="[PATH]",
        reason=_none_there,
        run=_show,
    ),
    Command(
        id="process.describe",
        title="Describe the process",
        description="Show its lives, why each ended, and what its supervisor does next.",
        group="Process",
        slash=("describe",),
        keys=("list:d",),
        args_hint="[PATH]",
        reason=_none_there,
        run=_describe,
    ),
    Command(
        id="process.pause",
        title="Pause or go on",
        description="Hold a process before its next model call, or let it go on.",
        group="Process",
        slash=("pause",),
        keys=("list:p",),
        args_hint="[PATH]",
        changes=True,
        reason=_ended,
        run=_pause,
    ),
    Command(
        id="process.resume",
        title="Let a paused process go on",
        description="End a pause.",
        group="Process",
        slash=("continue",),
        args_hint="[PATH]",
        changes=True,
        reason=_not_paused,
        run=_go_on,
    ),
    Command(
        id="process.restart",
        title="Restart the process",
        description="End it and start its next life.",
        group="Process",
        slash=("restart",),
        keys=("list:r",),
        args_hint="[PATH]",
        changes=True,
        reason=_none_there,
        run=_restart,
    ),
    Command(
        id="process.terminate",
        title="Terminate the process",
        description="Let it shut down in order; its supervisor does not restart it.",
        group="Process",
        slash=("terminate",),
        keys=("list:x",),
        args_hint="[PATH]",
        changes=True,
        reason=_ended,
        run=_ends(ops.PROCESS_TERMINATE, "Terminate"),
    ),
    Command(
        id="process.kill",
        title="Kill the process",
        description="End it at once, without asking it; its supervisor decides what comes next.",
        group="Process",
        slash=("kill",),
        keys=("list:k",),
        args_hint="[PATH]",
        changes=True,
        reason=_not_killable,
        run=_ends(ops.PROCESS_KILL, "Kill"),
    ),
)
