"""What a session runs with: permission mode, model; and the alerts it raised."""

from typing import Final

from vega_tui.commands.command import Command, no_session
from vega_tui.commands.context import Choice, CommandContext
from vega_tui.core.errors import UserError
from vega_tui.core.words import Mode
from vega_tui.protocol import operations as ops

_MODES: Final = {
    Mode.MANUAL: "reading in the work folder is free, everything else asks",
    Mode.EDITS: "also editing files in the work folder",
    Mode.AUTO: "also every call of LOW risk",
    Mode.YOLO: "everything but what a rule denies",
}
_CYCLE: Final = (Mode.MANUAL, Mode.EDITS, Mode.AUTO)  # YOLO is never one keypress away


async def _set_mode(ctx: CommandContext, mode: Mode) -> None:
    if ctx.session is not None:
        await ctx.call(ops.SESSION_CHANGE, ops.SessionChange(session=ctx.session.id, mode=mode))


async def _mode(ctx: CommandContext, args: str) -> None:
    current = ctx.session.mode if ctx.session else Mode.MANUAL
    choices = [Choice(mode.value, mode.value, meaning) for mode, meaning in _MODES.items()]
    name = args.lower() or await ctx.dialogs.choose("What is allowed without asking?", choices, current=current.value)
    if name is None:
        return
    if name not in set(Mode):
        raise UserError(f"no mode {name}; there are {', '.join(Mode)}")
    mode = Mode(name)
    if mode is Mode.YOLO and not await ctx.dialogs.confirm("Run every call without asking?", "YOLO"):
        return
    await _set_mode(ctx, mode)


async def _next_mode(ctx: CommandContext, args: str) -> None:
    current = ctx.session.mode if ctx.session else Mode.MANUAL
    at = _CYCLE.index(current) + 1 if current in _CYCLE else 0
    await _set_mode(ctx, _CYCLE[at % len(_CYCLE)])


async def _model(ctx: CommandContext, args: str) -> None:
    if ctx.session is None:
        return
    name: str | None = args
    if not name:
        offered = await ctx.call(ops.MODEL_LIST, ops.SessionRef(session=ctx.session.id))
        choices = [Choice(model, model) for model in offered.models]
        name = await ctx.dialogs.choose(
            "Which model answers from the next turn on?", choices, current=ctx.session.model
        )
    if name:
        row = await ctx.call(ops.SESSION_CHANGE, ops.SessionChange(session=ctx.session.id, model=name))
        ctx.notify(f"{row.model} answers from the next turn on.")


def _no_alert(ctx: CommandContext) -> str | None:
    return None if len(ctx.views.alerts) else "there are no alerts"


async def _acknowledge(ctx: CommandContext, args: str) -> None:
    alerts = ctx.views.alerts
    if args == "all":
        for alert in alerts.ordered:
            await ctx.call(ops.ALERT_ACKNOWLEDGE, ops.AlertRef(alert=alert.id))
        return
    alert_id = ctx.selected_alert or alerts.ordered[0].id
    await ctx.call(ops.ALERT_ACKNOWLEDGE, ops.AlertRef(alert=alert_id))


COMMANDS = (
    Command(
        id="session.mode",
        title="Set the permission mode",
        description="Choose what is decided without asking: manual, edits, auto, yolo.",
        group="Session",
        slash=("mode", "permissions"),
        args_hint="[MODE]",
        changes=True,
        reason=no_session,
        run=_mode,
    ),
    Command(
        id="session.next_mode",
        title="Next permission mode",
        description="manual, edits, auto, and round again; never yolo.",
        group="Session",
        keys=("prompt:shift+tab",),
        changes=True,
        reason=no_session,
        run=_next_mode,
    ),
    Command(
        id="session.model",
        title="Choose the model",
        description="Another model from the next turn on.",
        group="Session",
        slash=("model",),
        args_hint="[MODEL]",
        changes=True,
        reason=no_session,
        run=_model,
    ),
    Command(
        id="alert.acknowledge",
        title="Acknowledge the alert",
        description="Take an alert off the list; /ack all takes all.",
        group="Process",
        slash=("ack",),
        keys=("list:a",),
        args_hint="[all]",
        changes=True,
        reason=_no_alert,
        run=_acknowledge,
    ),
)
