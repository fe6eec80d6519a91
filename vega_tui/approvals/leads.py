"""What of a call the eye would miss: where its links lead, and characters that no screen shows. Pure."""

from collections.abc import Iterable
from typing import Final

from vega_tui.approvals.facts import CallFacts
from vega_tui.approvals.paths import PathUse
from vega_tui.core.messages import JsonObject
from vega_tui.core.visible import hides, visible

_MOST: Final = 8


def leads(facts: CallFacts) -> tuple[str, ...]:
    """`notes → /etc/passwd` for each path of the call that is behind a link."""
    found = dict.fromkeys(f"{visible(use.path)} → {visible(use.target)}" for use in _uses(facts) if _elsewhere(use))
    shown = list(found)
    if (more := len(shown) - _MOST) > 0:
        shown[_MOST:] = [f"and {more} more links"]
    return tuple(shown)


def unseen(facts: CallFacts) -> bool:
    """True when what decides the call's effect holds a character that a screen hides or obeys.

    The contents of a file that is written may hold any: they are shown, and are data.
    """
    if facts.kind == "agents":
        return False
    if facts.kind == "shell":
        return hides(facts.text)
    return any(hides(text) for name, text in _texts(facts.args) if name not in _CONTENTS)


_CONTENTS: Final = frozenset({"content", "old", "new"})


def _texts(args: JsonObject) -> Iterable[tuple[str, str]]:
    return ((name, value) for name, value in args.items() if isinstance(value, str))


def _uses(facts: CallFacts) -> Iterable[PathUse]:
    yield from facts.paths
    for command in facts.commands:
        yield from command.paths
    yield from (one.use for one in facts.redirects if one.use is not None)


def _elsewhere(use: PathUse) -> bool:
    return use.path != use.target
