"""Draws rows of the fleet (LOOK.md §6): one line with `now` where it is wide, else one or two narrow ones."""

from vega_tui.client import format as fmt
from vega_tui.client.views.fleet import FleetRow
from vega_tui.core.ids import base_name, with_incarnation
from vega_tui.core.visible import cut
from vega_tui.core.words import ProcessKind
from vega_tui.tui.paint.cells import Line, cell_len, clean, merged, pad, shorten, width_of
from vega_tui.tui.paint.glyphs import UNICODE, Glyphs
from vega_tui.tui.paint.meters import pips, share_role, state_word
from vega_tui.tui.theme import STATE_ROLES

WIDE_FROM = 66
_NAME_AT = 9


def head_line(width: int) -> Line:
    """The columns' names."""
    if width >= WIDE_FROM:
        return [("  state  process         lives  age ctx    self  sub $  now", "faint")]
    if width < 48:
        return [("  state  process", "faint")]
    return [("  state  process        lives  ctx   self  sub $", "faint")]


def row_lines(
    row: FleetRow,
    width: int,
    *,
    now: float,
    first: bool,
    chosen: bool,
    two: bool,
    folded: int = 0,
    signs: Glyphs = UNICODE,
) -> list[Line]:
    """A process; `first` is the one ASK that is filled, `two` adds the line with what it does.

    `folded`: how many below it are folded away.
    """
    line = _state(row, now, first=first, signs=signs)
    if width >= WIDE_FROM:
        line += _name(row, 16, chosen=chosen, folded=folded, signs=signs)
        line += pad(lives_line(row, signs), 5)
        line += _figures(row, now, (" ", 4), (" ", 4), (" " * 2, 5), (" " * 2, 5))
        line += [("  ", ""), *_now(row, now, width - width_of(line) - 3, signs)]
        return [line]
    line += _name(row, 15 if width >= 48 else width - 16, chosen=chosen, folded=folded, signs=signs)
    if width < 48:
        line += [(" ", ""), _sub(row, 6)]
        return [line]
    line += pad(lives_line(row, signs), 5)
    line += _figures(row, now, None, (" ", 4), ("  ", 5), (" ", 6))
    return [line, _second(row, width, now, folded=folded, signs=signs)] if two else [line]


def _state(row: FleetRow, now: float, *, first: bool, signs: Glyphs) -> Line:
    if first and row.state == "ASK":
        return [(" ", ""), (f" {signs.ask} ASK ", "ask_on bold on ask_fill"), (" ", "")]
    return [("  ", ""), *state_word(row.shown_state(now), signs), (" ", "")]


def _name(row: FleetRow, cells: int, *, chosen: bool, folded: int, signs: Glyphs) -> Line:
    rails = _rails(row, signs, last=signs.corner, more=signs.tee)
    rails = rails[-max(0, cells - 8) :] if len(rails) > cells - 8 else rails
    name = with_incarnation(base_name(row.path), row.number)
    style = "muted" if row.state in ("done", "kill") else "strong"
    if chosen or row.state == "ASK":
        style = "strong bold"
    more = f" +{folded}" if folded else ""
    own = shorten(clean(name), cells - len(rails) - len(more) - 1)
    return pad([(rails, "edge"), (own, style), (more, "muted")], cells)


def _rails(row: FleetRow, signs: Glyphs, *, last: str, more: str) -> str:
    rails = row.rails
    drawn = [f"{signs.line} " if follows else "  " for follows in rails[:-1]]
    if rails:
        drawn.append(f"{more if rails[-1] else last} ")
    return "".join(drawn)


def lives_line(row: FleetRow, signs: Glyphs) -> Line:
    """One mark for each of the last lives; empty while there is only one."""
    marks = row.life_marks
    if not marks:
        return []
    ended: Line = [(signs.fail, "fail") if mark == "died" else (signs.done, "done") for mark in marks[:-1]]
    return [*merged(ended), (signs.state(marks[-1]), STATE_ROLES.get(marks[-1], "muted"))]


def _figures(row: FleetRow, now: float, age: tuple[str, int] | None, *columns: tuple[str, int]) -> Line:
    supervisor = row.kind is ProcessKind.SUPERVISOR
    percent = None if supervisor else row.context_percent
    ctx = "" if percent is None else f"{percent} %"
    role = "muted" if percent is None else share_role(percent / 100) or "muted"
    own = "" if supervisor else fmt.spent(row.cost_usd, row.unpriced, sign=False)
    line: Line = []
    if age:
        line += [
            (age[0], ""),
            (fmt.age(now - row.since).replace(" ", "").rjust(age[1]) if row.since else " " * age[1], "muted"),
        ]
    for (gap, cells), (text, style) in zip(columns, ((ctx, role), (own, "muted")), strict=False):
        line += [(gap, ""), (text.rjust(cells), style)]
    gap, cells = columns[-1]
    return [*line, (gap, ""), _sub(row, cells)]


def _sub(row: FleetRow, cells: int) -> tuple[str, str]:
    style = "muted" if row.state in ("done", "kill") else "strong"
    return fmt.spent(row.subtree_usd, row.subtree_unpriced, sign=False).rjust(cells), style


def _now(row: FleetRow, now: float, cells: int, signs: Glyphs) -> Line:
    style = {"ASK": "text", "done": "faint", "kill": "faint"}.get(row.state, "muted")
    if row.kind is ProcessKind.SUPERVISOR and row.intensity and not row.ended:
        counted = pips(row.restarts_used(now), row.intensity, signs)
        return pad([(f"{row.now} " if cells > 24 else "", style), *counted], max(0, cells))
    if (again := row.again_text(now)) and cells > len(again) + 10:
        why = clean(row.now_text(now)).removesuffix(again).removesuffix(" · ")
        tail = f" · {again}" if why else again
        return [(shorten(why, cells - len(tail)) + tail, style)]
    if row.state == "ASK":
        return [(cut(clean(row.now_text(now)), max(0, cells), cell_len), style)]
    return [(shorten(clean(fmt.shorten_call(row.now_text(now), max(0, cells))), max(0, cells)), style)]


def _second(row: FleetRow, width: int, now: float, *, folded: int, signs: Glyphs) -> Line:
    rails = "".join(f"{signs.line} " if follows else "  " for follows in row.rails)
    rails += f"{signs.line} " if row.below and not folded else "  "
    age = fmt.age(now - row.since) if row.since else ""
    end = 48
    room = end - _NAME_AT - len(rails) - len(age) - 1
    line: Line = [(" " * _NAME_AT, ""), (rails, "edge"), *_now(row, now, room, signs)]
    line = pad(line, end - len(age))
    return pad([*line, (age, "faint")], min(width, 49))
