"""From calls that a model proposes to their results: judged, asked, stored, run, cut. Owns the order of it.

Order per call (DESIGN.md §7): proposed → validate → hooks → policy → approval → started → flush → run → hooks →
trim → finished. Every proposed call ends as finished or blocked, cancellation included.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec

from vega_tui.approvals.facts import CallFacts, facts_of
from vega_tui.approvals.grants import Permissions
from vega_tui.approvals.leads import leads
from vega_tui.approvals.policy import Ruling, decide
from vega_tui.approvals.queue import ApprovalQueue
from vega_tui.approvals.veil import veil
from vega_tui.core import clock
from vega_tui.core.errors import NotFound, StorageError, ToolError
from vega_tui.core.events import ToolBlocked, ToolFinished, ToolProposed, ToolStarted
from vega_tui.core.ids import new_id
from vega_tui.core.messages import JsonObject, Observation, ToolUse
from vega_tui.core.ports import Bus
from vega_tui.core.records import Approval
from vega_tui.core.words import CallState, Decision, Mode
from vega_tui.tools.checks import Blocked, denied_by_rule, storable_args, validated
from vega_tui.tools.context import ToolContext
from vega_tui.tools.hooks import Hook
from vega_tui.tools.invoke import after, before, invoke
from vega_tui.tools.moment import moved, same_change
from vega_tui.tools.output import redactor, secret_values, trimmed
from vega_tui.tools.registry import Registry
from vega_tui.tools.tool import Tool

MAX_PARALLEL: Final = 4


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Results in the order of the calls. `stop`: a person denied one and wants the process to end."""

    observations: tuple[Observation, ...]
    stop: bool = False


@dataclass(frozen=True, slots=True)
class _Ready:
    """A call that may run, as it was judged."""

    tool: Tool
    args: JsonObject  # as told and stored
    typed: JsonObject  # as the tool takes them
    ctx: ToolContext
    edited: bool
    facts: CallFacts
    ruling: Ruling
    asked: bool  # a person said yes to it


@dataclass(slots=True)
class _Batch:
    calls: Sequence[ToolUse]
    ctx: ToolContext
    registry: Registry
    says: str
    bad_calls: Mapping[str, str]
    slots: asyncio.Semaphore
    done: list[asyncio.Event]
    results: dict[int, Observation] = field(default_factory=dict[int, Observation])
    tasks: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])
    stop: bool = False


