"""Draws the supervisor's half of the detail view (LOOK.md, picture 06): its flags, children, and what happens next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from vega_tui.client import format as fmt
from vega_tui.client.views.detail import Keeper
from vega_tui.client.views.fleet import FleetRow
from vega_tui.client.views.prospects import MEANINGS, Step, name_of, room_again
from vega_tui.core.ids import base_name
from vega_tui.protocol.description import BackoffFacts, ChildFacts, Described
from vega_tui.tui.paint.cells import Line, clean, clip, pad, shorten, spread, width_of, wrap
from vega_tui.tui.paint.glyphs import UNICODE, Glyphs
from vega_tui.tui.paint.meters import pips, state_word, title_rule
from vega_tui.tui.panes.fleet_paint import lives_line

_LABEL: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Lines of a half; `rows` says for each line which row of its list it belongs to (None: to none)."""

    lines: list[Line] = field(default_factory=list[Line])
    rows: list[int | None] = field(default_factory=list[int | None])

    def add(self, *lines: Line, row: int | None = None) -> None:
        """Put lines at the end."""
        self.lines.extend(lines)
        self.rows.extend([row] * len(lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the half is drawn from. `row`, `told`: the fleet's and the host's account of the supervisor, where shown."""

    keeper: Keeper
    now: float
    row: FleetRow | None = None
    told: Described | None = None
    children: Sequence[FleetRow | None] = ()
    chosen: ChildFacts | None = None
    steps: Sequence[Step] = ()


def label(name: str, value: Line) -> Line:
    """A fact with its name at the left."""
    return [("  ", ""), (name.ljust(_LABEL), "faint"), *value]


def head_rule(above: str, name: str, what: str, cells: int, *, focused: bool, signs: Glyphs = UNICODE) -> Line:
    """`━━ root › workers supervisor ━━━`: heavy and blue where keys go."""
    sign, style = (signs.heavy, "accent") if focused else (signs.rule, "line")
    line: Line = [(sign * 2 + " ", style)]
    line += [(f"{above} {signs.path} ", "muted")] if above else []
    line += [(clean(name), "accent bold" if focused else "text bold"), (f" {what} ", "muted")]
    line = clip(line, cells)
    return [*line, (sign * max(0, cells - width_of(line)), style)]


def supervisor_sheet(it: Situation, width: int, *, tall: bool, signs: Glyphs = UNICODE) -> Sheet:
    """The half below its head; `tall`: with free rows between its parts. Row -1 is the supervisor itself."""
    sheet, facts = Sheet(), it.keeper.facts
    gap: list[Line] = [[]] if tall else []
    sheet.add(*gap)
    sheet.add(_state(it, signs), row=-1)
    sheet.add(label("strategy", [(facts.strategy, "text")]))
    sheet.add(label("", [(shorten(MEANINGS.get(facts.strategy, ""), width - _LABEL - 3), "muted")]), *gap)
    sheet.add(*_intensity(it, width, tall=tall, signs=signs), *gap)
    sheet.add(*_terms(it, width))
    sheet.add(*gap, *_children_head(it, width, signs))
    for at, child in enumerate(it.keeper.children):
        sheet.add(_child_line(child, it.children[at] if at < len(it.children) else None, it.now, width, signs), row=at)
    if it.steps:
        sheet.add(*gap, title_rule("What happens next", width, signs=signs), *gap)
        for step in it.steps:
            sheet.add(*_step(step, width, signs))
        if room := room_again(it.keeper, it.now):
            sheet.add(*gap, [(" " * 5, ""), (shorten(room, width - 6), "faint")])
    return sheet


def _state(it: Situation, signs: Glyphs) -> Line:
    row, count = it.row, len(it.keeper.children)
    children = fmt.plural(count, "child", "children")
    if row is None:
        return label("state", [("not shown in the tree", "muted"), (f"  {children}", "text")])
    line: Line = [*state_word(row.shown_state(it.now), signs)]
    line.append((f" {fmt.age(it.now - row.since)}" if row.since else "", "text"))
    line += [(f"  {children}", "text"), (f"  {fmt.spent(row.subtree_usd, row.subtree_unpriced)}", "text")]
    return label("state", line)


def _intensity(it: Situation, width: int, *, tall: bool, signs: Glyphs) -> list[Line]:
    facts, used = it.keeper.facts, it.keeper.used(it.now)
    if facts.intensity is None:
        return [label("intensity", [(f"never gives up; {fmt.plural(facts.total, 'restart')} so far", "text")])]
    period = "for ever" if facts.period_s is None else f"in {facts.period_s:g} s"
    counted = pips(used, facts.intensity, signs)
    lines = [label("intensity", [*counted[:-1], (counted[-1][0], "strong bold"), (f" restarts {period}", "text")])]
    if facts.period_s is None:
        return lines
    ages = it.keeper.ages(it.now)
    cells = max(10, min(60, width - _LABEL - 4))
    lines.append(label("", _window(ages, facts.period_s, cells, signs)))
    if tall:
        lines.append(label("", spread([(f"{facts.period_s:g} s ago", "faint")], [("now", "faint")], cells)))
    if ages:
        leaves: Line = [("oldest leaves in ", "muted"), (fmt.countdown(facts.period_s - ages[0]), "text")]
        lines.append(label("", [*leaves, (f", then {used - 1} of {facts.intensity}", "muted")]))
    return lines


def _window(ages: Sequence[float], period: float, cells: int, signs: Glyphs) -> Line:
    """The period as a line that ends now, a mark for each restart in it."""
    marked = {min(cells - 1, max(0, round((period - age) / period * (cells - 1)))) for age in ages}
    return [(signs.fail, "fail") if at in marked else (signs.rule, "line") for at in range(cells)]


def _terms(it: Situation, width: int) -> list[Line]:
    """Backoff and shutdown of its children, and who is above it."""
    lines: list[Line] = []
    child = it.chosen or next(iter(it.keeper.children), None)
    if child is not None and child.backoff is not None:
        lines.append(label("backoff", _backoff(child.backoff, child.attempt if child.restart_in_s is not None else 0)))
    if child is not None:
        lines.append(label("shutdown", [(_shutdown(child), "text")]))
    if it.keeper.above:
        traps: Line = [("  traps exits", "muted")] if it.told is not None and it.told.traps_exit else []
        parent = it.keeper.above[0]
        name = name_of(parent) if parent.shown else f"not shown, {name_of(parent)}" if parent.path else name_of(parent)
        lines.append(label("parent", [(shorten(name, width - 30), "text"), *traps]))
    if it.told is not None and (it.told.linked or it.told.watched_by):
        linked = ", ".join(map(base_name, it.told.linked))
        watched = ", ".join(map(base_name, it.told.watched_by))
        words: Line = [(linked + ("   " if watched else ""), "text")] if linked else []
        words += [("watched by ", "faint"), (watched, "text")] if watched else []
        lines.append(label("linked" if linked else "", clip(words, width - _LABEL - 3)))
    return lines


def _backoff(backoff: BackoffFacts, attempt: int) -> Line:
    line: Line = []
    current = min(attempt, len(backoff.delays)) if attempt else 0
    for at, delay in enumerate(backoff.delays, 1):
        text = f"{delay:g}"
        line += [("  " if line else "", "")]
        line.append((f"{text} s", "rstr bold") if at == current else (text, "muted"))
    return [*line, (" at most" if backoff.capped else " and so on", "muted")]


def _shutdown(child: ChildFacts) -> str:
    if child.shutdown_s is None:
        return "as long as it takes, reverse order"
    if child.shutdown_s == 0:
        return "killed at once, reverse order"
    return f"{child.shutdown_s:g} s each, reverse order, then kill"


def _children_head(it: Situation, width: int, signs: Glyphs) -> list[Line]:
    lines = [title_rule("Children", width, count=str(len(it.keeper.children)), signs=signs)]
    if not it.keeper.children:
        return [*lines, [("  ", ""), ("None yet. They appear as they are started.", "muted")]]
    columns = _columns(width)
    head: Line = [("  state  ", "faint"), ("child".ljust(columns), "faint"), ("restart    ", "faint")]
    if width >= 46:
        head.append(("lives", "faint"))
    return [*lines, spread(head, [("age  sub $", "faint")], width - 1)]


def _columns(width: int) -> int:
    return 9 if width < 56 else 16


def _child_line(child: ChildFacts, row: FleetRow | None, now: float, width: int, signs: Glyphs) -> Line:
    name = base_name(child.process)
    if row is None:
        return [("  ", ""), (f"       {name}", "text")]
    state = row.shown_state(now)
    quiet = state in ("done", "kill")
    line: Line = [("  ", ""), *state_word(state, signs), (" ", "")]
    line.append((shorten(clean(name), _columns(width) - 1).ljust(_columns(width)), "muted" if quiet else "strong"))
    line.append((child.restart.ljust(11), "muted"))
    if width >= 46:
        line += pad(lives_line(row, signs), 5)
    age = fmt.age(now - row.since) if row.since else ""
    cost = fmt.spent(row.subtree_usd, row.subtree_unpriced, sign=False)
    return spread(line, [(age, "muted"), (cost.rjust(7), "strong")], width - 1)


def _step(step: Step, width: int, signs: Glyphs) -> list[Line]:
    """One sentence; what is too long goes on in a second row."""
    role = {"RSTR": "rstr", "FAIL": "fail", "WARN": "warn"}.get(step.state, "muted")
    head: Line = [("  ", ""), (signs.state(step.state), role), ("  ", ""), (step.when.ljust(12), "text")]
    rows = wrap([(step.what, "muted")], max(12, width - 19))[:2]
    return [[*head, *rows[0]], *([(" " * 17, ""), *more] for more in rows[1:])]
