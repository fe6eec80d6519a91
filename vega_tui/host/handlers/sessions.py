"""Opening, following, listing, changing, forking and removing sessions; pages of entries."""

from typing import Any

from vega_tui.core.errors import UserError
from vega_tui.core.events import AnyEvent
from vega_tui.core.ids import ROOT
from vega_tui.core.ports import Provider
from vega_tui.core.records import Entry
from vega_tui.host.branching import Fork, Switch
from vega_tui.host.connections import Client, Handler
from vega_tui.host.demo import lay_out, play
from vega_tui.host.directory import process_row
from vega_tui.host.handlers.context import HostContext
from vega_tui.host.session import LiveSession, Origin
from vega_tui.protocol import operations as op
from vega_tui.protocol.frames import encode_notification
from vega_tui.protocol.rows import BranchRow, ProcessRow, SessionRow, Snapshot

_REPLAY_PAGE = 2_000


def handlers(host: HostContext) -> list[tuple[op.Operation[Any, Any], Handler]]:  # Any: see connections.Handler
    """This file's part of the table."""
    own = SessionHandlers(host)
    return [
        (op.SESSION_OPEN, own.open),
        (op.SESSION_LIST, own.listing),
        (op.SESSION_SHOW, own.show),
        (op.SESSION_CHANGE, own.change),
        (op.SESSION_REMOVE, own.remove),
        (op.SESSION_CLOSE, own.close),
        (op.SESSION_FORK, own.fork),
        (op.BRANCH_LIST, own.branches),
        (op.BRANCH_SWITCH, own.switch),
        (op.SUBSCRIBE, own.subscribe),
        (op.WATCH, own.watch),
        (op.ENTRIES_PAGE, own.entries),
        (op.DRAFT_SET, own.draft),
        (op.MODEL_LIST, own.models),
    ]


