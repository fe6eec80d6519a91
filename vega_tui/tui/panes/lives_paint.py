"""Draws the process's half of the detail view (LOOK.md, picture 06): what is due, its lives on one axis, the last."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from vega_tui.client import format as fmt
from vega_tui.client.views.detail import LifeRest
from vega_tui.client.views.fleet import FleetRow
from vega_tui.core.ids import base_name, with_incarnation
from vega_tui.protocol.description import ChildFacts
from vega_tui.protocol.rows import LifeRow
from vega_tui.tui.paint.cells import Line, clean, shorten, spread, wrap
from vega_tui.tui.paint.glyphs import UNICODE, Glyphs
from vega_tui.tui.paint.meters import state_word, title_rule
from vega_tui.tui.panes.detail_paint import Sheet, label
from vega_tui.tui.theme import STATE_ROLES

_WELL: Final = frozenset({"normal", "shutdown"})
_SPAN_S: Final = 60.0
_CARD_METER: Final = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What the half is drawn from. `left`: seconds until its restart, of how many."""

    path: str
    now: float
    row: FleetRow | None = None
    child: ChildFacts | None = None
    keeper: str = ""
    left: tuple[float, float] | None = None
    lives: Sequence[LifeRow] = ()
    chosen: int = 0  # incarnation of the life that is looked at
    rest: LifeRest = field(default_factory=LifeRest)
    waiting: int = 0  # inputs
    span_s: float = _SPAN_S


