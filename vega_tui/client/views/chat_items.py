"""What a transcript is made of: one plain object per thing that was said or done. The pane paints, the view folds."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from vega_tui.core.messages import JsonObject, Usage
from vega_tui.core.words import CallState

OPEN_CALLS = frozenset({CallState.PROPOSED, CallState.WAITING, CallState.RUNNING})


@dataclass(slots=True, kw_only=True)
class UserItem:
    """Something said to the process. `author` is `you` or the path of a process; `mode` how it joined, if it did."""

    key: str
    text: str
    author: str = "you"
    mode: str = ""
    ts: float = 0.0
    entry: str = ""  # where a fork would begin

    @property
    def open(self) -> bool:
        """Never changes again."""
        return False


@dataclass(slots=True, kw_only=True)
class AssistantItem:
    """An answer of the model. While `open`, deltas go on adding to `text` and `thinking`."""

    key: str
    text: str = ""
    thinking: str = ""
    open: bool = False
    interrupted: bool = False
    ts: float = 0.0
    run: str = ""
    turn: int = 0
    model: str = ""
    usage: Usage | None = None
    cost_usd: float | None = None  # None: unknown
    entry: str = ""


@dataclass(slots=True, kw_only=True)
class NestedCall:
    """A call of a process below, as one line of the card that started it. `since` it runs or waits, 0 before."""

    process: str
    call: str
    tool: str
    summary: str
    state: CallState = CallState.PROPOSED
    risk: str = ""
    approval: str = ""
    since: float = 0.0

    @property
    def open(self) -> bool:
        """True until it has ended."""
        return self.state in OPEN_CALLS


@dataclass(slots=True, kw_only=True)
class ToolItem:
    """A call of a tool, from its first argument to its result."""

    key: str
    call: str
    tool: str
    args: JsonObject = field(default_factory=dict[str, object])
    partial_args: str = ""  # JSON text as it comes, until the call is whole
    summary: str = ""  # the call in one line: the command, the path
    state: CallState = CallState.PROPOSED
    fact: str = ""  # one or two nouns: "214 lines", "exit 1"
    run: str = ""
    started: float = 0.0  # wall time; 0 until it runs
    since: float = 0.0  # when it began to wait for a person
    duration_s: float = 0.0
    output: str = ""  # the last of what it prints while it runs
    text: str = ""  # its result, for the operator
    diff: str = ""
    edited: bool = False  # the operator changed the arguments
    approval: str = ""  # the question it waits for
    risk: str = ""
    child: str = ""  # path of the process that a task or spawn started
    nested: NestedCall | None = None  # of the open calls below the one that needs you, else the newest
    below: dict[str, NestedCall] = field(default_factory=dict[str, NestedCall])  # all of those

    @property
    def open(self) -> bool:
        """True until it has ended."""
        return self.state in OPEN_CALLS

    def output_tail(self, lines: int = 2) -> tuple[str, ...]:
        """The last lines of what it printed or came to, empty ones at the end left out."""
        return tuple((self.output if self.open else self.text).rstrip().split("\n")[-lines:])


@dataclass(slots=True, kw_only=True)
class SystemItem:
    """A note of ours in the line. `mark`: error, died, took_over, interrupted, stopped, label, summary, info."""

    key: str
    mark: str
    note: str
    ts: float = 0.0
    entry: str = ""
    run: str = ""

    @property
    def open(self) -> bool:
        """Never changes again."""
        return False


ChatItem: TypeAlias = UserItem | AssistantItem | ToolItem | SystemItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """What stands below the last item for as long as it is true: why nothing is being written.

    waiting: for the model, since `since`. retry, backoff: `text` and again at wall time `until`.
    """

    kind: Literal["waiting", "retry", "backoff", "paused", "stopping", "done", "killed", "failed"]
    text: str = ""
    since: float = 0.0
    until: float = 0.0
    attempt: int = 0
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatChanges:
    """What the pane must paint again: everything, or `prepended` items at the top and those in `keys`.

    Items that came at the bottom are in `keys` too. `tail`: the tail may be another.
    """

    reset: bool
    prepended: int
    keys: frozenset[str]
    tail: bool
