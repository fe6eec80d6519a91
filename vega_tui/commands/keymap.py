"""Which key starts which command, and where: the table's defaults, moved by the user's keymap.yaml."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from vega_tui.commands.command import CONTEXTS, RESERVED_KEYS, Command, Context, Key, parse_key
from vega_tui.commands.table import CommandTable
from vega_tui.core.near import near

_ALIASES: Final = {"esc": "escape", "return": "enter", "?": "question_mark", "/": "slash", ":": "colon"}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a keymap, and where: `str()` is one line."""

    place: str  # file:line, or the command's id for the table itself
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


class Keymap:
    """Keys in force. A command's keys in keymap.yaml replace all its default ones."""

    def __init__(self, table: CommandTable) -> None:
        self._table = table
        self._keys: dict[str, tuple[Key, ...]] = {command.id: command.parsed_keys() for command in table.by_id.values()}
        self._by_key: dict[Key, str] = {}
        self._index()

    def command(self, context: Context, key: str) -> Command | None:
        """What `key` starts in `context`; keys that work everywhere come last."""
        found = self._by_key.get(Key(context, key)) or self._by_key.get(Key("global", key))
        return self._table.by_id[found] if found else None

    def keys(self, command: str) -> tuple[Key, ...]:
        """The keys of a command, by its id."""
        return self._keys.get(command, ())

    def label(self, command: str, context: Context | None = None) -> str:
        """Its first key as people read it, of `context` if it has one there; empty where it has none."""
        keys = self.keys(command)
        fitting = [key for key in keys if context is None or key.context in {context, "global"}]
        return fitting[0].label if fitting else ""

    def bindings(self, context: Context) -> list[tuple[Key, Command]]:
        """Every key that works in `context`, for the footer and for help."""
        return [
            (key, self._table.by_id[command])
            for key, command in self._by_key.items()
            if key.context in {context, "global"}
        ]

    def move(self, command: str, keys: tuple[Key, ...]) -> None:
        """Give a command other keys."""
        self._keys[command] = keys
        self._index()

    def problems(self) -> list[Problem]:
        """Keys that two commands want, and commands that only a reserved key starts."""
        found: list[Problem] = []
        wanted: dict[Key, str] = {}
        for command, keys in self._keys.items():
            for key in keys:
                rival = next((wanted[same] for same in _clashes(key) if same in wanted), "")
                if rival and rival != command:
                    found.append(Problem(command, f"{key.context}:{key.key} already starts {rival}"))
                wanted.setdefault(key, command)
            if keys and all(key.key in RESERVED_KEYS for key in keys):
                found.append(Problem(command, f"{keys[0].label} is often taken by the terminal; add another key"))
        return found

    def _index(self) -> None:
        self._by_key = {}
        for command, keys in self._keys.items():
            for key in keys:
                self._by_key.setdefault(key, command)


def read_keymap(path: Path, table: CommandTable) -> tuple[Keymap, list[Problem]]:
    """The keymap in force, and what is wrong with `path`. Lines that are wrong leave the defaults as they are.

    The file maps ids of commands to a key or a list of keys: `process.kill: "list:K"`. A key without a place
    takes that of the command's first default key.
    """
    keymap = Keymap(table)
    if not path.is_file():
        return keymap, []
    try:
        root = yaml.SafeLoader(path.read_text(encoding="utf-8")).get_single_node()
    except (OSError, UnicodeDecodeError) as error:
        return keymap, [Problem(str(path), f"can't be read ({error})")]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return keymap, [Problem(f"{path}:{line}", error.problem or "is no YAML")]
    if root is None:
        return keymap, []
    if not isinstance(root, yaml.MappingNode):
        return keymap, [Problem(f"{path}:1", "must be a mapping of command ids to keys")]
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
    return keymap, problems


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


def _clashes(key: Key) -> list[Key]:
    """Keys that could not be told from `key`: a key that works everywhere meets those of every place."""
    if key.context == "global":
        return [Key(context, key.key) for context in CONTEXTS]
    return [key, Key("global", key.key)]
