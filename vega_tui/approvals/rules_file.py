"""Reads `rules.yaml`: lists of rule texts under allow, ask and deny; errors name file and line."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vega_tui.approvals.rules import Effect, Rule, parse_rule
from vega_tui.core.errors import UserError
from vega_tui.core.project import RULES, Project
from vega_tui.core.small_file import read_small
from vega_tui.core.yaml_file import mapping_of

if TYPE_CHECKING:
    from yaml import MappingNode, Node

_MOST_RULES: Final = 1_000
_LONGEST_RULE: Final = 4_000
# Tools of which a rule without a pattern would allow everything: that is a mode, and modes are the user's.
_WHOLE: Final[Mapping[str, str]] = {"bash": "every command", "fetch": "every address"}


def load_rules(path: Path, whose: str, root: str = "") -> tuple[Rule, ...]:
    """The rules of a file; none when there is no such file.

    Raises UserError naming file and line. `whose` is "your" or "project"; `/p` patterns start at `root`.
    """
    data = read_small(path)
    return () if data is None else _rules(data, path, whose, root)


def project_rules(project: Project) -> tuple[Rule, ...]:
    """The rules of a project as it was read; whether it is trusted is not asked here. Raises UserError."""
    data = project.files.get(RULES)
    return () if data is None else _rules(data, project.path(RULES), "project", str(project.folder))


def _rules(data: bytes, path: Path, whose: str, root: str) -> tuple[Rule, ...]:
    node = mapping_of(data, path, "wants allow:, ask: and deny: lists")
    lines = _lines(node, path) if node is not None else []
    if len(lines) > _MOST_RULES:
        raise UserError(f"{path}:{lines[_MOST_RULES][2]}: more than {_MOST_RULES:,} rules; say it with fewer")
    rules: list[Rule] = []
    for effect, text, line in lines:
        try:
            if len(text) > _LONGEST_RULE:
                raise UserError(f"a rule is longer than {_LONGEST_RULE:,} characters")
            rule = parse_rule(text, effect, f"{whose} rule {len(rules) + 1}", root)
            if whose == "project" and effect == "allow" and not rule.pattern and rule.tool in _WHOLE:
                raise UserError(f"{text!r} would allow {_WHOLE[rule.tool]}; only your own rules.yaml may say that")
        except UserError as error:
            raise UserError(f"{path}:{line}: {error}") from error
        rules.append(rule)
    return tuple(rules)


def _lines(node: "MappingNode", path: Path) -> list[tuple[Effect, str, int]]:
    """Each rule's effect, text and line. Every node of the file is checked here, so its type is open."""
    import yaml

    found: list[tuple[Effect, str, int]] = []
    pairs: list[tuple[Node, Node]] = node.value
    for key, items in pairs:
        line = key.start_mark.line + 1 if key.start_mark else 1
        effect: Effect
        match key.value:
            case "allow" | "ask" | "deny" as effect:
                pass
            case other:
                raise UserError(f"{path}:{line}: {other!r} is not allow, ask or deny")
        if not isinstance(items, yaml.SequenceNode):
            raise UserError(f"{path}:{line}: {effect} wants a list of rules")
        for item in items.value:
            line = item.start_mark.line + 1 if item.start_mark else line
            if not isinstance(item, yaml.ScalarNode):
                raise UserError(f"{path}:{line}: a rule is one line of text, as in bash(git *)")
            found.append((effect, item.value, line))
    return found
