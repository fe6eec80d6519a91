"""Every durable fact, as one tagged union, and the passing deltas. Plain data only: each can be stored and sent.

`seq` is the one total order; the bus sets it and `ts` when an event is published.
"""

from typing import ClassVar, Literal, TypeAlias, TypedDict

import msgspec

from vega_tui.core.messages import JsonObject, JsonValue, Observation, Usage
from vega_tui.core.records import Alert, Approval, Entry
from vega_tui.core.words import CallState, Decision, InputMode, Mode, ProcessKind, RunStatus, StopReason


class Where(TypedDict):
    """Whose fact it is, to be spread into an event: `TurnStarted(model=m, **where)`."""

    session: str
    process: str
    run: str
    turn: int


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Base of all events: where in the order, when, and whose fact it is."""

    version: ClassVar[int] = 1  # of the stored shape; upcasters in sessions/upcasters.py raise older ones

    seq: int = 0
    ts: float = 0.0
    session: str = ""
    process: str = ""  # path, without incarnation
    run: str = ""
    turn: int = 0


# --- sessions, branches, entries ---------------------------------------------------------------------------


class SessionCreated(Event, frozen=True, kw_only=True, tag="session.created"):
    name: str
    cwd: str
    model: str
    mode: Mode = Mode.MANUAL
    agent: str = "root"
    budget_usd: float | None = None
    max_turns: int = 50
    simulated: bool = False
    ephemeral: bool = False  # removed when its last client leaves or the host ends


class SessionLoaded(Event, frozen=True, kw_only=True, tag="session.loaded"):
    by: str = ""  # "resume", "recovery"


class SessionChanged(Event, frozen=True, kw_only=True, tag="session.changed"):
    """What a person changed; a field that is None stayed as it was."""

    name: str | None = None
    mode: Mode | None = None
    model: str | None = None
    simulated: bool | None = None
    budget_usd: float | None = None  # negative: no cap
    by: str = "you"


class SessionRemoved(Event, frozen=True, kw_only=True, tag="session.removed"):
    pass


class BranchCreated(Event, frozen=True, kw_only=True, tag="branch.created"):
    branch: str
    head: str = ""
    origin: str = ""  # the entry it was forked at; empty for a first branch


class BranchMoved(Event, frozen=True, kw_only=True, tag="branch.moved"):
    """The branch points elsewhere, or (`active`) the process now works on it."""

    branch: str
    head: str
    active: bool = False


class EntryAdded(Event, frozen=True, kw_only=True, tag="entry.added"):
    branch: str
    entry: Entry


# --- inputs ------------------------------------------------------------------------------------------------


class InputReceived(Event, frozen=True, kw_only=True, tag="input.received"):
    input: str
    mode: InputMode
    text: str
    author: str = "you"


class InputDelivered(Event, frozen=True, kw_only=True, tag="input.delivered"):
    input: str
    how: Literal["direct", "steered", "queued", "interrupted"] = "direct"


class InputDropped(Event, frozen=True, kw_only=True, tag="input.dropped"):
    input: str
    reason: str


# --- processes ---------------------------------------------------------------------------------------------


class ProcessSpawned(Event, frozen=True, kw_only=True, tag="process.spawned"):
    kind: ProcessKind = ProcessKind.AGENT
    parent: str = ""  # who spawned it: a path, or empty
    supervisor: str = ""  # path of its supervisor, when that is shown in the tree
    agent: str = ""
    model: str = ""
    task: str = ""
    why: str = ""  # what it was spawned for, in its spawner's words
    restart: Literal["permanent", "transient", "temporary"] = "temporary"
    strategy: str = ""  # for supervisors
    intensity: int = 0
    period_s: float = 0.0
    context_tokens: int = 0  # size of the model's window; 0: unknown
    blueprint: JsonObject = {}  # the agent, as a later host makes it again


class ProcessStarted(Event, frozen=True, kw_only=True, tag="process.started"):
    incarnation: int = 1


class ProcessExited(Event, frozen=True, kw_only=True, tag="process.exited"):
    incarnation: int = 1
    reason: str  # normal, shutdown, killed, noproc, or the error's class
    text: str = ""  # the error's text
    abnormal: bool = False
    restart_in_s: float | None = None  # taken along by the restart of `along_with`, its sibling: it comes back by then
    along_with: str = ""  # without restart_in_s: its supervisor gave up on that one, and ended all


class ProcessRestarting(Event, frozen=True, kw_only=True, tag="process.restarting"):
    incarnation: int  # that will be
    attempt: int = 1  # restarts inside the period, this one included
    intensity: int = 0
    period_s: float = 0.0
    delay_s: float = 0.0
    reason: str = ""


class ProcessTerminated(Event, frozen=True, kw_only=True, tag="process.terminated"):
    """A restart that was due is called off: the process stays down. `why`: where nobody asked for that."""

    why: str = ""


class ProcessRestarted(Event, frozen=True, kw_only=True, tag="process.restarted"):
    incarnation: int
    by: str = "supervisor"


class ProcessPaused(Event, frozen=True, kw_only=True, tag="process.paused"):
    by: str = "you"
    reason: str = ""


class ProcessResumed(Event, frozen=True, kw_only=True, tag="process.resumed"):
    by: str = "you"


class ProcessStopping(Event, frozen=True, kw_only=True, tag="process.stopping"):
    """It was told to end and its code has not ended yet."""

    incarnation: int = 1


class ProcessGaveUp(Event, frozen=True, kw_only=True, tag="process.gave_up"):
    """A supervisor (`process`) passed its intensity and ended itself."""

    restarts: int = 0
    intensity: int = 0
    period_s: float = 0.0
    reason: str = ""


class LinkDied(Event, frozen=True, kw_only=True, tag="link.died"):
    peer: str
    reason: str


# --- runs, turns, messages ---------------------------------------------------------------------------------


class RunStarted(Event, frozen=True, kw_only=True, tag="run.started"):
    input: str = ""
    attempt: int = 1
    branch: str = "main"


class RunFinished(Event, frozen=True, kw_only=True, tag="run.finished"):
    status: RunStatus
    stop_reason: StopReason
    error: str = ""
    turns: int = 0
    usage: Usage = Usage()
    cost_usd: float | None = 0.0


class TurnStarted(Event, frozen=True, kw_only=True, tag="turn.started"):
    model: str


class TurnFinished(Event, frozen=True, kw_only=True, tag="turn.finished"):
    model: str
    usage: Usage = Usage()
    cost_usd: float | None = 0.0  # None: the model's price is unknown
    context_tokens: int = 0  # how much of the window this turn's prompt and answer took
    error: str = ""


class MessageCompleted(Event, frozen=True, kw_only=True, tag="message.completed"):
    entry: str
    stop_reason: str = ""


class MessageInterrupted(Event, frozen=True, kw_only=True, tag="message.interrupted"):
    entry: str
    reason: str = ""


class ModelRetry(Event, frozen=True, kw_only=True, tag="model.retry"):
    attempt: int
    attempts: int
    delay_s: float
    verdict: str
    message: str = ""


# --- tools, approvals --------------------------------------------------------------------------------------


class ToolProposed(Event, frozen=True, kw_only=True, tag="tool.proposed"):
    call: str
    tool: str
    args: JsonObject
    summary: str = ""  # the call in one line: the command, the path


class ToolBlocked(Event, frozen=True, kw_only=True, tag="tool.blocked"):
    """The call ended without running: unknown, invalid, denied, expired."""

    call: str
    tool: str
    reason: str
    by: str = ""


class ToolStarted(Event, frozen=True, kw_only=True, tag="tool.started"):
    call: str
    tool: str
    args: JsonObject  # effective: after hooks and edits
    summary: str = ""
    edited: bool = False


class ToolFinished(Event, frozen=True, kw_only=True, tag="tool.finished"):
    call: str
    tool: str
    state: CallState
    observation: Observation
    duration_s: float = 0.0


class ApprovalRequested(Event, frozen=True, kw_only=True, tag="approval.requested"):
    approval: Approval


class ApprovalDecided(Event, frozen=True, kw_only=True, tag="approval.decided"):
    approval: str
    decision: Decision
    by: str
    args: JsonObject | None = None  # set when the operator edited them
    feedback: str = ""
    rule: str = ""


class ApprovalExpired(Event, frozen=True, kw_only=True, tag="approval.expired"):
    approval: str


class ApprovalWithdrawn(Event, frozen=True, kw_only=True, tag="approval.withdrawn"):
    approval: str
    reason: str


class GrantAdded(Event, frozen=True, kw_only=True, tag="grant.added"):
    grant: str
    rule: str
    scope: Literal["session", "project", "user"]
    scope_id: str = ""  # session id, project folder, or empty
    by: str = "you"


class GrantRevoked(Event, frozen=True, kw_only=True, tag="grant.revoked"):
    grant: str
    by: str = "you"


# --- groups, boards ----------------------------------------------------------------------------------------


class GroupJoined(Event, frozen=True, kw_only=True, tag="group.joined"):
    group: str


class GroupLeft(Event, frozen=True, kw_only=True, tag="group.left"):
    group: str
    ended: bool = False  # it ended, and is in again when it is started again


class GroupDeleted(Event, frozen=True, kw_only=True, tag="group.deleted"):
    """An empty group was dropped, with its board."""

    group: str


class BoardWritten(Event, frozen=True, kw_only=True, tag="board.written"):
    """A value of a group's board was written or deleted."""

    board: str  # the group's name
    key: str
    value: JsonValue = None
    revision: int = 1  # of the key
    by: str = "you"
    deleted: bool = False