class ToolPipeline:
    """The way of every tool call in one session. Batches of several processes may run side by side."""

    def __init__(
        self,
        registry: Registry,
        permissions: Permissions,
        queue: ApprovalQueue,
        bus: Bus,
        *,
        hooks: Sequence[Hook] = (),
        secrets: Sequence[str] | None = None,
    ) -> None:
        self._registry = registry
        self._permissions = permissions
        self._queue = queue
        self._bus = bus
        self._hooks = tuple(hooks)
        self._redact = redactor(secret_values() if secrets is None else secrets)

    async def run_batch(
        self,
        calls: Sequence[ToolUse],
        ctx: ToolContext,
        *,
        says: str = "",
        bad_calls: Mapping[str, str] | None = None,
        registry: Registry | None = None,
    ) -> BatchResult:
        """Run the calls of one turn and give their observations in call order; never raises for a tool's fault.

        `says` is the process's last sentence, `bad_calls` maps ids to why their JSON didn't parse, `registry`
        narrows the tools to an agent's own. At most four run at a time; an exclusive tool runs alone, in its
        place of the order. Raises StorageError, and CancelledError once every call has its end in the log.
        """
        batch = _Batch(
            [msgspec.structs.replace(call, input=storable_args(call.input)) for call in calls],
            replace(ctx, redact=self._redact),
            registry or self._registry,
            self._redact(says),
            bad_calls or {},
            asyncio.Semaphore(MAX_PARALLEL),
            [asyncio.Event() for _ in calls],
        )
        for call in batch.calls:
            self._publish(ctx, ToolProposed(
                call=call.id, tool=call.name, args=call.input, summary=self._summary(batch.registry, call)
            ))  # fmt: skip
        try:
            async with asyncio.TaskGroup() as group:
                for index in range(len(batch.calls)):
                    batch.tasks.append(group.create_task(self._one(batch, index)))
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        observations = tuple(batch.results.get(i, _synthetic("cancelled")) for i in range(len(batch.calls)))
        return BatchResult(observations, batch.stop)

    async def _one(self, batch: _Batch, index: int) -> None:
        call = batch.calls[index]
        try:
            ready = await self._prepare(batch, call)
            await self._turn(batch, index, ready.tool)
            batch.results[index] = await self._at_its_turn(batch, ready, call)
        except Blocked as blocked:
            self._block(batch.ctx, call, blocked.reason, blocked.by)
            batch.results[index] = _synthetic(blocked.text)
            if blocked.stop:
                self._stop(batch, index)
        except _Ended as ended:
            raise ended.cause
        except asyncio.CancelledError:
            self._block(batch.ctx, call, "stopped by the operator" if batch.stop else "cancelled", "")
            batch.results[index] = _synthetic("Not run: the operator stopped this process.")
            raise
        finally:
            batch.done[index].set()

    def _stop(self, batch: _Batch, index: int) -> None:
        batch.stop = True
        for other, task in enumerate(batch.tasks):
            if other != index:
                task.cancel()

    async def _turn(self, batch: _Batch, index: int, tool: Tool) -> None:
        """Wait until nothing runs that this call must not run beside."""
        for earlier in range(index):
            if tool.exclusive or self._exclusive(batch, earlier):
                await batch.done[earlier].wait()

    def _exclusive(self, batch: _Batch, index: int) -> bool:
        try:
            return batch.registry.get(batch.calls[index].name).exclusive
        except NotFound:
            return False

    # --- before it runs -----------------------------------------------------------------------------------

    async def _prepare(self, batch: _Batch, call: ToolUse) -> _Ready:
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
        return await self._settle(call, tool, ctx, args=args, typed=typed, says=batch.says)

    async def _settle(
        self, call: ToolUse, tool: Tool, ctx: ToolContext, *, args: JsonObject, typed: JsonObject, says: str,
        because: str = "",
    ) -> _Ready:  # fmt: skip
        """Judge a call and ask about it, where that is the ruling. Raises Blocked for a no."""
        facts, ruling = self._judge(tool, typed, ctx)
        asked, shown, edited = ruling.verdict == "ask", None, args != call.input
        if asked:
            shown = await self._preview(tool, typed, ctx, facts)
            question = replace(ruling, why=f"{because}: judged again; {ruling.why}") if because else ruling
            changed = await self._ask(tool, args, ctx, facts=facts, ruling=question, says=says, diff=shown or "")
            if changed is not None and changed != args:
                args, typed, edited = changed, validated(tool, changed), True
                facts, ruling = self._judge(tool, typed, ctx)
                shown = await self._preview(tool, typed, ctx, facts)
        return self._ready(_Ready(tool, args, typed, replace(ctx, shown=shown), edited, facts, ruling, asked))

    def _ready(self, ready: _Ready) -> _Ready:
        """With all that its facts let it touch."""
        facts, (mode, rules) = ready.facts, self._permissions.standing()
        ctx = replace(
            ready.ctx,
            allowed=frozenset(use.target for use in facts.paths if not use.inside),
            approved=ready.asked or mode is Mode.YOLO,
            judged=facts,
            veil=veil(facts, mode, rules, str(ready.ctx.cwd)),
        )
        return replace(ready, ctx=ctx)

    # --- between yes and run ------------------------------------------------------------------------------

    async def _at_its_turn(self, batch: _Batch, ready: _Ready, call: ToolUse) -> Observation:
        """Run it as it was judged; what differs by now is judged, and asked about, once more."""
        async with batch.slots:
            ready, because = await self._as_it_stands(ready)
            if not because:
                return await self._run(ready, call)
        ready = await self._settle(
            call, ready.tool, ready.ctx, args=ready.args, typed=ready.typed, says=batch.says, because=because
        )
        async with batch.slots:
            ready, because = await self._as_it_stands(ready)
            if because:
                raise Blocked(f"Not run: {because}, again, after it was asked about twice.", by="policy")
            return await self._run(ready, call)

    async def _as_it_stands(self, ready: _Ready) -> tuple[_Ready, str]:
        """The call judged at this moment, and why it must be asked about again. Raises Blocked for a deny."""
        facts, ruling = self._judge(ready.tool, ready.typed, ready.ctx)
        now = self._ready(replace(ready, facts=facts, ruling=ruling))
        if ruling.verdict == "allow":
            return replace(now, ctx=replace(now.ctx, shown=None)), ""
        if not ready.asked:
            return now, "the rules or the disk changed since it was allowed"
        because = moved(ready.facts, facts)
        if not because and facts != ready.facts and ruling.why != ready.ruling.why:
            because = "the disk changed since it was approved"
        if not because and ready.ctx.shown is not None:
            preview = await self._preview(ready.tool, ready.typed, ready.ctx, facts)
            if not same_change(ready.ctx.shown, preview or ""):
                because = "the file changed since the change was shown"
        return now, because

    def allows(self, approval: Approval, ctx: ToolContext) -> bool:
        """Whether a waiting call would not be asked about any more, as the rules stand now."""
        try:
            tool = self._registry.get(approval.tool)
            return self._judge(tool, validated(tool, approval.args), ctx)[1].verdict == "allow"
        except (NotFound, Blocked):
            return False

    def _judge(self, tool: Tool, typed: JsonObject, ctx: ToolContext) -> tuple[CallFacts, Ruling]:
        try:
            facts = facts_of(tool.name, tool.kind, typed, cwd=ctx.cwd, home=ctx.home, paths=tool.paths(typed))
            ruling = decide(facts, *self._permissions.standing())
        except Exception as error:  # a fault of ours while judging must end as a no, and not end the process
            text = f"Denied: the call can't be judged ({type(error).__name__}: {error}); please report this"
            raise Blocked(text, by="policy") from error
        if ruling.verdict == "deny":
            raise denied_by_rule(ruling)
        return facts, ruling

    async def _ask(
        self, tool: Tool, args: JsonObject, ctx: ToolContext, *, facts: CallFacts, ruling: Ruling, says: str, diff: str
    ) -> JsonObject | None:
        """Ask the operator. Gives the arguments they edited, if they did; raises Blocked for a no."""
        answer = await self._queue.request(
            Approval(
                id=new_id("ap"), session=ctx.session, process=ctx.process, incarnation=ctx.incarnation, run=ctx.run,
                call=ctx.call, tool=tool.name, args=args, summary=self._redact(tool.summary(args)),
                risk=ruling.risk, why=ruling.why, says=says, segments=ruling.segments, cwd=str(ctx.cwd),
                leads=leads(facts), diff=self._redact(diff), rule=ruling.rule, group=ruling.group,
            ),
            no_one_to_ask=self._permissions.no_one_to_ask,
        )  # fmt: skip
        if answer.grant is not None:
            self._permissions.add(answer.grant)
        if answer.approved:
            return None if answer.args is None else storable_args(answer.args)
        if answer.by == "policy":
            text = f"Denied: {answer.feedback}; {ruling.why}."
        elif answer.feedback:
            text = f"Denied by the operator: “{answer.feedback}”"
        else:
            text = "denied by operator, no reason"
        raise Blocked(
            text, by=answer.by, reason=answer.feedback or "denied", stop=answer.decision is Decision.DENY_STOP
        )

    async def _preview(self, tool: Tool, typed: JsonObject, ctx: ToolContext, facts: CallFacts) -> str | None:
        if tool.preview is None:
            return None
        # The operator may be shown what lies outside the work directory: it is what they are asked about.
        shown = replace(ctx, allowed=frozenset(use.target for use in facts.paths), judged=facts)
        try:
            return await asyncio.to_thread(tool.preview, shown, typed)
        except (ToolError, OSError, UnicodeError, ValueError) as error:
            return f"(no preview: {error})"

    # --- running ------------------------------------------------------------------------------------------

    async def _run(self, ready: _Ready, call: ToolUse) -> Observation:
        tool, ctx = ready.tool, ready.ctx
        self._publish(
            ctx,
            ToolStarted(
                call=call.id, tool=tool.name, args=ready.args, edited=ready.edited,
                summary=self._redact(tool.summary(ready.args)),
            ),
        )  # fmt: skip
        began = clock.monotonic()
        try:
            await ctx.bus.flush()
            observation = await invoke(tool, ready.typed, ctx)
            for hook in self._hooks:
                observation = await after(hook, tool, ready.args, observation, ctx)
        except (asyncio.CancelledError, StorageError) as error:
            stopped = Observation(
                text="Cancelled while it ran; what it had done stays done.", error=True, synthetic=True
            )
            self._finish(ctx, tool, CallState.CANCELLED, stopped, began)
            raise _Ended(error) from error
        if ready.edited:
            note = f"[The operator or a hook changed the arguments to {msgspec.json.encode(ready.args).decode()}]\n"
            observation = msgspec.structs.replace(observation, text=note + observation.text)
        observation = trimmed(observation, self._redact)
        self._finish(ctx, tool, CallState.ERROR if observation.error else CallState.OK, observation, began)
        return observation

    def _finish(self, ctx: ToolContext, tool: Tool, state: CallState, observation: Observation, began: float) -> None:
        self._publish(
            ctx,
            ToolFinished(
                call=ctx.call, tool=tool.name, state=state, observation=observation,
                duration_s=clock.monotonic() - began,
            ),
        )  # fmt: skip

    def _block(self, ctx: ToolContext, call: ToolUse, reason: str, by: str) -> None:
        self._publish(ctx, ToolBlocked(call=call.id, tool=call.name, reason=reason, by=by))

    def _publish(self, ctx: ToolContext, event: ToolProposed | ToolBlocked | ToolStarted | ToolFinished) -> None:
        self._bus.publish(
            msgspec.structs.replace(event, session=ctx.session, process=ctx.process, run=ctx.run, turn=ctx.turn)
        )

    def _summary(self, registry: Registry, call: ToolUse) -> str:
        try:
            return self._redact(registry.get(call.name).summary(call.input))
        except NotFound:
            return ""


class _Ended(Exception):
    """A call that had started was cut off and has its end in the log; `cause` goes on."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _synthetic(text: str) -> Observation:
    return Observation(text=text, error=True, synthetic=True)
