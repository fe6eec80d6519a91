"""The `list` tool: a folder's entries."""

import asyncio
import os
from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec

from vega_tui.approvals.veil import Veil
from vega_tui.core.errors import ToolError
from vega_tui.core.messages import Observation
from vega_tui.tools.context import ToolContext
from vega_tui.tools.files import Ignored, walk
from vega_tui.tools.tool import tool


@tool(name="list", kind="read", path_args=("path",), one_line=lambda args: str(args.get("path", ".")))
async def list_(
    ctx: ToolContext,
    path: Annotated[str, "The folder; relative to the work directory."] = ".",
    depth: Annotated[int, msgspec.Meta(ge=1, le=10, description="How many levels down.")] = 1,
    limit: Annotated[int, msgspec.Meta(ge=1, le=5_000, description="How many entries at most.")] = 500,
) -> Observation:
    """List a folder: folders first, with sizes of files. What .gitignore hides is left out."""
    return await asyncio.to_thread(_list, ctx.path(path), depth, limit, ctx.veil or Veil(str(ctx.cwd), str(ctx.home)))


def _list(root: Path, depth: int, limit: int, veil: Veil) -> Observation:
    if not root.is_dir():
        raise ToolError(f"{root} is {'not a folder; use read' if root.exists() else 'not there'}")
    try:
        os.scandir(root).close()
    except OSError as error:
        raise ToolError(f"{root}: {error.strerror or error}") from error
    found = list(islice(walk(root, Ignored.at(root), depth, veil), limit + 1))
    lines = [_line(relative, entry) for relative, entry in found[:limit]]
    more = len(found) > limit
    if more:
        lines.append(f"[more than {limit:,}; list a folder below, or set limit]")
    if veil.hidden:
        lines.append(f"[{veil.hidden} left out by rules]")
    count = min(len(found), limit)
    fact = f"{count}{'+' if more else ''} entr{'y' if count == 1 and not more else 'ies'}"
    return Observation(text="\n".join(lines) or "(empty)", fact=fact, truncated=more)


def _line(relative: str, entry: os.DirEntry[str]) -> str:
    name = relative.encode("utf-8", "replace").decode()
    try:
        if entry.is_symlink():
            target = os.fsencode(os.readlink(entry.path)).decode("utf-8", "replace")  # noqa: PTH115 - an entry's path
            return f"{name} -> {target}"
        if entry.is_dir():
            return f"{name}/"
        return f"{name}  {size(entry.stat().st_size)}"
    except OSError:
        return name


def size(count: int) -> str:
    """A size as a person writes it."""
    if count < 1_000:
        return f"{count} B"
    amount = float(count)
    for unit in ("kB", "MB", "GB"):
        amount /= 1_000
        if amount < 999.5:
            return f"{amount:.0f} {unit}" if amount >= 10 else f"{amount:.1f} {unit}"
    return f"{amount / 1_000:.0f} TB"
