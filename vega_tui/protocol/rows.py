"""What a snapshot and the listings are made of: the state of sessions, processes and calls at one seq."""

import msgspec

from vega_tui.core.events import AnyEvent, InputReceived
from vega_tui.core.messages import JsonObject, Usage
from vega_tui.core.records import Alert, Approval
from vega_tui.core.words import CallState, InputMode, Mode, ProcessKind


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A session as the picker, the header and `sessions list` show it."""

    id: str
    name: str
    cwd: str
    model: str
    mode: Mode = Mode.MANUAL
    agent: str = "root"
    budget_usd: float | None = None
    max_turns: int = 50
    simulated: bool = False
    ephemeral: bool = False
    created: float = 0.0
    updated: float = 0.0
    branch: str = "main"  # the root process's active branch
    entries: int = 0
    cost_usd: float = 0.0
    unpriced: bool = False  # some calls had no known price
    usage: Usage = Usage()
    preview: str = ""  # what was said last
    alive: bool = False  # open in the host right now
    working: bool = False  # a run is under way


class BranchRow(msgspec.Struct, frozen=True, kw_only=True):
    """A named, movable pointer into a session's tree of entries."""

    name: str
    head: str
    origin: str = ""
    created: float = 0.0
    active: bool = False
    entries: int = 0


class ProcessRow(msgspec.Struct, frozen=True, kw_only=True):
    """A process as the fleet and `ps` show it. `state` is one of DESIGN §3's words."""

    session: str
    path: str
    kind: ProcessKind = ProcessKind.AGENT
    parent: str = ""
    supervisor: str = ""
    agent: str = ""
    model: str = ""
    task: str = ""
    restart: str = "temporary"
    strategy: str = ""
    intensity: int = 0
    period_s: float = 0.0
    restarts: tuple[float, ...] = ()  # when, inside the period
    incarnation: int = 1
    lives: tuple[str, ...] = ()  # how each earlier life ended: reason words, oldest first
    state: str = "wait"
    now: str = ""  # what it does or waits for
    reason: str = ""  # why it ended
    reason_text: str = ""
    since: float = 0.0  # when `state` began
    started: float = 0.0
    context_tokens: int = 0
    context_window: int = 0
    cost_usd: float = 0.0
    unpriced: bool = False
    usage: Usage = Usage()
    turns: int = 0
    restart_at: float = 0.0  # wall time of the coming restart, while backing off
    paused: bool = False
    paused_why: str = ""
    stopping: bool = False  # told to end, its code has not ended yet
    run: str = ""  # the run under way, empty: none
    retry: str = ""  # what the model's server said, while a call of it waits to be tried again
    retry_at: float = 0.0  # wall time of that
    retry_attempt: int = 0
    retry_attempts: int = 0


class LifeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One incarnation of a process and why it ended; `ended` is None while it lives."""

    process: str
    incarnation: int
    started: float
    ended: float | None = None
    reason: str = ""
    text: str = ""
    abnormal: bool = False


class CallRow(msgspec.Struct, frozen=True, kw_only=True):
    """A tool call that is not finished."""

    session: str
    process: str
    call: str
    tool: str
    args: JsonObject
    summary: str = ""
    state: CallState = CallState.PROPOSED
    started: float = 0.0
    output: str = ""  # the last of what it printed so far


class InputRow(msgspec.Struct, frozen=True, kw_only=True):
    """An input that waits."""

    id: str
    session: str
    process: str
    mode: InputMode
    text: str
    author: str = "you"
    ts: float = 0.0


def input_row(event: InputReceived) -> InputRow:
    """The input that an event says was received."""
    return InputRow(
        id=event.input,
        session=event.session,
        process=event.process,
        mode=event.mode,
        text=event.text,
        author=event.author,
        ts=event.ts,
    )


class OpenText(msgspec.Struct, frozen=True, kw_only=True):
    """An answer in the middle of being said: what deltas have told so far."""

    process: str
    run: str
    turn: int
    text: str = ""
    thinking: str = ""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a face needs to begin, as of `seq`; entries come by page."""

    seq: int
    session: SessionRow | None = None
    processes: tuple[ProcessRow, ...] = ()
    calls: tuple[CallRow, ...] = ()
    approvals: tuple[Approval, ...] = ()
    alerts: tuple[Alert, ...] = ()
    inputs: tuple[InputRow, ...] = ()
    branches: tuple[BranchRow, ...] = ()
    draft: str = ""
    held_usd: float = 0.0
    holds: dict[str, float] = {}  # the same by hold, so that settling one can be folded
    today_usd: float = 0.0
    recent: tuple[AnyEvent, ...] = ()  # the newest facts up to `seq`, for the log; all else has them in it already
