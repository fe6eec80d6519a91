"""The approval card where there is little room: the call first, then its keys, or nothing to decide."""

from collections.abc import Mapping
from typing import Final

from vega_tui.core.visible import visible
from vega_tui.tui.paint.cells import Line, clip, wrap
from vega_tui.tui.paint.glyphs import Glyphs
from vega_tui.tui.panes.card_args import editable
from vega_tui.tui.panes.card_keys import small_row
from vega_tui.tui.panes.card_paint import head_line
from vega_tui.tui.panes.card_state import CardState

_COLUMNS: Final = 30
_ROWS: Final = 3  # who asks, what for, the keys


def room_enough(columns: int, rows: int) -> bool:
    """True where a call can be shown and so decided."""
    return columns >= _COLUMNS and rows >= _ROWS


def small_lines(
    card: CardState,
    width: int,
    height: int,
    *,
    place: tuple[int, int],
    wall: float,
    signs: Glyphs,
    live: bool,
    labels: Mapping[str, str],
) -> list[Line]:
    """The card in `height` rows."""
    if not room_enough(width, height):
        need = f"too small to decide: {_COLUMNS}x{_ROWS + 6} at least"
        return [clip([(need, "ask")], width)][:height]
    live = live and (card.full or whole(card, width, height))
    head = head_line(card.approval, width, place, wall, signs)
    room = height - 2
    body = _step(card, width, room) if card.step != "choose" else _call(card, width - 3, room)
    lines: list[Line] = [head, *([(" ", ""), *line] for line in body), small_row(card, width - 1, labels, live=live)]
    return [clip(line, width) for line in lines]


def whole(card: CardState, columns: int, rows: int) -> bool:
    """True where all of the call stands in the small card; else it is decided only after a look at the rest."""
    return len(_body(card, columns - 3)) <= rows - 2


def _body(card: CardState, cells: int) -> list[Line]:
    return wrap(
        [(f"{card.approval.tool} ", "strong bold"), (visible(editable(card.approval), lines=True), "text")], cells
    )


def _call(card: CardState, cells: int, rows: int) -> list[Line]:
    body = _body(card, cells)
    if len(body) <= rows:
        return body
    top = min(card.top, len(body) - rows) if card.full else 0
    shown = [clip(line, cells) for line in body[top : top + rows]]
    more = f" … {top + rows}/{len(body)} lines" + ("" if card.full else "  v: all")
    return [*shown[:-1], [*clip(shown[-1], cells - len(more)), (more, "ask")]]


def _step(card: CardState, width: int, rows: int) -> list[Line]:
    body = wrap(card.line.line(), width - 3)[-rows:]
    return [*body[: rows - 1], [(card.complaint, "fail")]] if card.complaint else body
