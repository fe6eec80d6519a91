"""Errors that the runtime raises into its callers; process exits are values: reasons.py.

NoProcess · NameTaken · CallFailed (CallTimeout) · SpecError · StartError (AlreadyStarted, AlreadyPresent)
· ChildError (ChildNotFound, ChildRunning, ChildRestarting, NotForSimpleOneForOne)
"""

from vega_tui.core.errors import NotFound, UserError, VegaError
from vega_tui.runtime.reasons import ExitReason
from vega_tui.runtime.signals import Pid, Target


class NoProcess(NotFound):
    """Nothing alive has that pid or name (badarg, noproc)."""

    code = "noproc"

    def __init__(self, target: Target) -> None:
        super().__init__(f"no process {target!r}: it has ended or never was")
        self.target = target


class NameTaken(UserError):
    """Another living process holds the name."""

    code = "name_taken"

    def __init__(self, name: str, pid: Pid) -> None:
        super().__init__(f'name "{name}" is held by process {pid!r}; use another name or end that process')
        self.name = name
        self.pid = pid


class CallFailed(VegaError):
    """The called process was not there, or ended before it replied; `reason` says how."""

    code = "call_failed"

    def __init__(self, target: Target, reason: ExitReason) -> None:
        super().__init__(f"call to {target!r} failed: {reason.text}")
        self.target = target
        self.reason = reason


class CallTimeout(VegaError, TimeoutError):
    """No reply in time. The request may still be carried out; a late reply is dropped."""

    code = "call_timeout"

    def __init__(self, target: Target, timeout_s: float) -> None:
        super().__init__(f"call to {target!r}: no reply within {timeout_s:g} s")
        self.target = target


class SpecError(UserError):
    """A supervisor or child spec can't be used: `field` and `value` name the offence."""

    code = "start_spec"

    def __init__(self, field: str, value: object, hint: str) -> None:
        super().__init__(f"{field} {_shown(value)}: {hint}")
        self.field = field
        self.value = value


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # a value of whatever type was passed where it does not belong
        return f"a {type(value).__name__}"


class StartError(VegaError):
    """A process could not be started; `reason` is OTP's {error, Reason}."""

    code = "start_failed"

    def __init__(self, reason: ExitReason, child_id: object = None) -> None:
        where = "" if child_id is None else f'child "{child_id}": '
        super().__init__(f"{where}start failed: {reason.text}")
        self.reason = reason
        self.child_id = child_id


class StartTimeout(VegaError, TimeoutError):
    """The init phase took too long; the half-started process was killed."""

    code = "start_timeout"


class ChildError(UserError):
    """A request about a child that its state does not allow."""

    code = "child"

    def __init__(self, child: object, what: str) -> None:
        super().__init__(f'child "{child}" {what}')
        self.child = child


class AlreadyStarted(ChildError):
    """A child of that id, or a process of that name, is running as `pid`."""

    code = "already_started"

    def __init__(self, child: object, pid: Pid) -> None:
        super().__init__(child, f"is already running as {pid!r}")
        self.pid = pid


class AlreadyPresent(ChildError):
    """A stopped child of that id is kept: restart or delete it."""

    code = "already_present"

    def __init__(self, child: object) -> None:
        super().__init__(child, "is present but not running; restart or delete it")


class ChildNotFound(ChildError):
    """The supervisor has no such child."""

    code = "not_found"

    def __init__(self, child: object) -> None:
        super().__init__(child, "is not a child of this supervisor")


class ChildRunning(ChildError):
    """The child runs; terminate it first."""

    code = "running"

    def __init__(self, child: object) -> None:
        super().__init__(child, "is running; terminate it first")


class ChildRestarting(ChildError):
    """The child is between a failed restart and the next try; terminate it first."""

    code = "restarting"

    def __init__(self, child: object) -> None:
        super().__init__(child, "is being restarted; terminate it first")


class NotForSimpleOneForOne(ChildError):
    """Children of a simple_one_for_one supervisor have no ids: use the pid with terminate_child."""

    code = "simple_one_for_one"

    def __init__(self, child: object) -> None:
        super().__init__(child, "has no id under simple_one_for_one; terminate it by pid")