def process_sheet(it: Process, width: int, height: int, *, tall: bool, signs: Glyphs = UNICODE) -> Sheet:
    """The half below its head. Its rows are lives, by incarnation."""
    sheet = Sheet()
    gap: list[Line] = [[]] if tall else []
    sheet.add(*gap, *_card(it, width, tall=tall, signs=signs), *gap)
    if not it.lives:
        return sheet
    room = max(1, (height - len(sheet.lines) - (12 if tall else 8)) // 2)
    shown = it.lives[-room:]
    note = f"last {fmt.plural(len(shown), 'life', 'lives')}" if len(shown) < len(it.lives) else ""
    count = str(len(it.lives) + (it.left is not None))
    sheet.add(title_rule("Lives", width, count=count, note=note or f"last {it.span_s:g} s", signs=signs))
    sheet.add(_axis_head(it, width))
    for life in shown:
        sheet.add(*_life(it, life, width, signs), row=life.incarnation)
    if it.left is not None:
        sheet.add(_coming(it, it.left[0], width, signs))
    if life := next((life for life in it.lives if life.incarnation == it.chosen), None):
        ended = life.ended is not None
        sheet.add(
            *gap, title_rule(f"Last of #{it.chosen}" if ended else f"Now, #{it.chosen}", width, signs=signs), *gap
        )
        sheet.add(*(_last_of(it, life, width) if ended else _living(it, width)))
    return sheet


def _card(it: Process, width: int, *, tall: bool, signs: Glyphs) -> list[Line]:
    """What is due, or what it is; the one surface of the half."""
    row = it.row
    if it.left is not None:
        left, whole = it.left
        name = with_incarnation(base_name(it.path), (it.lives[-1].incarnation if it.lives else 1) + 1)
        line: Line = [("  ", ""), (f"{signs.rstr} RSTR   ", "rstr"), (name, "strong bold"), (" starts in ", "text")]
        line.append((fmt.countdown(left), "strong bold"))
        cells = max(4, min(_CARD_METER, width - 48))
        done = round((1 - left / whole) * cells) if whole else cells
        bar: Line = [(signs.spent * done, "rstr"), (signs.free * (cells - done), "rest")]
        drawn = [spread(line, [*bar, (f"  of {fmt.duration(whole)}", "muted")], width - 1)]
        return [_on([], width), *(_on(one, width) for one in drawn), _on([], width)] if tall else drawn
    if row is None:
        return []
    state = row.shown_state(it.now)
    words = row.now_text(it.now)
    line = [("  ", ""), *state_word(state, signs), ("  ", ""), (shorten(clean(words), max(8, width - 24)), "text")]
    return [spread(line, [(fmt.age(it.now - row.since) if row.since else "", "muted")], width - 1)]


def _on(line: Line, width: int) -> Line:
    """The line on the ground of a card, from its second cell."""
    used = sum(len(text) for text, _ in line)
    full: Line = [*line, (" " * max(0, width - used), "")]
    return [(text, f"{style} on surface".strip()) for text, style in full]


def _columns(width: int) -> tuple[int, int]:
    """Cells of the axis, and of what it died of."""
    died = max(14, min(34, (width - 16) * 2 // 5))
    return max(8, width - died - 16), died


def _axis_head(it: Process, width: int) -> Line:
    axis, _ = _columns(width)
    start = fmt.clock(it.now - it.span_s, exact=True)
    head = spread([(start, "faint")], [("now", "faint")], axis)
    return [(" " * 5, ""), *head, ("lived".rjust(9), "faint"), ("  died of", "faint")]


def _at(it: Process, then: float, cells: int) -> int:
    return round((then - (it.now - it.span_s)) / it.span_s * (cells - 1))


def _life(it: Process, life: LifeRow, width: int, signs: Glyphs) -> list[Line]:
    axis, died = _columns(width)
    ended = life.ended if life.ended is not None else it.now
    lived = fmt.age(ended - life.started) if ended - life.started >= 60 else f"{max(0, int(ended - life.started))} s"
    bar = _bar(it, life, axis, signs)
    role = "fail" if life.abnormal or life.reason == "killed" else "muted"
    why, more = (life.reason, life.text) if life.ended is not None else _alive(it)
    style = role if life.ended is not None else STATE_ROLES.get(it.row.shown_state(it.now) if it.row else "", "muted")
    name: Line = [("  ", ""), (f"#{life.incarnation}".ljust(3), "strong bold" if life.ended is None else "text")]
    first: Line = [*name, *bar, (lived.rjust(9), "muted"), ("  ", ""), (shorten(clean(why), died), style)]
    if not more or more == why:
        return [first]
    return [first, [(" " * (16 + axis), ""), (shorten(clean(more), died), "faint")]]


def _alive(it: Process) -> tuple[str, str]:
    return ("lives", "") if it.row is None or not it.row.stopping else ("stopping", "")


def _bar(it: Process, life: LifeRow, axis: int, signs: Glyphs) -> Line:
    """From birth to death on the common axis; what lies before it is left of the first cell."""
    first = _at(it, life.started, axis)
    last = axis - 1 if life.ended is None else _at(it, life.ended, axis)
    end = (signs.fail, "fail") if life.abnormal or life.reason == "killed" else (signs.done, "done")
    if last < 0:
        return [("‹" if signs is UNICODE else "<", "faint"), end, (" " * (axis - 2), "")]
    first, last = min(first, axis - 1), min(last, axis - 1)
    line: Line = [(" " * max(0, first), "")]
    line.append(("‹" if signs is UNICODE else "<", "run") if first < 0 else (signs.run, "run"))
    used = max(0, first) + 1
    line.append((signs.model * max(0, last - used), "run"))
    used += max(0, last - used)
    if used < axis:
        line.append((signs.model, "run") if life.ended is None else end)
        used += 1
    elif life.ended is not None:
        line[1] = end
    return [*line, (" " * (axis - used), "")]


def _coming(it: Process, left: float, width: int, signs: Glyphs) -> Line:
    """The life that is to begin: the gap since the last one died, and when it comes."""
    axis, _ = _columns(width)
    last = it.lives[-1] if it.lives else None
    since = _at(it, last.ended, axis) + 1 if last is not None and last.ended is not None else axis - 2
    since = max(0, min(since, axis - 2))
    gap = signs.gap * (axis - 1 - since)
    number = (last.incarnation if last else 0) + 1
    line: Line = [("  ", ""), (f"#{number}".ljust(3), "strong bold"), (" " * since, ""), (gap + signs.rstr, "rstr")]
    return [*line, (fmt.countdown(left).rjust(9), "muted"), ("  ", ""), ("backing off", "rstr")]


def _last_of(it: Process, life: LifeRow, width: int) -> list[Line]:
    room = width - 15
    why: Line = [(life.reason, "fail" if life.abnormal or life.reason == "killed" else "text")]
    if life.text and life.text != life.reason:
        why.append((f" ({clean(life.text)})", "muted"))
    rows = wrap(why, max(12, room))[:3]
    lines = [label("" if at else "exit", row) for at, row in enumerate(rows)]
    rest = it.rest
    if rest.cut_off:
        calls = ", ".join(rest.cut_off)
        lines.append(label("in flight", [(shorten(clean(calls), room - 14), "text"), ("   interrupted", "warn")]))
    if rest.entries:
        kept = f"turn {rest.turn}, {fmt.plural(rest.entries, 'entry', 'entries')}" if rest.turn else ""
        lines.append(label("kept", [(kept or fmt.plural(rest.entries, "entry", "entries"), "text")]))
    lines += _money(it)
    return [*lines, *_waiting(it, life.incarnation + 1)]


def _living(it: Process, width: int) -> list[Line]:
    lines: list[Line] = []
    row = it.row
    if row is not None and row.task:
        lines.append(label("task", [(shorten(clean(row.task), width - 15), "text")]))
    if row is not None and row.turns:
        lines.append(label("turns", [(fmt.count(row.turns), "text")]))
    lines += _money(it)
    if it.child is not None:
        lines.append(label("restart", [(it.child.restart, "text"), (f"  {it.keeper}", "muted")]))
    return [*lines, *_waiting(it, it.chosen)]


def _money(it: Process) -> list[Line]:
    row, lives = it.row, len(it.lives)
    if row is None or row.strategy or not (row.turns or row.cost_usd):
        return []
    total = fmt.spent(row.cost_usd, row.unpriced)
    if it.rest.cost_usd is None or lives < 2:
        return [label("cost", [(total, "text"), (f"  all {lives} lives" if lives > 1 else "", "muted")])]
    return [label("cost", [(fmt.money(it.rest.cost_usd), "text"), (f"   {lives} lives {total}", "muted")])]


def _waiting(it: Process, life: int) -> list[Line]:
    if not it.waiting:
        return []
    verb = "waits" if it.waiting == 1 else "wait"
    return [label("mailbox", [(f"{fmt.plural(it.waiting, 'message')} {verb} for #{life}", "text")])]
