"""Draws the approval card (LOOK.md §7, pictures 04a to 04c): a state in, lines out."""

import re
from collections.abc import Mapping, Sequence

from vega_tui.client import format as fmt
from vega_tui.core.ids import with_incarnation
from vega_tui.core.records import Approval, Segment
from vega_tui.core.visible import cut as cut_call
from vega_tui.core.visible import visible
from vega_tui.tui.paint.cells import Line, cell_len, clean, clip, column, shorten, spread, width_of, wrap
from vega_tui.tui.paint.glyphs import UNICODE, Glyphs
from vega_tui.tui.panes.card_args import editable
from vega_tui.tui.panes.card_keys import DEFAULT_LABELS, key_rows
from vega_tui.tui.panes.card_state import PAGE_ROWS, SCOPES, CardState

_INDENT = 10
_FULL_ROWS = 10
_SHORT_ROWS = 8
_PARTS = 5
_OPERATOR = re.compile(r"\s*(&&|\|\||[;|&])")
_SCOPE_WORDS = {"session": "this session", "project": "this project", "user": "you, everywhere"}
_MARKS = {"allow": ("done", "allowed"), "ask": ("ask bold", "asks"), "deny": ("fail bold", "denied")}


def card_lines(
    card: CardState,
    width: int,
    *,
    place: tuple[int, int] = (1, 1),
    now: float = 0.0,
    wall: float = 0.0,
    signs: Glyphs = UNICODE,
    focused: bool = True,
    diff: Sequence[Line] = (),
    less: int = 0,
    labels: Mapping[str, str] = DEFAULT_LABELS,
) -> list[Line]:
    """The card; `place` is (which, of how many), `diff` the drawn change of an edit, `labels` the keys by command.

    `less` is by how many rows it is too high: the call gives them up, but a page of it stays.
    """
    live = focused and card.live(now)
    lines = [head_line(card.approval, width, place, wall, signs), _who(card.approval, width, signs), []]
    lines += _call(card, width, signs, diff, less)
    match card.step:
        case "always":
            lines += _always(card, signs)
        case "edit":
            lines += _text_step("edit", "what runs instead; it is checked again", card, width)
        case "feedback":
            lines += _text_step("deny", "and say why; the process reads it", card, width)
        case "choose":
            lines += _facts(card, width, diff=bool(diff))
    lines.append([])
    lines += key_rows(card, width, place, labels, live=live)
    return [lines[0], *(clip(line, width - 2) for line in lines[1:])]


def asking(approval: Approval) -> Segment | None:
    """The part of the call that asks, where it has parts."""
    return next((segment for segment in approval.segments if segment.verdict != "allow"), None)


def marked(approval: Approval, style: str, cells: int, *, rest: str = "muted") -> Line:
    """The call in one line with the asking part set off; it loses its ends and keeps that part."""
    summary = clean(approval.summary)  # a visible text already; one of an old log may not be
    part = asking(approval)
    wanted = visible(part.text) if part else ""
    at = summary.find(wanted) if wanted else -1
    if at < 0:
        return [(cut_call(summary, cells, cell_len), style if not approval.segments else rest)]
    line: Line = [(summary[:at], rest), (wanted, style), (summary[at + len(wanted) :], rest)]
    if width_of(line) <= cells:
        return line
    head, tail = summary[:at], summary[at + len(wanted) :]
    before: Line = [(f"… {_joint(head[::-1])}", rest)] if head else []
    after: Line = [(f" {_joint(tail)}…⟨+{len(head) + len(tail)}⟩", rest)]
    room = cells - width_of(before) - width_of(after)
    if room < min(12, cell_len(wanted)):
        return [(cut_call(wanted, cells, cell_len), style)]
    return clip([*before, (cut_call(wanted, room, cell_len), style), *after], cells)


def _joint(text: str) -> str:
    """The operator that the text begins with, as `&& `; each is the same read from its end."""
    operator = _OPERATOR.match(text)
    return f"{operator[1]} " if operator else ""


