"""How stored events of older versions become today's: one function per type and version it starts from.

A change of an event's shape raises its class's `version` and adds a line here; stored rows are never rewritten.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from vega_tui.core.messages import JsonObject

Upcaster: TypeAlias = Callable[[JsonObject], JsonObject]

UPCASTERS: Final[Mapping[tuple[str, int], Upcaster]] = {}
