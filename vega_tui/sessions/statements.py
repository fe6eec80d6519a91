"""The SQL that projections run; kept together so that each is prepared once and read beside the tables."""

from typing import Final

# Tables that follow from the log alone: emptied and refilled by a rebuild.
PROJECTED: Final = (
    "sessions",
    "branches",
    "entries",
    "runs",
    "inputs",
    "tool_calls",
    "approvals",
    "grants",
    "processes",
    "lives",
    "group_members",
    "board_notes",
    "alerts",
)

# Tables whose rows belong to one session and go with it.
SESSION_TABLES: Final = (
    "branches",
    "entries",
    "runs",
    "inputs",
    "tool_calls",
    "approvals",
    "processes",
    "lives",
    "group_members",
    "board_notes",
    "alerts",
    "leases",
    "drafts",
    "partials",
)

INSERT_EVENT: Final = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_BLOB: Final = "INSERT OR IGNORE INTO blobs VALUES (?, 'zlib', ?)"
INSERT_BLOB_REF: Final = "INSERT INTO blob_refs VALUES (?, ?)"

INSERT_SESSION: Final = """INSERT INTO sessions(id, name, cwd, model, mode, agent, budget_usd, max_turns,
    simulated, ephemeral, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
TOUCH_SESSION: Final = "UPDATE sessions SET updated = ? WHERE id = ?"
CHANGE_SESSION: Final = """UPDATE sessions SET name = coalesce(?, name), mode = coalesce(?, mode),
    model = coalesce(?, model), simulated = coalesce(?, simulated),
    budget_usd = CASE WHEN ? THEN ? ELSE budget_usd END, updated = ? WHERE id = ?"""
COUNT_ENTRY: Final = """UPDATE sessions SET entries = entries + 1,
    last_text = CASE WHEN ? <> '' THEN ? ELSE last_text END, updated = ? WHERE id = ?"""
SPEND_SESSION: Final = """UPDATE sessions SET cost_usd = cost_usd + ?, cost_unknown = cost_unknown OR ?,
    tokens = tokens + ?, updated = ? WHERE id = ?"""

# A grant for a project or for the person was meant to outlive its session, and so does its event.
DELETE_EVENTS: Final = """DELETE FROM events WHERE session = ? AND seq < ? AND seq NOT IN
    (SELECT seq FROM grants UNION SELECT revoked_seq FROM grants WHERE revoked_seq IS NOT NULL)"""
DELETE_UNUSED_BLOBS: Final = "DELETE FROM blobs WHERE hash NOT IN (SELECT hash FROM blob_refs)"

# The first branch of a process is its active one. Creating a branch again as it stands changes nothing.
INSERT_BRANCH: Final = """INSERT INTO branches(session, process, name, head, origin, version, active, created)
    SELECT ?, ?, ?, ?, ?, 1, NOT EXISTS(SELECT 1 FROM branches WHERE session = ? AND process = ?), ?
    WHERE ? = '' OR EXISTS(SELECT 1 FROM entries WHERE id = ? AND session = ?)
    ON CONFLICT DO UPDATE SET head = head WHERE head = excluded.head AND origin = excluded.origin"""
MOVE_BRANCH: Final = """UPDATE branches SET head = ?, version = version + 1
    WHERE session = ? AND process = ? AND name = ?
    AND (? = '' OR EXISTS(SELECT 1 FROM entries WHERE id = ? AND session = ?))"""
ACTIVATE_BRANCH: Final = "UPDATE branches SET active = (name = ?) WHERE session = ? AND process = ?"
# Moves the head from the entry's parent to the entry; changes no row when the head is another. A process's
# first entry makes its branch.
ADVANCE_BRANCH: Final = """INSERT INTO branches(session, process, name, head, origin, version, active, created)
    SELECT ?, ?, ?, ?, '', 1, NOT EXISTS(SELECT 1 FROM branches WHERE session = ? AND process = ?), ?
    WHERE ? = '' OR EXISTS(SELECT 1 FROM branches WHERE session = ? AND process = ? AND name = ?)
    ON CONFLICT DO UPDATE SET head = excluded.head, version = version + 1 WHERE head = ?"""
INSERT_ENTRY: Final = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"

INSERT_INPUT: Final = "INSERT INTO inputs VALUES (?, ?, ?, ?, ?, ?, 'pending', '', ?, ?)"
SETTLE_INPUT: Final = "UPDATE inputs SET state = ?, reason = ? WHERE id = ?"

# A path that is spawned again keeps what it has cost.
INSERT_PROCESS: Final = """INSERT INTO processes(session, path, kind, parent, supervisor, agent, model, task,
    restart, strategy, intensity, period_s, context_tokens, blueprint, state, started, updated, seq)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'spawned', ?, ?, ?)
    ON CONFLICT DO UPDATE SET kind = excluded.kind, parent = excluded.parent, supervisor = excluded.supervisor,
    agent = excluded.agent, model = excluded.model, task = excluded.task, restart = excluded.restart,
    strategy = excluded.strategy, intensity = excluded.intensity, period_s = excluded.period_s,
    context_tokens = excluded.context_tokens, blueprint = excluded.blueprint, state = 'spawned',
    reason = '', text = '', abnormal = 0, paused = 0, updated = excluded.updated"""
START_PROCESS: Final = """UPDATE processes SET state = 'running', incarnation = ?, started = ?, updated = ?,
    reason = '', text = '', abnormal = 0 WHERE session = ? AND path = ?"""
EXIT_PROCESS: Final = """UPDATE processes SET state = CASE state WHEN 'gave_up' THEN state ELSE 'exited' END,
    incarnation = ?, reason = ?, text = ?, abnormal = ?, updated = ?, paused = 0
    WHERE session = ? AND path = ? AND incarnation <= ?"""
# A life that goes on under a later host was not over after all.
BEGIN_LIFE: Final = """INSERT INTO lives(session, process, incarnation, started) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET ended = NULL, reason = '', text = '', abnormal = 0"""
END_LIFE: Final = """UPDATE lives SET ended = ?, reason = ?, text = ?, abnormal = ?
    WHERE session = ? AND process = ? AND incarnation = ?"""
SET_PROCESS_STATE: Final = "UPDATE processes SET state = ?, updated = ? WHERE session = ? AND path = ?"
PAUSE_PROCESS: Final = "UPDATE processes SET paused = ?, updated = ? WHERE session = ? AND path = ?"
SPEND_PROCESS: Final = """UPDATE processes SET cost_usd = cost_usd + ?, cost_unknown = cost_unknown OR ?,
    tokens = tokens + ?, turns = turns + 1, context_used = CASE WHEN ? > 0 THEN ? ELSE context_used END,
    updated = ? WHERE session = ? AND path = ?"""

INSERT_RUN: Final = """INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, 'running', '', '', ?, NULL, 0, 0, 0, 0, 0, 0)
    ON CONFLICT DO UPDATE SET attempt = excluded.attempt, status = 'running', finished = NULL"""
SPEND_RUN: Final = """UPDATE runs SET input_tokens = input_tokens + ?, output_tokens = output_tokens + ?,
    cache_read_tokens = cache_read_tokens + ?, cache_write_tokens = cache_write_tokens + ? WHERE id = ?"""
FINISH_RUN: Final = """UPDATE runs SET status = ?, stop_reason = ?, error = ?, finished = ?, turns = ?,
    input_tokens = ?, output_tokens = ?, cache_read_tokens = ?, cache_write_tokens = ?, cost_usd = ?
    WHERE id = ?"""

# A model server may use a call's id again in a later run of the same process: the row is then the newer call's.
INSERT_CALL: Final = """INSERT OR REPLACE INTO tool_calls
    VALUES (?, ?, ?, ?, ?, ?, ?, '', 'proposed', ?, '', NULL, NULL, 0, ?)"""
START_CALL: Final = """UPDATE tool_calls SET state = 'running', args_effective = ?, summary = ?, started = ?
    WHERE session = ? AND process = ? AND call = ?"""
FINISH_CALL: Final = """UPDATE tool_calls SET state = ?, reason = ?, finished = ?, duration_s = ?
    WHERE session = ? AND process = ? AND call = ?"""
SET_CALL_STATE: Final = """UPDATE tool_calls SET state = ?
    WHERE session = ? AND process = ? AND call = ? AND state = ?"""
UNBLOCK_CALL: Final = """UPDATE tool_calls SET state = 'proposed' WHERE state = 'waiting' AND
    (session, process, call) = (SELECT session, process, call FROM approvals WHERE id = ?)"""

INSERT_APPROVAL: Final = "INSERT INTO approvals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
EDIT_APPROVAL: Final = """UPDATE approvals SET body = json_set(body, '$.args', json(?))
    WHERE id = ? AND state = 'pending'"""
# The first answer wins: what is settled stays as it was.
SETTLE_APPROVAL: Final = """UPDATE approvals SET state = ?, body = json_set(body, '$.state', ?, '$.decision', ?,
    '$.decided_by', ?, '$.decided', ?, '$.feedback', ?) WHERE id = ? AND state = 'pending'"""

INSERT_GRANT: Final = "INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?, NULL, ?, NULL)"

# Who joins again keeps its place in the order.
JOIN_GROUP: Final = """INSERT INTO group_members VALUES (?, ?, ?, ?, 1, ?)
    ON CONFLICT DO UPDATE SET here = 1"""
AWAY_FROM_GROUP: Final = "UPDATE group_members SET here = 0 WHERE session = ? AND grp = ? AND process = ?"
LEAVE_GROUP: Final = "DELETE FROM group_members WHERE session = ? AND grp = ? AND process = ?"
WRITE_NOTE: Final = """INSERT INTO board_notes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
    value = excluded.value, version = excluded.version, writer = excluded.writer, ts = excluded.ts,
    deleted = excluded.deleted"""

INSERT_ALERT: Final = """INSERT INTO alerts VALUES (?, ?, ?, ?, 0, ?, ?) ON CONFLICT DO UPDATE SET
    acknowledged = excluded.acknowledged, cleared = 0, seq = excluded.seq, body = excluded.body"""
ACKNOWLEDGE_ALERT: Final = """UPDATE alerts SET acknowledged = 1, body = json_set(body, '$.acknowledged', json('true'))
    WHERE id = ?"""
