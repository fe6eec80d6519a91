"""Rules that hold, where each comes from, and taking a remembered yes back."""

from pathlib import Path
from typing import Any

from vega_tui.approvals.grants import refusal, rule_of
from vega_tui.approvals.rule_book import RuleBook
from vega_tui.approvals.rules import Rule
from vega_tui.core import events as ev
from vega_tui.core.errors import NotFound, UserError
from vega_tui.host.connections import Client, Handler
from vega_tui.host.handlers.context import HostContext
from vega_tui.protocol import operations as op
from vega_tui.sessions.rows import GrantRow


def handlers(host: HostContext) -> list[tuple[op.Operation[Any, Any], Handler]]:  # Any: see connections.Handler
    """This file's part of the table."""
    own = RuleHandlers(host)
    return [(op.RULE_LIST, own.list), (op.GRANT_REVOKE, own.revoke)]


class RuleHandlers:
    """Bound to one host."""

    def __init__(self, host: HostContext) -> None:
        self._host = host

    async def list(self, client: Client, wanted: op.RuleList) -> op.Rules:
        """RULE_LIST: rules of files, then grants, of a session or of a folder."""
        directory = self._host.directory
        session = ""
        cwd = wanted.cwd or client.hello.cwd
        if wanted.session:
            row = await directory.row_of(wanted.session)
            session, cwd = row.id, row.cwd
        files = [_file_row(rule) for rule in RuleBook(self._host.home, Path(cwd)).now().rules]
        grants = await self._host.services.store.all_grants()
        return op.Rules(rules=(*files, *(_grant_row(row) for row in grants if _holds(row, session, cwd))))

    async def revoke(self, client: Client, ref: op.GrantRef) -> op.Nothing:
        """GRANT_REVOKE: it holds for no later call, in no session."""
        grants = await self._host.services.store.all_grants()
        found = [row for row in grants if row.id == ref.grant] or [
            row for row in grants if ref.grant and row.id.startswith(ref.grant)
        ]
        if len(found) > 1:
            raise UserError(f"{len(found)} grants begin with {ref.grant}; give more of the id")
        if not found:
            raise NotFound(f"no grant {ref.grant} holds; `vega-tui rules list` shows those that do")
        grant = found[0]
        for live in self._host.directory.live.values():
            live.permissions.revoke(grant.id)
        session = grant.scope_id if grant.scope == "session" else ""
        self._host.services.bus.publish(ev.GrantRevoked(session=session, grant=grant.id, by=client.by))
        await self._host.services.bus.flush()
        return op.Nothing()


def _holds(row: GrantRow, session: str, cwd: str) -> bool:
    match row.scope:
        case "user":
            return True
        case "project":
            return row.scope_id == cwd
        case "session":
            return session in ("", row.scope_id)


def _file_row(rule: Rule) -> op.RuleRow:
    return op.RuleRow(rule=rule.text, effect=rule.effect, origin=rule.origin, covers=_covers(rule))


def _grant_row(row: GrantRow) -> op.RuleRow:
    added = ev.GrantAdded(grant=row.id, rule=row.rule, scope=row.scope, scope_id=row.scope_id)
    try:
        rule = rule_of(added)
    except UserError as error:
        return op.RuleRow(grant=row.id, rule=row.rule, scope=row.scope, by=row.by, since=row.ts, refused=str(error))
    return op.RuleRow(
        grant=row.id, rule=row.rule, effect="allow", origin=rule.origin, scope=row.scope, scope_id=row.scope_id,
        by=row.by, since=row.ts, covers=_covers(rule), refused=refusal(added),
    )  # fmt: skip


def _covers(rule: Rule) -> str:
    if not rule.pattern:
        return f"every use of {rule.tool}"
    if rule.pattern.endswith("/."):
        return "that folder itself"
    if "*" in rule.pattern.replace(r"\*", ""):
        return "all that fits, * being any text"
    if rule.tool == "bash":
        return "that command, word for word"
    return "that and all below it" if rule.tool in ("read", "list", "grep", "edit", "write") else "that"
