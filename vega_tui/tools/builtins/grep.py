"""The `grep` tool: lines that match a regular expression, searched in a process that can be killed."""

import asyncio
import os
import re
import sys
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Annotated, Final

import msgspec

from vega_tui.approvals.sensitive import holds_secrets
from vega_tui.approvals.veil import Veil
from vega_tui.core.errors import ToolError
from vega_tui.core.messages import Observation
from vega_tui.core.own_process import environment
from vega_tui.tools.builtins import grep_worker
from vega_tui.tools.context import ToolContext
from vega_tui.tools.files import Ignored, walk
from vega_tui.tools.tool import tool

_MAX_FILES: Final = 50_000
_TIMEOUT_S: Final = 30.0


class _Found(msgspec.Struct):
    found: list[tuple[str, int, str]]
    more: bool


@tool(kind="read", path_args=("path",), one_line=lambda args: f"{args['pattern']} in {args.get('path', '.')}")
async def grep(  # noqa: PLR0917 - called by name, as every tool
    ctx: ToolContext,
    pattern: Annotated[str, "A regular expression, in Python's syntax."],
    path: Annotated[str, "A file or folder; relative to the work directory."] = ".",
    glob: Annotated[str, "Only files whose name or path fits, as in *.py; empty: all."] = "",
    ignore_case: Annotated[bool, "Take upper and lower case as the same."] = False,
    limit: Annotated[int, msgspec.Meta(ge=1, le=2_000, description="How many lines at most.")] = 200,
) -> Observation:
    """Search files for a regular expression. Gives path:line:text. Left out is what .gitignore
    hides, and files that usually hold keys, unless named.
    """
    flags = re.IGNORECASE if ignore_case else re.NOFLAG
    try:
        re.compile(pattern, flags)
    except (re.error, RecursionError, OverflowError) as error:
        raise ToolError(f"{pattern[:200]!r} is not a regular expression: {error}") from error
    root = ctx.path(path)
    veil = ctx.veil or Veil(str(ctx.cwd), str(ctx.home))
    files = await asyncio.to_thread(_files, root, glob, veil)
    asked = msgspec.json.encode({"pattern": pattern, "flags": int(flags), "files": files, "limit": limit})
    found = await _search(asked)
    base = str(ctx.cwd.resolve()) + "/"
    lines = [f"{name.removeprefix(base)}:{number}:{line}" for name, number, line in found.found] or ["(no match)"]
    if found.more:
        lines.append(f"[more than {limit}; narrow the pattern or the glob]")
    if veil.hidden:
        lines.append(f"[{veil.hidden} left out: rules forbid them, or they usually hold secrets]")
    count = len(found.found)
    fact = f"{count}{'+' if found.more else ''} match{'' if count == 1 else 'es'}"
    return Observation(text="\n".join(lines), fact=fact, truncated=found.more)


def _files(root: Path, glob: str, veil: Veil) -> list[str]:
    if root.is_file():
        return [str(root)]
    if not root.is_dir():
        raise ToolError(f"{root} is not there")
    fitting = (
        entry
        for relative, entry in walk(root, Ignored.at(root), 40, veil)
        if entry.is_file(follow_symlinks=False) and _wanted(entry, relative, glob) and not _secret(entry, veil)
    )
    found = [(entry.path, entry.inode()) for entry in islice(fitting, _MAX_FILES)]
    return [name for name, inode in found if not veil.twin(inode) and name.isprintable()]


def _wanted(entry: os.DirEntry[str], relative: str, glob: str) -> bool:
    return not glob or fnmatchcase(entry.name, glob) or fnmatchcase(relative, glob.removeprefix("**/"))


def _secret(entry: os.DirEntry[str], veil: Veil) -> bool:
    """Those are read one by one, when the operator says so."""
    if not holds_secrets(entry.path):
        return False
    veil.note(entry.inode())
    return True


async def _search(asked: bytes) -> _Found:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", grep_worker.__file__,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        cwd="/", env=environment(os.environ),
    )  # fmt: skip
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            answer, _ = await worker.communicate(asked)
        return msgspec.json.decode(answer, type=_Found)
    except TimeoutError:
        raise ToolError(f"the search took longer than {_TIMEOUT_S:g} s; narrow the pattern or the path") from None
    except msgspec.DecodeError as error:
        raise ToolError("the search ended without a result") from error
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
