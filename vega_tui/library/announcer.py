"""Calls a program back about starts and ends of its processes."""

import asyncio
import inspect
import logging
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from vega_tui.core.errors import ProcessFailed, StorageError, VegaError
from vega_tui.core.ports import Bus
from vega_tui.host.lifecycle import reason_text, reason_word
from vega_tui.library.handle import AgentProcess
from vega_tui.library.outcomes import Status, status_of
from vega_tui.runtime import Error, ExitReason

log: Final = logging.getLogger(__name__)

Kind: TypeAlias = Literal["started", "completed", "failed"]
Subscriber: TypeAlias = Callable[[AgentProcess, str, Exception | None], object]


class Announcer:
    """Calls back about starts and ends: one by one, in order, each once what it tells is stored."""

    def __init__(self) -> None:
        self._subscribers: list[tuple[Kind, Subscriber]] = []
        self._queue: asyncio.Queue[tuple[Kind, AgentProcess, str, Exception | None] | None] = asyncio.Queue()

    def subscribe(self, kind: Kind, subscriber: Subscriber) -> None:
        """Tell this one too, from now on."""
        self._subscribers.append((kind, subscriber))

    def started(self, process: AgentProcess) -> None:
        """A life has begun."""
        self._queue.put_nowait(("started", process, "", None))

    def ended(self, process: AgentProcess, reason: ExitReason) -> None:
        """A life has ended. A stop that was asked for is neither completion nor failure."""
        match status_of(reason):
            case Status.COMPLETED:
                self._queue.put_nowait(("completed", process, process.last_words, None))
            case Status.FAILED | Status.KILLED | Status.TIMEOUT:
                self._queue.put_nowait(("failed", process, "", _error_of(process.path, reason)))
            case _:
                pass

    def close(self) -> None:
        """Let `run` end after what is queued."""
        self._queue.put_nowait(None)

    async def run(self, bus: Bus) -> None:
        """Call back until closed."""
        while (news := await self._queue.get()) is not None:
            kind, process, text, error = news
            try:
                await bus.flush()
            except StorageError as trouble:
                log.error("told before it is stored: %s", trouble)
            for wanted, subscriber in self._subscribers:
                if wanted == kind:
                    await _isolated(subscriber, process, text, error)


async def _isolated(subscriber: Subscriber, process: AgentProcess, text: str, error: Exception | None) -> None:
    try:
        given = subscriber(process, text, error)
        if inspect.isawaitable(given):
            await given
    except Exception:  # the border to the program's own code: one bad subscriber must not silence the others
        log.exception("a callback about %s raised", process.path)


def _error_of(path: str, reason: ExitReason) -> Exception:
    if isinstance(reason, Error) and isinstance(reason.exception, VegaError):
        return reason.exception
    failed = ProcessFailed(path, reason_text(reason) or reason_word(reason))
    failed.__cause__ = reason.exception if isinstance(reason, Error) else None
    return failed
