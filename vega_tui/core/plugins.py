"""What other packages offer under an entry point. A broken one costs nobody more than itself."""

from collections.abc import Callable
from importlib import metadata
from typing import Any

from vega_tui.core.errors import VegaError
from vega_tui.core.visible import call_line


def each_plugin(group: str, take: Callable[[Any], None]) -> tuple[str, ...]:
    """Hand `take` what each entry point of the group leads to; a line for each that is left out, and why.

    Left out is what can't be loaded, and what `take` refuses, whatever it raises.
    """
    problems: list[str] = []
    for point in metadata.entry_points(group=group):
        try:
            take(point.load())
        except (Exception, SystemExit) as error:  # someone else's code may raise anything while it is imported
            why = str(error) if isinstance(error, VegaError) else f"{type(error).__name__}: {error}"
            problems.append(call_line(f"{point.name} ({point.value}) is left out: {why}"))
    return tuple(problems)
