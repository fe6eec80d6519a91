"""Entries of the lifeline (LOOK.md §7): items become lines that begin with the rail's cell.

Widths: `width` is the whole line, rail included; text starts in column 2. Markdown comes in as lines that
are already wrapped (markdown/), so that a message being written isn't wrapped again here.
"""

from collections.abc import Sequence
from functools import lru_cache

from vega_tui.core.visible import cut
from vega_tui.tui.paint.cells import Line, cell_len, clean, clip, shorten, shorten_path, spread, width_of, wrap
from vega_tui.tui.paint.diff import unified_lines
from vega_tui.tui.paint.glyphs import Glyphs
from vega_tui.tui.paint.items import (
    AssistantItem,
    Fold,
    Item,
    LifeItem,
    RetryItem,
    SummaryItem,
    SystemItem,
    ThinkingItem,
    ToolItem,
    UserItem,
)

TEXT = 2  # column where text begins
HANG = 10  # column of a call's argument and of the lines below it
MEASURE = 88  # widest text
FOLDED_LINES = 2
_PATH_TOOLS = frozenset({"read", "edit", "write", "list"})
_TOOL_LOOK: dict[str, tuple[str, str]] = {  # state -> (glyph's name, role)
    "wait": ("wait", "wait"),
    "run": ("run", "run"),
    "ask": ("ask", "ask"),
    "ok": ("done", "done"),
    "fail": ("fail", "fail"),
    "denied": ("fail", "fail"),
    "expired": ("kill", "kill"),
    "kill": ("kill", "kill"),
    "interrupted": ("warn", "warn"),
}
_LIFE_LOOK: dict[str, tuple[str, str]] = {
    "died": ("fail", "fail"),
    "gave_up": ("fail", "fail"),
    "backed_off": ("gap", "line"),
    "took_over": ("run", "run"),
    "done": ("done", "done"),
    "paused": ("paus", "paus"),
    "killed": ("kill", "kill"),
    "handed": ("handed", "muted"),
}
_LOUD = frozenset({"run", "ask", "fail", "denied"})  # states whose tool name is bold
_DEFAULT_FACT = {
    "ask": "waits for you",
    "denied": "denied",
    "expired": "expired",
    "interrupted": "interrupted",
    "kill": "stopped",
}


def text_width(width: int) -> int:
    """Cells for text in a transcript `width` wide."""
    return max(8, min(width - TEXT, MEASURE))


def is_row(item: Item) -> bool:
    """True for one-row kinds that stand together without a blank row between them."""
    return isinstance(item, ToolItem | LifeItem | RetryItem | SummaryItem | SystemItem)


def gap_before(item: Item, previous: Item | None) -> int:
    """Blank rows (with the rail) above an item: none between rows of a group, else one."""
    return 0 if previous is not None and is_row(item) and is_row(previous) else 1


def item_lines(
    item: Item, width: int, signs: Glyphs, *, thinking: Fold = "line", tools_open: bool = False
) -> list[Line]:
    """All lines of an item other than an AssistantItem; empty where it is hidden."""
    match item:
        case UserItem():
            return _user(item, width, signs)
        case ThinkingItem():
            return _thinking(item, width, signs, item.fold or thinking)
        case ToolItem():
            folded = not tools_open if item.folded is None else item.folded
            return _tool(item, width, signs, folded)
        case LifeItem():
            return _life(item, width, signs)
        case RetryItem():
            return [_retry(item, width, signs)]
        case SummaryItem():
            return _summary(item, width, signs)
        case SystemItem():
            return _system(item, width, signs)
        case AssistantItem():
            return assistant_head(item, width, signs)


def _measure(width: int) -> int:
    return TEXT + text_width(width)


def railed(lines: Sequence[Line], rail: str, style: str) -> list[Line]:
    """Each line behind its rail cell and one blank."""
    return [[(rail, style), (" ", ""), *line] for line in lines]


def blank(signs: Glyphs) -> Line:
    """The lifeline with nothing beside it."""
    return [(signs.line, "line")]


def _user(item: UserItem, width: int, signs: Glyphs) -> list[Line]:
    you = item.author == "you"
    style = "accent" if you else "edge"
    cells = text_width(width)
    head: Line = [(clean(item.author), "accent bold" if you else "text bold")]
    first = spread(head, [(item.time, "faint")] if item.time else [], cells)
    body = wrap([(clean(item.text), "strong")], cells)
    if item.note:
        if width_of(body[0]) + width_of([(item.note, "")]) + 2 <= cells:
            body[0] = spread(body[0], [(item.note, "faint")], cells)
        else:
            note = f"{item.note} {signs.dot} {item.time}" if item.time else item.note
            first = spread(head, [(note, "faint")], cells)
    return railed([first, *body], signs.rail, style)


