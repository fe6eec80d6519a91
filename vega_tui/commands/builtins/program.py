"""The program itself: help, palette, editor, history, quit."""

from vega_tui.client import format as fmt
from vega_tui.commands.command import Command
from vega_tui.commands.context import Choice, CommandContext
from vega_tui.core.errors import UserError
from vega_tui.protocol import operations as ops


async def _help(ctx: CommandContext, args: str) -> None:
    ctx.panes.open_help()


async def _palette(ctx: CommandContext, args: str) -> None:
    ctx.panes.open_palette()


async def _editor(ctx: CommandContext, args: str) -> None:
    await ctx.prompt.edit_externally()


async def _history(ctx: CommandContext, args: str) -> None:
    ctx.prompt.search_history()


def _draft_there(ctx: CommandContext) -> str | None:
    return "the prompt holds a draft" if ctx.prompt.text else None


async def _quit(ctx: CommandContext, args: str) -> None:
    """Where something works it asks whether that goes on; without an answer nothing ends."""
    if args not in {"", "detach", "stop"}:
        raise UserError(f"/quit {args}: say detach or stop")
    how: str | None = args
    working = [row for row in ctx.views.fleet.rows.values() if row.run and not row.ended]
    can_stop = ctx.session is not None and ctx.live and not ctx.read_only
    if not how and working and can_stop:
        choices = (
            Choice("detach", "Leave it running", "vega-tui -c comes back to it"),
            Choice("stop", "Stop it", "runs are cut off; everything said is kept"),
        )
        how = await ctx.dialogs.choose(f"{fmt.plural(len(working), 'process is', 'processes are')} at work.", choices)
        if how is None:
            return
    if how == "stop" and can_stop and ctx.session is not None:
        await ctx.call(ops.SESSION_CLOSE, ops.SessionRef(session=ctx.session.id))
    await ctx.quit()


COMMANDS = (
    Command(
        id="program.help",
        title="Help and keys",
        description="Every command, its keys and its slash word.",
        group="Program",
        slash=("help", "keys"),
        keys=("global:f1", "list:question_mark"),
        needs_host=False,
        run=_help,
    ),
    Command(
        id="program.palette",
        title="Command palette",
        description="Find a command by what it does.",
        group="Program",
        keys=("global:ctrl+p", "list:colon"),
        needs_host=False,
        run=_palette,
    ),
    Command(
        id="prompt.editor",
        title="Edit the prompt in an editor",
        description="Open $VISUAL or $EDITOR on the prompt's text.",
        group="Program",
        slash=("editor",),
        keys=("global:ctrl+g",),
        needs_host=False,
        run=_editor,
    ),
    Command(
        id="prompt.history",
        title="Search what you said before",
        description="Find an earlier message and put it in the prompt.",
        group="Program",
        slash=("history",),
        keys=("global:ctrl+r",),
        needs_host=False,
        run=_history,
    ),
    Command(
        id="program.quit",
        title="Quit",
        description="Leave. Where something works you are asked whether it goes on: detach or stop.",
        group="Program",
        slash=("quit", "exit"),
        args_hint="[detach|stop]",
        needs_host=False,
        run=_quit,
    ),
    Command(
        id="program.quit_when_empty",
        title="Quit from an empty prompt",
        description="The same, for the key that elsewhere deletes a letter.",
        group="Program",
        keys=("prompt:ctrl+d", "list:ctrl+d"),
        needs_host=False,
        reason=_draft_there,
        run=_quit,
    ),
)
