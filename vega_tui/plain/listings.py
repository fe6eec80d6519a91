"""What the listing commands print for people: sessions, processes, approvals, branches, a transcript. Pure."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from vega_tui.client import format as fmt
from vega_tui.core.ids import base_name, parent_path
from vega_tui.core.messages import Text, Thinking, ToolUse
from vega_tui.core.records import Approval, Entry
from vega_tui.core.visible import visible
from vega_tui.core.words import ProcessKind
from vega_tui.plain.output import harmless, one_line
from vega_tui.plain.tables import Column, table
from vega_tui.protocol.operations import Hit, HostStatus
from vega_tui.protocol.rows import BranchRow, ProcessRow, SessionRow

_SESSIONS = (
    Column("ID"),
    Column("NAME", yields=True),
    Column("AGE", right=True),
    Column("ENTRIES", right=True),
    Column("COST", right=True),
    Column("MODEL", yields=True),
    Column("LAST SAID", yields=True),
)
_PROCESSES = (
    Column("STATE"),
    Column("PROCESS"),
    Column("AGE", right=True),
    Column("CTX", right=True),
    Column("COST", right=True),
    Column("NOW", yields=True, counts=True),
)
_APPROVALS = (
    Column("ID"),
    Column("RISK"),
    Column("AGE", right=True),
    Column("PROCESS"),
    Column("CALL", yields=True, counts=True),
    Column("WHY", yields=True),
)
_BRANCHES = (Column(""), Column("BRANCH"), Column("ENTRIES", right=True), Column("HEAD"), Column("FORKED AT"))
_HITS = (Column("SESSION"), Column("NAME", yields=True), Column("AGE", right=True), Column("FOUND", yields=True))
_OUTPUT_LINES = 12  # of a tool's result, in a transcript


def sessions(rows: Sequence[SessionRow], now: float, width: int | None) -> list[str]:
    """A table of sessions; a star marks those with a run under way."""
    if not rows:
        return ["no sessions here yet; vega-tui starts one, sessions list --all shows those of other folders"]
    return table(
        _SESSIONS,
        [
            [
                row.id,
                ("* " if row.working else "") + row.name,
                fmt.age(now - row.updated),
                fmt.count(row.entries),
                fmt.spent(row.cost_usd, row.unpriced),
                "simulated" if row.simulated else row.model,
                row.preview,
            ]
            for row in rows
        ],
        width,
    )


def processes(rows: Sequence[ProcessRow], now: float, width: int | None) -> list[str]:
    """The tree of processes, session by session, each under the one that made it."""
    if not rows:
        return ["nothing lives"]
    lines: list[list[str]] = []
    for session in dict.fromkeys(row.session for row in rows):
        own = _with_restarts([row for row in rows if row.session == session])
        lines.append(["", session, "", "", "", ""])
        lines += [_process(row, "  " * depth, now) for row, depth in _tree(own)]
    return table(_PROCESSES, lines, width)


def _with_restarts(rows: Sequence[ProcessRow]) -> list[ProcessRow]:
    """The same rows; a supervisor's restarts are those of its children."""
    below: dict[str, set[float]] = {}
    for row in rows:
        below.setdefault(row.supervisor, set()).update(row.restarts)
    found: list[ProcessRow] = []
    for row in rows:
        own = {then for then in below.get(row.path, ()) if then >= row.started}
        found.append(msgspec.structs.replace(row, restarts=tuple(sorted({*row.restarts, *own}))))
    return found


def _process(row: ProcessRow, indent: str, now: float) -> list[str]:
    supervisor = row.kind is ProcessKind.SUPERVISOR
    doing = row.reason_text or row.reason if row.state in ("FAIL", "kill") else row.now
    if row.restart_at:
        doing = f"{doing}, again in {fmt.countdown(row.restart_at - now)}"
    if supervisor:
        used = sum(1 for then in row.restarts if now - then < row.period_s)
        limit = f"{used} of {row.intensity} restarts in {row.period_s:g} s" if row.intensity else "never gives up"
        doing = f"{row.strategy}, {limit}" if row.state == "run" else doing
    return [
        row.state,
        f"  {indent}{base_name(row.path)}{f'#{row.incarnation}' if row.incarnation > 1 else ''}",
        fmt.age(now - row.started) if row.started else "",
        fmt.percent(row.context_tokens, row.context_window) if not supervisor else "",
        fmt.spent(row.cost_usd, row.unpriced) if not supervisor else "",
        doing,
    ]


