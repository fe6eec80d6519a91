"""Draws rows of the quiet panes: inbox, alerts, budget, log, sessions, queue (cells as LOOK.md §6 and §7 give them)."""

from dataclasses import dataclass

from vega_tui.client import format as fmt
from vega_tui.core.ids import base_name, with_incarnation
from vega_tui.core.records import Alert, Approval
from vega_tui.core.words import Severity
from vega_tui.protocol.rows import InputRow, SessionRow
from vega_tui.tui.paint.cells import Line, clean, shorten, spread, width_of
from vega_tui.tui.paint.glyphs import UNICODE, Glyphs
from vega_tui.tui.paint.meters import meter, percent, state_chip
from vega_tui.tui.panes.card_paint import marked

_INPUT_WORDS = {"steer": "after this step", "followup": "after this turn", "queue": "queued", "interrupt": "now"}


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """What one owner of a budget has spent, holds for calls in flight, and may spend (0: no cap)."""

    name: str
    spent: float
    held: float = 0.0
    cap: float = 0.0
    unpriced: bool = False
    part: bool = False  # of the first line: it has no cap of its own to speak of


def who(process: str, incarnation: int = 1) -> str:
    """The short name of a process: its last part, with its incarnation."""
    return with_incarnation(base_name(process), incarnation)


def alert_state(alert: Alert) -> str:
    """The state word of an alert: FAIL for what ended, WARN for what may."""
    return "FAIL" if alert.severity is Severity.HIGH else "WARN"


def alert_line(alert: Alert, width: int, *, signs: Glyphs = UNICODE) -> Line:
    """One row of the alerts pane."""
    word = alert_state(alert)
    style = "fail bold" if word == "FAIL" else "warn"
    times = f"{signs.times}{alert.count} " if alert.count > 1 else ""
    left: Line = [("  ", ""), (f"{signs.state(word)} {word:<4} ", style)]
    left += [(shorten(who(alert.process), 13).ljust(14), "strong" if word == "FAIL" else "text")]
    left.append((clean(alert.message).partition("\n")[0], "muted"))
    return spread(left, [(times, "text"), (fmt.clock(alert.last), "faint")], width - 2)


def alert_strip(alerts: list[Alert], width: int, *, signs: Glyphs = UNICODE) -> Line:
    """The strip under the header: the newest alert and how many there are."""
    if not alerts:
        return [("  No alerts.", "muted")]
    alert = alerts[0]
    word = alert_state(alert)
    left: Line = [("  ", ""), (f"{signs.state(word)} {word} ", "fail bold" if word == "FAIL" else "warn")]
    left += [(" ", ""), (who(alert.process), "strong"), ("  ", "")]
    left.append((clean(alert.message).partition("\n")[0], "text"))
    right: Line = [(fmt.clock(alert.last), "faint"), ("  ", ""), (fmt.plural(len(alerts), "alert"), "text")]
    return spread(left, [*right, ("  Alt+4", "faint")], width - 2, gap=2)


def ask_strip(
    approval: Approval, width: int, *, waiting: int, wall: float, signs: Glyphs = UNICODE, decides: bool = True
) -> Line:
    """The one line above the prompt: who asks for what, and the key that opens it, for a face that decides."""
    right: Line = [("F5", "strong bold"), (" decide", "text")] if decides else [("read-only", "muted")]
    head: Line = [(f"  {signs.ask} ASK  ", "ask_on bold on ask_fill"), ("  " if width >= 100 else " ", "")]
    head += [(who(approval.process, approval.incarnation), "strong bold"), ("  ", "")]
    head += [(approval.tool, "text"), ("  ", "")]
    tail: Line = [("  " if width >= 100 else " ", ""), *_risk(approval), ("  ", "")]
    tail.append((fmt.age(wall - approval.created), "text"))
    if waiting > 1:
        tail.append((f"   and {waiting - 1} more", "muted"))
    room = width - 2 - width_of(head) - width_of(tail) - width_of(right) - 2
    call = marked(approval, "ask bold", max(8, room))
    return spread([*head, *call, *tail], right, width - 2)


