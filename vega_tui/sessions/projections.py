"""What each event changes in the tables: one pure function per event type, from the event to SQL statements.

Run in the event's own transaction, and again over the whole log by a rebuild. Events without a line here
change no table.
"""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, TypeAlias, TypeVar

import msgspec

from vega_tui.core import events as ev
from vega_tui.core.events import AnyEvent, Event
from vega_tui.core.ids import ROOT
from vega_tui.core.messages import JsonObject, text_of
from vega_tui.core.records import Entry
from vega_tui.core.words import ApprovalState, CallState
from vega_tui.protocol.session_state import preview_of
from vega_tui.sessions import statements as sql

Value: TypeAlias = str | int | float | bytes | None

_SEARCH_LIMIT: Final = 500  # characters of a tool's output that search sees: the index costs more than all else here


class Write(NamedTuple):
    """One statement. Where `refusal` is set, it must change a row, or the event is refused with that text."""

    sql: str
    params: tuple[Value, ...]
    refusal: str = ""


Projection: TypeAlias = Callable[[AnyEvent], Iterable[Write]]
E = TypeVar("E", bound=Event)

PROJECTIONS: Final[dict[type[Event], Projection]] = {}


def _projects(kind: type[E]) -> Callable[[Callable[[E], Iterable[Write]]], Callable[[E], Iterable[Write]]]:
    def register(function: Callable[[E], Iterable[Write]]) -> Callable[[E], Iterable[Write]]:
        def project(event: AnyEvent) -> Iterable[Write]:
            assert isinstance(event, kind)
            return function(event)

        PROJECTIONS[kind] = project
        return function

    return register


def project(event: AnyEvent) -> Iterable[Write]:
    """The statements of one event, in order."""
    projection = PROJECTIONS.get(type(event))
    return () if projection is None else projection(event)