def assistant_head(item: AssistantItem, width: int, signs: Glyphs) -> list[Line]:
    """The head row of a message: name, model, time; none without a name."""
    if not item.name:
        return []
    left: Line = [(clean(item.name), "text bold")]
    if item.model:
        left += [("  ", ""), (clean(item.model), "faint")]
    note = item.note or item.time
    head = spread(left, [(clean(note), "faint")] if note else [], text_width(width))
    if item.lost:
        return railed([head], signs.fail, "fail")
    return railed([head], signs.line, "line")


def assistant_tail(lines: list[Line], item: AssistantItem, width: int, signs: Glyphs) -> list[Line]:
    """The last lines of a message with what belongs at their end: writing cursor, count, "interrupted"."""
    cells = text_width(width)
    if not item.open and not item.interrupted:
        return lines
    out = list(lines) or [[]]
    note: Line
    if item.open:
        last = out[-1]
        if width_of(last) >= cells:
            out.append([(signs.writing, "accent")])
        else:
            out[-1] = [*last, (signs.writing, "accent")]
        note = [(item.tail, "faint")] if item.tail else []
    else:
        note = [("interrupted", "warn")]
    if note:
        if width_of(out[-1]) + width_of(note) + 2 <= cells:
            out[-1] = spread(out[-1], note, cells)
        else:
            out.append(spread([], note, cells))
    return out


def _thinking(item: ThinkingItem, width: int, signs: Glyphs, fold: Fold) -> list[Line]:
    if fold == "hidden":
        return []
    words = "thinking" if item.open else "thought"
    if item.seconds is not None:
        words += f" for {item.seconds:.0f} s"
    if item.tokens is not None:
        words += f", {item.tokens:,} tokens"
    cells = text_width(width)
    lines = [spread([(words, "faint italic")], [("^T", "muted")], cells)]
    if fold == "full" and item.text:
        lines += _plain(item.text.strip(), "muted italic", cells)
    return railed(lines, signs.line, "line")


def _tool(item: ToolItem, width: int, signs: Glyphs, folded: bool) -> list[Line]:
    glyph, role = _TOOL_LOOK[item.state]
    whole = _measure(width)
    lines = [_tool_row(item, whole, signs, getattr(signs, glyph), role)]
    if item.state in ("run", "ask", "wait"):
        rail, rail_style = signs.open, role
    elif item.state in ("fail", "denied"):
        rail, rail_style = signs.line, "fail"
    else:
        rail, rail_style = signs.line, "line"
    cells = whole - HANG
    for line in _tool_body(item, cells, signs, folded):
        lines.append([(rail, rail_style), (" " * (HANG - 1), ""), *line])
    return lines


def _tool_row(item: ToolItem, whole: int, signs: Glyphs, glyph: str, role: str) -> Line:
    loud = item.state in _LOUD
    fact_role = role if item.state not in ("ok", "run", "expired", "kill") else "muted"
    if item.state == "ask":
        fact_role = "ask bold"
    fact = clean(item.fact) or _DEFAULT_FACT.get(item.state, "")
    right: Line = []
    if fact:
        right += _counted(fact) if item.state == "ok" else [(fact, fact_role)]
    if item.time:
        time_role = role if item.state in ("run", "ask") else "muted"
        right += [(f"{item.time:>7}", time_role)]
    elif fact:
        right += [(" " * 7, "")]
    tool = shorten(clean(item.tool), 8)
    name_style = "strong bold" if loud else "muted"
    left: Line = [(glyph, role), (" ", ""), (f"{tool:<8}" if len(tool) < 8 else tool + " ", name_style)]
    if item.path:
        left.append((clean(item.path) + " ", "text bold" if loud else "muted"))
    room = whole - width_of(left) - width_of(right) - 2
    left += _argument(item, room, "text" if loud else "muted", signs)
    return spread(left, right, whole, gap=2)


def _argument(item: ToolItem, room: int, style: str, signs: Glyphs) -> Line:
    if not isinstance(item.argument, str):
        return clip([(clean(text).replace("\n", " "), words or style) for text, words in item.argument], room)
    text = clean(item.argument).replace("\n", " ")
    if item.tool.lower() in _PATH_TOOLS:
        return [(shorten_path(text, room, ellipsis=signs.ellipsis), style)]
    return [(cut(text, room, cell_len), style)]


def _counted(fact: str) -> Line:
    """`+12 −9` in the colours of a diff, anything else muted."""
    words = fact.split(" ")
    if len(words) == 2 and words[0][:1] == "+" and words[1][:1] in "-−":
        return [(words[0], "add"), (" ", ""), (words[1], "rem")]
    return [(fact, "muted")]


