"""Columns of a row that give way by priority when the pane is narrow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vega_tui.tui.paint.cells import Line, pad, width_of


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `width` cells, or with `flex` at least that and all that is left. Keep 9 never goes."""

    name: str
    width: int
    keep: int = 5
    right: bool = False
    flex: bool = False
    gap: int = 1  # cells before it


def fitting(columns: Sequence[Column], cells: int) -> list[tuple[Column, int]]:
    """The columns that fit, with their widths; the lowest `keep` goes first, among equals the rightmost."""
    kept = list(columns)

    def least() -> int:
        return sum(column.width + (column.gap if at else 0) for at, column in enumerate(kept))

    while least() > cells:
        losers = [column for column in kept if column.keep < 9]
        if not losers:
            break
        lowest = min(column.keep for column in losers)
        kept.remove([column for column in losers if column.keep == lowest][-1])
    spare = max(0, cells - least())
    flexible = [column for column in kept if column.flex]
    extra = spare // len(flexible) if flexible else 0
    return [(column, column.width + (extra if column.flex else 0)) for column in kept]


def table_row(layout: Sequence[tuple[Column, int]], values: Mapping[str, Line]) -> Line:
    """One row of a fitted layout; values are by column name, a missing one is an empty cell."""
    out: Line = []
    for at, (column, cells) in enumerate(layout):
        if at:
            out.append((" " * column.gap, ""))
        value = values.get(column.name, [])
        if column.right:
            free = cells - width_of(value)
            if free > 0:
                out.append((" " * free, ""))
                out += value
                continue
        out += pad(value, cells)
    return out
