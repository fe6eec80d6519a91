"""How a process is supervised, as the detail view shows it: flags, children, what is used up, what is due.

Times are seconds from the moment of the answer; nothing here is folded from events.
"""

import msgspec

from vega_tui.protocol.rows import LifeRow


class BackoffFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How the delay grows: `delays` without jitter, up to the longest (`capped`: it stays at the last)."""

    kind: str
    delays: tuple[float, ...]
    capped: bool = False
    jitter: float = 0.0
    reset_after_s: float = 0.0


class ChildFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A process as a child of its supervisor. `state` is the supervisor's own word for it.

    shutdown_s: None is no limit, 0 a kill at once. attempt: restarts in a row, which the backoff counts.
    """

    process: str
    restart: str
    state: str = "running"
    shutdown_s: float | None = None
    backoff: BackoffFacts | None = None
    attempt: int = 0
    restart_in_s: float | None = None
    restart_of_s: float = 0.0


class SupervisorFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A supervisor's flags and what of its intensity is used. `path` of one that isn't shown: whose children it keeps.

    intensity None: never gives up; period_s None: restarts count for ever. keeps: children that come back with it.
    """

    path: str
    shown: bool
    strategy: str
    intensity: int | None
    period_s: float | None
    used: int = 0
    total: int = 0
    restarts_ago_s: tuple[float, ...] = ()
    restart: str = "temporary"  # when it ends itself
    keeps: int = 0


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """A process and those around it.

    as_child: None where it has no supervisor any more. above: its supervisors, nearest first. siblings: the nearest
    one's children, itself among them, in start order. own, children: where it is itself a supervisor that lives.
    """

    process: str
    as_child: ChildFacts | None = None
    above: tuple[SupervisorFacts, ...] = ()
    siblings: tuple[ChildFacts, ...] = ()
    own: SupervisorFacts | None = None
    children: tuple[ChildFacts, ...] = ()
    traps_exit: bool = False
    linked: tuple[str, ...] = ()  # processes with a path, its supervisor and children left out
    watched_by: tuple[str, ...] = ()
    lives: tuple[LifeRow, ...] = ()
