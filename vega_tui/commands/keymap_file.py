"""The user's keymap.yaml: ids of commands, and the keys they are to have."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import yaml

from vega_tui.commands.command import Command, Key, parse_key
from vega_tui.commands.keymap import Keymap, Problem
from vega_tui.commands.table import CommandTable
from vega_tui.core.near import near

_ALIASES: Final = {"esc": "escape", "return": "enter", "?": "question_mark", "/": "slash", ":": "colon"}


def move_keys(keymap: Keymap, path: Path, table: CommandTable) -> list[Problem]:
    """Move keys as the file says, and tell what is wrong with it; a line that is wrong moves nothing.

    The file maps ids of commands to a key or a list of keys: `process.kill: "list:K"`. A key without a place
    takes that of the command's first default key.
    """
    try:
        root = yaml.SafeLoader(path.read_text(encoding="utf-8")).get_single_node()
    except (OSError, UnicodeDecodeError) as error:
        return [Problem(str(path), f"can't be read ({error})")]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return [Problem(f"{path}:{line}", error.problem or "is no YAML")]
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode):
        return [Problem(f"{path}:1", "must be a mapping of command ids to keys")]
    problems: list[Problem] = []
    lines: dict[str, str] = {}
    for name, value in _pairs(root):
        place = f"{path}:{name.start_mark.line + 1}"
        try:
            command = _known(str(name.value), table)
            keymap.move(command.id, tuple(_key(text, command) for text in _texts(value)))
            lines[command.id] = place
        except ValueError as error:
            problems.append(Problem(place, str(error)))
    for problem in keymap.problems():
        place = lines.get(problem.place) or next(
            (lines[other] for other in lines if problem.text.endswith(f" {other}")), problem.place
        )
        problems.append(Problem(place, f"{problem.place}: {problem.text}"))
    return problems


def _pairs(root: yaml.MappingNode) -> Iterable[tuple[yaml.Node, yaml.Node]]:
    return root.value


def _known(name: str, table: CommandTable) -> Command:
    command = table.by_id.get(name)
    if command is None:
        nearest = near(name, table.by_id)
        raise ValueError(f"no command {name}" + (f"; did you mean {nearest}?" if nearest else ""))
    return command


def _texts(node: yaml.Node) -> list[str]:
    if isinstance(node, yaml.ScalarNode):
        return [str(node.value)] if node.value else []
    if isinstance(node, yaml.SequenceNode):
        return [text for child in node.value for text in _texts(child)]
    raise ValueError("must be a key or a list of keys")


def _key(text: str, command: Command) -> Key:
    defaults = command.parsed_keys()
    key = parse_key(text.strip(), defaults[0].context if defaults else "global") if text != ":" else Key("list", ":")
    *modifiers, last = key.key.split("+") if key.key != "+" else ["plus"]
    if not last:
        raise ValueError(f"{text!r} is no key")
    unknown = set(modifiers) - {"ctrl", "alt", "shift", "super"}
    if unknown:
        raise ValueError(f"{text!r}: {unknown.pop()!r} is no modifier; there are ctrl, alt, shift, super")
    return Key(key.context, "+".join((*modifiers, _ALIASES.get(last, last))))
