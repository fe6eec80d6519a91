"""Aligned columns for a terminal or a pipe. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vega_tui.core.visible import cut as visibly_cut
from vega_tui.plain.output import cells, cut, one_line

_GAP: Final = "  "
_LEAST: Final = 6  # columns that a yielding column keeps


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head; `right` aligns figures; `yields` says that it gives up width first."""

    head: str
    right: bool = False
    yields: bool = False
    counts: bool = False  # of what is cut off it says how much: a call must not look like a shorter one


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None = None) -> list[str]:
    """Lines of a table, its head first; cut to `width` where that is known. A cell is one line, its indent kept."""
    body = [[" " * (len(cell) - len(cell.lstrip(" "))) + one_line(cell) for cell in row] for row in rows]
    widths = [max([cells(column.head), *(cells(row[i]) for row in body)]) for i, column in enumerate(columns)]
    if width is not None:
        _fit(columns, widths, width)
    lines = [_line(columns, [column.head for column in columns], widths)]
    lines += [_line(columns, row, widths) for row in body]
    return [cut(line, width) for line in lines] if width is not None else lines


def _fit(columns: Sequence[Column], widths: list[int], width: int) -> None:
    over = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    for i in reversed(range(len(columns))):
        if over > 0 and columns[i].yields:
            taken = min(over, max(0, widths[i] - _LEAST))
            widths[i] -= taken
            over -= taken


def _line(columns: Sequence[Column], row: Sequence[str], widths: Sequence[int]) -> str:
    parts: list[str] = []
    for column, text, width in zip(columns, row, widths, strict=True):
        shown = visibly_cut(text, width, cells) if column.counts else cut(text, width)
        room = " " * (width - cells(shown))
        parts.append(room + shown if column.right else shown + room)
    return _GAP.join(parts).rstrip()