def head_line(approval: Approval, width: int, place: tuple[int, int], wall: float, signs: Glyphs) -> Line:
    """Who asks, which question of how many, how risky, since when."""
    name = with_incarnation(approval.process, approval.incarnation).rpartition("/")[2]
    left: Line = [(f"  {signs.ask} ASK  ", "ask_on bold on ask_fill"), (" ", ""), (name, "strong bold")]
    left += [(f" {place[0]} of {place[1]}", "muted")] if place[1] > 1 else []
    old = fmt.age(wall - approval.created) if approval.created else ""
    loud = "ask bold" if approval.risk == "HIGH" else "text"
    right: Line = [(" ", ""), (str(approval.risk), loud), (f"  {old} ", "text"), (signs.heavy * 2, "ask_rule")]
    free = width - width_of(left) - width_of(right) - 1
    return clip([*left, (" ", ""), (signs.heavy * max(0, free), "ask_rule"), *right], width)


def _who(approval: Approval, width: int, signs: Glyphs) -> Line:
    path = with_incarnation(approval.process, approval.incarnation).split("/")
    left: Line = [("  ", "")]
    for part in path[:-1]:
        left += [(f"{part} {signs.path} ", "muted")]
    left.append((path[-1], "text"))
    says = clean(approval.says).replace("\n", " ").strip()
    if not says:
        return left
    room = width - width_of(left) - 18
    quoted = f"{signs.quote_open}{shorten(says, max(8, room))}{signs.quote_close}"
    return spread(left, [("it says  ", "faint"), (quoted, "strong italic")], width - 2)


def _call(card: CardState, width: int, signs: Glyphs, diff: Sequence[Line], less: int) -> list[Line]:
    approval = card.approval
    tool, view = visible(approval.tool), "   v shows all"
    head: Line = [("  ", ""), (f"{tool:<7} ", "strong bold")]
    if len(tool) > 7:
        head = [("  ", ""), (tool + "  ", "strong bold")]
    if card.args is not None:
        text = editable(_with(approval, card.args))
        lines: list[Line] = [[*head, (cut_call(visible(text), width - _INDENT - 4, cell_len), "strong")]]
        asked = cut_call(approval.summary, width - _INDENT - 26, cell_len)
        return [*lines, [(" " * _INDENT, ""), ("you edited; asked for ", "faint"), (asked, "muted")]]
    if diff:
        changes = window([[(" " * 2, ""), *line] for line in diff], card, signs, less)
        return [
            [*head, (cut_call(approval.summary, width - 2 - width_of(head), cell_len), "strong bold")],
            [],
            *changes,
        ]
    start = width_of(head)
    room = width - start - 2
    if card.full:
        # All of it, and not the summary: what is approved unread may stand at its end.
        body = window(wrap([(visible(editable(approval), lines=True), "text")], room), card, signs, less)
        lines = [[*(head if at == 0 else [(" " * start, "")]), *line] for at, line in enumerate(body)]
    else:
        line = marked(approval, "ask_on bold on ask_fill", room)
        lines = [[*head, *line]]
        at = start + (width_of(line[:1]) if len(line) > 1 and line[0][1] == "muted" else 0)
        lines += [[(" " * at, ""), (f"{signs.hook}{signs.rule} ", "ask"), (f"asks: {visible(approval.why)}", "ask")]]
        shown, all_of_it = "".join(text for text, _ in line), visible(editable(approval))
        if approval.tool == "bash" and all_of_it != shown:
            lines.append([(" " * _INDENT, ""), (f"cut short: {len(all_of_it)} characters", "ask"), (view, "muted")])
    lines += [[(" " * _INDENT, ""), ("really  ", "faint"), (lead, "ask")] for lead in approval.leads]
    if card.step == "choose" and len(approval.segments) > 1:
        lines += [[], *_segments(approval.segments[:_PARTS], width, signs)]
        if (more := len(approval.segments) - _PARTS) > 0:
            lines.append([(" " * _INDENT, ""), (f"and {more} more", "ask")])
    return lines


def window(lines: Sequence[Line], card: CardState, signs: Glyphs, less: int) -> list[Line]:
    """The lines of a call that are shown now, and under them how many there are if that isn't all."""
    rows = max(PAGE_ROWS, min(len(lines), _FULL_ROWS if card.full else _SHORT_ROWS) - less)
    top = min(card.top, max(0, len(lines) - rows)) if card.full else 0
    shown = list(lines[top : top + rows])
    if len(shown) < len(lines):
        way = f"{signs.up}{signs.down}" if card.full else "v shows all"
        shown.append([("  ", ""), (f"{top + 1} to {top + len(shown)} of {len(lines)} lines   ", "ask"), (way, "muted")])
    return shown


