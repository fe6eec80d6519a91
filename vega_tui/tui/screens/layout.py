"""Textual's layout of the main screen: one call to `regions`, no CSS sizes."""

from collections.abc import Callable

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget


class RegionsLayout(Layout):
    """Places children by their id. A child without a rectangle is not shown."""

    name = "regions"

    def __init__(self, place: Callable[[Size], dict[str, Region]]) -> None:
        self._place = place

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Called by Textual whenever sizes or what is shown changed."""
        placed = self._place(size)
        found: list[WidgetPlacement] = []
        for order, child in enumerate(children):
            region = placed.get(child.id or "")
            if region is not None:
                overlay = child.styles.overlay == "screen"
                found.append(WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child, order, False, overlay))
        return found
