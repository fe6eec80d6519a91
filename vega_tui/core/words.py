"""Closed sets of words that events, store, screen and command line share."""

from enum import StrEnum


class StopReason(StrEnum):
    """Why a run ended; `status_of` gives the status that agrees with it."""

    FINISH = "finish"
    TEXT = "text"
    MAX_TURNS = "max_turns"
    NO_TOOL_CALLS = "no_tool_calls"
    HANDOFF = "handoff"
    BUDGET_EXHAUSTED = "budget_exhausted"
    FINISH_OVER_BUDGET = "finish_over_budget"
    LOW_SCORE = "low_score"
    STUCK = "stuck"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    ERROR = "error"


class RunStatus(StrEnum):
    """What became of a run."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    FAILED = "failed"


def status_of(reason: StopReason) -> RunStatus:
    """The one status that agrees with a stop reason."""
    match reason:
        case StopReason.FINISH | StopReason.TEXT | StopReason.FINISH_OVER_BUDGET | StopReason.HANDOFF:
            return RunStatus.COMPLETED
        case StopReason.CANCELLED:
            return RunStatus.CANCELLED
        case StopReason.ERROR | StopReason.TIMEOUT | StopReason.INTERRUPTED:
            return RunStatus.FAILED
        case _:
            return RunStatus.STOPPED


class Mode(StrEnum):
    """Permission mode of a session: what is decided without asking."""

    MANUAL = "manual"  # reading inside the work directory is free, everything else asks
    EDITS = "edits"  # … and edits of files inside the work directory
    AUTO = "auto"  # … and every call of LOW risk
    YOLO = "yolo"  # everything but what a rule denies


class Risk(StrEnum):
    """How much harm a call could do."""

    LOW = "LOW"
    MED = "MED"
    HIGH = "HIGH"


class Decision(StrEnum):
    """What a person may answer to an approval."""

    ONCE = "once"
    SESSION = "session"
    ALWAYS = "always"
    DENY = "deny"
    DENY_STOP = "deny_stop"

    @property
    def denies(self) -> bool:
        """True for every kind of no."""
        return self in (Decision.DENY, Decision.DENY_STOP)


class InputMode(StrEnum):
    """How a message joins a process that is already working."""

    STEER = "steer"  # after the current batch of tool calls
    FOLLOWUP = "followup"  # after this turn's run has ended
    QUEUE = "queue"  # as a run of its own, in order
    INTERRUPT = "interrupt"  # end the current run first


class ProcessKind(StrEnum):
    """What a process is."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"


class CallState(StrEnum):
    """Where a tool call stands."""

    PROPOSED = "proposed"
    WAITING = "waiting"  # for a person
    RUNNING = "running"
    OK = "ok"
    ERROR = "error"
    BLOCKED = "blocked"  # denied by a rule or a person; never ran
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"  # the host ended while it ran; outcome unknown, never run again


class ApprovalState(StrEnum):
    """Where a question to the operator stands."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Severity(StrEnum):
    """How loud an alert is."""

    LOW = "LOW"
    MED = "MED"
    HIGH = "HIGH"
