"""Draws the header, the tabs and the footer (LOOK.md §7). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vega_tui.client import format as fmt
from vega_tui.core.words import Mode
from vega_tui.tui.paint.cells import Line, clean, pad, shorten, spread, width_of
from vega_tui.tui.paint.glyphs import UNICODE, Glyphs
from vega_tui.tui.paint.meters import chip, keycap, meter, percent

TABS = ("Fleet", "Chat", "Inbox", "Alerts", "Log", "Budget", "Sessions")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderFacts:
    """What the header tells. `context` is a share of the window, None where unknown."""

    session: str = "new session"
    branch: str = "main"
    mode: Mode = Mode.MANUAL
    simulated: bool = False
    read_only: bool = False
    asks: int = 0
    context: float | None = None
    spent: float = 0.0
    unpriced: bool = False
    held: float = 0.0
    cap: float = 0.0
    per_minute: float = 0.0
    lost: str = ""  # how old the picture is, while there is no host
    counts: Mapping[str, int] = field(default_factory=dict[str, int])


def header_line(facts: HeaderFacts, width: int, signs: Glyphs = UNICODE) -> Line:
    """One row. What goes first when narrow: burn, time left, both meters, the branch."""
    name_cells = max(8, min(32, width // 4))
    start: Line = [(" ", ""), (signs.mark, "accent"), (" ", ""), ("vega", "strong bold"), ("  ", "")]
    start.append((shorten(clean(facts.session), name_cells), "text"))
    branch: Line = [(f" @ {facts.branch}", "faint")] if width >= 70 else []
    if facts.lost:
        chips: Line = [(" ", ""), chip("HOST LOST", "danger")]
        return spread([*start, *branch, *chips], [(facts.lost, "muted")], width - 2)
    chips = [("  ", ""), chip(facts.mode.upper() if facts.mode is Mode.YOLO else facts.mode, _mode_chip(facts.mode))]
    if facts.simulated:
        chips += [(" ", ""), chip("SIMULATED", "note")]
    if facts.read_only:
        chips += [(" ", ""), chip("READ ONLY", "strong")]
    if facts.asks:
        chips += [(" ", ""), chip(f"{facts.asks} ASK", "ask")]
    counted = _counts(facts, signs) if width >= 160 else []
    for right in _rights(facts, signs):
        for middle in (branch, []):
            line = [*start, *middle, *chips, *counted]
            if width_of(line) + width_of(right) + 2 <= width - 2:
                return spread(line, right, width - 2)
    return pad([*start, *chips], width)


def _mode_chip(mode: Mode) -> str:
    return "danger" if mode is Mode.YOLO else "mode"


def _counts(facts: HeaderFacts, signs: Glyphs) -> Line:
    line: Line = []
    for word, style in (
        ("FAIL", "fail"),
        ("WARN", "warn"),
        ("RSTR", "rstr"),
        ("run", "run"),
        ("wait", "wait"),
        ("done", "done"),
    ):
        if count := facts.counts.get(word, 0):
            line.append((f"   {signs.state(word)} {count:,}", style))
    return line


def _rights(facts: HeaderFacts, signs: Glyphs) -> list[Line]:
    """The right side, from the fullest form to none."""
    spent = fmt.spent(facts.spent, facts.unpriced)
    ctx: Line = []
    ctx_short: Line = []
    if facts.context is not None:
        share, style = percent(facts.context)
        drawn = meter(facts.context, 0, 1, 8, signs)
        ctx = [("ctx ", "faint"), *drawn, (f" {share}", "text" if style == "muted" else style), ("   ", "")]
        ctx_short = [("ctx ", "faint"), (share, "text" if style == "muted" else style), ("   ", "")]
    if not facts.cap:
        money: Line = [(spent, "strong")]
        note: Line = [("  simulated, costs nothing", "faint")] if facts.simulated and not facts.spent else []
        burn = _burn(facts)
        return [
            [*ctx, *money, *(note or burn)],
            [*ctx, *money],
            [*ctx_short, *money, *note],
            [*ctx_short, *money],
            money,
            [],
        ]
    _, style = percent(facts.spent / facts.cap)
    bold: Line = [(spent, "strong" if style == "muted" else style)]
    cap: Line = [(fmt.money(facts.cap), "muted")]
    full = [*bold, (" ", ""), *meter(facts.spent, facts.held, facts.cap, 10, signs), (" ", ""), *cap]
    brief = [*bold, (" of ", "faint"), *cap]
    left = _time_left(facts)
    return [
        [*ctx, *full, *_burn(facts), *left],
        [*ctx, *full, *left],
        [*ctx, *full],
        [*ctx_short, *full],
        [*ctx_short, *brief],
        brief,
        bold,
        [],
    ]


def _burn(facts: HeaderFacts) -> Line:
    return [("   ", ""), (f"{fmt.money(facts.per_minute)}/min", "muted")] if facts.per_minute >= 0.005 else []


def _time_left(facts: HeaderFacts) -> Line:
    if facts.per_minute < 0.005:
        return []
    minutes = (facts.cap - facts.spent) / facts.per_minute
    if minutes <= 0 or minutes > 24 * 60:
        return []
    return [("  cap in ", "faint"), (fmt.age(minutes * 60), "text")]


def tabs_line(chosen: str, width: int, *, asks: int, alerts: int, signs: Glyphs = UNICODE) -> Line:
    """Row 1 of a narrow screen: the panes by number."""
    line: Line = []
    for at, name in enumerate(TABS, 1):
        count, loud = {"Inbox": (asks, "ask bold"), "Alerts": (alerts, "warn")}.get(name, (0, ""))
        style = loud if count else "strong bold" if name.lower() == chosen else "muted"
        if name.lower() == chosen and not count:
            style = "strong bold"
        label = f"{name} {count}" if count else name
        line += [(" " if at == 1 else "  ", ""), (f"{at} ", "faint"), (label, style)]
    free = width - width_of(line) - 3
    return [*line, (" ", ""), (signs.rule * max(0, free), "line")]


def footer_line(pairs: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]], width: int) -> Line:
    """Keys that work now, here; what doesn't fit goes from the end."""
    end: Line = []
    for key, text in right:
        end += [("   ", ""), *keycap(key, text, quiet=True)]
    line: Line = [("  ", "")]
    for at, (key, text) in enumerate(pairs):
        part: Line = [("   " if at else "", ""), *keycap(key, text, quiet=True)]
        if width_of(line) + width_of(part) + width_of(end) + 2 > width:
            break
        line += part
    return spread(line, end, width - 2)


def rule_line(
    to: str, width: int, *, focused: bool, hints: Sequence[tuple[str, str]], note: str = "", signs: Glyphs = UNICODE
) -> Line:
    """The prompt's rule: to whom, and what Enter does."""
    sign, style = (signs.heavy, "accent") if focused else (signs.rule, "edge")
    left: Line = [(sign * 2, style), (" to ", "muted"), (clean(to), "strong bold"), (" ", "")]
    shown: Line = [(" ", ""), (note, "muted")] if note else []
    for key, text in () if note else hints:
        part: Line = [(" " if not shown else "  ", ""), (key, "text"), (f" {text}", "faint")]
        if width_of(left) + width_of(shown) + width_of(part) + 8 > width:
            break
        shown += part
    right: Line = [*shown, (" ", ""), (sign * 2, style)] if shown else []
    return [*left, (sign * max(0, width - width_of(left) - width_of(right)), style), *right]
