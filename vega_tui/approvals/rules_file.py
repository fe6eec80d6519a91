"""Reads `rules.yaml`: lists of rule texts under allow, ask and deny; errors name file and line."""

from pathlib import Path

from vega_tui.approvals.rules import Effect, Rule, parse_rule
from vega_tui.core.errors import UserError


def load_rules(path: Path, whose: str, root: str = "") -> tuple[Rule, ...]:
    """The rules of a file; none when there is no such file.

    Raises UserError naming file and line. `whose` is "your" or "project"; `/p` patterns start at `root`.
    """
    import yaml

    try:
        node = yaml.SafeLoader(path.read_text("utf-8")).get_single_node()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeError) as error:
        raise UserError(f"{path}: can't be read: {error}") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UserError(f"{path}:{line}: not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise UserError(f"{path}:1: not YAML: {error}") from error
    if node is None:
        return ()
    if not isinstance(node, yaml.MappingNode):
        raise UserError(f"{path}:1: wants allow:, ask: and deny: lists")
    rules: list[Rule] = []
    for effect, text, line in _lines(node, path):
        try:
            rules.append(parse_rule(text, effect, f"{whose} rule {len(rules) + 1}", root))
        except UserError as error:
            raise UserError(f"{path}:{line}: {error}") from error
    return tuple(rules)


def _lines(node: object, path: Path) -> list[tuple[Effect, str, int]]:
    """Each rule's effect, text and line. Every node of the file is checked here, so its type is open."""
    import yaml

    found: list[tuple[Effect, str, int]] = []
    pairs: list[tuple[yaml.Node, yaml.Node]] = node.value if isinstance(node, yaml.MappingNode) else []
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