# --- budgets, alerts, host ---------------------------------------------------------------------------------


class BudgetReserved(Event, frozen=True, kw_only=True, tag="budget.reserved"):
    hold: str
    amount_usd: float


class BudgetSettled(Event, frozen=True, kw_only=True, tag="budget.settled"):
    hold: str
    amount_usd: float


class BudgetExceeded(Event, frozen=True, kw_only=True, tag="budget.exceeded"):
    limit_usd: float
    spent_usd: float
    needed_usd: float = 0.0


class AlertRaised(Event, frozen=True, kw_only=True, tag="alert.raised"):
    alert: Alert


class AlertCleared(Event, frozen=True, kw_only=True, tag="alert.cleared"):
    alert: str


class AlertAcknowledged(Event, frozen=True, kw_only=True, tag="alert.acknowledged"):
    alert: str
    by: str = "you"


class HostStarted(Event, frozen=True, kw_only=True, tag="host.started"):
    pid: int
    release: str


class HostRecovered(Event, frozen=True, kw_only=True, tag="host.recovered"):
    """A session found cut off by the end of an earlier host: what was open is now interrupted."""

    interrupted_calls: int = 0
    interrupted_runs: int = 0


AnyEvent: TypeAlias = (
    SessionCreated
    | SessionLoaded
    | SessionChanged
    | SessionRemoved
    | BranchCreated
    | BranchMoved
    | EntryAdded
    | InputReceived
    | InputDelivered
    | InputDropped
    | ProcessSpawned
    | ProcessStarted
    | ProcessExited
    | ProcessRestarting
    | ProcessRestarted
    | ProcessTerminated
    | ProcessPaused
    | ProcessResumed
    | ProcessStopping
    | ProcessGaveUp
    | LinkDied
    | RunStarted
    | RunFinished
    | TurnStarted
    | TurnFinished
    | MessageCompleted
    | MessageInterrupted
    | ModelRetry
    | ToolProposed
    | ToolBlocked
    | ToolStarted
    | ToolFinished
    | ApprovalRequested
    | ApprovalDecided
    | ApprovalExpired
    | ApprovalWithdrawn
    | GrantAdded
    | GrantRevoked
    | GroupJoined
    | GroupLeft
    | GroupDeleted
    | BoardWritten
    | BudgetReserved
    | BudgetSettled
    | BudgetExceeded
    | AlertRaised
    | AlertCleared
    | AlertAcknowledged
    | HostStarted
    | HostRecovered
)


class Delta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Passing text: never stored, may be merged with its like. Ends with the entry that holds the whole."""

    session: str
    process: str
    run: str = ""
    turn: int = 0
    text: str


class TextDelta(Delta, frozen=True, kw_only=True, tag="text"):
    """The next piece of a model's answer."""


class ThinkingDelta(Delta, frozen=True, kw_only=True, tag="thinking"):
    """The next piece of a model's thinking."""


class ToolArgsDelta(Delta, frozen=True, kw_only=True, tag="tool_args"):
    """The next piece of a call's arguments, as JSON text that is not yet whole."""

    call: str
    tool: str


class ToolOutputDelta(Delta, frozen=True, kw_only=True, tag="tool_output"):
    """The next piece of what a running tool prints."""

    call: str


AnyDelta: TypeAlias = TextDelta | ThinkingDelta | ToolArgsDelta | ToolOutputDelta
