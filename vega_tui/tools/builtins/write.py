"""The `write` tool: a whole file at once."""

import asyncio
from pathlib import Path
from typing import Annotated

from vega_tui.core.errors import ToolError
from vega_tui.core.messages import JsonObject, Observation
from vega_tui.tools.context import ToolContext
from vega_tui.tools.files import counted, load, shown, store, unified
from vega_tui.tools.tool import tool


def preview(ctx: ToolContext, args: JsonObject) -> str:
    """The diff that writing would make."""
    path = ctx.path(str(args["path"]))
    return unified(_before(path), str(args["content"]), shown(path, ctx.cwd))


def _before(path: Path) -> str:
    if not path.exists():
        return ""
    try:
        return load(path).text
    except ToolError:
        if path.is_file():
            return ""  # binary or huge: it may be replaced, but not compared
        raise


@tool(
    kind="write",
    exclusive=True,
    path_args=("path",),
    one_line=lambda args: str(args["path"]),
    preview=preview,
)
async def write(
    ctx: ToolContext,
    path: Annotated[str, "The file; relative to the work directory. Folders are made as needed."],
    content: Annotated[str, "All of the new content."],
) -> Observation:
    """Write a file, replacing what it held. To change a part of a file use edit."""
    target = ctx.path(path)
    return await asyncio.to_thread(_write, ctx, target, content, shown(target, ctx.cwd))


def _write(ctx: ToolContext, path: Path, content: str, name: str) -> Observation:
    new, before = not path.exists(), _before(path)
    diff = unified(before, content, name)
    ctx.unless_changed(diff)
    store(path, content.encode("utf-8", "replace"))
    lines = len(content.splitlines())
    fact = f"new, {lines} line{'' if lines == 1 else 's'}" if new else counted(diff)
    return Observation(text=f"Wrote {name}: {fact}.", fact=fact, diff=diff)