def _tree(rows: Sequence[ProcessRow]) -> list[tuple[ProcessRow, int]]:
    """Rows with their depth, children below their parents; one whose parent is gone stands alone."""
    paths = {row.path for row in rows}
    below: dict[str, list[ProcessRow]] = {}
    for row in rows:
        above = row.supervisor or row.parent or parent_path(row.path)
        while above and above not in paths:
            above = parent_path(above)
        below.setdefault("" if above == row.path else above, []).append(row)
    found: list[tuple[ProcessRow, int]] = []
    stack = [(row, 0) for row in reversed(below.get("", []))]
    while stack:
        row, depth = stack.pop()
        found.append((row, depth))
        stack += [(child, depth + 1) for child in reversed(below.pop(row.path, []))]
    return found


def approvals(rows: Sequence[Approval], now: float, width: int | None) -> list[str]:
    """A table of what waits for an answer."""
    if not rows:
        return ["nothing waits for an answer"]
    return table(
        _APPROVALS,
        [
            [row.id, row.risk.value, fmt.age(now - row.created), row.process, f"{row.tool} {row.summary}", row.why]
            for row in rows
        ],
        width,
    )


def branches(rows: Sequence[BranchRow], width: int | None) -> list[str]:
    """A table of a session's branches; a star marks the active one."""
    lines = [
        ["*" if row.active else "", row.name, fmt.count(row.entries), row.head or fmt.NONE, row.origin or fmt.NONE]
        for row in rows
    ]
    return table(_BRANCHES, lines, width)


def hits(rows: Sequence[Hit], now: float, width: int | None) -> list[str]:
    """A table of what a search found."""
    if not rows:
        return ["nothing found"]
    return table(_HITS, [[row.session, row.session_name, fmt.age(now - row.ts), row.snippet] for row in rows], width)


def status(found: HostStatus, now: float) -> list[str]:
    """The host in a few lines."""
    return [
        f"host      pid {found.pid}, version {found.version}, up {fmt.duration(now - found.started)}",
        f"home      {found.home}",
        f"clients   {fmt.count(found.clients)}",
        f"sessions  {fmt.count(found.sessions)} open",
        f"processes {fmt.count(found.processes)}, {fmt.count(found.working)} at work",
        f"approvals {fmt.count(found.waiting_approvals)} waiting",
        f"events    {fmt.count(found.seq)}, database {fmt.size(found.database_bytes)}",
        f"memory    {found.memory_mib:.0f} MiB",
    ]


def transcript(row: SessionRow, entries: Sequence[Entry], *, more: bool) -> list[str]:
    """What was said, plainly, oldest first."""
    lines = [f"{row.name}  {row.id}", f"{row.cwd}  branch {row.branch}  {row.model}"]
    if more:
        lines += ["", "… earlier entries are left out; --limit shows more"]
    for entry in entries:
        said = _entry(entry)
        if said:
            lines += ["", *said]
    return lines


def _entry(entry: Entry) -> list[str]:
    at = datetime.fromtimestamp(entry.ts).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    match entry.kind:
        case "user":
            return [f"── {entry.author or 'you'}  {at}  {entry.id}", *_text(entry)]
        case "assistant":
            end = "  (interrupted)" if entry.interrupted else ""
            cost = "" if entry.cost_usd is None else f"  {fmt.money(entry.cost_usd)}"
            return [f"── {entry.process}  {at}{cost}{end}", *_text(entry)]
        case "tool_result":
            shown = entry.observation.display or entry.observation.text if entry.observation else ""
            took = f"  {fmt.duration(entry.duration_s)}" if entry.duration_s else ""
            output = harmless(shown).splitlines()
            rest = [f"   … {len(output) - _OUTPUT_LINES} more lines"] if len(output) > _OUTPUT_LINES else []
            head = f"── {entry.process}  {entry.tool} → {entry.state or 'ok'}{took}"
            return [head, *(f"   {line}" for line in output[:_OUTPUT_LINES]), *rest]
        case _:
            return [f"── {entry.mark or entry.kind}: {one_line(entry.note)}"] if entry.note else []


def _text(entry: Entry) -> list[str]:
    lines: list[str] = []
    for block in entry.content:
        match block:
            case Text():
                lines += harmless(block.text).splitlines()
            case Thinking() if block.thinking:
                lines.append(f"(thought: {one_line(block.thinking)[:100]})")
            case ToolUse():
                lines.append(f"→ {block.name} {visible(msgspec.json.encode(block.input).decode())}")
            case _:
                pass
    return lines
