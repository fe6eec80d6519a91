"""Sessions: new, resume, rename; their branches: fork, switch."""

from vega_tui.client import format as fmt
from vega_tui.client.views.chat_items import UserItem
from vega_tui.commands.command import Command, no_session
from vega_tui.commands.context import Choice, CommandContext
from vega_tui.core.errors import UserError
from vega_tui.core.ids import ROOT
from vega_tui.protocol import operations as ops

_FORK_CHOICES = 50


async def _new(ctx: CommandContext, args: str) -> None:
    await ctx.sessions.open(ops.SessionOpen(name=args))


async def _resume(ctx: CommandContext, args: str) -> None:
    if args:
        await ctx.sessions.open(ops.SessionOpen(session=args))
    else:
        ctx.sessions.pick()


async def _rename(ctx: CommandContext, args: str) -> None:
    if ctx.session is None:
        return
    name = args or await ctx.dialogs.ask_text("Name of this session", ctx.session.name)
    if not name:
        return
    row = await ctx.call(ops.SESSION_CHANGE, ops.SessionChange(session=ctx.session.id, name=name.strip()))
    ctx.notify(f"This session is now {row.name}.")


def _cannot_fork(ctx: CommandContext) -> str | None:
    if ctx.session is None:
        return "no session is open"
    if ctx.shown != ROOT:
        return f"only root's transcript has branches, and {ctx.shown} is shown"
    said = any(isinstance(item, UserItem) and item.entry for item in ctx.views.chat.items)
    return None if said else "nothing was said yet"


async def _fork(ctx: CommandContext, args: str) -> None:
    """From one of the messages the person sent: the branch begins before it, and its text goes to the prompt."""
    if ctx.session is None:
        return
    said = [item for item in ctx.views.chat.items if isinstance(item, UserItem) and item.entry]
    choices = [
        Choice(item.entry, fmt.shorten(item.text, 80), fmt.clock(item.ts)) for item in reversed(said[-_FORK_CHOICES:])
    ]
    entry = await ctx.dialogs.choose("Branch off before which message?", choices)
    if entry is None:
        return
    forked = await ctx.call(ops.SESSION_FORK, ops.Fork(session=ctx.session.id, entry=entry, name=args))
    if forked.text and not ctx.prompt.text.strip():
        ctx.prompt.set(forked.text)
    ctx.notify(f"On branch {forked.branch}. /branch goes back.")


async def _branch(ctx: CommandContext, args: str) -> None:
    if ctx.session is None:
        return
    listed = await ctx.call(ops.BRANCH_LIST, ops.SessionRef(session=ctx.session.id))
    if args and args not in {branch.name for branch in listed.branches}:
        names = ", ".join(branch.name for branch in listed.branches)
        raise UserError(f"no branch {args}; there are {names}")
    active = next((branch.name for branch in listed.branches if branch.active), "")
    choices = [Choice(one.name, one.name, fmt.plural(one.entries, "entry", "entries")) for one in listed.branches]
    name = args or await ctx.dialogs.choose("Go on from which branch?", choices, current=active)
    if name is None:
        return
    if name == active:
        ctx.notify(f"Already on {name}.")
        return
    await ctx.call(ops.BRANCH_SWITCH, ops.BranchSwitch(session=ctx.session.id, branch=name))
    ctx.notify(f"On branch {name}.")


COMMANDS = (
    Command(
        id="session.new",
        title="New session",
        description="Leave this session as it is and begin another.",
        group="Session",
        slash=("new", "clear"),
        args_hint="[NAME]",
        changes=True,
        run=_new,
    ),
    Command(
        id="session.resume",
        title="Resume a session",
        description="Go on with an earlier session, by name or id, or from a list.",
        group="Session",
        slash=("resume", "sessions"),
        keys=("list:7", "global:alt+7"),
        args_hint="[NAME]",
        run=_resume,
    ),
    Command(
        id="session.rename",
        title="Rename the session",
        description="Give this session another name.",
        group="Session",
        slash=("rename",),
        args_hint="[NAME]",
        changes=True,
        reason=no_session,
        run=_rename,
    ),
    Command(
        id="session.fork",
        title="Fork from a message",
        description="Branch off before a message you sent, and edit it. The old branch stays.",
        group="Session",
        slash=("fork", "rewind"),
        args_hint="[NAME]",
        changes=True,
        reason=_cannot_fork,
        run=_fork,
    ),
    Command(
        id="session.branch",
        title="Switch branch",
        description="Go on from the head of another branch.",
        group="Session",
        slash=("branch", "branches"),
        args_hint="[NAME]",
        changes=True,
        reason=no_session,
        run=_branch,
    ),
)
