"""What a trusted project may say of each setting. A setting that is not decided here is a fault at import."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from vega_tui.core.words import Mode


class Say(Enum):
    """How far a project's word on a setting goes."""

    SET = "set"  # it beats the user's file
    NARROW = "narrow"  # it counts where it allows less than what holds without it
    NEVER = "never"  # it is refused


PROJECT_SAYS: Final[Mapping[str, Say]] = {
    "model": Say.SET,  # costs, but within the user's cap; `config trust` shows it
    "mode": Say.NARROW,
    "theme": Say.SET,  # the name of one that ships or is the user's
    "glyphs": Say.NEVER,  # the terminal's
    "notifications": Say.NEVER,  # could silence what waits
    "budget_usd": Say.NARROW,
    "max_turns": Say.NARROW,
    "base_url": Say.NEVER,  # could have the key sent elsewhere
    "api_key_env": Say.NEVER,  # could have another variable sent as the key
    "prices": Say.NEVER,  # could make a cap count nothing
    "read_only": Say.NARROW,
}

_MODES: Final = tuple(Mode)


def is_narrower(name: str, theirs: object, ours: object) -> bool:
    """Whether a project's value allows less than the one that holds without it."""
    match name, theirs, ours:
        case "mode", Mode(), Mode():
            return _MODES.index(theirs) < _MODES.index(ours)
        case "budget_usd", int() | float(), None:
            return True
        case "budget_usd" | "max_turns", int() | float(), int() | float():
            return theirs < ours
        case "read_only", True, False:
            return True
        case _:
            return False
