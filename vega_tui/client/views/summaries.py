"""A call of a tool in one line, from its arguments alone: what a page of old entries has to go by."""

from collections.abc import Callable
from typing import Final

from vega_tui.core.messages import JsonObject
from vega_tui.core.visible import call_line


def _named(args: JsonObject) -> str:
    return f"{args.get('name') or args.get('to')}: {args.get('prompt') or args.get('message')}"


# The same words as the tools' own; tests/client/views/test_summaries.py holds the two together.
_ONE_LINE: Final[dict[str, Callable[[JsonObject], str]]] = {
    "bash": lambda args: str(args["command"]),
    "read": lambda args: str(args["path"]),
    "write": lambda args: str(args["path"]),
    "edit": lambda args: str(args["path"]),
    "list": lambda args: str(args.get("path", ".")),
    "grep": lambda args: f"{args['pattern']} in {args.get('path', '.')}",
    "fetch": lambda args: str(args["url"]),
    "ask": _named,
    "task": _named,
    "spawn": _named,
}


def call_summary(tool: str, args: JsonObject) -> str:
    """The command, the path, who was asked what; for a tool that is not ours all its arguments."""
    one_line = _ONE_LINE.get(tool, _all)
    try:
        text = one_line(args)
    except KeyError:  # a call whose arguments were never valid
        text = str(args)
    return call_line(text)


def _all(args: JsonObject) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in args.items())
