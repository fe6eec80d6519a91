"""A face without a screen: opens a session over a real connection, keeps what it is told, and waits for it."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from vega_tui.client.connection import Connection
from vega_tui.core import events as ev
from vega_tui.core.records import Approval, Entry
from vega_tui.core.words import Decision, InputMode
from vega_tui.protocol import operations as op
from vega_tui.protocol.frames import PROTOCOL_VERSION, Notice
from vega_tui.protocol.rows import ProcessRow, SessionRow, Snapshot

E = TypeVar("E", bound=ev.Event)
TIMEOUT_S = 50.0  # only what is broken takes so long, on however busy a machine


class Face:
    def __init__(self) -> None:
        self.events: list[ev.AnyEvent] = []
        self.deltas: list[ev.AnyDelta] = []
        self.notices: list[Notice] = []
        self.lost = asyncio.Event()
        self._news = asyncio.Event()
        self.connection: Connection
        self.row: SessionRow

    @classmethod
    async def join(
        cls,
        sock: socket.socket,
        base_url: str,
        cwd: Path,
        *,
        can_ask: bool = True,
        read_only: bool = False,
        api_key: str = "k",
        defaults: op.SessionDefaults | None = None,
    ) -> "Face":
        self = cls()
        hello = op.Hello(
            protocol=PROTOCOL_VERSION,
            client="test",
            cwd=str(cwd),
            env={"PATH": os.environ["PATH"]},
            provider=op.ProviderSettings(api_key=api_key, base_url=base_url),
            can_ask=can_ask,
            read_only=read_only,
            defaults=defaults or op.SessionDefaults(),
        )
        self.connection = await Connection.over(
            sock,
            hello,
            on_event=self._on_event,
            on_delta=self.deltas.append,
            on_notice=self.notices.append,
            on_closed=lambda _: self.lost.set(),
        )
        return self

    def _on_event(self, event: ev.AnyEvent) -> None:
        self.events.append(event)
        self._news.set()

    async def open(self, **wanted: Any) -> "Face":
        wanted.setdefault("model", "simulated")
        self.row = await self.connection.call(op.SESSION_OPEN, op.SessionOpen(**wanted))
        self.snapshot = await self.subscribe()
        return self

    async def subscribe(self, since: int | None = None) -> Snapshot:
        return await self.connection.call(op.SUBSCRIBE, op.Subscribe(session=self.row.id, since=since))

    async def send(self, text: str, process: str = "root", mode: InputMode = InputMode.STEER) -> str:
        wanted = op.Send(session=self.row.id, process=process, text=text, mode=mode)
        return (await self.connection.call(op.SEND, wanted)).input

    async def say(self, text: str, process: str = "root") -> ev.RunFinished:
        """Send, and wait for the end of the run."""
        seen = len(self.events)
        await self.send(text, process)
        return await self.until(ev.RunFinished, lambda event: event.process == process, after=seen)

    async def until(self, kind: type[E], fits: Callable[[E], bool] = lambda _: True, *, after: int = 0) -> E:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                while True:
                    for event in self.events[after:]:
                        if isinstance(event, kind) and fits(event):
                            return event
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            told = "\n".join(str(event)[:300] for event in self.events)
            raise AssertionError(f"no {kind.__name__} came; what came was:\n{told}") from None

    async def asked(self, after: int = 0) -> Approval:
        return (await self.until(ev.ApprovalRequested, after=after)).approval

    async def decide(self, approval: str, decision: Decision, **more: Any) -> None:
        await self.connection.call(op.APPROVAL_DECIDE, op.Decide(approval=approval, decision=decision, **more))

    async def act(self, operation: op.Operation[op.ProcessRef, op.Nothing], process: str) -> None:
        await self.connection.call(operation, op.ProcessRef(session=self.row.id, process=process))

    async def entries(self, process: str = "root", **more: Any) -> tuple[Entry, ...]:
        wanted = op.EntriesPage(session=self.row.id, process=process, **more)
        return (await self.connection.call(op.ENTRIES_PAGE, wanted)).entries

    async def show(self) -> Snapshot:
        return await self.connection.call(op.SESSION_SHOW, op.SessionRef(session=self.row.id))

    async def process(self, path: str) -> ProcessRow:
        return next(row for row in (await self.show()).processes if row.path == path)

    def names(self, process: str = "root") -> list[str]:
        return [type(event).__name__ for event in self.events if event.process == process]

    async def close(self) -> None:
        await self.connection.close()


class FaceFactory(Protocol):
    def __call__(self, *, can_ask: bool = True, read_only: bool = False, api_key: str = "k") -> Awaitable[Face]: ...
