"""Pending questions to the operator: one owner, whoever asks and whoever answers. Knows no screen.

A question is stored before anyone can see it; the first answer settles it. Waiting tasks come and go:
after a restart of the host a question stands without one until its process asks again.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec

from vega_tui.approvals.rules import parse_rule
from vega_tui.core import clock
from vega_tui.core.errors import NotFound, UserError
from vega_tui.core.events import ApprovalDecided, ApprovalExpired, ApprovalRequested, ApprovalWithdrawn, GrantAdded
from vega_tui.core.ids import new_id
from vega_tui.core.messages import JsonObject
from vega_tui.core.ports import Bus
from vega_tui.core.records import Approval
from vega_tui.core.words import ApprovalState, Decision

Scope: TypeAlias = Literal["session", "project", "user"]

_REMEMBERED = 1_000  # settled ids kept, so that a late answer is told who was first


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question came to. `grant` is set when the answer is to be remembered."""

    decision: Decision
    by: str
    args: JsonObject | None = None  # set when the operator edited them
    feedback: str = ""
    grant: GrantAdded | None = None

    @property
    def approved(self) -> bool:
        """True for every kind of yes."""
        return not self.decision.denies


@dataclass(slots=True)
class _Question:
    approval: Approval
    waiter: asyncio.Future[Answer] | None = None


class ApprovalQueue:
    """All questions that nobody has answered yet, of every session of a host."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._open: dict[str, _Question] = {}
        self._settled: dict[str, str] = {}
        self._early: dict[str, Answer] = {}  # answers to restored questions that nobody waits for yet

    async def request(self, approval: Approval, *, no_one_to_ask: bool = False) -> Answer:
        """The operator's answer, after however long. With nobody to ask: a denial at once, by "policy".

        Stored before it is shown. When the waiting task is cancelled the question is withdrawn. Raises
        StorageError when it can't be stored.
        """
        if (early := self._early.pop(approval.id, None)) is not None:
            return early
        known = self._open.get(approval.id)
        if known is not None and known.waiter is not None:
            raise UserError(f"approval {approval.id} is already being asked")
        question = _Question(approval, asyncio.get_running_loop().create_future())
        self._open[approval.id] = question
        if known is None:
            if not approval.created:
                question.approval = msgspec.structs.replace(approval, created=clock.wall())
            self._publish(approval, ApprovalRequested(approval=question.approval))
        if no_one_to_ask:
            self.decide(approval.id, Decision.DENY, "policy", feedback="nobody to ask")
        waiter = question.waiter
        assert waiter is not None
        try:
            await self._bus.flush()
            return await waiter
        except BaseException as error:
            if self._open.get(approval.id) is question:
                cancelled = isinstance(error, asyncio.CancelledError)
                self.withdraw(approval.id, "cancelled" if cancelled else "could not be stored")
            raise

    def decide(
        self,
        approval: str,
        decision: Decision,
        by: str,
        *,
        args: JsonObject | None = None,
        feedback: str = "",
        rule: str = "",
        scope: Scope = "project",
    ) -> GrantAdded | None:
        """Settle a question; the first answer wins. Gives the grant when the answer is to be remembered.

        `session` and `always` remember `rule`, or the rule that the question offers; `always` for `scope`.
        Raises NotFound for an id nobody asked, UserError for one that is settled, and for a yes that can't
        be remembered.
        """
        question = self._open.get(approval)
        if question is None:
            if (first := self._settled.get(approval)) is not None:
                raise UserError(f"approval {approval} was {first}; nothing is left to decide")
            raise NotFound(f"no approval {approval} is waiting; see `vega-tui approvals list`")
        asked = question.approval
        offered = asked
        if args is not None and args != asked.args and rule in ("", asked.rule, asked.wider):
            offered, rule = msgspec.structs.replace(asked, rule=""), ""  # those are of another call than will run
        grant = _grant(offered, decision, by, rule, scope)
        del self._open[approval]
        self._remember(approval, f"already decided by {by} ({decision})")
        self._publish(
            asked,
            ApprovalDecided(
                approval=approval, decision=decision, by=by, args=args, feedback=feedback,
                rule=grant.rule if grant else "",
            ),
        )  # fmt: skip
        if grant is not None:
            self._publish(asked, grant)
        answer = Answer(decision, by, args, feedback, grant)
        if question.waiter is None:
            self._early[approval] = answer
        elif not question.waiter.done():
            question.waiter.set_result(answer)
        return grant

    def withdraw(self, approval: str, reason: str) -> None:
        """Take a question back, because whoever asked has ended. Unknown and settled ids are fine."""
        question = self._open.pop(approval, None)
        if question is None:
            return
        self._remember(approval, f"withdrawn ({reason})")
        self._publish(question.approval, ApprovalWithdrawn(approval=approval, reason=reason))
        if question.waiter is not None and not question.waiter.done():
            question.waiter.cancel()

    def expire(self, approval: str) -> None:
        """End a question that waited too long: a no that nobody gave. Unknown and settled ids are fine."""
        question = self._open.pop(approval, None)
        if question is None:
            return
        self._remember(approval, "expired")
        self._publish(question.approval, ApprovalExpired(approval=approval))
        answer = Answer(Decision.DENY, "policy", feedback="expired before anyone answered")
        if question.waiter is not None and not question.waiter.done():
            question.waiter.set_result(answer)

    def restore(self, approvals: Iterable[Approval]) -> None:
        """Take over questions that an earlier host left pending; they can be answered before anyone waits."""
        for approval in approvals:
            if approval.state is ApprovalState.PENDING and approval.id not in self._open:
                self._open[approval.id] = _Question(approval)

    def pending(self, session: str = "") -> tuple[Approval, ...]:
        """Open questions, oldest first; of one session, or of all."""
        return tuple(q.approval for q in self._open.values() if session in ("", q.approval.session))

    def _remember(self, approval: str, how: str) -> None:
        self._settled[approval] = how
        while len(self._settled) > _REMEMBERED:
            del self._settled[next(iter(self._settled))]

    def _publish(
        self,
        asked: Approval,
        event: ApprovalRequested | ApprovalDecided | ApprovalExpired | ApprovalWithdrawn | GrantAdded,
    ) -> None:
        self._bus.publish(msgspec.structs.replace(event, session=asked.session, process=asked.process, run=asked.run))


def _grant(asked: Approval, decision: Decision, by: str, rule: str, scope: Scope) -> GrantAdded | None:
    if decision not in (Decision.SESSION, Decision.ALWAYS):
        return None
    text = rule or asked.rule
    if not text:
        raise UserError(f"approval {asked.id}: a yes to this call can't be remembered; answer once")
    parse_rule(text, "allow", "your rule")
    if decision is Decision.SESSION:
        scope = "session"
    where = {"session": asked.session, "project": asked.cwd, "user": ""}[scope]
    return GrantAdded(grant=new_id("g"), rule=text, scope=scope, scope_id=where, by=by)
