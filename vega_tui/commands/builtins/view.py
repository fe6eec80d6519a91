"""What is on the screen: panes, folding, sorting, copy, themes."""

from collections.abc import Awaitable, Callable
from typing import Final, Literal

from vega_tui.client.views.fleet import SORTS
from vega_tui.commands.command import Command
from vega_tui.commands.context import Choice, CommandContext, Pane
from vega_tui.core.errors import NotFound
from vega_tui.core.near import near

_PANES: Final[tuple[tuple[Pane, tuple[str, ...]], ...]] = (
    ("fleet", ("fleet", "agents")),
    ("chat", ("chat",)),
    ("inbox", ("inbox",)),
    ("alerts", ("alerts",)),
    ("log", ("log",)),
    ("budget", ("spending",)),  # /budget sets the cap
)


def _pane(number: int, pane: Pane, slash: tuple[str, ...]) -> Command:
    async def run(ctx: CommandContext, args: str) -> None:
        ctx.panes.show(pane)

    return Command(
        id=f"pane.{pane}",
        title=f"{pane.capitalize()} pane",
        description=f"Bring {pane} to the front and give it the keys.",
        group="View",
        slash=slash,
        keys=(f"list:{number}", f"global:alt+{number}"),
        needs_host=False,
        run=run,
    )


def _toggles(what: Literal["tools", "thinking"]) -> Callable[[CommandContext, str], Awaitable[None]]:
    async def run(ctx: CommandContext, args: str) -> None:
        ctx.panes.toggle(what)

    return run


async def _sort(ctx: CommandContext, args: str) -> None:
    fleet = ctx.views.fleet
    if args and args not in SORTS:
        raise NotFound(f"no order {args}; there are {', '.join(SORTS)}")
    fleet.resort(args or SORTS[(SORTS.index(fleet.sort) + 1) % len(SORTS)])
    ctx.notify(f"Fleet by {fleet.sort}.")


async def _theme(ctx: CommandContext, args: str) -> None:
    name = args or await ctx.dialogs.choose(
        "Theme", [Choice(name, name) for name in ctx.themes.names], current=ctx.themes.name
    )
    if name is None:
        return
    if name not in ctx.themes.names:
        nearest = near(name, ctx.themes.names)
        raise NotFound(f"no theme {name}; " + (f"did you mean {nearest}?" if nearest else ", ".join(ctx.themes.names)))
    ctx.themes.wear(name)


def _no_answer(ctx: CommandContext) -> str | None:
    return None if ctx.views.chat.last_answer else "there is no answer yet"


async def _copy(ctx: CommandContext, args: str) -> None:
    text = ctx.views.chat.last_answer
    ctx.copy(text)
    ctx.notify(f"copied {len(text):,} characters")


COMMANDS = (
    *(_pane(number, pane, slash) for number, (pane, slash) in enumerate(_PANES, 1)),
    Command(
        id="view.tools",
        title="Unfold tool calls",
        description="Show all lines of every call, or two.",
        group="View",
        slash=("tools",),
        keys=("global:ctrl+o",),
        needs_host=False,
        run=_toggles("tools"),
    ),
    Command(
        id="view.thinking",
        title="Unfold thinking",
        description="Show the model's thinking, or one line of it.",
        group="View",
        slash=("thinking",),
        keys=("global:ctrl+t",),
        needs_host=False,
        run=_toggles("thinking"),
    ),
    Command(
        id="fleet.sort",
        title="Sort the fleet",
        description="By tree, attention, cost, context or age.",
        group="View",
        slash=("sort",),
        keys=("list:o",),
        args_hint="[ORDER]",
        needs_host=False,
        run=_sort,
    ),
    Command(
        id="view.theme",
        title="Choose the theme",
        description="Other colours, from now on.",
        group="View",
        slash=("theme",),
        args_hint="[NAME]",
        needs_host=False,
        run=_theme,
    ),
    Command(
        id="chat.copy",
        title="Copy the last answer",
        description="Put it on the clipboard, as Markdown.",
        group="View",
        slash=("copy",),
        needs_host=False,
        reason=_no_answer,
        run=_copy,
    ),
)
