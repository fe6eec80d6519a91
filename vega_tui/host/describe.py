"""The runtime's own account of how a process is supervised, in the protocol's words. Reads only."""

import math
from collections.abc import Iterable
from typing import Final

from vega_tui.host.posts import Post
from vega_tui.protocol.description import BackoffFacts, ChildFacts, Described, SupervisorFacts
from vega_tui.protocol.rows import LifeRow
from vega_tui.runtime import (
    Backoff,
    BrutalKill,
    ChildInfo,
    ChildNotFound,
    ChildSpec,
    Pid,
    Supervisor,
    SupervisorSpec,
    System,
)
from vega_tui.runtime.restart import delay_s

_DELAYS: Final = 8


def describe(system: System, post: Post, lives: Iterable[LifeRow] = ()) -> Described:
    """All there is to say about the process at `post` now; what has ended is left out."""
    info = None if post.pid is None else system.info(post.pid)
    above = _chain(system, post.supervisor)
    own = None if post.pid is None else system.supervisor(post.pid)
    siblings = _children(above[0]) if above else ()
    children = () if own is None else _children(own)
    family = {post.path, *(child.process for child in children)}
    if above and isinstance(above[0].label, Post) and above[0].label.visible:
        family.add(above[0].label.path)
    return Described(
        process=post.path,
        as_child=next((child for child in siblings if child.process == post.path), None),
        above=tuple(
            _facts(one, above[at + 1] if at + 1 < len(above) else None, system) for at, one in enumerate(above)
        ),
        siblings=siblings,
        own=None if own is None else _facts(own, above[0] if above else None, system),
        children=children,
        traps_exit=info is not None and info.trap_exit,
        linked=() if info is None else _paths(system, info.links, family),
        watched_by=() if info is None else _paths(system, info.monitored_by, {post.path}),
        lives=tuple(lives),
    )


def _chain(system: System, pid: Pid | None) -> list[Supervisor]:
    """The supervisors of one session from `pid` up, nearest first."""
    found: list[Supervisor] = []
    while pid is not None:
        supervisor, info = system.supervisor(pid), system.info(pid)
        if supervisor is None or info is None or not isinstance(supervisor.label, Post):
            break
        found.append(supervisor)
        pid = info.supervisor
    return found


def _facts(one: Supervisor, above: Supervisor | None = None, system: System | None = None) -> SupervisorFacts:
    info, post = one.info(), one.label
    spec = None if above is None or system is None else _own_spec(system, one, above)
    return SupervisorFacts(
        path=post.path if isinstance(post, Post) else "",
        shown=isinstance(post, Post) and post.visible,
        strategy=info.strategy.value,
        intensity=None if math.isinf(info.intensity) else int(info.intensity),
        period_s=None if math.isinf(info.period_s) else info.period_s,
        used=info.restarts_in_period,
        total=info.restarts_total,
        restarts_ago_s=info.restarts_ago_s,
        restart="temporary" if spec is None else spec.restart.value,
        keeps=len(spec.start.children) if spec is not None and isinstance(spec.start, SupervisorSpec) else 0,
    )


def _own_spec(system: System, one: Supervisor, above: Supervisor) -> ChildSpec | None:
    info = system.info(one.pid)
    if info is None or info.child_id is None:
        return None
    try:
        return above.get_childspec(info.child_id)
    except ChildNotFound:
        return None


def _children(one: Supervisor) -> tuple[ChildFacts, ...]:
    """Children that stand for a process with a path, in start order."""
    return tuple(
        _child(info, one.get_childspec(info.id))
        for info in reversed(one.which_children())
        if info.id is not None and isinstance(info.label, Post) and info.label.path == info.id
    )


def _child(info: ChildInfo, spec: ChildSpec) -> ChildFacts:
    shutdown = spec.shutdown_s
    if isinstance(shutdown, BrutalKill):
        shutdown = 0.0
    return ChildFacts(
        process=spec.id,
        restart=spec.restart.value,
        state=info.state,
        shutdown_s=None if shutdown is None or math.isinf(shutdown) else shutdown,
        backoff=None if spec.backoff is None else _backoff(spec.backoff),
        attempt=info.attempt,
        restart_in_s=info.restarting_in_s,
        restart_of_s=info.delay_s,
    )


def _backoff(backoff: Backoff) -> BackoffFacts:
    delays: list[float] = []
    for attempt in range(1, _DELAYS + 1):
        delay = delay_s(backoff, attempt)
        if delays and delay == delays[-1]:
            break
        delays.append(delay)
    return BackoffFacts(
        kind=backoff.kind.value,
        delays=tuple(delays),
        capped=delay_s(backoff, len(delays) + 1) == delays[-1],
        jitter=backoff.jitter,
        reset_after_s=backoff.reset_after_s,
    )


def _paths(system: System, pids: Iterable[Pid], without: set[str]) -> tuple[str, ...]:
    found: set[str] = set()
    for pid in pids:
        info = system.info(pid)
        if info is not None and isinstance(info.label, Post) and info.label.visible:
            found.add(info.label.path)
    return tuple(sorted(found - without))
