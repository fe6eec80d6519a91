"""Whether a call that was judged, and perhaps shown, is still the same at the moment it runs. Pure."""

import re
from collections.abc import Iterator

from vega_tui.approvals.facts import CallFacts
from vega_tui.approvals.paths import PathUse

_PLACE = re.compile(r"^@@ .* @@$", re.M)


def moved(judged: CallFacts, now: CallFacts) -> str:
    """What leads elsewhere now, in words; empty: nothing does."""
    if (judged.cwd, judged.node) != (now.cwd, now.node):
        return f"the work directory {judged.cwd} is another folder now"
    for before, after in zip(_uses(judged), _uses(now), strict=False):
        if (before.path, before.target) != (after.path, after.target):
            return f"{before.path} leads to {after.target} now, not to {before.target}"
    return ""


def _uses(facts: CallFacts) -> Iterator[PathUse]:
    yield from facts.paths
    for command in facts.commands:
        yield from command.paths
    yield from (one.use for one in facts.redirects if one.use is not None)


def same_change(shown: str, now: str) -> bool:
    """True when two diffs take and put the same lines, wherever in the file these stand by now."""
    return _PLACE.sub("@@", shown) == _PLACE.sub("@@", now)