def _with(approval: Approval, args: dict[str, object]) -> Approval:
    from msgspec.structs import replace

    return replace(approval, args=args)


def _segments(segments: Sequence[Segment], width: int, signs: Glyphs) -> list[Line]:
    cells = min(40, max(18, max(len(segment.text) for segment in segments) + 4))
    lines: list[Line] = []
    for segment in segments:
        style, word = _MARKS[segment.verdict]
        sign = {"allow": signs.done, "ask": signs.ask, "deny": signs.fail}[segment.verdict]
        name = "text" if segment.verdict == "allow" else "strong bold"
        origin = segment.origin or "no rule"
        lines.append(
            [
                (" " * _INDENT, ""),
                (sign + " ", style.split()[0]),
                column(cut_call(visible(segment.text), cells - 2, cell_len), cells, name),
                (f"{word:<10}", style),
                (f"{shorten(origin, 16):<17}", "muted"),
                (visible(segment.rule), "str") if segment.rule else (visible(segment.why), "faint"),
            ]
        )
    return [clip(line, width - 2) for line in lines]


def _facts(card: CardState, width: int, *, diff: bool) -> list[Line]:
    approval = card.approval
    facts: Line = [(" " * _INDENT, "")]
    if diff:
        facts += [("asks because ", "faint"), (shorten(approval.why, width // 2), "text"), ("    ", "")]
    if approval.cwd:
        facts += [("in ", "faint"), (visible(approval.cwd), "text"), ("    ", "")]
    if card.explained:
        facts += [("risk ", "faint"), (str(approval.risk), "text"), ("    always would add ", "faint")]
        facts += [(visible(approval.rule) or "no rule: it can't be offered here", "text")]
    elif approval.rule:
        facts += [("a would write ", "faint"), (visible(approval.rule), "str")]
    return [[], facts]


def _always(card: CardState, signs: Glyphs) -> list[Line]:
    indent = (" " * _INDENT, "")
    scopes: Line = [indent, ("for     ", "faint")]
    for at, scope in enumerate(SCOPES):
        chosen = at == card.scope
        style = ("accent bold" if card.place == "scope" else "strong bold") if chosen else "muted"
        scopes += [(f"{signs.run if chosen else signs.wait} {_SCOPE_WORDS[scope]}    ", style)]
    ends = "the session ends" if card.scope == 0 else "you take it back"
    return [
        [],
        [indent, ("Always allow", "strong bold"), ("  a rule is written, and can be taken back", "muted")],
        [indent, ("rule    ", "faint"), *_boxed(card.line.line(focused=card.place == "rule"))],
        *_covers(card, signs),
        scopes,
        [indent, ("until   ", "faint"), (ends, "text")],
        [indent, (card.complaint, "fail")] if card.complaint else [],
    ]


def _covers(card: CardState, signs: Glyphs) -> list[Line]:
    """The choice of the wider rule, where one is offered."""
    if not card.approval.wider:
        return []
    line: Line = [(" " * _INDENT, ""), ("covers  ", "faint")]
    for chosen, words in (
        (card.line.text == card.approval.rule, "just this call"),
        (card.wide, f"wider: {visible(card.approval.wider)}"),
    ):
        style = ("accent bold" if card.place == "covers" else "strong bold") if chosen else "muted"
        line += [(f"{signs.run if chosen else signs.wait} {words}    ", style)]
    return [line]


def _text_step(word: str, note: str, card: CardState, width: int) -> list[Line]:
    text = wrap(card.line.line(), width - _INDENT - 4)[:6]
    head: Line = [("  ", ""), (f"{word:<8}", "accent bold")]
    lines: list[Line] = [[], [(" " * _INDENT, ""), (note, "faint")]]
    lines += [[*(head if at == 0 else [(" " * _INDENT, "")]), *line] for at, line in enumerate(text)]
    if card.complaint:
        lines.append([(" " * _INDENT, ""), (card.complaint, "fail")])
    return lines


def _boxed(line: Line) -> Line:
    return [(" ", "on chip"), *[(text, style if " on " in style else f"{style} on chip") for text, style in line]]
