"""What the chat view folded, as what the transcript paints: words, glyph states, facts and times. Pure."""

from collections.abc import Sequence
from typing import Final

from vega_tui.client import format as fmt
from vega_tui.client.views import chat_items as told
from vega_tui.core.ids import base_name
from vega_tui.core.visible import visible
from vega_tui.core.words import CallState
from vega_tui.tui.paint import items as drawn
from vega_tui.tui.paint.items import LifeKind, ToolState

_TOOL_STATES: Final[dict[CallState, ToolState]] = {
    CallState.PROPOSED: "wait",
    CallState.WAITING: "ask",
    CallState.RUNNING: "run",
    CallState.OK: "ok",
    CallState.ERROR: "fail",
    CallState.BLOCKED: "denied",
    CallState.CANCELLED: "kill",
    CallState.INTERRUPTED: "interrupted",
}
_QUIET_TOOLS: Final = frozenset({"read", "list", "grep", "write", "edit", "fetch", "spawn"})  # their result is a fact
_HOW: Final = {"steer": "steer", "followup": "after this turn", "queue": "queued", "interrupt": "interrupt"}
_LIFE: Final[dict[str, LifeKind]] = {
    "died": "died",
    "took_over": "took_over",
    "interrupted": "died",
    "stopped": "killed",
}
_TAIL: Final[dict[str, LifeKind]] = {
    "backoff": "backed_off",
    "done": "done",
    "killed": "killed",
    "failed": "gave_up",
    "paused": "paused",
}
_KEPT_LINES: Final = 400


def paint_items(item: told.ChatItem, *, name: str, first: bool, now: float, tools_open: bool) -> list[drawn.Item]:
    """The entries an item becomes. `first`: an answer that opens the process's part, and so has a head."""
    match item:
        case told.UserItem():
            author = item.author if item.author == "you" else base_name(item.author)
            note = _HOW.get(item.mode, "") if item.author == "you" else item.mode or "task"
            return [drawn.UserItem(item.key, item.text, author, fmt.clock(item.ts) if item.ts else "", note)]
        case told.AssistantItem():
            return _answer(item, name=name, first=first)
        case told.ToolItem():
            return [_tool(item, now, tools_open=tools_open)]
        case told.SystemItem():
            return [_system(item)]


def _answer(item: told.AssistantItem, *, name: str, first: bool) -> list[drawn.Item]:
    out: list[drawn.Item] = []
    if item.thinking:
        thinking_open = item.open and not item.text
        out.append(drawn.ThinkingItem(f"{item.key}:thinking", item.thinking, open=thinking_open))
    if item.text or item.open:
        out.append(
            drawn.AssistantItem(
                item.key,
                item.text,
                name=name if first else "",
                model=item.model if first else "",
                time=fmt.clock(item.ts) if first and item.ts else "",
                open=item.open,
                interrupted=item.interrupted,
            )
        )
    return out


def _tool(item: told.ToolItem, now: float, *, tools_open: bool) -> drawn.ToolItem:
    state = _TOOL_STATES[item.state]
    time, fact = "", item.fact
    if state == "ask":
        fact, time = "waits for you", fmt.age(now - item.since) if item.since else ""
    elif state == "run" and item.started:
        time = fmt.duration(max(0.0, now - item.started)) if now - item.started >= 1 else ""
    elif item.duration_s or state in ("ok", "fail"):
        time = fmt.duration(item.duration_s)
    if item.edited and state == "ok":
        fact = "you edited"
    text = item.output if item.open else item.text
    lines = text.rstrip("\n").split("\n") if text.strip() else []
    if state == "ok" and item.tool in _QUIET_TOOLS and not tools_open:
        lines = []
    hint, hint_fact = "", ""
    if item.nested and item.open:
        hint, hint_fact = f"{item.nested.tool}  {item.nested.summary}", item.nested.risk
    elif state == "ask":
        hint_fact, hint = item.risk, "F5 decides" if item.risk else ""
    return drawn.ToolItem(
        item.key,
        state,
        item.tool,
        argument=item.summary or visible(item.partial_args),
        fact=fact,
        time=time,
        lines=tuple(lines[-_KEPT_LINES:]),
        total_lines=len(lines),
        diff=item.diff,
        hint=hint,
        hint_fact=hint_fact,
    )


def _system(item: told.SystemItem) -> drawn.Item:
    if item.mark in _LIFE:
        return drawn.LifeItem(item.key, _LIFE[item.mark], item.note)
    if item.mark == "summary":
        return drawn.SummaryItem(item.key, item.note)
    return drawn.SystemItem(item.key, item.note, "fail" if item.mark == "error" else "faint")


def tail_items(tail: told.Tail | None, now: float) -> list[drawn.Item]:
    """The last entry: why nothing is being written."""
    if tail is None:
        return []
    if tail.kind == "retry":
        again = f"in {fmt.countdown(tail.until - now)}" if tail.until > now else "now"
        attempt = f"retry {tail.attempt} of {tail.attempts}" if tail.attempts else "retry"
        return [drawn.RetryItem("tail", tail.text, attempt, again)]
    if tail.kind in ("waiting", "stopping"):
        seconds = now - tail.since if tail.since else 0.0
        words = "waits for the model" if tail.kind == "waiting" else "stopping"
        return [drawn.SystemItem("tail", words, fact=fmt.duration(seconds) if seconds >= 1 else "")]
    text = tail.text or tail.kind
    if tail.kind == "backoff":
        again = f"again in {fmt.countdown(tail.until - now)}" if tail.until > now else "again now"
        return [
            drawn.LifeItem("tail", "backed_off", f"backs off after {tail.text}" if tail.text else "backs off", again)
        ]
    return [drawn.LifeItem("tail", _TAIL[tail.kind], text)]


def opens(previous: told.ChatItem | None) -> bool:
    """True when an answer after `previous` needs a head that says who speaks."""
    return previous is None or isinstance(previous, told.UserItem | told.SystemItem)


def heads(items: Sequence[told.ChatItem]) -> list[tuple[told.ChatItem, bool]]:
    """Each item, and whether it opens the process's part."""
    out: list[tuple[told.ChatItem, bool]] = []
    said = True
    for item in items:
        out.append((item, said and isinstance(item, told.AssistantItem)))
        if isinstance(item, told.AssistantItem):
            said = False
        elif not isinstance(item, told.ToolItem):
            said = True
    return out
