"""Lifecycle facts, in order, for whoever embeds the runtime. Carries values only; nothing here acts."""

import msgspec

from vega_tui.runtime.reasons import ExitReason
from vega_tui.runtime.signals import Pid


class RuntimeEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What every event says: whom it is about, and where that one stands in the tree. `at` is monotonic."""

    pid: Pid
    name: str | None
    label: object
    incarnation: int
    supervisor: Pid | None
    supervisor_label: object
    child_id: str | None
    at: float


class Spawned(RuntimeEvent, frozen=True, kw_only=True):
    """A process exists; its body has not run yet."""

    parent: Pid | None


class Started(RuntimeEvent, frozen=True, kw_only=True):
    """Its init phase is over; without one this follows Spawned at once."""


class Stopping(RuntimeEvent, frozen=True, kw_only=True):
    """It was asked to exit with `reason`, and its code is still running after a moment's grace."""

    reason: ExitReason


class Exited(RuntimeEvent, frozen=True, kw_only=True):
    """It is dead to everyone else. `lingering`: its code still runs, and Ended follows when that stops."""

    reason: ExitReason
    reason_text: str
    lingering: bool


class Ended(RuntimeEvent, frozen=True, kw_only=True):
    """The code of a process that lingered after its exit has now ended."""


class LinkDied(RuntimeEvent, frozen=True, kw_only=True):
    """An abnormal exit came to `pid` over a link from `source`. `trapped`: as a message; else it is ending."""

    source: Pid
    reason: ExitReason
    trapped: bool


class Restarting(RuntimeEvent, frozen=True, kw_only=True):
    """A child (`pid` is the one that ended) will be restarted after `delay_s`; n-th of `intensity` allowed.

    with_ids: siblings that the strategy takes along, in start order.
    """

    attempt: int
    intensity: float
    period_s: float
    delay_s: float
    reason: ExitReason
    with_ids: tuple[str, ...] = ()


class Restarted(RuntimeEvent, frozen=True, kw_only=True):
    """`pid` runs in the place of `previous` (None where the child was down)."""

    previous: Pid | None


class RestartFailed(RuntimeEvent, frozen=True, kw_only=True):
    """The child (`pid` is the last one that lived) could not be started again; another try follows."""

    reason: ExitReason


class Removed(RuntimeEvent, frozen=True, kw_only=True):
    """The spec of a child that is down was dropped: nobody takes the place of `pid`, the last that lived."""


class GaveUp(RuntimeEvent, frozen=True, kw_only=True):
    """The supervisor `pid` had more than `intensity` restarts in `period_s` and is ending itself."""

    failed_child: str
    failed_pid: Pid | None
    intensity: float
    period_s: float
    reason: ExitReason
