"""What a command is: what it is called, which keys and words start it, when it can't, and what it does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from vega_tui.commands.context import CommandContext

Context: TypeAlias = Literal["global", "prompt", "list", "card"]
Group: TypeAlias = Literal["Talk", "Session", "Process", "Decide", "Money", "View", "Program"]

CONTEXTS: Final[tuple[Context, ...]] = get_args(Context)
GROUPS: Final[tuple[Group, ...]] = get_args(Group)

# Multiplexers' prefixes, flow control, and aliases of Backspace, Tab, Enter and Esc: never the only way.
RESERVED_KEYS: Final = frozenset(f"ctrl+{key}" for key in (*"absqhim", "left_square_bracket"))

_LABELS: Final = {
    "escape": "Esc",
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "full_stop": ".",
    "space": "Space",
    "enter": "Enter",
    "tab": "Tab",
    "up": "↑",
    "down": "↓",
}


@dataclass(frozen=True, slots=True)
class Key:
    """A key where it works: `card` keys on a card with focus, `list` keys in any pane but the prompt."""

    context: Context
    key: str  # as Textual names it: "ctrl+o", "f5", "question_mark"

    @property
    def label(self) -> str:
        """As people read it: `^O`, `Shift+Tab`, `F5`, `y`."""
        *modifiers, last = self.key.split("+")
        if modifiers == ["ctrl"]:
            return "^" + last.upper()
        name = _LABELS.get(last) or (last.upper() if last[0] == "f" and last[1:].isdigit() else last)
        return "+".join((*(modifier.capitalize() for modifier in modifiers), name.capitalize() if modifiers else name))


def parse_key(text: str, default: Context = "global") -> Key:
    """`list:k` or `ctrl+o`. Raises ValueError naming a context that is none."""
    context, colon, key = text.partition(":")
    if not colon or not key:
        return Key(default, text)
    for known in CONTEXTS:
        if context == known:
            return Key(known, key)
    raise ValueError(f"{context!r} is no place for keys; there are {', '.join(CONTEXTS)}")


def always(ctx: CommandContext) -> str | None:
    """The reason of a command that can be used at any time."""
    return None


def no_session(ctx: CommandContext) -> str | None:
    """The reason of a command that is about the open session."""
    return None if ctx.session is not None else "no session is open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One row of the table. Key map, palette, slash commands, footer and help are read from these.

    `reason` says in one line why it can't be used now (None: it can); `why_not` also knows what holds for all.
    `needs_host` is False for what a face can do by itself.
    """

    id: str
    title: str
    description: str
    group: Group
    run: Callable[[CommandContext, str], Awaitable[None]]
    slash: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    args_hint: str = ""
    changes: bool = False
    needs_host: bool = True
    reason: Callable[[CommandContext], str | None] = always

    def parsed_keys(self) -> tuple[Key, ...]:
        """Its default keys."""
        return tuple(parse_key(key) for key in self.keys)

    def why_not(self, ctx: CommandContext) -> str | None:
        """Why it can't be used now, as one line for the person; None when it can."""
        if self.changes and ctx.read_only:
            return "the session is read-only"
        if self.needs_host and not ctx.live:
            return "the host is gone; it is being started again"
        return self.reason(ctx)
