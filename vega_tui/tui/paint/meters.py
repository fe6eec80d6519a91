"""Meters, pips, chips, keycaps and title rules: the small parts of LOOK.md §7, as spans."""

from collections.abc import Sequence

from vega_tui.tui.paint.cells import Line, Span, cell_len, clip, width_of
from vega_tui.tui.paint.glyphs import UNICODE, Glyphs

WARN_SHARE = 0.85
FAIL_SHARE = 0.95


def share_role(share: float) -> str:
    """The colour of a share of a cap: neutral, `warn` from 85 %, `fail` from 95 %."""
    if share >= FAIL_SHARE:
        return "fail"
    return "warn" if share >= WARN_SHARE else ""


def meter(spent: float, held: float, cap: float, cells: int, signs: Glyphs = UNICODE) -> Line:
    """Heavy = spent, dashed = held for calls in flight, thin = free. Empty without a cap."""
    if cap <= 0:
        return []
    role = share_role(spent / cap)
    full = min(cells, round(spent / cap * cells))
    if spent > 0 and full == 0:
        full = 1
    kept = min(cells - full, max(round((spent + held) / cap * cells) - full, 1 if held > 0 else 0))
    free = cells - full - kept
    parts = ((signs.spent, full, role or "fill"), (signs.held, kept, role or "held"), (signs.free, free, "rest"))
    return [(sign * count, style) for sign, count, style in parts if count]


def percent(share: float) -> Span:
    """`41 %`, in the meter's colour."""
    return f"{round(share * 100)} %", share_role(share) or "muted"


def pips(used: int, total: int, signs: Glyphs = UNICODE) -> Line:
    """Things one counts, as restarts: `▮▮▮▮▯ 4 of 5`; over ten only the number."""
    role = "fail" if used >= total else "warn" if used * 3 >= total * 2 else "muted"
    count: Span = (f"{used} of {total}", role if role != "muted" else "muted")
    if total > 10:
        return [count]
    used = min(used, total)
    return [(signs.pip * used, role), (signs.pip_free * (total - used), "edge"), (" ", ""), count]


_CHIPS: dict[str, str] = {
    "ask": "ask_on bold on ask_fill",
    "fail": "fail_on bold on fail_fill",
    "accent": "accent_on bold on accent_fill",
    "mode": "text on chip",
    "note": "accent bold on chip",
    "strong": "strong bold on chip",
    "danger": "fail bold on chip",
}


def chip(text: str, kind: str = "mode") -> Span:
    """A filled word: kinds ask, fail, accent, mode, note (SIMULATED), strong (READ ONLY), danger (YOLO)."""
    return f" {text} ", _CHIPS[kind]


def state_chip(word: str, signs: Glyphs = UNICODE) -> Span:
    """The one filled ASK of a pane, or a FAIL strip: ` ◆ ASK  `."""
    return f" {signs.state(word)} {word} ", _CHIPS["fail" if word == "FAIL" else "ask"]


def state_word(word: str, signs: Glyphs = UNICODE) -> Line:
    """Glyph and word of a process state, six cells, as in the fleet's column."""
    from vega_tui.tui.theme import STATE_ROLES

    role = STATE_ROLES.get(word, "muted") + (" bold" if word in ("ASK", "FAIL") else "")
    return [(f"{signs.state(word)} {word:<4}", role)]


def keycap(key: str, text: str, *, live: bool = True, forbidden: str = "", quiet: bool = False) -> Line:
    """A key and what it does. Not live: plain faint letters. Forbidden: struck, with the reason.

    `quiet` is the second row of a card and every footer: no cap, a strong letter.
    """
    if forbidden:
        return [(f" {key} ", "faint strike"), (" ", ""), (text, "faint"), ("  ", ""), (forbidden, "muted")]
    if quiet:
        return [(key, "text bold"), (" ", ""), (text, "muted")]
    if not live:
        return [(f" {key} ", "faint"), (" ", ""), (text, "faint")]
    return [(f" {key} ", "strong bold on chip"), (" ", ""), (text, "text")]


def keys(pairs: Sequence[tuple[str, str]], *, gap: int = 3) -> Line:
    """A footer's keys: `Tab panes   Esc interrupt`."""
    out: Line = []
    for key, text in pairs:
        if out:
            out.append((" " * gap, ""))
        out += keycap(key, text, quiet=True)
    return out


def title_rule(
    name: str,
    cells: int,
    *,
    count: str = "",
    note: str = "",
    focused: bool = False,
    tabs: Sequence[str] = (),
    signs: Glyphs = UNICODE,
) -> Line:
    """A pane's head from column 1: `Name count ───── note`; heavy and blue where keys go."""
    line: Line = [(" ", ""), (name, "accent bold" if focused else "text bold")]
    if count:
        line += [(" ", ""), (count, "muted")]
    for tab in tabs:
        line += [("  ", ""), (tab, "faint")]
    tail: Line = [(" ", ""), (note, "muted")] if note else []
    free = cells - width_of(line) - width_of(tail) - 1
    if free > 0:
        sign, style = (signs.heavy, "accent") if focused else (signs.rule, "line")
        line += [(" ", ""), (sign * free, style)]
    return clip(line + tail, cells)


def fit(parts: Sequence[tuple[int, Line]], cells: int, *, gap: int = 3) -> Line:
    """Parts that fit in `cells`, in order; the lowest priority goes first, equal ones from the right."""
    kept = [(priority, at, part) for at, (priority, part) in enumerate(parts) if part]

    def size() -> int:
        return sum(width_of(part) for _, _, part in kept) + gap * max(0, len(kept) - 1)

    while len(kept) > 1 and size() > cells:
        kept.remove(min(kept, key=lambda entry: (entry[0], -entry[1])))
    out: Line = []
    for _, _, part in kept:
        if out:
            out.append((" " * gap, ""))
        out += part
    return clip(out, cells)


def bar(left: Sequence[tuple[int, Line]], right: Sequence[tuple[int, Line]], cells: int, *, gap: int = 3) -> Line:
    """A header or footer: parts from the left, parts ending at the right; the lowest priority goes first."""
    tagged = [(priority, 0, at, part) for at, (priority, part) in enumerate(left) if part]
    tagged += [(priority, 1, at, part) for at, (priority, part) in enumerate(right) if part]

    def side(which: int) -> Line:
        out: Line = []
        for _, where, _, part in tagged:
            if where == which:
                out += ([(" " * gap, "")] if out else []) + part
        return out

    while len(tagged) > 1 and width_of(side(0)) + width_of(side(1)) + gap > cells:
        tagged.remove(min(tagged, key=lambda entry: entry[0]))
    start, end = side(0), side(1)
    free = cells - width_of(start) - width_of(end)
    return clip([*start, (" " * max(free, 0), ""), *end], cells)


def right(text: str, cells: int) -> str:
    """The text ending at `cells`."""
    return " " * max(0, cells - cell_len(text)) + text
