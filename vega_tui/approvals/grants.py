"""What holds in one session: its mode, the rules of files, and the grants that people gave meanwhile."""

from collections.abc import Iterable
from pathlib import Path

from vega_tui.approvals.breadth import too_wide
from vega_tui.approvals.rule_book import RuleBook
from vega_tui.approvals.rules import Rule, parse_rule
from vega_tui.core.errors import UserError
from vega_tui.core.events import GrantAdded
from vega_tui.core.words import Mode


class Permissions:
    """The rules and the mode of one session; owned by it, read by its tool pipelines.

    Every agent of the session is judged by these same rules, so a child never has more than its parent.
    """

    def __init__(
        self,
        *,
        mode: Mode = Mode.MANUAL,
        rules: Iterable[Rule] = (),
        book: RuleBook | None = None,
        no_one_to_ask: bool = False,
    ) -> None:
        self.mode = mode
        self.no_one_to_ask = no_one_to_ask  # headless: every question is answered with no
        self._base = tuple(rules)
        self._book = book
        self._grants: dict[str, Rule] = {}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules that hold now."""
        return self.standing()[1]

    def standing(self) -> tuple[Mode, tuple[Rule, ...]]:
        """The mode and the rules that a call is judged by now. With a broken file of rules, every call asks."""
        if self._book is None:
            return self.mode, (*self._base, *self._grants.values())
        found = self._book.now()
        return Mode.MANUAL if found.broken else self.mode, (*found.rules, *self._base, *self._grants.values())

    def also(self, rules: Iterable[Rule]) -> None:
        """Let these rules hold too, beside those of files."""
        self._base = (*self._base, *rules)

    def add(self, grant: GrantAdded) -> None:
        """Remember a yes. A grant whose text is no rule any more is left out: it allows nothing."""
        try:
            self._grants[grant.grant] = rule_of(grant)
        except UserError:
            self._grants.pop(grant.grant, None)

    def revoke(self, grant: str) -> None:
        """Forget a grant; unknown ids are fine."""
        self._grants.pop(grant, None)


def rule_of(grant: GrantAdded) -> Rule:
    """The allow rule that a grant stands for. Relative patterns start where a project grant was given."""
    owner = {"session": "this session's grant", "project": "project grant", "user": "your grant"}[grant.scope]
    return parse_rule(grant.rule, "allow", owner, root=grant.scope_id if grant.scope == "project" else "")


def refusal(grant: GrantAdded) -> str:
    """Why a grant is not applied: it is no rule, or covers more than a remembered yes may. Empty: it is applied."""
    try:
        return too_wide(rule_of(grant), str(Path.home()))
    except UserError as error:
        return str(error)


def applies(grant: GrantAdded, *, session: str, cwd: str) -> bool:
    """True when a stored grant holds in a session that works in `cwd`."""
    match grant.scope:
        case "session":
            return grant.scope_id == session
        case "project":
            return grant.scope_id == cwd
        case "user":
            return True
