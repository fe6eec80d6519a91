"""What reads give back that core/records doesn't name: one row of a table each. Plain data."""

from typing import Final, Literal

import msgspec

from vega_tui.core.messages import Usage
from vega_tui.core.words import CallState, InputMode, Mode, ProcessKind

MATCH_START: Final = "\x02"  # around what a search found, inside SearchHit.snippet
MATCH_END: Final = "\x03"


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A session as lists show it."""

    id: str
    name: str
    cwd: str
    model: str
    mode: Mode
    agent: str
    budget_usd: float | None
    max_turns: int
    simulated: bool
    ephemeral: bool
    created: float
    updated: float
    active_branch: str
    entries: int
    cost_usd: float
    cost_unknown: bool  # some turn's price was unknown: the cost is a lower bound
    tokens: int
    last_text: str
    open_runs: int = 0
    pending_approvals: int = 0
    input_tokens: int = 0  # of all its runs, as are the three below
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    @property
    def usage(self) -> Usage:
        """The session's tokens."""
        return Usage(self.input_tokens, self.output_tokens, self.cache_read_tokens, self.cache_write_tokens)


class BranchRow(msgspec.Struct, frozen=True, kw_only=True):
    """A named pointer to an entry. `version` grows with each move."""

    session: str
    process: str
    name: str
    head: str
    origin: str
    version: int
    active: bool
    created: float


class InputRow(msgspec.Struct, frozen=True, kw_only=True):
    """A message to a process, and whether it has reached it."""

    id: str
    session: str
    process: str
    mode: InputMode
    text: str
    author: str
    state: Literal["pending", "delivered", "dropped"]
    reason: str
    ts: float


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """A run; `status` is "running" until it has finished."""

    id: str
    session: str
    process: str
    branch: str
    input: str
    attempt: int
    status: str
    stop_reason: str
    error: str
    started: float
    finished: float | None
    turns: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_usd: float | None

    @property
    def usage(self) -> Usage:
        """The run's tokens."""
        return Usage(self.input_tokens, self.output_tokens, self.cache_read_tokens, self.cache_write_tokens)


class CallRow(msgspec.Struct, frozen=True, kw_only=True):
    """A tool call. Arguments are JSON text; `args_effective` is empty until it started."""

    session: str
    process: str
    call: str
    run: str
    turn: int
    tool: str
    args_proposed: str
    args_effective: str
    state: CallState
    summary: str
    reason: str
    started: float | None
    finished: float | None
    duration_s: float


class ProcessRow(msgspec.Struct, frozen=True, kw_only=True):
    """A process as it stood at its last event."""

    session: str
    path: str
    kind: ProcessKind
    parent: str
    supervisor: str
    agent: str
    model: str
    task: str
    restart: Literal["permanent", "transient", "temporary"]
    strategy: str
    intensity: int
    period_s: float
    context_tokens: int
    blueprint: str  # JSON; empty for a supervisor
    incarnation: int
    state: Literal["spawned", "running", "stopping", "restarting", "exited", "gave_up"]
    reason: str  # of its exit
    text: str
    abnormal: bool
    paused: bool
    cost_usd: float
    cost_unknown: bool
    tokens: int
    context_used: int
    turns: int
    started: float
    updated: float


class LifeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One incarnation of a process; `ended` is None while it lives."""

    process: str
    incarnation: int
    started: float
    ended: float | None
    reason: str
    text: str
    abnormal: bool


class MemberRow(msgspec.Struct, frozen=True, kw_only=True):
    """A process's membership; `here` is False while the process is down."""

    grp: str
    process: str
    joined: float
    here: bool


class NoteRow(msgspec.Struct, frozen=True, kw_only=True):
    """A board's newest value of a key, as JSON text."""

    board: str
    key: str
    value: str
    version: int
    writer: str
    ts: float
    deleted: bool


class PartialRow(msgspec.Struct, frozen=True, kw_only=True):
    """An answer in the middle of being said, as far as it was kept."""

    session: str
    process: str
    run: str
    turn: int
    text: str


class GrantRow(msgspec.Struct, frozen=True, kw_only=True):
    """A remembered yes that holds."""

    id: str
    rule: str
    scope: Literal["session", "project", "user"]
    scope_id: str
    by: str
    ts: float


class SearchHit(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that a search found; MATCH_START and MATCH_END stand around the found words of `snippet`."""

    entry: str
    session: str
    session_name: str
    process: str
    kind: str
    ts: float
    snippet: str


def columns(row: type[msgspec.Struct], prefix: str = "") -> str:
    """The column list that fills `row`."""
    return ", ".join(prefix + field for field in row.__struct_fields__)
