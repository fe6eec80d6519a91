"""The sessions of a host: finds them in the store, opens them, closes and removes them."""

import asyncio
import contextlib
from pathlib import Path
from typing import Final

import msgspec

from vega_tui.agent.blueprint import Agent
from vega_tui.approvals.grants import Permissions, refusal
from vega_tui.approvals.rule_book import RuleBook
from vega_tui.core import clock
from vega_tui.core import events as ev
from vega_tui.core.config import DEFAULT_MAX_TURNS, DEFAULT_MODEL, SIMULATED_MODEL
from vega_tui.core.errors import NotFound
from vega_tui.core.home import Home
from vega_tui.core.ids import MAIN, ROOT, new_id
from vega_tui.core.words import Mode
from vega_tui.host.board import Board
from vega_tui.host.restoring import Restoring
from vega_tui.host.services import Services
from vega_tui.host.session import LiveSession, Origin
from vega_tui.protocol.operations import SessionDefaults, SessionOpen
from vega_tui.protocol.rows import InputRow, ProcessRow, SessionRow
from vega_tui.protocol.session_state import created_row
from vega_tui.runtime import Note
from vega_tui.sessions import rows as stored

NEW_NAME: Final = "new session"
_NO_DEFAULTS: Final = SessionDefaults()


class Directory:
    """Open sessions by id. Opening is serialised per session, so that two faces never start it twice."""

    def __init__(self, services: Services, home: Home, boards: dict[str, Board]) -> None:
        self._services = services
        self._home = home
        self._opening = asyncio.Lock()
        self.live: dict[str, LiveSession] = {}
        self.boards = boards

    async def open(
        self,
        wanted: SessionOpen,
        origin: Origin,
        cwd: str,
        *,
        can_ask: bool,
        defaults: SessionDefaults = _NO_DEFAULTS,
        by: str = "you",
    ) -> LiveSession:
        """The session that is meant, opened; a new one when none is named. Settings given now win.

        `defaults` is what a new one gets where `wanted` says nothing; one that is known keeps its own.

        Raises NotFound or UserError when the name fits none or several.
        """
        async with self._opening:
            known = await self._find(wanted, cwd)
            if known is None:
                session = await self._create(_filled(wanted, defaults), origin, cwd, can_ask=can_ask)
            elif known.id in self.live:
                session = self.live[known.id]
                await session.take_origin(origin, self._services.providers)
                self._apply(session, wanted, by)
            else:
                session = await self._load(known, wanted, origin, can_ask=can_ask, by=by)
            if can_ask:
                session.permissions.no_one_to_ask = False
            await self._services.bus.flush()
            return session

    async def watched(self, wanted: SessionOpen, cwd: str) -> SessionRow:
        """What a read-only face looks at: the session it names, else the latest of this folder, else the latest.

        Only one that is open: opening may deliver what waits, and that is a change. Raises NotFound.
        """
        if wanted.session:
            return (await self.find_live(wanted.session)).row
        rows = [live.row for live in self.live.values()]
        if not rows:
            raise NotFound("no session is open that could be watched; start vega-tui without --read-only first")
        return max(rows, key=lambda row: (row.cwd == cwd, row.updated))

    def get(self, session: str) -> LiveSession:
        """An open session by id. Raises NotFound."""
        live = self.live.get(session)
        if live is None:
            raise NotFound(f"session {session} is not open; `vega-tui -r {session}` opens it")
        return live

    async def find_live(self, text: str) -> LiveSession:
        """An open session by id, beginning of an id, or name. Raises NotFound, UserError."""
        if text in self.live:
            return self.live[text]
        row = await self._services.store.find_session(text)
        return self.get(row.id)

    async def row_of(self, text: str, cwd: str = "") -> SessionRow:
        """Any session, open or not."""
        row = await self._services.store.find_session(text, cwd or None)
        live = self.live.get(row.id)
        return live.row if live is not None else session_row(row)

    async def rows(self, cwd: str, limit: int) -> tuple[SessionRow, ...]:
        """Newest first, open ones as they are now."""
        found = await self._services.store.sessions(limit, cwd=cwd or None)
        return tuple(self.live[row.id].row if row.id in self.live else session_row(row) for row in found)

    async def close(self, session: str) -> None:
        """Stop a session's processes in order and let it go; it can be opened again. Ephemeral ones are removed."""
        live = self.live.pop(session, None)
        if live is None:
            return
        await live.close()
        if live.board.row.ephemeral:
            self._services.bus.publish(ev.SessionRemoved(session=session))
            self._services.alerts.forget(session)
        with contextlib.suppress(Exception):
            await self._services.bus.flush()
        self.boards.pop(session, None)

    async def remove(self, text: str) -> None:
        """Close a session and remove everything that was kept of it."""
        row = await self._services.store.find_session(text)
        await self.close(row.id)
        if not row.ephemeral:
            self._services.bus.publish(ev.SessionRemoved(session=row.id))
        self._services.alerts.forget(row.id)
        await self._services.bus.flush()

    async def close_all(self) -> None:
        """Close every session, newest first."""
        for session in reversed(list(self.live)):
            await self.close(session)

    # --- opening -------------------------------------------------------------------------------------------

    async def _find(self, wanted: SessionOpen, cwd: str) -> stored.SessionRow | None:
        if wanted.session:
            return await self._services.store.find_session(wanted.session, cwd or None)
        return await self._services.store.latest_session(cwd) if wanted.latest else None

    async def _create(self, wanted: SessionOpen, origin: Origin, cwd: str, *, can_ask: bool) -> LiveSession:
        simulated = origin.provider.simulated
        model = wanted.model or (SIMULATED_MODEL if simulated else DEFAULT_MODEL)
        created = ev.SessionCreated(
            session=new_id("s"),
            name=wanted.name or NEW_NAME,
            cwd=cwd,
            model=model,
            mode=wanted.mode or Mode.MANUAL,
            budget_usd=wanted.budget_usd,
            max_turns=wanted.max_turns or DEFAULT_MAX_TURNS,
            simulated=simulated,
            ephemeral=wanted.ephemeral,
        )
        row = created_row(msgspec.structs.replace(created, ts=clock.wall()))  # the bus stamps what is stored
        session = self._make(Board(row), origin, await self._permissions(row, can_ask=can_ask))
        self._services.bus.publish(created)
        await session.take_origin(origin, self._services.providers)
        await session.tree.start_root(session.make_seat(ROOT, Agent(name=ROOT), "", "you"))
        return session

    async def _load(
        self, known: stored.SessionRow, wanted: SessionOpen, origin: Origin, *, can_ask: bool, by: str
    ) -> LiveSession:
        row = session_row(known)
        store = self._services.store
        board = Board(row)
        processes = await store.processes(row.id)
        lives = await store.lives(row.id)
        for process in processes:
            earlier = (
                life for life in lives if life.process == process.path and life.incarnation < process.incarnation
            )
            ended = tuple(life.reason for life in earlier)
            board.load_process(process_row(process, ended))
        for event in await store.recent_events(row.id):
            board.remember(event)
        # The desk's, not the store's: one may have been raised a moment ago.
        board.alerts.update((alert.id, alert) for alert in self._services.alerts.open(row.id))
        inputs = [_input_row(item) for item in await store.pending_inputs(row.id)]
        board.inputs.update((item.id, item) for item in inputs)
        session = self._make(board, origin, await self._permissions(row, can_ask=can_ask))
        members = [(member.grp, member.process) for member in await store.group_members(row.id)]
        notes = [(note.board, _note(note)) for note in await store.board_notes(row.id)]
        session.groups.restore(members, notes)
        self._services.bus.publish(ev.SessionLoaded(session=row.id, by="resume"))
        self._apply(session, wanted, by)
        await session.take_origin(origin, self._services.providers)
        await Restoring(session, store, processes, inputs).run()
        if not any(process.path == ROOT for process in processes):
            await session.tree.start_root(session.make_seat(ROOT, Agent(name=ROOT), "", "you"))
        return session

    def _make(self, board: Board, origin: Origin, permissions: Permissions) -> LiveSession:
        session = LiveSession(self._services, board, origin, permissions)
        self.live[session.session] = session
        self.boards[session.session] = board
        return session

    async def _permissions(self, row: SessionRow, *, can_ask: bool) -> Permissions:
        permissions = Permissions(mode=row.mode, book=RuleBook(self._home, Path(row.cwd)), no_one_to_ask=not can_ask)
        for grant in await self._services.store.grants(row.id, row.cwd):
            added = ev.GrantAdded(
                grant=grant.id, rule=grant.rule, scope=grant.scope, scope_id=grant.scope_id, by=grant.by
            )
            if not refusal(added):  # one of an earlier version may be; `rules list` says so
                permissions.add(added)
        return permissions

    def _apply(self, session: LiveSession, wanted: SessionOpen, by: str) -> None:
        changed = (wanted.name or None, wanted.mode, wanted.model or None, wanted.budget_usd)
        if any(value is not None for value in changed):
            name, mode, model, budget = changed
            session.change(name=name, mode=mode, model=model, budget_usd=budget, by=by)


