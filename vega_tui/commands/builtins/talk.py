"""Saying something: send, follow up, take back, interrupt."""

from vega_tui.commands.command import Command, no_session
from vega_tui.commands.context import CommandContext
from vega_tui.core.errors import UserError, VegaError
from vega_tui.core.words import InputMode
from vega_tui.protocol import operations as ops


def _nothing_to_send(ctx: CommandContext) -> str | None:
    if ctx.session is None:
        return "no session is open"
    return None if ctx.prompt.text.strip() else "the prompt is empty"


async def _say(ctx: CommandContext, mode: InputMode) -> None:
    text = ctx.prompt.text
    session = ctx.session
    if session is None:
        return
    ctx.prompt.set("")  # at once: what is typed next is a new draft
    try:
        await ctx.call(ops.SEND, ops.Send(session=session.id, text=text, process=ctx.shown, mode=mode))
    except VegaError:
        ctx.prompt.set(text + ctx.prompt.text)
        raise


async def _steer(ctx: CommandContext, args: str) -> None:
    await _say(ctx, InputMode.STEER)


async def _follow_up(ctx: CommandContext, args: str) -> None:
    await _say(ctx, InputMode.FOLLOWUP)


async def _send_to(ctx: CommandContext, args: str) -> None:
    path, _, text = args.partition(" ")
    if not text.strip() or ctx.session is None:
        raise UserError("/send needs a process and what to say: /send root/planner stop and report")
    row = ctx.views.fleet.row(path, ctx.session.id) or ctx.views.fleet.row(f"root/{path}", ctx.session.id)
    target = row.path if row else path
    sent = await ctx.call(ops.SEND, ops.Send(session=ctx.session.id, text=text.strip(), process=target))
    ctx.notify(f"Said to {target}." if sent.delivered else f"Waits for {target}.")


def _nothing_waits(ctx: CommandContext) -> str | None:
    return None if ctx.views.queue.waiting(ctx.shown) else "nothing waits in the queue"


async def _take_back(ctx: CommandContext, args: str) -> None:
    row = ctx.views.queue.waiting(ctx.shown)[-1]
    await ctx.call(ops.INPUT_WITHDRAW, ops.InputRef(session=row.session, input=row.id))
    ctx.prompt.set(f"{row.text}\n{ctx.prompt.text}".rstrip())


def _nothing_runs(ctx: CommandContext) -> str | None:
    return None if ctx.views.chat.state.run else "nothing is running"


async def _interrupt(ctx: CommandContext, args: str) -> None:
    chat = ctx.views.chat
    await ctx.call(ops.PROCESS_INTERRUPT, ops.ProcessRef(process=chat.process, session=chat.session))


COMMANDS = (
    Command(
        id="prompt.send",
        title="Send",
        description="Say what stands in the prompt; while a turn runs it joins after the current tool calls.",
        group="Talk",
        keys=("prompt:enter",),
        changes=True,
        reason=_nothing_to_send,
        run=_steer,
    ),
    Command(
        id="prompt.follow_up",
        title="Send after this run",
        description="Say it once the current run has ended.",
        group="Talk",
        keys=("prompt:alt+enter",),
        changes=True,
        reason=_nothing_to_send,
        run=_follow_up,
    ),
    Command(
        id="prompt.take_back",
        title="Take back the last waiting message",
        description="Take it out of the queue and put it in the prompt.",
        group="Talk",
        slash=("unqueue",),
        keys=("prompt:alt+up",),
        changes=True,
        reason=_nothing_waits,
        run=_take_back,
    ),
    Command(
        id="process.interrupt",
        title="Interrupt the turn",
        description="End the current run of the shown process; what it said so far is kept.",
        group="Talk",
        slash=("interrupt",),
        keys=("prompt:escape",),
        changes=True,
        reason=_nothing_runs,
        run=_interrupt,
    ),
    Command(
        id="process.send",
        title="Say something to another process",
        description="Send a message to any process of this session.",
        group="Talk",
        slash=("send",),
        args_hint="PATH TEXT",
        changes=True,
        reason=no_session,
        run=_send_to,
    ),
)
