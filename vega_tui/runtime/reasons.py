"""Exit reasons as values. Semantics: erlang(3) exit/1, exit/2 and supervisor(3) on "abnormal" exits."""

from copy import copy
from dataclasses import dataclass
from typing import Final, NoReturn, cast


class ExitReason:
    """Why a process ended. Compare with the constants below, or match on the class."""

    __slots__ = ()

    @property
    def orderly(self) -> bool:
        """True for normal, shutdown and shutdown(x): what a transient child is not restarted after."""
        return False

    @property
    def text(self) -> str:
        """One line for a person: the reason's name, or the error's type and message."""
        return type(self).__name__.lower()

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Normal(ExitReason):
    """The body returned, or asked to end with exit(NORMAL)."""

    @property
    def orderly(self) -> bool:
        """Always true."""
        return True


@dataclass(frozen=True, slots=True)
class Shutdown(ExitReason):
    """Ended in order on request; `detail` is OTP's x in {shutdown, x}."""

    detail: object = None

    @property
    def orderly(self) -> bool:
        """Always true."""
        return True

    @property
    def text(self) -> str:
        """`shutdown`, or `shutdown(detail)`."""
        return "shutdown" if self.detail is None else f"shutdown({text_of(self.detail)})"


@dataclass(frozen=True, slots=True)
class Kill(ExitReason):
    """Sent with exit(pid, KILL) it can't be trapped; over a link it is a reason like any other."""


@dataclass(frozen=True, slots=True)
class Killed(ExitReason):
    """What watchers see of a process that was sent KILL."""


@dataclass(frozen=True, slots=True)
class NoProc(ExitReason):
    """There was no such process."""


@dataclass(frozen=True, slots=True)
class Error(ExitReason):
    """The body raised `exception`."""

    exception: BaseException

    @property
    def text(self) -> str:
        """The error's type and message on one line."""
        message = " ".join(text_of(self.exception).split())
        kind = type(self.exception).__name__
        return f"{kind}: {message}" if message else kind


@dataclass(frozen=True, slots=True)
class Other(ExitReason):
    """Any value of the program's own, as Erlang's exit(Term)."""

    value: object

    @property
    def text(self) -> str:
        """The value's text."""
        return text_of(self.value)


@dataclass(frozen=True, slots=True)
class FailedToStart:
    """The detail of a Shutdown when a supervisor could not start `child_id`."""

    child_id: object
    reason: ExitReason

    def __str__(self) -> str:
        return f'child "{text_of(self.child_id)}" failed to start: {self.reason.text}'


def text_of(value: object) -> str:
    """The value as text, whatever its own `__str__` does: an exit has to reach everyone, readable or not."""
    try:
        return str(value)
    except BaseException as error:  # SystemExit too: nothing in here awaits, so no cancellation is lost
        return f"({type(value).__name__}, whose text fails with {type(error).__name__})"


NORMAL: Final = Normal()
SHUTDOWN: Final = Shutdown()
KILL: Final = Kill()
KILLED: Final = Killed()
NOPROC: Final = NoProc()


class ProcessExit(BaseException):
    """Raised inside a process to end it with `reason`; not an Exception, so `except Exception` lets it by."""

    def __init__(self, reason: ExitReason) -> None:
        super().__init__(reason)
        self.reason = reason


def as_reason(reason: ExitReason | BaseException) -> ExitReason:
    """The reason itself; an exception becomes Error, a ProcessExit the reason that it carries.

    A task group's wrapping around a single exception is taken off.
    """
    if isinstance(reason, ExitReason):
        return reason
    error = _unwrapped(reason)
    return error.reason if isinstance(error, ProcessExit) else Error(error)


def without_frames(reason: ExitReason) -> ExitReason:
    """The reason for keeping: its error is a copy that holds no frame of the code that crashed, with all in them."""
    match reason:
        case Shutdown(detail=FailedToStart(child_id=child_id, reason=why)):
            return Shutdown(FailedToStart(child_id, without_frames(why)))
        case Error(exception=error) if error.__traceback__ or error.__context__ or error.__cause__:
            return _copied(reason, error)
        case _:
            return reason


def _copied(reason: ExitReason, error: BaseException) -> ExitReason:
    # The first way asks nothing of the program's own __init__; the second knows what C classes keep beside `args`.
    if isinstance(error, BaseExceptionGroup):  # its parts have frames too
        return Other(reason.text)
    for way in (_made_anew, copy):
        try:
            bare = Error(way(error))
        except Exception:
            continue
        # A text made from `args` alone is the same; any other is compared.
        if type(error).__str__ is BaseException.__str__ or bare.text == reason.text:
            return bare
    return Other(reason.text)


def _made_anew(error: BaseException) -> BaseException:
    made = type(error).__new__(type(error), *error.args)
    made.__dict__.update(error.__dict__)
    return made


def _unwrapped(error: BaseException) -> BaseException:
    if not isinstance(error, BaseExceptionGroup):
        return error
    group = cast("BaseExceptionGroup[BaseException]", error)  # isinstance loses the type of its parts
    return _unwrapped(group.exceptions[0]) if len(group.exceptions) == 1 else group


def end(reason: ExitReason | BaseException) -> NoReturn:
    """End the calling process with `reason` (exit/1)."""
    raise ProcessExit(as_reason(reason))
