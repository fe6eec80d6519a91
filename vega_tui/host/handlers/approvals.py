"""Deciding what waits, and taking alerts off the list."""

from typing import Any, Final

from vega_tui.approvals.grants import refusal
from vega_tui.core import events as ev
from vega_tui.core.errors import NotFound, UserError
from vega_tui.core.messages import JsonObject
from vega_tui.core.records import Approval
from vega_tui.core.words import Decision, Risk
from vega_tui.host.connections import Client, Handler
from vega_tui.host.handlers.context import HostContext
from vega_tui.host.session import LiveSession
from vega_tui.protocol import operations as op

_ORDER: Final = {Risk.HIGH: 0, Risk.MED: 1, Risk.LOW: 2}


def handlers(host: HostContext) -> list[tuple[op.Operation[Any, Any], Handler]]:  # Any: see connections.Handler
    """This file's part of the table."""
    own = ApprovalHandlers(host)
    return [
        (op.APPROVAL_LIST, own.list),
        (op.APPROVAL_DECIDE, own.decide),
        (op.ALERT_LIST, own.alerts),
        (op.ALERT_ACKNOWLEDGE, own.acknowledge),
    ]


class ApprovalHandlers:
    """Bound to one host."""

    def __init__(self, host: HostContext) -> None:
        self._host = host

    async def list(self, client: Client, wanted: op.ApprovalList) -> op.Approvals:
        """APPROVAL_LIST."""
        session = await self._session(wanted.session)
        waiting = self._host.services.approvals.pending(session)
        return op.Approvals(approvals=tuple(sorted(waiting, key=lambda item: (_ORDER[item.risk], item.created))))

    async def decide(self, client: Client, wanted: op.Decide) -> op.Nothing:
        """APPROVAL_DECIDE: the first answer wins."""
        queue = self._host.services.approvals
        matches = [item.id for item in queue.pending() if item.id.startswith(wanted.approval)]
        approval = matches[0] if len(matches) == 1 else wanted.approval
        if len(matches) > 1 and wanted.approval not in matches:
            raise UserError(f"{len(matches)} approvals begin with {wanted.approval}; give more of the id")
        if wanted.decision is Decision.ALWAYS and not wanted.rule:
            offered = next((item.rule for item in queue.pending() if item.id == approval), "")
            if not offered:
                raise UserError("no rule can cover this call; answer once")
        asked = next((item for item in queue.pending() if item.id == approval), None)
        live = self._host.directory.live.get(asked.session) if asked is not None else None
        rule, decision = wanted.rule, wanted.decision
        if asked is not None and decision in (Decision.SESSION, Decision.ALWAYS):
            if live is not None and wanted.args is not None and wanted.args != asked.args:
                decision, rule = _of_edited(live, asked, wanted.args, decision, rule)
            _not_too_wide(rule or asked.rule)
        grant = queue.decide(
            approval,
            decision,
            client.by,
            args=wanted.args,
            feedback=wanted.feedback,
            rule=rule,
            scope=wanted.scope,
        )
        if grant is not None and live is not None:
            live.settle_covered(grant)
        await self._host.services.bus.flush()
        return op.Nothing()

    async def alerts(self, client: Client, wanted: op.ApprovalList) -> op.Alerts:
        """ALERT_LIST."""
        return op.Alerts(alerts=self._host.services.alerts.open(await self._session(wanted.session)))

    async def acknowledge(self, client: Client, ref: op.AlertRef) -> op.Nothing:
        """ALERT_ACKNOWLEDGE."""
        self._host.services.alerts.acknowledge(ref.alert, client.by)
        await self._host.services.bus.flush()
        return op.Nothing()

    async def _session(self, text: str) -> str:
        if not text:
            return ""
        try:
            return (await self._host.directory.find_live(text)).session
        except NotFound:
            return (await self._host.directory.row_of(text)).id


def _of_edited(
    live: LiveSession, asked: Approval, args: JsonObject, decision: Decision, rule: str
) -> tuple[Decision, str]:
    """What is remembered of an edited call: that of the call which will run, never of the one that was asked."""
    offer = live.offer(asked, args)
    if offer is None:
        return Decision.ONCE, ""  # rules allow it as it is now
    if rule in ("", asked.rule):
        return decision, offer.rule
    return decision, offer.wider if rule == asked.wider else rule


def _not_too_wide(rule: str) -> None:
    why = refusal(ev.GrantAdded(grant="", rule=rule, scope="user")) if rule else ""
    if why:
        raise UserError(f"{rule} can't be remembered: {why}; answer once, or write it into your rules.yaml")
