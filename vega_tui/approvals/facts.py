"""What a policy needs to know of a call: its paths with symlinks followed, its commands, its host.

The only part of the policy that looks at the disk, so that everything after it is a pure function.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from vega_tui.approvals.paths import PathUse, resolve
from vega_tui.approvals.shell import Command, Parsed, Redirect, segments
from vega_tui.core.messages import JsonObject

# What a tool does, as far as a policy cares: "agents" starts or asks other processes of the session.
ToolKind: TypeAlias = Literal["shell", "read", "write", "fetch", "agents", "other"]


@dataclass(frozen=True, slots=True)
class CommandFacts:
    """A command and the paths that its words name, as far as they are literal."""

    command: Command
    paths: tuple[PathUse, ...] = ()


@dataclass(frozen=True, slots=True)
class RedirectFacts:
    """A redirection and its file; None where the name is known only when it runs."""

    redirect: Redirect
    use: PathUse | None


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A call as the policy sees it."""

    tool: str
    kind: ToolKind
    args: JsonObject
    cwd: str
    home: str
    paths: tuple[PathUse, ...] = ()
    text: str = ""  # of a shell call
    problem: str = ""  # why a shell call can't be judged
    commands: tuple[CommandFacts, ...] = ()
    redirects: tuple[RedirectFacts, ...] = ()
    moves: bool = False
    host: str = ""


def facts_of(
    tool: str, kind: ToolKind, args: JsonObject, *, cwd: Path, home: Path, paths: Sequence[str] = ()
) -> CallFacts:
    """The facts of a call whose path arguments are `paths` (already picked out by the tool)."""
    root = os.path.realpath(cwd)
    plain = CallFacts(tool, kind, args, root, str(home), tuple(resolve(p, cwd, home) for p in paths))
    if kind == "fetch":
        return CallFacts(tool, kind, args, root, str(home), host=host_of(str(args.get("url", ""))))
    if kind != "shell":
        return plain
    text = str(args.get("command", ""))
    parsed = segments(text)
    return _shell_facts(plain, text, parsed, cwd, home)


def _shell_facts(plain: CallFacts, text: str, parsed: Parsed, cwd: Path, home: Path) -> CallFacts:
    commands = tuple(CommandFacts(c, tuple(resolve(name, cwd, home) for name in _names(c))) for c in parsed.commands)
    redirects = tuple(
        RedirectFacts(r, None if r.target.value is None or r.target.glob else resolve(r.target.value, cwd, home))
        for r in parsed.redirects
    )
    return CallFacts(
        plain.tool, plain.kind, plain.args, plain.cwd, plain.home,
        text=text, problem=parsed.problem, commands=commands, redirects=redirects, moves=parsed.moves,
    )  # fmt: skip


def _names(command: Command) -> list[str]:
    """Words that may name a file: all but the program, and what an option carries behind `=` or glued to it."""
    names: list[str] = []
    for word in command.core[1:200]:
        value = word.value or ""
        if value.startswith("-"):
            _, equals, behind = value.partition("=")
            start = min((i for i in (value.find("/"), value.find("~")) if i > 0), default=-1)
            value = behind if equals else value[start:] if start > 0 else ""
        if value and len(value) < 4096:
            names.append(value)
    return names


def host_of(url: str) -> str:
    """The host of a URL in lower case; empty when it has none."""
    try:
        return (urlsplit(url).hostname or "").lower().rstrip(".")
    except ValueError:
        return ""