def _filled(wanted: SessionOpen, defaults: SessionDefaults) -> SessionOpen:
    return msgspec.structs.replace(
        wanted,
        model=wanted.model or defaults.model,
        mode=wanted.mode or defaults.mode,
        budget_usd=defaults.budget_usd if wanted.budget_usd is None else wanted.budget_usd,
        max_turns=wanted.max_turns or defaults.max_turns,
    )


def session_row(row: stored.SessionRow) -> SessionRow:
    """A stored session as the wire has it."""
    return SessionRow(
        id=row.id,
        name=row.name,
        cwd=row.cwd,
        model=row.model,
        mode=row.mode,
        agent=row.agent,
        budget_usd=row.budget_usd,
        max_turns=row.max_turns,
        simulated=row.simulated,
        ephemeral=row.ephemeral,
        created=row.created,
        updated=row.updated,
        branch=row.active_branch or MAIN,
        entries=row.entries,
        cost_usd=row.cost_usd,
        unpriced=row.cost_unknown,
        usage=row.usage,
        preview=row.last_text,
    )


def process_row(row: stored.ProcessRow, lives: tuple[str, ...] = ()) -> ProcessRow:
    """A stored process as the wire has it, none of them runs; `lives` says how the earlier ones ended."""
    state = "kill" if row.reason == "killed" else "FAIL" if row.abnormal or row.state == "gave_up" else "done"
    return ProcessRow(
        session=row.session,
        path=row.path,
        kind=row.kind,
        parent=row.parent,
        supervisor=row.supervisor,
        agent=row.agent,
        model=row.model,
        task=row.task,
        restart=row.restart,
        strategy=row.strategy,
        intensity=max(0, row.intensity),
        period_s=row.period_s,
        incarnation=row.incarnation,
        lives=lives,
        state=state,
        reason=row.reason,
        reason_text=row.text,
        since=row.updated,
        started=row.started,
        context_tokens=row.context_used,
        context_window=row.context_tokens,
        cost_usd=row.cost_usd,
        unpriced=row.cost_unknown,
        turns=row.turns,
    )


def _note(row: stored.NoteRow) -> Note:
    value: object = msgspec.json.decode(row.value)
    return Note(key=row.key, value=value, version=row.version, writer=row.writer, at=row.ts, deleted=row.deleted)


def _input_row(row: stored.InputRow) -> InputRow:
    return msgspec.convert(row, InputRow, from_attributes=True)
