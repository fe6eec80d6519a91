"""Markdown tables in cells: columns as wide as they need while they fit, else shared out, and wrapped."""

from collections.abc import Sequence

from vega_tui.tui.paint.cells import Line, width_of, wrap
from vega_tui.tui.paint.glyphs import UNICODE, Glyphs

_GAP = 2
_LEAST = 3


def table_lines(
    head: Sequence[Line],
    rows: Sequence[Sequence[Line]],
    aligns: Sequence[str],
    cells: int,
    signs: Glyphs = UNICODE,
) -> list[Line]:
    """Head, rule and rows. `aligns` holds left, right or center per column."""
    count = len(head)
    widths = _widths([[width_of(cell) for cell in row] for row in [head, *rows]], count, cells)
    out = _row([[(text, f"{style} bold") for text, style in cell] for cell in head], widths, aligns)
    out.append([(signs.rule * min(cells, sum(widths) + _GAP * (count - 1)), "line")])
    for row in rows:
        out += _row(row, widths, aligns)
    return out


def _widths(sizes: list[list[int]], count: int, cells: int) -> list[int]:
    wanted = [max((row[at] if at < len(row) else 0 for row in sizes), default=1) or 1 for at in range(count)]
    room = max(count, cells - _GAP * (count - 1))
    if sum(wanted) <= room:
        return wanted
    fair = max(1, room // count)
    narrow = [size for size in wanted if size <= fair]
    wide = count - len(narrow)
    share = max(1, (room - sum(narrow)) // max(1, wide))
    return [size if size <= fair else max(min(size, share), min(_LEAST, fair)) for size in wanted]


def _row(row: Sequence[Line], widths: Sequence[int], aligns: Sequence[str]) -> list[Line]:
    wrapped: list[list[Line]] = [wrap(row[at], width) if at < len(row) else [[]] for at, width in enumerate(widths)]
    out: list[Line] = []
    for index in range(max(len(lines) for lines in wrapped)):
        line: Line = []
        for at, width in enumerate(widths):
            part = wrapped[at][index] if index < len(wrapped[at]) else []
            free = max(0, width - width_of(part))
            before = {"right": free, "center": free // 2}.get(aligns[at] if at < len(aligns) else "", 0)
            gap = _GAP if at else 0
            line += [(" " * (gap + before), ""), *part, (" " * (free - before), "")]
        out.append([span for span in line if span[0]])
    return out
