"""The `read` tool: a text file, or some lines of it, with line numbers."""

import asyncio
from pathlib import Path
from typing import Annotated, Final

import msgspec

from vega_tui.core.errors import ToolError
from vega_tui.core.messages import Observation
from vega_tui.tools.context import ToolContext
from vega_tui.tools.files import load
from vega_tui.tools.tool import tool

_LONGEST_LINE: Final = 2_000


@tool(kind="read", path_args=("path",), one_line=lambda args: str(args["path"]))
async def read(
    ctx: ToolContext,
    path: Annotated[str, "The file; relative to the work directory."],
    offset: Annotated[int, msgspec.Meta(ge=1, description="First line to give, counted from 1.")] = 1,
    limit: Annotated[int, msgspec.Meta(ge=1, le=10_000, description="How many lines at most.")] = 2_000,
) -> Observation:
    """Read a text file. Each line comes with its number and a tab before it; they are not part of the file."""
    return await asyncio.to_thread(_read, ctx.path(path), offset, limit)


def _read(path: Path, offset: int, limit: int) -> Observation:
    lines = load(path).text.split("\n")
    if lines[-1] == "":
        lines.pop()  # the end of the last line, no line of its own
    if not lines:
        return Observation(text="(the file is empty)", fact="empty")
    if offset > len(lines):
        raise ToolError(f"the file has {len(lines)} lines; there is no line {offset}")
    wanted = lines[offset - 1 : offset - 1 + limit]
    text = "\n".join(f"{number}\t{_short(line)}" for number, line in enumerate(wanted, offset))
    rest = len(lines) - (offset - 1 + len(wanted))
    if rest:
        text += f"\n[{rest:,} more lines; go on with offset {offset + len(wanted)}]"
    return Observation(text=text, fact=f"{len(wanted)} line{'' if len(wanted) == 1 else 's'}", truncated=rest > 0)


def _short(line: str) -> str:
    line = line.removesuffix("\r")
    if len(line) <= _LONGEST_LINE:
        return line
    return f"{line[:_LONGEST_LINE]}[… {len(line) - _LONGEST_LINE:,} characters cut]"
