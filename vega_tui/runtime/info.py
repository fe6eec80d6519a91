"""Snapshots for whoever looks from outside. Plain values; they do not change afterwards."""

import msgspec

from vega_tui.runtime.process import State
from vega_tui.runtime.reasons import ExitReason
from vega_tui.runtime.signals import Pid
from vega_tui.runtime.specs import ChildType, Strategy


class ProcessInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One process now. `started_at` is monotonic."""

    pid: Pid
    name: str | None
    label: object
    state: State
    incarnation: int
    parent: Pid | None
    supervisor: Pid | None
    child_id: str | None
    mailbox_length: int
    links: frozenset[Pid]
    monitors: tuple[Pid, ...]
    monitored_by: tuple[Pid, ...]
    trap_exit: bool
    started_at: float


class ChildInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One child now. `state`: starting, running, stopping, stopped or restarting. `pid`: None unless it lives.

    restarting_in_s: until the next try, of delay_s in all; None when none is due. attempt: restarts in a row so far.
    last_reason: why an earlier process of it ended by itself.
    """

    id: str | None
    pid: Pid | None
    type: ChildType
    state: str
    incarnation: int
    label: object
    restarting_in_s: float | None
    attempt: int
    last_reason: ExitReason | None
    delay_s: float = 0.0


class ChildCount(msgspec.Struct, frozen=True, kw_only=True):
    """supervisor:count_children/1."""

    specs: int
    active: int
    supervisors: int
    workers: int


class SupervisorInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A supervisor's flags and how much of its intensity is used.

    restarts_ago_s: how long ago each restart that counts was, oldest first; empty where the period is endless.
    """

    pid: Pid
    name: str | None
    label: object
    strategy: Strategy
    intensity: float
    period_s: float
    restarts_in_period: int
    restarts_total: int
    restarts_ago_s: tuple[float, ...] = ()
