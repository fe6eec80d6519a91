"""Restart decisions after a child's exit. Pure: supervisor.py carries them out; the time is handed in.

Semantics: OTP supervisor.erl, do_restart/3, add_restart/1, do_auto_shutdown/2.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from itertools import dropwhile
from typing import TypeVar

from vega_tui.runtime.reasons import ExitReason
from vega_tui.runtime.specs import AutoShutdown, Backoff, BackoffKind, Restart, Strategy

T = TypeVar("T")


class Verdict(Enum):
    """What becomes of a child that ended by itself."""

    RESTART = auto()
    KEEP_DOWN = auto()
    """Its spec is kept; it runs again on request."""
    REMOVE = auto()


def verdict(restart: Restart, reason: ExitReason) -> Verdict:
    """The table of restart type by exit reason."""
    match restart:
        case Restart.PERMANENT:
            return Verdict.RESTART
        case Restart.TRANSIENT:
            return Verdict.KEEP_DOWN if reason.orderly else Verdict.RESTART
        case Restart.TEMPORARY:
            return Verdict.REMOVE


def ends_supervisor(policy: AutoShutdown, *, significant: bool, others_alive: bool) -> bool:
    """Whether the end of a child that is not restarted ends its supervisor.

    others_alive: another significant child runs or is being restarted.
    """
    if not significant:
        return False
    match policy:
        case AutoShutdown.NEVER:
            return False
        case AutoShutdown.ANY_SIGNIFICANT:
            return True
        case AutoShutdown.ALL_SIGNIFICANT:
            return not others_alive


def restart_group(strategy: Strategy, children: Iterable[T], failed: T) -> list[T]:
    """Who is stopped (from the last) and started (from the first) when `failed` restarts; in start order."""
    match strategy:
        case Strategy.ONE_FOR_ALL:
            return list(children)
        case Strategy.REST_FOR_ONE:
            return list(dropwhile(lambda child: child is not failed, children))
        case Strategy.ONE_FOR_ONE | Strategy.SIMPLE_ONE_FOR_ONE:
            return [failed]


@dataclass(slots=True)
class Intensity:
    """The restarts of the last `period_s`. One restart counts once, however many siblings it takes along."""

    limit: float
    period_s: float
    times: deque[float]
    total: int = 0

    def add(self, now: float) -> bool:
        """Count a restart; False when that is one more than allowed."""
        self.total += 1
        if self.period_s != math.inf:
            self.times.append(now)
        return self.used(now) <= self.limit

    def used(self, now: float) -> int:
        """How many restarts are in the period. One exactly period_s old still is."""
        if self.period_s == math.inf:
            return self.total
        times = self.times
        while times and now - times[0] > self.period_s:
            times.popleft()
        return len(times)


@dataclass(slots=True)
class Streak:
    """A child's restarts in a row, for its backoff."""

    count: int = 0

    def next_delay_s(self, backoff: Backoff | None, *, ran_s: float, chance: float) -> float:
        """How long to wait before the restart now due. `ran_s`: how long it ran; `chance`: random in [0, 1)."""
        if backoff is not None and ran_s >= backoff.reset_after_s:
            self.count = 0
        self.count += 1
        return 0.0 if backoff is None else delay_s(backoff, self.count, chance)


def delay_s(backoff: Backoff, attempt: int, chance: float = 0.5) -> float:
    """The delay before the attempt-th restart in a row, from 1. `chance` in [0, 1): 0.5 is no jitter."""
    match backoff.kind:
        case BackoffKind.EXPONENTIAL:
            try:
                base = backoff.initial_s * backoff.factor ** (attempt - 1)
            except OverflowError:  # a long streak: whatever the cap is, it is reached
                base = math.inf
        case BackoffKind.LINEAR:
            base = backoff.initial_s * attempt
        case BackoffKind.CONSTANT:
            base = backoff.initial_s
    base = min(base, backoff.max_s)
    return max(0.0, min(base * (1 + backoff.jitter * (2 * chance - 1)), backoff.max_s))
