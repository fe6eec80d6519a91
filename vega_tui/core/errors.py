"""One tree of errors; each class says who must act.

VegaError
├── UserError         the person: bad input; names what, where and what to do
│   ├── NotFound      the person: nothing has that name
│   └── NotCompleted  the program: it asked for a result before there is one
├── ProviderError     the model's server; `verdict` says whether waiting helps
├── ToolError         the model: becomes the tool's result, never ends a run
├── PolicyDenied      the model: a rule or a person said no
├── LimitReached      the person: a budget, turn or time limit holds
│   └── OutOfTime     the person: a process lived longer than it was given
├── ProcessFailed     the program: the process it asked has ended, its run failed
├── RunCancelled      nobody: somebody interrupted the run, its process goes on
├── StorageError      the operator: the store can't be read or written
├── HostError         the operator: the host is missing, old, or refuses
└── BugError          us: an invariant broke

Process exits are not errors but values: runtime/reasons.py.
"""

from enum import StrEnum


class VegaError(Exception):
    """Base of all of ours. `str()` is one line: what, where, what to do."""

    code: str = "error"


class UserError(VegaError):
    """Bad input. The message names the thing, the place and the next step."""

    code = "user"


class NotFound(UserError):
    """Nothing has that name."""

    code = "not_found"


class Verdict(StrEnum):
    """What kind of failure a model call met, and so whether a retry may help."""

    RATE_LIMIT = "rate_limit"
    OVERLOADED = "overloaded"
    TIMEOUT = "timeout"
    TEMPORARY = "temporary"
    AUTHENTICATION = "authentication"
    INVALID_REQUEST = "invalid_request"
    BUDGET = "budget"

    @property
    def retryable(self) -> bool:
        """True where waiting may help."""
        return self in (Verdict.RATE_LIMIT, Verdict.OVERLOADED, Verdict.TIMEOUT, Verdict.TEMPORARY)


class ProviderError(VegaError):
    """A model call failed. `after_delta` is True once text was received: such a call is never retried.

    `unbilled`: no answer can have begun, so it cost nothing; else a server may have counted it.
    """

    code = "provider"

    def __init__(
        self,
        message: str,
        *,
        verdict: Verdict,
        status: int | None = None,
        retry_after_s: float | None = None,
        after_delta: bool = False,
        unbilled: bool = False,
    ) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.status = status
        self.retry_after_s = retry_after_s
        self.after_delta = after_delta
        self.unbilled = unbilled


class ToolError(VegaError):
    """A tool could not do what it was asked; its text goes to the model as the result."""

    code = "tool"


class SandboxViolation(ToolError):
    """A path or command reaches outside what the tool may touch."""

    code = "sandbox"


class PolicyDenied(VegaError):
    """A rule or a person said no."""

    code = "denied"


class LimitReached(VegaError):
    """A budget, turn or time limit holds. Says the limit and how to raise it."""

    code = "limit"


class OutOfTime(LimitReached):
    """A process lived longer than the time that it was given."""

    code = "timeout"


class ProcessFailed(VegaError):
    """A process ended, or its run failed, before it answered. `__cause__` is the error itself, where there is one."""

    code = "process_failed"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path


class RunCancelled(VegaError):
    """The run was interrupted; its process goes on."""

    code = "cancelled"


class NotCompleted(UserError):
    """There is no result yet."""

    code = "not_completed"


class StorageError(VegaError):
    """The store can't be read or written. Nothing after the failed write was acted on."""

    code = "storage"


class HostError(VegaError):
    """The host is missing, too old, or refused."""

    code = "host"


class BugError(VegaError):
    """An invariant of ours broke. Asks for a report."""

    code = "bug"
