"""What each permission mode frees: one row per mode. A mode without a row frees nothing, whatever rules say."""

from dataclasses import dataclass
from typing import Final

from vega_tui.approvals.facts import ToolKind
from vega_tui.core.words import Mode


@dataclass(frozen=True, slots=True)
class Freedom:
    """What needs no question in a mode. Deny rules hold in every one, ask rules in all that don't free everything."""

    kinds: frozenset[ToolKind] = frozenset()  # calls of these kinds; of files, those inside the work directory
    low_risk: bool = False  # every command and other call of LOW risk
    everything: bool = False  # all but what a deny rule denies: ask rules and protected paths don't ask
    allow_rules: bool = True  # allow rules and grants count


NOTHING: Final = Freedom(allow_rules=False)
MODES: Final[dict[Mode, Freedom]] = {
    Mode.MANUAL: Freedom(kinds=frozenset({"agents", "read"})),
    Mode.EDITS: Freedom(kinds=frozenset({"agents", "read", "write"})),
    Mode.AUTO: Freedom(kinds=frozenset({"agents", "read", "write"}), low_risk=True),
    Mode.YOLO: Freedom(kinds=frozenset({"agents", "read", "write"}), everything=True),
}


def freedom(mode: Mode) -> Freedom:
    """The mode's row; for a mode that nobody described, nothing is free and every call asks."""
    return MODES.get(mode, NOTHING)
