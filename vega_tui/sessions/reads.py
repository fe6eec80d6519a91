"""Everything that is asked of the store, on a connection that can't write and never holds the writer up."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

import aiosqlite
import msgspec

from vega_tui.core import clock
from vega_tui.core.errors import NotFound, UserError
from vega_tui.core.events import AnyEvent, EntryAdded
from vega_tui.core.ids import ROOT
from vega_tui.core.near import near
from vega_tui.core.records import Alert, Approval, Entry
from vega_tui.sessions import rows
from vega_tui.sessions.codec import Codec
from vega_tui.sessions.faults import storage_error

R = TypeVar("R", bound=msgspec.Struct)

_OF_RUNS: Final = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
_OF_SESSIONS: Final = rows.columns(rows.SessionRow).partition(", open_runs")[0]
_SESSION: Final = f"""SELECT {_OF_SESSIONS},
    (SELECT count(*) FROM runs r WHERE r.session = s.id AND r.status = 'running') AS open_runs,
    (SELECT count(*) FROM approvals a WHERE a.session = s.id AND a.state = 'pending') AS pending_approvals,
    {", ".join(f"(SELECT coalesce(sum({n}), 0) FROM runs r WHERE r.session = s.id) AS {n}" for n in _OF_RUNS)}
    FROM sessions s"""
_EVENT: Final = "e.seq, e.type, e.version, e.blobs, e.body"
# Up the parents from the head; the newest `limit`, oldest of them first.
_LINEAGE: Final = f"""WITH RECURSIVE chain(parent, seq, depth) AS (
        SELECT parent, seq, 1 FROM entries WHERE id = ? AND session = ?
        UNION ALL
        SELECT n.parent, n.seq, c.depth + 1 FROM chain c JOIN entries n ON n.id = c.parent
        WHERE c.depth < ?)
    SELECT {_EVENT} FROM chain c JOIN events e ON e.seq = c.seq ORDER BY c.depth DESC"""
_SEARCH: Final = f"""SELECT n.id AS entry, n.session, s.name AS session_name, n.process, n.kind, n.ts,
    snippet(entries_fts, 0, '{rows.MATCH_START}', '{rows.MATCH_END}', '…', 16) AS snippet
    FROM entries_fts JOIN entries n ON n.rowid = entries_fts.rowid JOIN sessions s ON s.id = n.session
    WHERE entries_fts MATCH ? ORDER BY rank, n.seq DESC LIMIT ?"""


class Reads:
    """The reading half of the store. Each read sees one committed state."""

    def __init__(self, path: Path, connection: aiosqlite.Connection, codec: Codec) -> None:
        self.path: Final = path
        self.unreadable = 0  # rows met so far whose type is unknown or whose body is broken; they are skipped
        self._reader: Final = connection
        self._codec: Final = codec

    # --- sessions, branches, entries -----------------------------------------------------------------------

    async def sessions(self, limit: int = 50, offset: int = 0, cwd: str | None = None) -> list[rows.SessionRow]:
        """Newest first, of one folder or of all; ephemeral ones included."""
        where, folder = ("", ()) if cwd is None else ("WHERE cwd = ?", (cwd,))
        order = "ORDER BY updated DESC, id DESC LIMIT ? OFFSET ?"
        return await self._rows(rows.SessionRow, f"{_SESSION} {where} {order}", (*folder, limit, offset))

    async def session(self, session: str) -> rows.SessionRow:
        """The session with this id, or NotFound."""
        found = await self._rows(rows.SessionRow, f"{_SESSION} WHERE id = ?", (session,))
        if not found:
            raise NotFound(f"no session {session}; `vega-tui sessions list` shows what there is")
        return found[0]

    async def latest_session(self, cwd: str) -> rows.SessionRow | None:
        """The session of this folder that was last in use; never an ephemeral one."""
        where = "WHERE cwd = ? AND NOT ephemeral ORDER BY updated DESC, id DESC LIMIT 1"
        found = await self._rows(rows.SessionRow, f"{_SESSION} {where}", (cwd,))
        return found[0] if found else None

    async def find_session(self, text: str, cwd: str | None = None) -> rows.SessionRow:
        """The one session meant by an id, the start of an id, a name or the start of a name.

        Where several fit, those of `cwd` come first. Raises NotFound with a name that comes near, or UserError
        that lists what fits.
        """
        exact = await self._rows(rows.SessionRow, f"{_SESSION} WHERE id = ?", (text,))
        if exact:
            return exact[0]
        end = text + "\U0010ffff"
        for where, values in (
            ("WHERE name = ?", (text,)),
            ("WHERE id >= ? AND id < ?", (text, end)),
            ("WHERE name >= ? AND name < ?", (text, end)),
        ):
            found = await self._rows(rows.SessionRow, f"{_SESSION} {where} ORDER BY updated DESC", values)
            here = [row for row in found if row.cwd == cwd] or found
            if len(here) == 1 and text:
                return here[0]
            if here and text:
                listed = ", ".join(f"{row.id} ({row.name})" for row in here[:5])
                raise UserError(f"{len(here)} sessions fit “{text}”: {listed}; give more of the id")
        raise NotFound(f"no session “{text}”{await self._near(text)}")

    async def _near(self, text: str) -> str:
        nearest = near(text, [row.name for row in await self.sessions(limit=500)])
        return f"; did you mean {nearest}?" if nearest else "; `vega-tui sessions list` shows what there is"

    async def branches(self, session: str, process: str = ROOT) -> list[rows.BranchRow]:
        """A process's branches, oldest first."""
        sql = f"SELECT {rows.columns(rows.BranchRow)} FROM branches WHERE session = ? AND process = ?"
        return await self._rows(rows.BranchRow, f"{sql} ORDER BY created, name", (session, process))

    async def lineage(
        self, session: str, head: str, limit: int | None = None, before: str | None = None
    ) -> list[Entry]:
        """The entries from the beginning to `head`, across branches, oldest first; the newest `limit` of them.

        `before` gives the page that ends just above that entry. An empty head has none; an unknown is NotFound.
        """
        start = head
        if before is not None:
            start = (await self.entry(before)).parent
        if not start:
            return []
        found = await self._events(_LINEAGE, (start, session, limit if limit is not None else 2**31))
        if not found:
            raise NotFound(f"no entry {start} in session {session}")
        return [event.entry for event in found if isinstance(event, EntryAdded)]

    async def depth(self, session: str, head: str) -> int:
        """How many entries lead from the beginning to `head`."""
        sql = """WITH RECURSIVE chain(parent) AS (
                SELECT parent FROM entries WHERE id = ? AND session = ?
                UNION ALL SELECT n.parent FROM chain c JOIN entries n ON n.id = c.parent)
            SELECT count(*) FROM chain"""
        return int((await self._fetch(sql, (head, session)))[0][0])

    async def entries_page(
        self, session: str, process: str, branch: str, before: str | None = None, limit: int = 200
    ) -> list[Entry]:
        """The newest `limit` entries of a branch, or those just above `before`; oldest first."""
        heads = {row.name: row.head for row in await self.branches(session, process)}
        if branch not in heads:
            return []
        return await self.lineage(session, heads[branch], limit, before)

    async def entry(self, entry: str) -> Entry:
        """The entry with this id, or NotFound."""
        sql = f"SELECT {_EVENT} FROM entries n JOIN events e ON e.seq = n.seq WHERE n.id = ?"
        for event in await self._events(sql, (entry,)):
            if isinstance(event, EntryAdded):
                return event.entry
        raise NotFound(f"no entry {entry}")

    async def search(self, text: str, limit: int = 20) -> list[rows.SearchHit]:
        """Entries that hold every word of `text` (the last one may be unfinished), best first."""
        words = [f'"{word.replace(chr(34), chr(34) * 2)}"' for word in text.split()]
        if not words:
            return []
        return await self._rows(rows.SearchHit, _SEARCH, (" ".join(words) + "*", limit))

    # --- events, work --------------------------------------------------------------------------------------

    async def events_since(
        self,
        seq: int,
        session: str | None = None,
        limit: int = 1_000,
        upto: int | None = None,
        run: str | None = None,
    ) -> list[AnyEvent]:
        """The first `limit` events after `seq` (through `upto`) that can be read; rows that can't are counted."""
        asked = [("e.session", session), ("e.run", run)]
        values = [value for _, value in asked if value is not None]
        which = "".join(f" AND {column} = ?" for column, value in asked if value is not None)
        found: list[AnyEvent] = []
        while len(found) < limit:
            sql = f"SELECT {_EVENT} FROM events e WHERE e.seq > ? AND e.seq <= ? {which} ORDER BY e.seq LIMIT ?"
            room = limit - len(found)
            raw = await self._fetch(sql, (seq, upto if upto is not None else 2**62, *values, room))
            found.extend(await self._decode(raw))
            if len(raw) < room:
                break
            seq = int(raw[-1][0])
        return found

    async def recent_events(self, session: str, limit: int = 200) -> list[AnyEvent]:
        """The newest events of a session that can be read, oldest first."""
        sql = f"SELECT {_EVENT} FROM events e WHERE e.session = ? ORDER BY e.seq DESC LIMIT ?"
        return (await self._decode(await self._fetch(sql, (session, limit))))[::-1]

    async def pending_inputs(self, session: str | None = None) -> list[rows.InputRow]:
        """Messages that have not reached their process, oldest first."""
        return await self._open(rows.InputRow, "inputs", "state = 'pending'", session)

    async def input(self, id: str) -> rows.InputRow | None:
        """The message of this id, whatever became of it."""
        found = await self._rows(rows.InputRow, f"SELECT {rows.columns(rows.InputRow)} FROM inputs WHERE id = ?", (id,))
        return found[0] if found else None

    async def open_runs(self, session: str | None = None) -> list[rows.RunRow]:
        """Runs without an end: after a host's death, what recovery must close."""
        return await self._open(rows.RunRow, "runs", "status = 'running'", session, order="started, id")

    async def runs(self, session: str) -> list[rows.RunRow]:
        """All runs of a session, oldest first."""
        return await self._open(rows.RunRow, "runs", "true", session, order="started, id")

    async def open_calls(self, session: str | None = None) -> list[rows.CallRow]:
        """Tool calls without an end, oldest first: after a host's death, what recovery must close."""
        return await self._open(rows.CallRow, "tool_calls", "state IN ('proposed', 'waiting', 'running')", session)

    async def calls(self, session: str) -> list[rows.CallRow]:
        """All tool calls of a session, oldest first."""
        return await self._open(rows.CallRow, "tool_calls", "true", session)

    async def processes(self, session: str | None = None, live_only: bool = False) -> list[rows.ProcessRow]:
        """Processes in the order they were first spawned; those that ended too, unless `live_only`."""
        which = "state NOT IN ('exited', 'gave_up')" if live_only else "true"
        return await self._open(rows.ProcessRow, "processes", which, session)

    async def partials(self) -> list[rows.PartialRow]:
        """Answers that were being said when they were last kept."""
        return await self._rows(rows.PartialRow, f"SELECT {rows.columns(rows.PartialRow)} FROM partials", ())

    async def lives(self, session: str, process: str | None = None) -> list[rows.LifeRow]:
        """The incarnations of a process, or of all of a session, oldest first."""
        which, values = ("", ()) if process is None else ("AND process = ?", (process,))
        sql = f"SELECT {rows.columns(rows.LifeRow)} FROM lives WHERE session = ? {which} ORDER BY process, incarnation"
        return await self._rows(rows.LifeRow, sql, (session, *values))

    async def group_members(self, session: str) -> list[rows.MemberRow]:
        """Memberships of a session's processes, also of those that are down, first joined first."""
        return await self._open(rows.MemberRow, "group_members", "true", session)

    async def board_notes(self, session: str) -> list[rows.NoteRow]:
        """Every board's newest notes, deletions too, in order of their first write."""
        return await self._open(rows.NoteRow, "board_notes", "true", session)

    # --- approvals, grants, alerts, drafts, money ----------------------------------------------------------

    async def pending_approvals(self, session: str | None = None) -> list[Approval]:
        """Unanswered questions, oldest first."""
        return await self._bodies(Approval, "approvals", "state = 'pending'", session)

    async def approval(self, approval: str) -> Approval:
        """The question with this id, settled or not; or NotFound."""
        found = await self._fetch("SELECT body FROM approvals WHERE id = ?", (approval,))
        if not found:
            raise NotFound(f"no approval {approval}")
        return msgspec.json.decode(str(found[0][0]), type=Approval)

    async def grants(self, session: str, project: str) -> list[rows.GrantRow]:
        """The remembered answers that hold in a session of a project folder, oldest first."""
        sql = f"""SELECT {rows.columns(rows.GrantRow)} FROM grants WHERE revoked IS NULL AND (scope = 'user'
            OR (scope = 'session' AND scope_id = ?) OR (scope = 'project' AND scope_id = ?)) ORDER BY seq"""
        return await self._rows(rows.GrantRow, sql, (session, project))

    async def all_grants(self) -> list[rows.GrantRow]:
        """Every remembered answer that holds somewhere, oldest first."""
        sql = f"SELECT {rows.columns(rows.GrantRow)} FROM grants WHERE revoked IS NULL ORDER BY seq"
        return await self._rows(rows.GrantRow, sql, ())

    async def alerts(self, session: str | None = None, open_only: bool = True) -> list[Alert]:
        """Warnings, oldest first; open ones are neither acknowledged nor cleared."""
        which = "NOT acknowledged AND NOT cleared" if open_only else "true"
        return await self._bodies(Alert, "alerts", which, session)

    async def draft(self, session: str) -> str:
        """What was typed and not sent; empty when nothing was."""
        found = await self._fetch("SELECT text FROM drafts WHERE session = ?", (session,))
        return str(found[0][0]) if found else ""

    async def spent_today(self) -> float:
        """Known cost in USD of all turns since local midnight, those of removed sessions included."""
        now = datetime.fromtimestamp(clock.wall()).astimezone()
        midnight = now - timedelta(hours=now.hour, minutes=now.minute, seconds=now.second + now.microsecond / 1e6)
        found = await self._fetch(
            "SELECT coalesce(sum(cost_usd), 0) FROM spending WHERE ts >= ?", (midnight.timestamp(),)
        )
        return float(found[0][0])

    # --- rows into words -----------------------------------------------------------------------------------

    async def _fetch(self, sql: str, values: Sequence[str | int | float]) -> list[sqlite3.Row]:
        try:
            return list(await self._reader.execute_fetchall(sql, values))
        except (sqlite3.Error, ValueError) as error:  # aiosqlite raises ValueError on a closed connection
            raise storage_error(self.path, error) from error

    async def _rows(self, kind: type[R], sql: str, values: Sequence[str | int | float]) -> list[R]:
        found = await self._fetch(sql, values)
        # strict=False: SQLite has no booleans, only 0 and 1.
        return [msgspec.convert(dict(row), kind, strict=False) for row in found]

    async def _open(self, kind: type[R], table: str, which: str, session: str | None, order: str = "seq") -> list[R]:
        of, values = ("", ()) if session is None else ("AND session = ?", (session,))
        sql = f"SELECT {rows.columns(kind)} FROM {table} WHERE {which} {of} ORDER BY {order}"
        return await self._rows(kind, sql, values)

    async def _bodies(self, kind: type[R], table: str, which: str, session: str | None) -> list[R]:
        of, values = ("", ()) if session is None else ("AND session = ?", (session,))
        found = await self._fetch(f"SELECT body FROM {table} WHERE {which} {of} ORDER BY seq", values)
        return [msgspec.json.decode(str(row[0]), type=kind) for row in found]

    async def _events(self, sql: str, values: Sequence[str | int | float]) -> list[AnyEvent]:
        return await self._decode(await self._fetch(sql, values))

    async def _decode(self, raw: list[sqlite3.Row]) -> list[AnyEvent]:
        events: list[AnyEvent] = []
        for row in raw:
            body = bytes(row[4])
            blobs = await self._blobs(body) if row[3] else None
            event = self._codec.decode(str(row[1]), int(row[2]), body, None if blobs is None else blobs.get)
            if event is None:
                self.unreadable += 1
            else:
                events.append(event)
        return events

    async def _blobs(self, body: bytes) -> dict[str, bytes]:
        names = self._codec.references(body)
        marks = ", ".join("?" * len(names))
        found = await self._fetch(f"SELECT hash, bytes FROM blobs WHERE hash IN ({marks})", names)
        return {str(row[0]): bytes(row[1]) for row in found}
