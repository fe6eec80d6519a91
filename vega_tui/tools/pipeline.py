"""From calls that a model proposes to what became of them. Owns the order within a batch.

Order per call (DESIGN.md §7): proposed → validate → hooks → policy → approval → started → flush → run → hooks →
trim → finished. Every proposed call ends as finished or blocked, cancellation included.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec

from vega_tui.approvals.grants import Permissions
from vega_tui.approvals.queue import ApprovalQueue
from vega_tui.approvals.suggest import Offer
from vega_tui.core.errors import NotFound
from vega_tui.core.events import ToolBlocked, ToolProposed
from vega_tui.core.messages import ToolUse
from vega_tui.core.records import Approval
from vega_tui.tools.asking import Asking
from vega_tui.tools.checks import Blocked, storable_args, validated
from vega_tui.tools.context import ToolContext
from vega_tui.tools.hooks import Hook
from vega_tui.tools.invoke import before
from vega_tui.tools.judging import Ready, as_it_stands, judge
from vega_tui.tools.outcome import BatchOutcome, CallOutcome, not_run
from vega_tui.tools.output import redactor, secret_values
from vega_tui.tools.registry import Registry
from vega_tui.tools.running import Ended, Running
from vega_tui.tools.tool import Tool

MAX_PARALLEL: Final = 4


@dataclass(slots=True)
class _Batch:
    calls: Sequence[ToolUse]
    ctx: ToolContext
    registry: Registry
    says: str
    bad_calls: Mapping[str, str]
    outcomes: list[CallOutcome | None]
    slots: asyncio.Semaphore
    done: list[asyncio.Event]
    tasks: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])
    stop: bool = False

    def exclusive(self, index: int) -> bool:
        try:
            return self.registry.get(self.calls[index].name).exclusive
        except NotFound:
            return False

    async def turn(self, index: int, tool: Tool) -> None:
        """Wait until nothing runs that this call must not run beside."""
        for earlier in range(index):
            if tool.exclusive or self.exclusive(earlier):
                await self.done[earlier].wait()

    def end_others(self, index: int) -> None:
        self.stop = True
        for other, task in enumerate(self.tasks):
            if other != index:
                task.cancel()


class ToolPipeline:
    """The way of every tool call in one session. Batches of several processes may run side by side."""

    def __init__(
        self,
        registry: Registry,
        permissions: Permissions,
        queue: ApprovalQueue,
        *,
        hooks: Sequence[Hook] = (),
        secrets: Sequence[str] | None = None,
    ) -> None:
        self._registry = registry
        self._permissions = permissions
        self._hooks = tuple(hooks)
        self._redact = redactor(secret_values() if secrets is None else secrets)
        self._asking = Asking(permissions, queue, self._redact)
        self._running = Running(self._hooks, self._redact)

    async def run_batch(
        self,
        calls: Sequence[ToolUse],
        ctx: ToolContext,
        *,
        says: str = "",
        bad_calls: Mapping[str, str] | None = None,
        registry: Registry | None = None,
        ended: list[CallOutcome | None] | None = None,
    ) -> BatchOutcome:
        """Run the calls of one turn and give what became of them; never raises for a tool's fault.

        `says` is the process's last sentence, `bad_calls` maps ids to why their JSON didn't parse, `registry`
        narrows the tools to an agent's own. `ended`, one place for each call, is filled as they end, for a caller
        that is cancelled meanwhile. At most four run at a time; an exclusive tool runs alone, in its place of
        the order. Raises StorageError, and CancelledError once every call has its end in the log.
        """
        batch = _Batch(
            [msgspec.structs.replace(call, input=storable_args(call.input)) for call in calls],
            replace(ctx, redact=self._redact),
            registry or self._registry,
            self._redact(says),
            bad_calls or {},
            [None for _ in calls] if ended is None else ended,
            asyncio.Semaphore(MAX_PARALLEL),
            [asyncio.Event() for _ in calls],
        )
        for call in batch.calls:
            summary = self._summary(batch.registry, call)
            ctx.publish(ToolProposed(call=call.id, tool=call.name, args=call.input, summary=summary))
        try:
            async with asyncio.TaskGroup() as group:
                for index in range(len(batch.calls)):
                    batch.tasks.append(group.create_task(self._one(batch, index)))
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return BatchOutcome(tuple(outcome or not_run("cancelled") for outcome in batch.outcomes), batch.stop)

    def allows(self, approval: Approval, ctx: ToolContext) -> bool:
        """Whether a waiting call would not be asked about any more, as the rules stand now."""
        try:
            tool = self._registry.get(approval.tool)
            typed = validated(tool, approval.args)
            return judge(tool, typed, ctx, self._permissions)[1].verdict == "allow"
        except (NotFound, Blocked):
            return False

    def offer(self, approval: Approval, ctx: ToolContext) -> Offer | None:
        """What could be remembered of such a call, as the rules stand now; None where it isn't asked about."""
        try:
            tool = self._registry.get(approval.tool)
            ruling = judge(tool, validated(tool, approval.args), ctx, self._permissions)[1]
        except (NotFound, Blocked):
            return Offer()
        return None if ruling.verdict == "allow" else Offer(ruling.rule, ruling.wider)

    async def _one(self, batch: _Batch, index: int) -> None:
        call = batch.calls[index]
        try:
            ready = await self._prepare(batch, call)
            await batch.turn(index, ready.tool)
            batch.outcomes[index] = await self._at_its_turn(batch, ready, call)
        except Blocked as blocked:
            _block(batch.ctx, call, blocked.reason, blocked.by)
            batch.outcomes[index] = not_run(blocked.text)
            if blocked.stop:
                batch.end_others(index)
        except Ended as ended:
            batch.outcomes[index] = ended.outcome
            raise ended.cause
        except asyncio.CancelledError:
            reason = "stopped by the operator" if batch.stop else "cancelled"
            _block(batch.ctx, call, reason, "")
            text = "Not run: the operator stopped this process." if batch.stop else "Not run: cancelled"
            batch.outcomes[index] = not_run(text)
            raise
        finally:
            batch.done[index].set()

    async def _prepare(self, batch: _Batch, call: ToolUse) -> Ready:
        """All that comes before a call may run. Raises Blocked where it may not."""
        ctx = replace(batch.ctx, call=call.id)
        if (why := batch.bad_calls.get(call.id)) is not None:
            raise Blocked(f"The arguments are not JSON: {why}", by="validation")
        try:
            tool = batch.registry.get(call.name)
        except NotFound as error:
            raise Blocked(str(error), by="validation") from error
        args, typed = call.input, validated(tool, call.input)
        for hook in self._hooks:
            if (changed := await before(hook, tool, args, ctx)) is not None:
                args, typed = changed, validated(tool, changed)
        return await self._asking.settle(call, tool, ctx, args=args, typed=typed, says=batch.says)

    async def _at_its_turn(self, batch: _Batch, ready: Ready, call: ToolUse) -> CallOutcome:
        """Run it as it was judged; what differs by now is judged, and asked about, once more."""
        async with batch.slots:
            ready, because = await as_it_stands(ready, self._permissions)
            if not because:
                return await self._running.run(ready)
        ready = await self._asking.settle(
            call, ready.tool, ready.ctx, args=ready.args, typed=ready.typed, says=batch.says, because=because
        )
        async with batch.slots:
            ready, because = await as_it_stands(ready, self._permissions)
            if because:
                raise Blocked(f"Not run: {because}, again, after it was asked about twice.", by="policy")
            return await self._running.run(ready)

    def _summary(self, registry: Registry, call: ToolUse) -> str:
        try:
            return self._redact(registry.get(call.name).summary(call.input))
        except NotFound:
            return ""


def _block(ctx: ToolContext, call: ToolUse, reason: str, by: str) -> None:
    ctx.publish(ToolBlocked(call=call.id, tool=call.name, reason=reason, by=by))