def _risk(approval: Approval) -> Line:
    return [(f"{approval.risk}", "ask bold" if approval.risk == "HIGH" else "text")]


def inbox_lines(approval: Approval, width: int, *, wall: float) -> list[Line]:
    """Two rows of the inbox: the call, and who asks."""
    right: Line = [*_risk(approval), (fmt.age(wall - approval.created).rjust(5), "text")]
    tool = shorten(approval.tool, 5).ljust(6)
    left: Line = [("  ", ""), (tool, "strong bold"), *marked(approval, "text bold", width - 24)]
    path = with_incarnation(approval.process, approval.incarnation)
    return [spread(left, right, width - 2), [(" " * 8, ""), (shorten(path, width - 10), "faint")]]


def budget_line(line: BudgetLine, width: int, *, signs: Glyphs = UNICODE) -> Line:
    """One row of the budget pane."""
    name = shorten(clean(line.name), 9).ljust(10)
    money = fmt.spent(line.spent, line.unpriced, sign=False)
    if line.part:
        return [("  ", ""), (name, "text"), (" " * 20, ""), (money.rjust(7), "muted")]
    if not line.cap:
        return [("  ", ""), (name, "text"), (f"${money}", "strong"), ("  no cap", "faint")]
    share, style = percent(line.spent / line.cap)
    drawn: Line = [("  ", ""), (name, "text"), *meter(line.spent, line.held, line.cap, 14, signs)]
    drawn += [(share.rjust(6), style), (money.rjust(7), "strong" if style == "muted" else style)]
    cap = fmt.money(line.cap, sign=False)
    return [*drawn, (" of", "faint"), (cap.rjust(min(7, max(0, width - 41))), "muted")]


def queue_line(row: InputRow, width: int, *, wall: float, signs: Glyphs = UNICODE) -> Line:
    """An input that waits, above the prompt."""
    left: Line = [("  ", ""), (signs.open, "edge"), (" ", ""), (_INPUT_WORDS.get(row.mode, row.mode), "accent")]
    left += [("  ", ""), (clean(row.text).partition("\n")[0], "muted")]
    right: Line = [("Alt+↑", "muted"), (" edit", "faint")]
    if width >= 100:
        right = [("queued ", "faint"), (fmt.duration(max(0.0, wall - row.ts)), "faint"), ("   ", ""), *right]
    return spread(left, right, width - 2, gap=2)


def session_line(row: SessionRow, width: int, *, wall: float, current: bool, signs: Glyphs = UNICODE) -> Line:
    """One row of the sessions pane and picker."""
    word = "run" if row.working else "wait" if row.alive else "done"
    style = {"run": "run", "wait": "wait", "done": "faint"}[word]
    name = clean(row.name or "unnamed")
    left: Line = [("  ", ""), (signs.state(word) + " ", style), (shorten(name, max(12, width // 2)), "strong")]
    if current:
        left.append(("  you are here", "accent"))
    elif row.preview and width >= 60:
        left.append((f"  {clean(row.preview).partition(chr(10))[0]}", "faint"))
    cost = fmt.spent(row.cost_usd, row.unpriced)
    right: Line = [(f"{row.entries}".rjust(4), "muted"), (cost.rjust(8), "muted")]
    return spread(left, [*right, (fmt.age(wall - row.updated).rjust(7), "faint")], width - 2)


def lost_strip(width: int, text: str, *, signs: Glyphs = UNICODE) -> Line:
    """The alert strip while there is no host: the one red fill of the screen."""
    first, _, rest = text.partition(". ")
    chip = state_chip("FAIL", signs)
    return [(" " + chip[0], chip[1]), (f"  {first}.", "strong bold"), (f" {rest}", "text")]
