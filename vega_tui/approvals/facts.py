"""What a policy needs to know of a call: its paths with symlinks followed, its commands, its host.

The only part of the policy that looks at the disk, so that everything after it is a pure function.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

from vega_tui.approvals.loads import loads
from vega_tui.approvals.operands import Looker, Operands
from vega_tui.approvals.paths import PathUse, Places
from vega_tui.approvals.shell import Command, Parsed, Redirect, segments
from vega_tui.core.messages import JsonObject
from vega_tui.core.web_address import web_address

# What a tool does, as far as a policy cares: "agents" starts or asks other processes of the session.
ToolKind: TypeAlias = Literal["shell", "read", "write", "fetch", "agents", "other"]
# Rules for these names speak of every tool of the kind, whoever made it: a deny on `bash` means each shell.
_FAMILY: Final[Mapping[ToolKind, str]] = {"shell": "bash", "read": "read", "write": "edit", "fetch": "fetch"}


@dataclass(frozen=True, slots=True)
class CommandFacts:
    """A command and the paths that its words name, as far as they are literal."""

    command: Command
    paths: tuple[PathUse, ...] = ()
    maybe: tuple[PathUse, ...] = ()  # what a pattern fits, what a longer text names, where a `cd` may lead
    unclear: str = ""  # why it may open other files too
    dumps: bool = False  # it would show or copy them
    loads: str = ""  # why git would run what a repository's own files name


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
    node: tuple[int, int] = (0, 0)  # device and number of the work directory
    family: str = ""  # rules for this name speak of the tool too


def facts_of(
    tool: str, kind: ToolKind, args: JsonObject, *, cwd: Path, home: Path, paths: Sequence[str] = (), family: str = ""
) -> CallFacts:
    """The facts of a call whose path arguments are `paths` (already picked out by the tool)."""
    places = Places(cwd, home)
    plain = CallFacts(
        tool,
        kind,
        args,
        places.root,
        str(home),
        tuple(places.use(path) for path in paths),
        node=places.node,
        family=family or _FAMILY.get(kind, tool),
    )
    if kind == "fetch":
        return replace(plain, paths=(), host=_host(str(args.get("url", ""))))
    if kind != "shell":
        return plain
    text = str(args.get("command", ""))
    return _shell_facts(plain, text, _segments(text), places)


_segments = lru_cache(maxsize=64)(segments)  # a line is judged when it is proposed, and again when it runs


def _shell_facts(plain: CallFacts, text: str, parsed: Parsed, places: Places) -> CallFacts:
    looker = Looker.at(parsed, text, places)
    redirects = tuple(
        RedirectFacts(r, None if r.target.value is None or r.target.glob else looker.use(r.target.value))
        for r in parsed.redirects
    )
    return replace(
        plain,
        paths=(),
        text=text,
        problem=parsed.problem,
        commands=tuple(
            replace(_command_facts(command, looker.operands(command)), loads=loads(command, looker))
            for command in parsed.commands
        ),
        redirects=redirects,
        moves=parsed.moves,
    )


def _command_facts(command: Command, found: Operands) -> CommandFacts:
    return CommandFacts(command, found.paths, found.maybe, found.unclear, found.dumps)


def _host(url: str) -> str:
    """Where a URL leads, as a rule names it; empty where it can't be fetched."""
    address = web_address(url)
    return address.label if address else ""
