"""Specs as data: what a supervisor is told about itself and its children. What is wrong with one: spec_checks.py.

Source: supervisor(3), sup_flags() and child_spec(). Ours on top: backoff, label, init, name.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Final

from vega_tui.runtime.process import Body


class BrutalKill(Enum):
    """The shutdown that is a kill at once."""

    BRUTAL_KILL = "brutal_kill"


BRUTAL_KILL: Final = BrutalKill.BRUTAL_KILL
INFINITY: Final = math.inf


class Strategy(StrEnum):
    """Whom one child's failure restarts."""

    ONE_FOR_ONE = "one_for_one"
    ONE_FOR_ALL = "one_for_all"
    REST_FOR_ONE = "rest_for_one"
    SIMPLE_ONE_FOR_ONE = "simple_one_for_one"


class Restart(StrEnum):
    """After which exits a child is restarted: any, abnormal ones, none."""

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    TEMPORARY = "temporary"


class AutoShutdown(StrEnum):
    """Whether a supervisor ends when significant children have ended by themselves."""

    NEVER = "never"
    ANY_SIGNIFICANT = "any_significant"
    ALL_SIGNIFICANT = "all_significant"


class ChildType(StrEnum):
    """What stands under a child spec."""

    WORKER = "worker"
    SUPERVISOR = "supervisor"


class BackoffKind(StrEnum):
    """How the delay grows from restart to restart."""

    EXPONENTIAL = "exponential"
    LINEAR = "linear"
    CONSTANT = "constant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Wait before a restart: the n-th in a row waits initial·factor^(n-1), initial·n, or initial.

    Capped at max_s after the jitter (± the given share) is added. The row ends after reset_after_s of quiet.
    """

    kind: BackoffKind = BackoffKind.EXPONENTIAL
    initial_s: float = 1.0
    factor: float = 2.0
    max_s: float = INFINITY
    jitter: float = 0.0
    reset_after_s: float = 60.0

    def __post_init__(self) -> None:
        _enums(self, {"kind": BackoffKind})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSpec:
    """How one child is started, restarted and stopped.

    shutdown_s: seconds between the request to stop and the kill; INFINITY, or BRUTAL_KILL.
    init: the child is started only when its body has called `self.ack()`, within start_timeout_s; False: at once.
    label: the embedding program's own data, handed back in events. name: registered while it runs.
    Here as in the other specs an enum's value may be given as its text: restart="transient".
    """

    id: str
    start: "Body | SupervisorSpec"
    args: tuple[object, ...] = ()
    restart: Restart = Restart.PERMANENT
    shutdown_s: float | BrutalKill | None = None
    significant: bool = False
    backoff: Backoff | None = None
    label: object = None
    name: str | None = None
    init: bool = False
    start_timeout_s: float | None = None

    def __post_init__(self) -> None:
        if self.shutdown_s is None:
            default = INFINITY if self.type is ChildType.SUPERVISOR else 5.0
            object.__setattr__(self, "shutdown_s", default)
        elif self.shutdown_s == BRUTAL_KILL.value:
            object.__setattr__(self, "shutdown_s", BRUTAL_KILL)
        _enums(self, {"restart": Restart})

    @property
    def type(self) -> ChildType:
        """A child whose start is a SupervisorSpec is a supervisor."""
        return ChildType.SUPERVISOR if isinstance(self.start, SupervisorSpec) else ChildType.WORKER


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorSpec:
    """A supervisor's flags and its first children, in start order.

    More than `intensity` restarts within `period_s` end it: INFINITY never does, 0 at the first.
    """

    strategy: Strategy = Strategy.ONE_FOR_ONE
    intensity: float = 1
    period_s: float = 5.0
    auto_shutdown: AutoShutdown = AutoShutdown.NEVER
    children: Sequence[ChildSpec] = field(default=())
    name: str | None = None
    label: object = None

    def __post_init__(self) -> None:
        _enums(self, {"strategy": Strategy, "auto_shutdown": AutoShutdown})


def _enums(spec: object, choices: dict[str, type[StrEnum]]) -> None:
    """Put the enum's own value where its text was given; what is none of them stays, for the check to name."""
    for name, kind in choices.items():
        value: object = getattr(spec, name)
        if isinstance(value, str) and value in tuple(kind):
            object.__setattr__(spec, name, kind(value))
