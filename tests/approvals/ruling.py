"""Short ways to a ruling, for the tests of the policy."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from vega_tui.approvals.facts import ToolKind, facts_of
from vega_tui.approvals.policy import Ruling, decide
from vega_tui.approvals.rules import parse_rule
from vega_tui.core.messages import JsonObject
from vega_tui.core.words import Mode

KINDS: dict[str, ToolKind] = {
    "bash": "shell",
    "read": "read",
    "list": "read",
    "grep": "read",
    "write": "write",
    "edit": "write",
    "fetch": "fetch",
    "task": "agents",
    "spawn": "agents",
    "ask": "agents",
}
FAMILIES = {"spawn": "task"}
HOME = Path("/home/someone")


def rule(
    tool: str,
    args: JsonObject,
    *,
    cwd: Path | None = None,
    home: Path = HOME,
    mode: Mode = Mode.MANUAL,
    allow: Sequence[str] = (),
    ask: Sequence[str] = (),
    deny: Sequence[str] = (),
) -> Ruling:
    rules = [parse_rule(text, "allow", "your rule") for text in allow]
    rules += [parse_rule(text, "ask", "your rule") for text in ask]
    rules += [parse_rule(text, "deny", "your rule") for text in deny]
    paths = [str(args["path"])] if "path" in args else []
    kind = KINDS.get(tool, "other")
    facts = facts_of(
        tool, kind, args, cwd=cwd or Path(tempfile.gettempdir()) / "work", home=home, paths=paths,
        family=FAMILIES.get(tool, ""),
    )  # fmt: skip
    return decide(facts, mode, rules)


def bash(
    command: str,
    *,
    cwd: Path | None = None,
    home: Path = HOME,
    mode: Mode = Mode.MANUAL,
    allow: Sequence[str] = (),
    ask: Sequence[str] = (),
    deny: Sequence[str] = (),
) -> str:
    return rule("bash", {"command": command}, cwd=cwd, home=home, mode=mode, allow=allow, ask=ask, deny=deny).verdict