def _tool_body(item: ToolItem, cells: int, signs: Glyphs, folded: bool) -> list[Line]:
    out: list[Line] = []
    if item.hint:
        hint: Line = [(clean(item.hint), "muted")] if isinstance(item.hint, str) else list(item.hint)
        fact: Line = []
        if item.hint_fact:
            fact = [(item.hint_fact, "ask bold" if item.hint_fact in ("HIGH", "MED") else "muted")]
        wrapped = wrap(hint, cells - (width_of(fact) + 1 if fact else 0))
        out.append(spread(wrapped[0], fact, cells))
        out += wrapped[1:]
    if item.diff and not folded:
        out += unified_lines(item.diff, cells, signs=signs)
    total = max(item.total_lines or 0, len(item.lines))
    if folded:
        if item.lines:
            running = item.state in ("run", "wait")
            shown = item.lines[-FOLDED_LINES:] if running or item.state == "fail" else item.lines[:FOLDED_LINES]
            out += _folded(shown, total, cells, signs, live=running)
    else:
        for text in item.lines:
            out += _plain(text, "muted", cells)
        if total > len(item.lines):
            missing = f"{total - len(item.lines):,} more lines are not kept here"
            out.append([(shorten(missing, cells, ellipsis=signs.ellipsis), "faint")])
    return out


def _plain(text: str, style: str, cells: int) -> list[Line]:
    return [line for part in text.split("\n") for line in _plain_line(part, style, cells)]


@lru_cache(2048)
def _plain_line(text: str, style: str, cells: int) -> tuple[Line, ...]:
    # What grows line by line (output, thinking) is wrapped again only where it grew.
    return tuple(wrap([(clean(text), style)], cells))


def _folded(shown: Sequence[str], total: int, cells: int, signs: Glyphs, *, live: bool) -> list[Line]:
    out: list[Line] = []
    for text in shown:
        out.append([(shorten(clean(text).replace("\n", " "), cells, ellipsis=signs.ellipsis), "muted")])
    more = total - len(shown)
    if more > 0 and live:
        fact = f"+{more:,} lines"
        room = cells - len(fact) - 2
        last = out[-1][0]
        text = shorten(last[0], room, ellipsis=signs.ellipsis)
        out[-1] = spread([(text, last[1])], [(fact, "faint")], cells)
    elif more > 0:
        out.append(spread([(f"{more:,} more {'line' if more == 1 else 'lines'}", "faint")], [("^O", "muted")], cells))
    return out


def _system(item: SystemItem, width: int, signs: Glyphs) -> list[Line]:
    if item.fact:
        left: Line = [(signs.line, "line"), (" ", ""), (clean(item.text), item.style)]
        return [spread(left, [(item.fact, "faint")], _measure(width))]
    # Whole, however long: its end is where it says what to do.
    return railed(wrap([(clean(item.text), item.style)], text_width(width)), signs.line, "line")


def _life(item: LifeItem, width: int, signs: Glyphs) -> list[Line]:
    glyph, role = _LIFE_LOOK[item.kind]
    loud = item.kind in ("died", "gave_up")
    said = role if loud else "muted" if item.kind in ("took_over", "handed", "done") else "faint"
    name = {"took_over": "strong"}.get(item.kind, said)
    words: Line = [(clean(item.text), name)]
    if item.detail:
        words += [(" ", ""), (clean(item.detail), "text" if loud else "muted")]
    first, *rest = wrap(words, text_width(width))
    head: Line = [(getattr(signs, glyph), role), (" ", ""), *first]
    right: Line = [(clean(item.fact), "faint")] if item.fact else []
    return [spread(head, right, _measure(width)), *railed(rest, signs.line, "line")]


def _retry(item: RetryItem, width: int, signs: Glyphs) -> Line:
    left: Line = [(signs.rstr, "rstr"), (" ", ""), (f"{'model':<8}", "muted"), (clean(item.model), "muted")]
    right: Line = [(clean(item.text), "rstr")]
    if item.wait:
        right += [(" ", ""), (clean(item.wait), "muted")]
    return spread(left, right, _measure(width), gap=2)


def _summary(item: SummaryItem, width: int, signs: Glyphs) -> list[Line]:
    left: Line = [(signs.summary, "muted"), (" ", ""), (clean(item.text), "muted")]
    hint: Line = [("Enter", "text"), (" opens" if item.folded else " folds", "faint")] if item.body else []
    lines = [spread(left, hint, _measure(width))]
    if not item.folded and item.body:
        lines += railed(wrap([(clean(item.body), "muted")], text_width(width)), signs.line, "line")
    return lines
