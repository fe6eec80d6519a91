"""How processes and runs stand and end, in a program's words: statuses, errors, figures."""

from enum import StrEnum

import msgspec

from vega_tui.agent.body import Unmended
from vega_tui.agent.outcome import RunOutcome
from vega_tui.core.errors import LimitReached, ProcessFailed, RunCancelled
from vega_tui.core.messages import Usage
from vega_tui.core.words import StopReason
from vega_tui.host.lifecycle import reason_word
from vega_tui.runtime import Error, ExitReason, Killed, Normal, Shutdown


class Status(StrEnum):
    """Where a process stands. The last five are ends; a message to an ended process starts it again."""

    PENDING = "pending"
    RUNNING = "running"
    STOPPING = "stopping"  # told to end, and its code has not ended yet
    RESTARTING = "restarting"
    COMPLETED = "completed"
    STOPPED = "stopped"  # in order, by whoever may
    FAILED = "failed"
    KILLED = "killed"
    TIMEOUT = "timeout"


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """What a process has used so far, over all its lives. `cost_usd` None: a model's price is unknown."""

    turns: int = 0
    usage: Usage = Usage()
    cost_usd: float | None = 0.0
    tool_calls: int = 0
    errors: int = 0
    restarts: int = 0
    started: float = 0.0
    last_active: float = 0.0


def status_of(reason: ExitReason) -> Status:
    """The status that an end gives."""
    match reason:
        case Normal():
            return Status.COMPLETED
        case Shutdown(detail=Unmended()):
            return Status.FAILED
        case Shutdown():
            return Status.STOPPED
        case Killed():
            return Status.KILLED
        case Error() if reason_word(reason) == Status.TIMEOUT:
            return Status.TIMEOUT
        case _:
            return Status.FAILED


def text_of(path: str, outcome: RunOutcome) -> str:
    """The words of a run that went well; else raises what became of it."""
    error = outcome.error
    if isinstance(error, ProcessFailed | LimitReached | RunCancelled):
        raise error
    if error is not None:
        raise ProcessFailed(path, str(error) or type(error).__name__) from error
    match outcome.reason:
        case StopReason.MAX_TURNS:
            raise LimitReached(f"{path}: stopped at its limit of turns; max_iterations raises it")
        case StopReason.CANCELLED:
            raise RunCancelled(f"{path}: the run was interrupted")
        case StopReason.INTERRUPTED | StopReason.TIMEOUT:
            raise ProcessFailed(path, f"ended while it answered ({outcome.reason.value})")
        case _:
            return outcome.text