def _json(value: JsonObject | msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()


# --- sessions, branches, entries ---------------------------------------------------------------------------


@_projects(ev.SessionCreated)
def _session_created(e: ev.SessionCreated) -> Iterable[Write]:
    row = (e.session, e.name, e.cwd, e.model, e.mode.value, e.agent, e.budget_usd, e.max_turns)
    yield Write(sql.INSERT_SESSION, (*row, e.simulated, e.ephemeral, e.ts, e.ts))


@_projects(ev.SessionLoaded)
def _session_loaded(e: ev.SessionLoaded) -> Iterable[Write]:
    yield Write(sql.TOUCH_SESSION, (e.ts, e.session))


@_projects(ev.SessionChanged)
def _session_changed(e: ev.SessionChanged) -> Iterable[Write]:
    budget = None if e.budget_usd is None or e.budget_usd < 0 else e.budget_usd
    mode = None if e.mode is None else e.mode.value
    changed = (e.name, mode, e.model, e.simulated, e.budget_usd is not None, budget)
    yield Write(sql.CHANGE_SESSION, (*changed, e.ts, e.session))


@_projects(ev.SessionRemoved)
def _session_removed(e: ev.SessionRemoved) -> Iterable[Write]:
    for table in sql.SESSION_TABLES:
        yield Write(f"DELETE FROM {table} WHERE session = ?", (e.session,))
    yield Write("DELETE FROM sessions WHERE id = ?", (e.session,))
    yield Write("DELETE FROM grants WHERE scope = 'session' AND scope_id = ?", (e.session,))
    yield Write(sql.DELETE_EVENTS, (e.session, e.seq))
    yield Write(sql.DELETE_UNUSED_BLOBS, ())
    # Deleted terms stay in the index's segments until these are merged.
    yield Write("INSERT INTO entries_fts(entries_fts) VALUES ('optimize')", ())


@_projects(ev.BranchCreated)
def _branch_created(e: ev.BranchCreated) -> Iterable[Write]:
    key = (e.session, e.process, e.branch)
    row = (*key, e.head, e.origin, e.session, e.process, e.ts, e.head, e.head, e.session)
    yield Write(sql.INSERT_BRANCH, row, f"branch {e.branch} exists, or its head {e.head} does not")


@_projects(ev.BranchMoved)
def _branch_moved(e: ev.BranchMoved) -> Iterable[Write]:
    row = (e.head, e.session, e.process, e.branch, e.head, e.head, e.session)
    yield Write(sql.MOVE_BRANCH, row, f"there is no branch {e.branch}, or no entry {e.head} to move it to")
    if e.active:
        yield Write(sql.ACTIVATE_BRANCH, (e.branch, e.session, e.process))
        if e.process == ROOT:
            yield Write("UPDATE sessions SET active_branch = ? WHERE id = ?", (e.branch, e.session))


@_projects(ev.EntryAdded)
def _entry_added(e: ev.EntryAdded) -> Iterable[Write]:
    entry = e.entry
    row = (entry.id, e.session, e.process, e.branch, entry.parent, entry.kind, e.ts, e.seq, _search_text(entry))
    yield Write(sql.INSERT_ENTRY, row)
    key = (e.session, e.process, e.branch)
    head = (*key, entry.id, e.session, e.process, e.ts, entry.parent, *key, entry.parent)
    refusal = f"entry {entry.id} follows {entry.parent or 'nothing'}, which is not the head of {e.branch}"
    yield Write(sql.ADVANCE_BRANCH, head, refusal)
    said = preview_of(entry, e.process)
    yield Write(sql.COUNT_ENTRY, (said, said, e.ts, e.session))


def _search_text(entry: Entry) -> str:
    if entry.observation is not None:
        return entry.observation.text[:_SEARCH_LIMIT]
    return text_of(entry.content) or entry.note


# --- inputs ------------------------------------------------------------------------------------------------


@_projects(ev.InputReceived)
def _input_received(e: ev.InputReceived) -> Iterable[Write]:
    row = (e.input, e.session, e.process, e.mode.value, e.text, e.author, e.ts, e.seq)
    yield Write(sql.INSERT_INPUT, row)


@_projects(ev.InputDelivered)
def _input_delivered(e: ev.InputDelivered) -> Iterable[Write]:
    yield Write(sql.SETTLE_INPUT, ("delivered", e.how, e.input))


@_projects(ev.InputDropped)
def _input_dropped(e: ev.InputDropped) -> Iterable[Write]:
    yield Write(sql.SETTLE_INPUT, ("dropped", e.reason, e.input))


# --- processes ---------------------------------------------------------------------------------------------


@_projects(ev.ProcessSpawned)
def _process_spawned(e: ev.ProcessSpawned) -> Iterable[Write]:
    made = (e.session, e.process, e.kind.value, e.parent, e.supervisor, e.agent, e.model, e.task, e.restart)
    blueprint = _json(e.blueprint) if e.blueprint else ""
    flags = (e.strategy, e.intensity, e.period_s, e.context_tokens, blueprint)
    yield Write(sql.INSERT_PROCESS, (*made, *flags, e.ts, e.ts, e.seq))


@_projects(ev.ProcessStarted)
def _process_started(e: ev.ProcessStarted) -> Iterable[Write]:
    yield Write(sql.START_PROCESS, (e.incarnation, e.ts, e.ts, e.session, e.process))
    yield Write(sql.BEGIN_LIFE, (e.session, e.process, e.incarnation, e.ts))


@_projects(ev.ProcessExited)
def _process_exited(e: ev.ProcessExited) -> Iterable[Write]:
    ended = (e.incarnation, e.reason, e.text, e.abnormal, e.ts)
    yield Write(sql.EXIT_PROCESS, (*ended, e.session, e.process, e.incarnation))
    yield Write(sql.END_LIFE, (e.ts, e.reason, e.text, e.abnormal, e.session, e.process, e.incarnation))


@_projects(ev.ProcessRestarting)
def _process_restarting(e: ev.ProcessRestarting) -> Iterable[Write]:
    yield Write(sql.SET_PROCESS_STATE, ("restarting", e.ts, e.session, e.process))


@_projects(ev.ProcessTerminated)
def _process_terminated(e: ev.ProcessTerminated) -> Iterable[Write]:
    yield Write(sql.SET_PROCESS_STATE, ("gave_up" if e.why else "exited", e.ts, e.session, e.process))


@_projects(ev.ProcessRestarted)
def _process_restarted(e: ev.ProcessRestarted) -> Iterable[Write]:
    yield Write(sql.START_PROCESS, (e.incarnation, e.ts, e.ts, e.session, e.process))


@_projects(ev.ProcessStopping)
def _process_stopping(e: ev.ProcessStopping) -> Iterable[Write]:
    yield Write(sql.SET_PROCESS_STATE, ("stopping", e.ts, e.session, e.process))


@_projects(ev.ProcessGaveUp)
def _process_gave_up(e: ev.ProcessGaveUp) -> Iterable[Write]:
    yield Write(sql.SET_PROCESS_STATE, ("gave_up", e.ts, e.session, e.process))


@_projects(ev.ProcessPaused)
def _process_paused(e: ev.ProcessPaused) -> Iterable[Write]:
    yield Write(sql.PAUSE_PROCESS, (True, e.ts, e.session, e.process))


@_projects(ev.ProcessResumed)
def _process_resumed(e: ev.ProcessResumed) -> Iterable[Write]:
    yield Write(sql.PAUSE_PROCESS, (False, e.ts, e.session, e.process))


# --- runs, turns -------------------------------------------------------------------------------------------


@_projects(ev.RunStarted)
def _run_started(e: ev.RunStarted) -> Iterable[Write]:
    yield Write(sql.INSERT_RUN, (e.run, e.session, e.process, e.branch, e.input, e.attempt, e.ts))


@_projects(ev.RunFinished)
def _run_finished(e: ev.RunFinished) -> Iterable[Write]:
    used = (e.usage.input_tokens, e.usage.output_tokens, e.usage.cache_read_tokens, e.usage.cache_write_tokens)
    ended = (e.status.value, e.stop_reason.value, e.error, e.ts, e.turns)
    yield Write(sql.FINISH_RUN, (*ended, *used, e.cost_usd, e.run))
    yield Write(sql.TOUCH_SESSION, (e.ts, e.session))


@_projects(ev.TurnFinished)
def _turn_finished(e: ev.TurnFinished) -> Iterable[Write]:
    cost, unknown = e.cost_usd or 0.0, e.cost_usd is None
    tokens = e.usage.prompt_tokens + e.usage.output_tokens
    yield Write(sql.SPEND_SESSION, (cost, unknown, tokens, e.ts, e.session))
    used = (e.usage.input_tokens, e.usage.output_tokens, e.usage.cache_read_tokens, e.usage.cache_write_tokens)
    yield Write(sql.SPEND_RUN, (*used, e.run))
    yield Write(
        sql.SPEND_PROCESS,
        (cost, unknown, tokens, e.context_tokens, e.context_tokens, e.ts, e.session, e.process),
    )
    yield Write("INSERT OR IGNORE INTO spending VALUES (?, ?, ?)", (e.seq, e.ts, cost))


# --- tools, approvals, grants ------------------------------------------------------------------------------


@_projects(ev.ToolProposed)
def _tool_proposed(e: ev.ToolProposed) -> Iterable[Write]:
    key = (e.session, e.process, e.call, e.run, e.turn, e.tool)
    yield Write(sql.INSERT_CALL, (*key, _json(e.args), e.summary, e.seq))


@_projects(ev.ToolBlocked)
def _tool_blocked(e: ev.ToolBlocked) -> Iterable[Write]:
    ended = (CallState.BLOCKED.value, e.reason, e.ts, 0.0)
    yield Write(sql.FINISH_CALL, (*ended, e.session, e.process, e.call))


@_projects(ev.ToolStarted)
def _tool_started(e: ev.ToolStarted) -> Iterable[Write]:
    yield Write(sql.START_CALL, (_json(e.args), e.summary, e.ts, e.session, e.process, e.call))


@_projects(ev.ToolFinished)
def _tool_finished(e: ev.ToolFinished) -> Iterable[Write]:
    ended = (e.state.value, "", e.ts, e.duration_s)
    yield Write(sql.FINISH_CALL, (*ended, e.session, e.process, e.call))


@_projects(ev.ApprovalRequested)
def _approval_requested(e: ev.ApprovalRequested) -> Iterable[Write]:
    asked = e.approval
    key = (asked.id, asked.session, asked.process, asked.call, asked.state.value, asked.group, asked.created)
    yield Write(sql.INSERT_APPROVAL, (*key, e.seq, _json(asked)))
    yield Write(sql.SET_CALL_STATE, ("waiting", asked.session, asked.process, asked.call, "proposed"))


def _settle(
    approval: str, state: ApprovalState, by: str, ts: float, *, decision: str = "", feedback: str = ""
) -> Write:
    return Write(sql.SETTLE_APPROVAL, (state.value, state.value, decision, by, ts, feedback, approval))


@_projects(ev.ApprovalDecided)
def _approval_decided(e: ev.ApprovalDecided) -> Iterable[Write]:
    if e.args is not None:
        yield Write(sql.EDIT_APPROVAL, (_json(e.args), e.approval))
    yield Write(sql.UNBLOCK_CALL, (e.approval,))
    state = ApprovalState.DENIED if e.decision.denies else ApprovalState.APPROVED
    yield _settle(e.approval, state, e.by, e.ts, decision=e.decision.value, feedback=e.feedback)


@_projects(ev.ApprovalExpired)
def _approval_expired(e: ev.ApprovalExpired) -> Iterable[Write]:
    yield Write(sql.UNBLOCK_CALL, (e.approval,))
    yield _settle(e.approval, ApprovalState.EXPIRED, "", e.ts)


@_projects(ev.ApprovalWithdrawn)
def _approval_withdrawn(e: ev.ApprovalWithdrawn) -> Iterable[Write]:
    yield Write(sql.UNBLOCK_CALL, (e.approval,))
    yield _settle(e.approval, ApprovalState.WITHDRAWN, "", e.ts, feedback=e.reason)


@_projects(ev.GrantAdded)
def _grant_added(e: ev.GrantAdded) -> Iterable[Write]:
    yield Write(sql.INSERT_GRANT, (e.grant, e.rule, e.scope, e.scope_id, e.by, e.ts, e.seq))


@_projects(ev.GrantRevoked)
def _grant_revoked(e: ev.GrantRevoked) -> Iterable[Write]:
    yield Write("UPDATE grants SET revoked = ?, revoked_seq = ? WHERE id = ?", (e.ts, e.seq, e.grant))


# --- groups, boards ----------------------------------------------------------------------------------------


@_projects(ev.GroupJoined)
def _group_joined(e: ev.GroupJoined) -> Iterable[Write]:
    yield Write(sql.JOIN_GROUP, (e.session, e.group, e.process, e.ts, e.seq))


@_projects(ev.GroupLeft)
def _group_left(e: ev.GroupLeft) -> Iterable[Write]:
    yield Write(sql.AWAY_FROM_GROUP if e.ended else sql.LEAVE_GROUP, (e.session, e.group, e.process))


@_projects(ev.GroupDeleted)
def _group_deleted(e: ev.GroupDeleted) -> Iterable[Write]:
    yield Write("DELETE FROM group_members WHERE session = ? AND grp = ?", (e.session, e.group))
    yield Write("DELETE FROM board_notes WHERE session = ? AND board = ?", (e.session, e.group))


@_projects(ev.BoardWritten)
def _board_written(e: ev.BoardWritten) -> Iterable[Write]:
    value = msgspec.json.encode(e.value).decode()
    yield Write(sql.WRITE_NOTE, (e.session, e.board, e.key, value, e.revision, e.by, e.ts, e.deleted, e.seq))


# --- alerts ------------------------------------------------------------------------------------------------


@_projects(ev.AlertRaised)
def _alert_raised(e: ev.AlertRaised) -> Iterable[Write]:
    alert = e.alert
    row = (alert.id, alert.session, alert.process, alert.acknowledged, e.seq, _json(alert))
    yield Write(sql.INSERT_ALERT, row)


@_projects(ev.AlertCleared)
def _alert_cleared(e: ev.AlertCleared) -> Iterable[Write]:
    yield Write("UPDATE alerts SET cleared = 1 WHERE id = ?", (e.alert,))


@_projects(ev.AlertAcknowledged)
def _alert_acknowledged(e: ev.AlertAcknowledged) -> Iterable[Write]:
    yield Write(sql.ACKNOWLEDGE_ALERT, (e.alert,))
