"""Which key starts which command, and where: the table's defaults, moved by the user's keymap.yaml."""

from dataclasses import dataclass

from vega_tui.commands.command import CONTEXTS, RESERVED_KEYS, Command, Context, Key
from vega_tui.commands.table import CommandTable


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

    def at(self, key: Key) -> Command | None:
        """What `key` starts in its own place, leaving out keys that work everywhere."""
        found = self._by_key.get(key)
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


def _clashes(key: Key) -> list[Key]:
    """Keys that could not be told from `key`: a key that works everywhere meets those of every place."""
    if key.context == "global":
        return [Key(context, key.key) for context in CONTEXTS]
    return [key, Key("global", key.key)]