class SessionHandlers:
    """Bound to one host."""

    def __init__(self, host: HostContext) -> None:
        self._host = host
        self._store = host.services.store
        self._directory = host.directory

    async def open(self, client: Client, wanted: op.SessionOpen) -> SessionRow:
        """SESSION_OPEN; of a read-only face, only what is open already."""
        hello = client.hello
        if hello.read_only:
            return await self._directory.watched(wanted, hello.cwd)
        origin = Origin(dict(hello.env), hello.provider, demo=wanted.demo)
        cwd = str(lay_out(self._host.home)) if wanted.demo else hello.cwd
        session = await self._directory.open(
            wanted, origin, cwd, can_ask=hello.can_ask, defaults=hello.defaults, by=client.by
        )
        client.opened.add(session.session)
        if wanted.demo:
            await play(session)
        return session.row

    async def listing(self, client: Client, wanted: op.SessionList) -> op.Sessions:
        """SESSION_LIST."""
        return op.Sessions(sessions=await self._directory.rows(wanted.cwd, wanted.limit))

    async def show(self, client: Client, ref: op.SessionRef) -> Snapshot:
        """SESSION_SHOW: also of a session that is not open."""
        row = await self._directory.row_of(ref.session, client.hello.cwd)
        if row.id in self._directory.live:
            return await self._snapshot(self._directory.live[row.id])
        return Snapshot(
            seq=self._host.services.bus.stored,
            session=row,
            processes=tuple(process_row(process) for process in await self._store.processes(row.id)),
            alerts=tuple(await self._store.alerts(row.id)),
            branches=await self._branches(row.id),
            draft=await self._store.draft(row.id),
        )

    async def change(self, client: Client, wanted: op.SessionChange) -> SessionRow:
        """SESSION_CHANGE: a session that isn't open may only be renamed."""
        row = await self._directory.row_of(wanted.session, client.hello.cwd)
        live = self._directory.live.get(row.id)
        if live is None:
            live = await self._directory.open(
                op.SessionOpen(session=row.id), Origin(dict(client.hello.env), client.hello.provider), row.cwd,
                can_ask=client.hello.can_ask,
            )  # fmt: skip
        live.change(name=wanted.name, mode=wanted.mode, model=wanted.model, budget_usd=wanted.budget_usd, by=client.by)
        await self._host.services.bus.flush()
        return live.row

    async def remove(self, client: Client, ref: op.SessionRef) -> op.Nothing:
        """SESSION_REMOVE."""
        await self._directory.remove(ref.session)
        return op.Nothing()

    async def close(self, client: Client, ref: op.SessionRef) -> op.Nothing:
        """SESSION_CLOSE: stop what lives in it."""
        session = await self._directory.find_live(ref.session)
        await self._directory.close(session.session)
        return op.Nothing()

    # --- branches ------------------------------------------------------------------------------------------

    async def fork(self, client: Client, wanted: op.Fork) -> op.Forked:
        """SESSION_FORK."""
        session = await self._opened(wanted.session, client)
        entry = await self._entry(session, wanted.entry) if wanted.entry else None
        fork = Fork(self._host.services.thread(session.session, ROOT).branches, entry, wanted.name)
        await session.order(ROOT, fork)
        await self._host.services.bus.flush()
        return op.Forked(branch=fork.branch, head=fork.head, text=fork.text)

    async def switch(self, client: Client, wanted: op.BranchSwitch) -> op.Nothing:
        """BRANCH_SWITCH."""
        session = await self._opened(wanted.session, client)
        branches = self._host.services.thread(session.session, ROOT).branches
        await session.order(ROOT, Switch(branches, wanted.branch))
        await self._host.services.bus.flush()
        return op.Nothing()

    async def branches(self, client: Client, ref: op.SessionRef) -> op.Branches:
        """BRANCH_LIST."""
        row = await self._directory.row_of(ref.session, client.hello.cwd)
        return op.Branches(branches=await self._branches(row.id))

    async def _branches(self, session: str) -> tuple[BranchRow, ...]:
        found: list[BranchRow] = []
        for row in await self._store.branches(session):
            depth = await self._store.depth(session, row.head)
            found.append(
                BranchRow(
                    name=row.name,
                    head=row.head,
                    origin=row.origin,
                    created=row.created,
                    active=row.active,
                    entries=depth,
                )
            )
        return tuple(found)

    async def _entry(self, session: LiveSession, entry_id: str) -> Entry:
        await self._host.services.bus.flush()  # it may have been shown a moment before it is stored
        entry = await self._store.entry(entry_id)
        if entry.session != session.session or entry.process != ROOT:
            raise UserError(f"entry {entry_id} is not one of this session's conversation")
        return entry

    async def _opened(self, text: str, client: Client) -> LiveSession:
        """The session, opened when it isn't."""
        row = await self._directory.row_of(text, client.hello.cwd)
        origin = Origin(dict(client.hello.env), client.hello.provider)
        wanted = op.SessionOpen(session=row.id)
        return self._directory.live.get(row.id) or await self._directory.open(
            wanted, origin, row.cwd, can_ask=client.hello.can_ask
        )

    # --- following -----------------------------------------------------------------------------------------

    async def subscribe(self, client: Client, wanted: op.Subscribe) -> Snapshot:
        """SUBSCRIBE: a snapshot and then every event, or every event since a seq."""
        session = self._directory.get(wanted.session) if wanted.session else None
        client.watched = frozenset()
        if wanted.since is not None:
            return await self._go_on(client, wanted.session, wanted.since)
        drafts = await self._store.draft(wanted.session) if wanted.session else ""
        today = await self._store.spent_today()
        branches = await self._branches(wanted.session) if wanted.session else ()
        client.session = wanted.session
        if session is None:
            return self._whole()
        client.opened.add(session.session)
        return self._snapshot_now(session, branches, drafts, today)

    async def _go_on(self, client: Client, session: str, since: int) -> Snapshot:
        client.hold()
        client.session = session
        upto = self._host.services.bus.stored
        if since > upto:
            client.release(upto)
            raise UserError(f"seq {since} is ahead of this home's {upto}; subscribe anew")
        replay: list[AnyEvent] = []
        seq = since
        while page := await self._store.events_since(seq, session or None, limit=_REPLAY_PAGE, upto=upto):
            replay.extend(page)
            seq = page[-1].seq
        for event in replay:
            client.replay(encode_notification("event", event))
        client.release(upto)
        return Snapshot(seq=upto)

    async def _snapshot(self, session: LiveSession) -> Snapshot:
        branches = await self._branches(session.session)
        draft = await self._store.draft(session.session)
        today = await self._store.spent_today()
        return self._snapshot_now(session, branches, draft, today)

    def _snapshot_now(
        self, session: LiveSession, branches: tuple[BranchRow, ...], draft: str, today: float
    ) -> Snapshot:
        """One moment: no await in here."""
        board = session.board
        return Snapshot(
            seq=self._host.services.bus.stored,
            session=board.session_row(),
            processes=board.process_rows(),
            calls=board.call_rows(),
            approvals=tuple(board.approvals.values()),
            alerts=tuple(board.alerts.values()),
            inputs=tuple(board.inputs.values()),
            branches=branches,
            draft=draft,
            held_usd=sum(board.holds.values()),
            holds=dict(board.holds),
            today_usd=today,
            recent=tuple(board.recent),
        )

    def _whole(self) -> Snapshot:
        boards = self._directory.boards.values()
        processes: list[ProcessRow] = [row for board in boards for row in board.process_rows()]
        return Snapshot(
            seq=self._host.services.bus.stored,
            processes=tuple(processes),
            approvals=tuple(approval for board in boards for approval in board.approvals.values()),
            alerts=self._host.services.alerts.open(),
        )

    async def watch(self, client: Client, wanted: op.Watch) -> op.Watched:
        """WATCH: what is being said now, then every delta after it."""
        board = self._directory.get(wanted.session).board
        client.watched = frozenset((wanted.session, process) for process in wanted.processes)
        texts = [board.open_text(process) for process in wanted.processes]
        return op.Watched(texts=tuple(text for text in texts if text is not None))

    async def entries(self, client: Client, wanted: op.EntriesPage) -> op.Entries:
        """ENTRIES_PAGE."""
        row = await self._directory.row_of(wanted.session, client.hello.cwd)
        branch = wanted.branch or await self._active_branch(row.id, wanted.process)
        limit = max(1, min(wanted.limit, 2_000))
        seq = self._host.services.bus.stored
        found = await self._store.entries_page(row.id, wanted.process, branch, wanted.before or None, limit + 1)
        more = len(found) > limit
        return op.Entries(entries=tuple(found[-limit:]), more=more, seq=seq)

    async def _active_branch(self, session: str, process: str) -> str:
        live = self._directory.live.get(session)
        if live is not None and process in live.tree.posts and (seat := live.tree.posts[process].seat) is not None:
            return seat.conversation.branch
        branches = await self._store.branches(session, process)
        active = next((branch for branch in branches if branch.active), branches[0] if branches else None)
        return active.name if active else "main"

    async def draft(self, client: Client, wanted: op.DraftSet) -> op.Nothing:
        """DRAFT_SET."""
        await self._store.set_draft(wanted.session, wanted.text)
        return op.Nothing()

    async def models(self, client: Client, ref: op.SessionRef) -> op.Models:
        """MODEL_LIST."""
        provider: Provider = (await self._directory.find_live(ref.session)).provider()
        return op.Models(models=await provider.models())
