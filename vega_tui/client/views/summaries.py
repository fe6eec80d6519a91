"""A call of a tool in one line, from its arguments alone: what a page of old entries has to go by."""

from typing import Final

from vega_tui.core.messages import JsonObject

_MAIN_ARGUMENT: Final = {
    "bash": "command",
    "read": "path",
    "write": "path",
    "edit": "path",
    "list": "path",
    "grep": "pattern",
    "fetch": "url",
    "ask": "question",
    "task": "prompt",
    "spawn": "prompt",
}


def call_summary(tool: str, args: JsonObject) -> str:
    """The argument that says most, on one line: the command, the path; else the first that is text."""
    main = args.get(_MAIN_ARGUMENT.get(tool, ""))
    if not isinstance(main, str):
        main = next((value for value in args.values() if isinstance(value, str)), "")
    return " ".join(main.split())
