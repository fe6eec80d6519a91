"""A call's way to a yes: judged, and put to the operator where that is the ruling. Adds the grants they give."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from vega_tui.approvals.grants import Permissions
from vega_tui.approvals.leads import leads
from vega_tui.approvals.queue import ApprovalQueue
from vega_tui.core.ids import new_id
from vega_tui.core.messages import JsonObject, ToolUse
from vega_tui.core.records import Approval
from vega_tui.core.words import Decision
from vega_tui.tools.checks import Blocked, storable_args, validated
from vega_tui.tools.context import ToolContext
from vega_tui.tools.judging import Ready, judge, opened, preview
from vega_tui.tools.tool import Tool


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom to ask in one session, and what already holds there."""

    permissions: Permissions
    queue: ApprovalQueue
    redact: Callable[[str], str]

    async def settle(
        self, call: ToolUse, tool: Tool, ctx: ToolContext, *, args: JsonObject, typed: JsonObject, says: str,
        because: str = "",
    ) -> Ready:  # fmt: skip
        """The call as it may run. `because`: why it is asked about once more. Raises Blocked for a no."""
        facts, ruling = judge(tool, typed, ctx, self.permissions)
        asked, shown, edited = ruling.verdict == "ask", None, args != call.input
        ready = Ready(tool, args, typed, ctx, edited, facts, ruling, asked)
        if asked:
            shown = await preview(tool, typed, ctx, facts)
            why = f"{because}: judged again; {ruling.why}" if because else ruling.why
            changed = await self._ask(ready, why=why, says=says, diff=shown or "")
            if changed is not None and changed != args:
                typed = validated(tool, changed)
                facts, ruling = judge(tool, typed, ctx, self.permissions)
                shown = await preview(tool, typed, ctx, facts)
                ready = replace(ready, args=changed, typed=typed, edited=True, facts=facts, ruling=ruling)
        return opened(replace(ready, ctx=replace(ctx, shown=shown)), self.permissions)

    async def _ask(self, ready: Ready, *, why: str, says: str, diff: str) -> JsonObject | None:
        """Ask the operator. Gives the arguments they edited, if they did; raises Blocked for a no."""
        tool, args, ctx, ruling = ready.tool, ready.args, ready.ctx, ready.ruling
        answer = await self.queue.request(
            Approval(
                id=new_id("ap"), session=ctx.session, process=ctx.process, incarnation=ctx.incarnation, run=ctx.run,
                call=ctx.call, tool=tool.name, args=args, summary=self.redact(tool.summary(args)),
                risk=ruling.risk, why=why, says=says, segments=ruling.segments, cwd=str(ctx.cwd),
                leads=leads(ready.facts), diff=self.redact(diff), rule=ruling.rule, wider=ruling.wider,
                group=ruling.group,
            ),
            no_one_to_ask=self.permissions.no_one_to_ask,
        )  # fmt: skip
        if answer.grant is not None:
            self.permissions.add(answer.grant)
        if answer.approved:
            return None if answer.args is None else storable_args(answer.args)
        if answer.by == "policy":
            text = f"Denied: {answer.feedback}; {why}."
        elif answer.feedback:
            text = f"Denied by the operator: “{answer.feedback}”"
        else:
            text = "denied by operator, no reason"
        raise Blocked(
            text, by=answer.by, reason=answer.feedback or "denied", stop=answer.decision is Decision.DENY_STOP
        )
