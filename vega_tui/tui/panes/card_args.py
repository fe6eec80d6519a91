"""A call's arguments as the text that a person reads and edits, and back."""

import json
from typing import Final

import msgspec

from vega_tui.core.messages import JsonObject
from vega_tui.core.records import Approval

_ONE_TEXT: Final = {"bash": "command"}


def editable(approval: Approval) -> str:
    """What `e` edits: the command alone where that is all there is, else all arguments as JSON."""
    name = _ONE_TEXT.get(approval.tool)
    if name and isinstance(approval.args.get(name), str):
        return str(approval.args[name])
    return json.dumps(approval.args, ensure_ascii=False)


def edited_args(approval: Approval, text: str) -> tuple[JsonObject | None, str]:
    """The arguments that `text` means, or what is wrong with it."""
    name = _ONE_TEXT.get(approval.tool)
    if name and isinstance(approval.args.get(name), str):
        return ({**approval.args, name: text}, "") if text.strip() else (None, "the command can't be empty")
    try:
        return msgspec.json.decode(text, type=JsonObject), ""
    except msgspec.DecodeError as error:
        return None, f"not one JSON object: {error}"
