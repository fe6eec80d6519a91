"""Talking to processes and acting on them."""

import re
from typing import Any, Final

import msgspec

from vega_tui.core.errors import NotFound, UserError
from vega_tui.core.events import SessionChanged
from vega_tui.core.ids import ROOT
from vega_tui.host.connections import Client, Handler
from vega_tui.host.describe import describe
from vega_tui.host.directory import NEW_NAME
from vega_tui.host.handlers.context import HostContext
from vega_tui.host.session import LiveSession
from vega_tui.protocol import operations as op
from vega_tui.protocol.description import Described
from vega_tui.protocol.rows import LifeRow

_MAX_TEXT: Final = 2_000_000
_NAME_CHARS: Final = 40
_INPUT_ID: Final = re.compile(r"i_[0-9a-z]{18}")


def handlers(host: HostContext) -> list[tuple[op.Operation[Any, Any], Handler]]:  # Any: see connections.Handler
    """This file's part of the table."""
    own = ProcessHandlers(host)
    return [
        (op.SEND, own.send),
        (op.INPUT_WITHDRAW, own.withdraw),
        (op.PROCESS_LIST, own.list),
        (op.PROCESS_LIVES, own.lives),
        (op.PROCESS_DESCRIBE, own.describe),
        (op.PROCESS_INTERRUPT, own.interrupt),
        (op.PROCESS_KILL, own.kill),
        (op.PROCESS_RESTART, own.restart),
        (op.PROCESS_TERMINATE, own.terminate),
        (op.PROCESS_PAUSE, own.pause),
        (op.PROCESS_RESUME, own.resume),
    ]


class ProcessHandlers:
    """Bound to one host."""

    def __init__(self, host: HostContext) -> None:
        self._host = host

    async def send(self, client: Client, wanted: op.Send) -> op.Sent:
        """SEND."""
        session, path = self._find(op.ProcessRef(process=wanted.process, session=wanted.session))
        text = wanted.text.strip("\n")
        if not text.strip():
            raise UserError("there is nothing to send: the message is empty")
        if len(text) > _MAX_TEXT:
            raise UserError(f"the message has {len(text):,} characters; at most {_MAX_TEXT:,} can be sent")
        if path == ROOT and session.board.row.name == NEW_NAME:
            words = " ".join(text.split())
            name = words if len(words) <= _NAME_CHARS else words[:_NAME_CHARS].rsplit(" ", 1)[0] + "…"
            self._host.services.bus.publish(SessionChanged(session=session.session, name=name, by="host"))
        if wanted.id and not _INPUT_ID.fullmatch(wanted.id):
            raise UserError("an input's id is i_ and 18 letters and digits")
        row = await session.send(path, text, wanted.mode, id=wanted.id)
        await self._forget_draft(session.session, text)
        return op.Sent(input=row.id, delivered=row.id not in session.board.inputs)

    async def _forget_draft(self, session: str, text: str) -> None:
        """What was sent is no draft any more, though the face that kept it as one may be gone by now."""
        store = self._host.services.store
        draft = (await store.draft(session)).strip()
        if draft and draft.endswith(text.strip()):  # an address may stand before it
            await store.set_draft(session, "")

    async def withdraw(self, client: Client, ref: op.InputRef) -> op.Nothing:
        """INPUT_WITHDRAW."""
        session = self._host.directory.get(ref.session)
        row = session.board.inputs.get(ref.input)
        seat = session.tree.post(row.process).seat if row is not None else None
        if seat is None:
            raise NotFound(f"input {ref.input} no longer waits: it was delivered")
        seat.inputs.withdraw(ref.input)
        await self._host.services.bus.flush()
        return op.Nothing()

    async def list(self, client: Client, wanted: op.ProcessList) -> op.Processes:
        """PROCESS_LIST."""
        directory = self._host.directory
        sessions = [await directory.find_live(wanted.session)] if wanted.session else list(directory.live.values())
        return op.Processes(
            processes=tuple(row for session in sessions for row in session.board.process_rows()),
            approvals=tuple(item for session in sessions for item in session.board.approvals.values()),
        )

    async def lives(self, client: Client, ref: op.ProcessRef) -> op.Lives:
        """PROCESS_LIVES."""
        session, path = self._find(ref)
        await self._host.services.bus.flush()
        found = await self._host.services.store.lives(session.session, path)
        return op.Lives(lives=tuple(msgspec.convert(row, LifeRow, from_attributes=True) for row in found))

    async def describe(self, client: Client, ref: op.ProcessRef) -> Described:
        """PROCESS_DESCRIBE."""
        session, path = self._find(ref)
        lives = (await self.lives(client, op.ProcessRef(process=path, session=session.session))).lives
        return describe(self._host.services.system, session.tree.post(path), lives)

    async def interrupt(self, client: Client, ref: op.ProcessRef) -> op.Nothing:
        """PROCESS_INTERRUPT: end the run, keep the process."""
        session, path = self._find(ref)
        if not session.board.processes[path].run:
            raise UserError(f"{path} has no run under way")
        session.tree.interrupt(path)
        return op.Nothing()

    async def kill(self, client: Client, ref: op.ProcessRef) -> op.Nothing:
        """PROCESS_KILL."""
        session, path = self._find(ref)
        session.tree.kill(path)
        return op.Nothing()

    async def restart(self, client: Client, ref: op.ProcessRef) -> op.Nothing:
        """PROCESS_RESTART."""
        session, path = self._find(ref)
        await session.tree.restart(path)
        return op.Nothing()

    async def terminate(self, client: Client, ref: op.ProcessRef) -> op.Nothing:
        """PROCESS_TERMINATE."""
        session, path = self._find(ref)
        await session.tree.terminate(path)
        return op.Nothing()

    async def pause(self, client: Client, ref: op.ProcessRef) -> op.Nothing:
        """PROCESS_PAUSE."""
        session, path = self._find(ref)
        await session.pause(path, client.by)
        return op.Nothing()

    async def resume(self, client: Client, ref: op.ProcessRef) -> op.Nothing:
        """PROCESS_RESUME."""
        session, path = self._find(ref)
        await session.resume(path, client.by)
        return op.Nothing()

    def _find(self, ref: op.ProcessRef) -> tuple[LiveSession, str]:
        """The session and the whole path; `session` may be left out where one session alone has such a process."""
        directory = self._host.directory
        if ref.session:
            session = directory.get(ref.session)
            return session, session.tree.post(ref.process).path
        found: list[tuple[LiveSession, str]] = []
        for session in directory.live.values():
            try:
                found.append((session, session.tree.post(ref.process).path))
            except NotFound:
                continue
        if not found:
            raise NotFound(f"no process {ref.process} in any open session; `vega-tui ps` shows them")
        if len(found) > 1:
            names = ", ".join(f"{session.board.row.name} ({session.session})" for session, _ in found)
            raise UserError(f"{ref.process} lives in {len(found)} sessions: {names}; say which with --session")
        return found[0]
