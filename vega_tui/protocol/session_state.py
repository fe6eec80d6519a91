"""What a session is, folded from its events: the one derivation of a SessionRow, for host and faces alike.

Pure. `alive` and `working` are the host's to say: they follow from its processes, not from the session's events.
"""

from typing import Final

import msgspec

from vega_tui.core import events as ev
from vega_tui.core.ids import ROOT
from vega_tui.core.messages import text_of
from vega_tui.core.records import Entry
from vega_tui.protocol.rows import SessionRow

PREVIEW: Final = 200  # characters of what was said last that a list needs


def created_row(event: ev.SessionCreated) -> SessionRow:
    """The row of a session that begins with this event."""
    return SessionRow(
        id=event.session,
        name=event.name,
        cwd=event.cwd,
        model=event.model,
        mode=event.mode,
        agent=event.agent,
        budget_usd=event.budget_usd,
        max_turns=event.max_turns,
        simulated=event.simulated,
        ephemeral=event.ephemeral,
        created=event.ts,
        updated=event.ts,
    )


def session_after(row: SessionRow, event: ev.AnyEvent) -> SessionRow:
    """The row after an event of its session; the same object where the event says nothing of it."""
    match event:
        case ev.SessionCreated():
            return created_row(event)
        case ev.SessionLoaded() | ev.RunFinished():
            return msgspec.structs.replace(row, updated=event.ts)
        case ev.SessionChanged():
            return _changed(row, event)
        case ev.BranchMoved(process="root", active=True):
            return msgspec.structs.replace(row, branch=event.branch)
        case ev.EntryAdded(entry=entry):
            preview = preview_of(entry, event.process) or row.preview
            return msgspec.structs.replace(row, entries=row.entries + 1, preview=preview, updated=event.ts)
        case ev.TurnFinished():
            return msgspec.structs.replace(
                row,
                cost_usd=row.cost_usd + (event.cost_usd or 0.0),
                unpriced=row.unpriced or event.cost_usd is None,
                usage=row.usage + event.usage,
                updated=event.ts,
            )
        case _:
            return row


def preview_of(entry: Entry, process: str) -> str:
    """What a list shows of an entry, in one line; empty for what is not said to or by the root."""
    if process != ROOT:
        return ""
    return " ".join(text_of(entry.content)[: PREVIEW * 2].split())[:PREVIEW]


def cap_after(cap_usd: float | None, event: ev.SessionChanged) -> float | None:
    """The cap that holds after a change; None: no cap."""
    if event.budget_usd is None:
        return cap_usd
    return event.budget_usd if event.budget_usd >= 0 else None


def _changed(row: SessionRow, event: ev.SessionChanged) -> SessionRow:
    return msgspec.structs.replace(
        row,
        name=row.name if event.name is None else event.name,
        mode=row.mode if event.mode is None else event.mode,
        model=row.model if event.model is None else event.model,
        simulated=row.simulated if event.simulated is None else event.simulated,
        budget_usd=cap_after(row.budget_usd, event),
        updated=event.ts,
    )
