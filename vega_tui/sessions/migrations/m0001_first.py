"""The first form: the log, its projections, leases, drafts, blobs and full-text search.

`events` is the truth. sessions … alerts are projections of it; `spending` outlives the sessions it was spent in;
leases, drafts and partials stand for themselves. An entry's content is its event's body.
"""

import sqlite3
from typing import Final

_LOG: Final = (
    """CREATE TABLE events(
        seq INTEGER PRIMARY KEY, ts REAL NOT NULL, session TEXT NOT NULL, process TEXT NOT NULL,
        run TEXT NOT NULL, type TEXT NOT NULL, version INTEGER NOT NULL, blobs INTEGER NOT NULL,
        body BLOB NOT NULL) STRICT""",
    "CREATE INDEX events_by_session ON events(session, seq)",
    "CREATE TABLE blobs(hash TEXT PRIMARY KEY, codec TEXT NOT NULL, bytes BLOB NOT NULL) STRICT",
    """CREATE TABLE blob_refs(
        seq INTEGER NOT NULL REFERENCES events(seq) ON DELETE CASCADE, hash TEXT NOT NULL,
        PRIMARY KEY(seq, hash)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX blob_refs_by_hash ON blob_refs(hash)",
    "CREATE TABLE spending(seq INTEGER PRIMARY KEY, ts REAL NOT NULL, cost_usd REAL NOT NULL) STRICT",
    "CREATE INDEX spending_by_ts ON spending(ts)",
    """CREATE TABLE leases(
        session TEXT NOT NULL, process TEXT NOT NULL, branch TEXT NOT NULL, owner TEXT NOT NULL,
        host TEXT NOT NULL, epoch INTEGER NOT NULL, expires REAL NOT NULL,
        PRIMARY KEY(session, process, branch)) STRICT""",
    """CREATE TABLE partials(
        session TEXT NOT NULL, process TEXT NOT NULL, run TEXT NOT NULL, turn INTEGER NOT NULL,
        text TEXT NOT NULL, PRIMARY KEY(session, process)) STRICT""",
    "CREATE TABLE drafts(session TEXT PRIMARY KEY, text TEXT NOT NULL, ts REAL NOT NULL) STRICT",
)

_CONVERSATIONS: Final = (
    """CREATE TABLE sessions(
        id TEXT PRIMARY KEY, name TEXT NOT NULL, cwd TEXT NOT NULL, model TEXT NOT NULL, mode TEXT NOT NULL,
        agent TEXT NOT NULL, budget_usd REAL, max_turns INTEGER NOT NULL, simulated INTEGER NOT NULL,
        ephemeral INTEGER NOT NULL, created REAL NOT NULL, updated REAL NOT NULL,
        active_branch TEXT NOT NULL DEFAULT 'main', entries INTEGER NOT NULL DEFAULT 0,
        cost_usd REAL NOT NULL DEFAULT 0, cost_unknown INTEGER NOT NULL DEFAULT 0,
        tokens INTEGER NOT NULL DEFAULT 0, last_text TEXT NOT NULL DEFAULT '') STRICT""",
    "CREATE INDEX sessions_by_updated ON sessions(updated)",
    "CREATE INDEX sessions_by_name ON sessions(name)",
    """CREATE TABLE branches(
        session TEXT NOT NULL, process TEXT NOT NULL, name TEXT NOT NULL, head TEXT NOT NULL,
        origin TEXT NOT NULL, version INTEGER NOT NULL, active INTEGER NOT NULL, created REAL NOT NULL,
        PRIMARY KEY(session, process, name)) STRICT""",
    """CREATE TABLE entries(
        id TEXT PRIMARY KEY, session TEXT NOT NULL, process TEXT NOT NULL, branch TEXT NOT NULL,
        parent TEXT NOT NULL, kind TEXT NOT NULL, ts REAL NOT NULL, seq INTEGER NOT NULL UNIQUE,
        text TEXT NOT NULL) STRICT""",
    "CREATE INDEX entries_by_session ON entries(session, seq)",
    "CREATE VIRTUAL TABLE entries_fts USING fts5(text, content='entries', content_rowid='rowid')",
    """CREATE TRIGGER entries_fts_insert AFTER INSERT ON entries WHEN new.text <> '' BEGIN
        INSERT INTO entries_fts(rowid, text) VALUES (new.rowid, new.text); END""",
    """CREATE TRIGGER entries_fts_delete AFTER DELETE ON entries WHEN old.text <> '' BEGIN
        INSERT INTO entries_fts(entries_fts, rowid, text) VALUES ('delete', old.rowid, old.text); END""",
)

_WORK: Final = (
    """CREATE TABLE runs(
        id TEXT PRIMARY KEY, session TEXT NOT NULL, process TEXT NOT NULL, branch TEXT NOT NULL,
        input TEXT NOT NULL, attempt INTEGER NOT NULL, status TEXT NOT NULL, stop_reason TEXT NOT NULL,
        error TEXT NOT NULL, started REAL NOT NULL, finished REAL, turns INTEGER NOT NULL,
        input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL,
        cache_write_tokens INTEGER NOT NULL, cost_usd REAL) STRICT""",
    "CREATE INDEX runs_by_session ON runs(session)",
    "CREATE INDEX runs_open ON runs(session) WHERE status = 'running'",
    """CREATE TABLE inputs(
        id TEXT PRIMARY KEY, session TEXT NOT NULL, process TEXT NOT NULL, mode TEXT NOT NULL,
        text TEXT NOT NULL, author TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
        ts REAL NOT NULL, seq INTEGER NOT NULL) STRICT""",
    "CREATE INDEX inputs_by_session ON inputs(session)",
    "CREATE INDEX inputs_pending ON inputs(session) WHERE state = 'pending'",
    """CREATE TABLE tool_calls(
        session TEXT NOT NULL, process TEXT NOT NULL, call TEXT NOT NULL, run TEXT NOT NULL,
        turn INTEGER NOT NULL, tool TEXT NOT NULL, args_proposed TEXT NOT NULL, args_effective TEXT NOT NULL,
        state TEXT NOT NULL, summary TEXT NOT NULL, reason TEXT NOT NULL, started REAL, finished REAL,
        duration_s REAL NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(session, process, call)) STRICT""",
    "CREATE INDEX tool_calls_open ON tool_calls(session) WHERE state IN ('proposed', 'waiting', 'running')",
    """CREATE TABLE approvals(
        id TEXT PRIMARY KEY, session TEXT NOT NULL, process TEXT NOT NULL, call TEXT NOT NULL,
        state TEXT NOT NULL, grouping TEXT NOT NULL, created REAL NOT NULL, seq INTEGER NOT NULL,
        body TEXT NOT NULL) STRICT""",
    "CREATE INDEX approvals_by_session ON approvals(session)",
    "CREATE INDEX approvals_pending ON approvals(session) WHERE state = 'pending'",
    """CREATE TABLE grants(
        id TEXT PRIMARY KEY, rule TEXT NOT NULL, scope TEXT NOT NULL, scope_id TEXT NOT NULL, by TEXT NOT NULL,
        ts REAL NOT NULL, revoked REAL, seq INTEGER NOT NULL, revoked_seq INTEGER) STRICT""",
)

_FLEET: Final = (
    """CREATE TABLE processes(
        session TEXT NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL, parent TEXT NOT NULL,
        supervisor TEXT NOT NULL, agent TEXT NOT NULL, model TEXT NOT NULL, task TEXT NOT NULL,
        restart TEXT NOT NULL, strategy TEXT NOT NULL, intensity INTEGER NOT NULL, period_s REAL NOT NULL,
        context_tokens INTEGER NOT NULL, blueprint TEXT NOT NULL,
        incarnation INTEGER NOT NULL DEFAULT 1, state TEXT NOT NULL,
        reason TEXT NOT NULL DEFAULT '', text TEXT NOT NULL DEFAULT '', abnormal INTEGER NOT NULL DEFAULT 0,
        paused INTEGER NOT NULL DEFAULT 0, cost_usd REAL NOT NULL DEFAULT 0,
        cost_unknown INTEGER NOT NULL DEFAULT 0, tokens INTEGER NOT NULL DEFAULT 0,
        context_used INTEGER NOT NULL DEFAULT 0, turns INTEGER NOT NULL DEFAULT 0, started REAL NOT NULL,
        updated REAL NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(session, path)) STRICT""",
    """CREATE TABLE lives(
        session TEXT NOT NULL, process TEXT NOT NULL, incarnation INTEGER NOT NULL, started REAL NOT NULL,
        ended REAL, reason TEXT NOT NULL DEFAULT '', text TEXT NOT NULL DEFAULT '',
        abnormal INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(session, process, incarnation)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE group_members(
        session TEXT NOT NULL, grp TEXT NOT NULL, process TEXT NOT NULL, joined REAL NOT NULL,
        here INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(session, grp, process)) STRICT""",
    """CREATE TABLE board_notes(
        session TEXT NOT NULL, board TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
        version INTEGER NOT NULL, writer TEXT NOT NULL, ts REAL NOT NULL, deleted INTEGER NOT NULL,
        seq INTEGER NOT NULL, PRIMARY KEY(session, board, key)) STRICT""",
    """CREATE TABLE alerts(
        id TEXT PRIMARY KEY, session TEXT NOT NULL, process TEXT NOT NULL, acknowledged INTEGER NOT NULL,
        cleared INTEGER NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL) STRICT""",
    "CREATE INDEX alerts_by_session ON alerts(session)",
)


def apply(connection: sqlite3.Connection) -> None:
    """Create every table, index and trigger."""
    for statement in (*_LOG, *_CONVERSATIONS, *_WORK, *_FLEET):
        connection.execute(statement)
