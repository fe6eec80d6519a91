"""Lets a program answer what its agents ask."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from vega_tui.approvals.queue import ApprovalQueue
from vega_tui.core.errors import UserError
from vega_tui.core.events import ApprovalRequested
from vega_tui.core.records import Approval
from vega_tui.core.words import Decision
from vega_tui.host.bus import Item

log: Final = logging.getLogger(__name__)

Approve: TypeAlias = Callable[[Approval], Awaitable[Decision | bool]]


class ApprovalDesk:
    """Lets the program's callback answer questions, side by side. Without a callback the host says no by itself."""

    def __init__(self, group: asyncio.TaskGroup, queue: ApprovalQueue, approve: Approve | None) -> None:
        self._group = group
        self._queue = queue
        self._approve = approve
        self._asking: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        """Stop waiting for answers: what was asked is withdrawn with its runs."""
        for task in self._asking:
            task.cancel()

    def on_item(self, item: Item) -> None:
        """Answer a question that has just been stored."""
        if isinstance(item, ApprovalRequested) and self._approve is not None:
            task = self._group.create_task(self._answer(item.approval, self._approve))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _answer(self, approval: Approval, approve: Approve) -> None:
        feedback = ""
        try:
            answer = await approve(approval)
        except Exception as error:  # the program's own code: what it could not decide is a no
            log.exception("approve raised")
            answer, feedback = Decision.DENY, f"the approve callback failed: {type(error).__name__}: {error}"
        if isinstance(answer, bool):
            answer = Decision.ONCE if answer else Decision.DENY
        try:
            self._queue.decide(approval.id, answer, "program", feedback=feedback)
        except UserError as error:  # settled meanwhile, by another face or by the end of the run
            log.info("%s", error)
