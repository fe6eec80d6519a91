"""Reasons why a call ends without running, and the check of its arguments."""

from typing import Final

import msgspec

from vega_tui.approvals.policy import Ruling
from vega_tui.core.errors import ToolError
from vega_tui.core.messages import JsonObject
from vega_tui.tools.output import storable
from vega_tui.tools.tool import Tool

MAX_ARGS_BYTES: Final = 5_000_000


class Blocked(Exception):
    """The call ends here without running."""

    def __init__(self, text: str, *, by: str, reason: str = "", stop: bool = False) -> None:
        super().__init__(text)
        self.text, self.by, self.reason, self.stop = text, by, reason or text, stop


def validated(tool: Tool, args: JsonObject) -> JsonObject:
    """The arguments as the tool takes them. Raises Blocked with words for the model."""
    try:
        typed = tool.validate(args)
        if any("\0" in path for path in tool.paths(typed)):
            raise ToolError("a path holds a null byte")
    except ToolError as error:
        raise Blocked(f"The arguments of {tool.name} don't fit: {error}", by="validation") from error
    if len(msgspec.json.encode(args)) > MAX_ARGS_BYTES:
        raise Blocked(f"The arguments of {tool.name} are larger than {MAX_ARGS_BYTES:,} bytes", by="validation")
    return typed


def denied_by_rule(ruling: Ruling) -> Blocked:
    """What a call ends with that a rule denies."""
    return Blocked(f"Denied: {ruling.why}", by="policy", reason=ruling.why)


def storable_args(args: JsonObject) -> JsonObject:
    """The arguments as they can be encoded."""
    try:
        msgspec.json.encode(args)
    except (UnicodeEncodeError, msgspec.MsgspecError, TypeError, ValueError):
        return {str(_clean(key)): _clean(value) for key, value in args.items()}
    return args


def _clean(value: object) -> object:
    match value:
        case str():
            return storable(value)
        case int() | float() | None:
            return value
        case _:  # deep and broken: only its text is kept
            return storable(repr(value))
