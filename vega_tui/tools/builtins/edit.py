"""The `edit` tool: exact text replaced by other text."""

import asyncio
import difflib
from pathlib import Path
from typing import Annotated

from vega_tui.core.errors import ToolError
from vega_tui.core.messages import JsonObject, Observation
from vega_tui.tools.context import ToolContext
from vega_tui.tools.files import TextFile, counted, load, shown, store, unified
from vega_tui.tools.tool import tool


def preview(ctx: ToolContext, args: JsonObject) -> str:
    """The diff that the edit would make. Raises ToolError when it can't be made."""
    path = ctx.path(str(args["path"]))
    file = load(path)
    new = replaced(file, str(args["old"]), str(args["new"]), replace_all=bool(args["replace_all"]))
    return unified(file.text, new, shown(path, ctx.cwd))


@tool(
    kind="write",
    exclusive=True,
    path_args=("path",),
    one_line=lambda args: str(args["path"]),
    preview=preview,
)
async def edit(
    ctx: ToolContext,
    path: Annotated[str, "The file; relative to the work directory."],
    old: Annotated[str, "The text to replace, exactly as it stands in the file, without line numbers."],
    new: Annotated[str, "What to put there."],
    replace_all: Annotated[bool, "Replace every occurrence; else there must be exactly one."] = False,
) -> Observation:
    """Replace text in a file. The old text must occur exactly once, unless replace_all is set."""
    target = ctx.path(path)
    return await asyncio.to_thread(_edit, ctx, target, old, new, replace_all, shown(target, ctx.cwd))


def _edit(  # noqa: PLR0917 - run in a thread, by place
    ctx: ToolContext, path: Path, old: str, new: str, replace_all: bool, name: str
) -> Observation:
    file = load(path)
    text = replaced(file, old, new, replace_all=replace_all)
    diff = unified(file.text, text, name)
    ctx.unless_changed(diff)
    store(path, file.encode(text))
    fact = counted(diff)
    return Observation(text=f"Edited {name}: {fact}.", fact=fact, diff=diff)


def replaced(file: TextFile, old: str, new: str, *, replace_all: bool) -> str:
    """The file's new text, with its own line ends. Raises ToolError where the old text isn't unique or there."""
    if not old:
        raise ToolError("old text is empty; use write to make a file")
    if file.crlf:
        old, new = (text.replace("\r\n", "\n").replace("\n", "\r\n") for text in (old, new))
    if old == new:
        raise ToolError("old and new text are the same; nothing to do")
    count = file.text.count(old)
    if count == 0:
        raise ToolError(f"old text occurs 0 times; {_nearest(file.text, old)}")
    if count > 1 and not replace_all:
        where = _lines_of(file.text, old)
        raise ToolError(f"old text occurs {count} times (lines {where}); give more of it, or set replace_all")
    return file.text.replace(old, new)


def _lines_of(text: str, old: str) -> str:
    found: list[str] = []
    at = text.find(old)
    while at >= 0 and len(found) < 8:
        found.append(str(text.count("\n", 0, at) + 1))
        at = text.find(old, at + len(old))
    return ", ".join(found)


def _nearest(text: str, old: str) -> str:
    wanted = next((line.strip() for line in old.splitlines() if line.strip()), "")[:500]
    lines = [line.strip()[:500] for line in text.splitlines()[:20_000]]
    if wanted in lines:
        return f"its first line is line {lines.index(wanted) + 1}: compare the blanks and the lines after it"
    near = difflib.get_close_matches(wanted, set(lines[:5_000]), n=1, cutoff=0.5)
    if not near:
        return "nothing in the file is like it"
    return f"the nearest is line {lines.index(near[0]) + 1}: {near[0][:200]}"
