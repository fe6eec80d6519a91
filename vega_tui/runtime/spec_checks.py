"""What is wrong with a spec: every field's type and range, and what goes together. Source: supervisor.erl, check_*.

A spec comes from the embedding program, and what is in it is not what its type says until it has been looked at.
"""

from collections.abc import Sequence
from dataclasses import fields
from enum import StrEnum
from typing import TypeGuard

from vega_tui.runtime.errors import SpecError
from vega_tui.runtime.specs import (
    AutoShutdown,
    Backoff,
    BackoffKind,
    BrutalKill,
    ChildSpec,
    ChildType,
    Restart,
    Strategy,
    SupervisorSpec,
)


def check_supervisor(spec: SupervisorSpec) -> None:
    """Raises: SpecError naming the first thing wrong with the flags or a child; a nested supervisor checks its own."""
    _one_of("strategy", spec.strategy, Strategy)
    _one_of("auto_shutdown", spec.auto_shutdown, AutoShutdown)
    if not _is_number(spec.intensity) or not spec.intensity >= 0:
        raise SpecError("intensity", spec.intensity, "must be 0 or more, or INFINITY")
    if not _is_number(spec.period_s) or not spec.period_s > 0:
        raise SpecError("period_s", spec.period_s, "must be more than 0 seconds")
    _check_name(spec.name)
    children: object = spec.children
    if not isinstance(children, Sequence) or isinstance(children, str | bytes):
        raise SpecError("children", children, "must be a list of child specs")
    if spec.strategy is Strategy.SIMPLE_ONE_FOR_ONE and len(spec.children) != 1:
        raise SpecError("children", len(spec.children), "simple_one_for_one takes exactly one template")
    seen: set[str] = set()
    for child in spec.children:
        check_child(child, spec.auto_shutdown)
        if child.id in seen:
            raise SpecError("id", child.id, "two children have this id")
        seen.add(child.id)


def check_child(child: ChildSpec, auto_shutdown: AutoShutdown) -> None:
    """Raises: SpecError naming the first thing wrong with the spec under such a supervisor."""
    if not isinstance(child, ChildSpec):
        raise SpecError("child", child, "must be a ChildSpec")
    if not isinstance(child.id, str):
        raise SpecError("id", child.id, "must be a text")
    if not callable(child.start) and not isinstance(child.start, SupervisorSpec):
        raise SpecError("start", child.start, "missing: give an async function or a SupervisorSpec")
    if not isinstance(child.args, tuple):
        raise SpecError("args", child.args, "must be a tuple of arguments")
    _one_of("restart", child.restart, Restart)
    shutdown_s = child.shutdown_s
    if not isinstance(shutdown_s, BrutalKill) and not (_is_number(shutdown_s) and (shutdown_s or 0) >= 0):
        raise SpecError("shutdown_s", shutdown_s, "must be 0 or more, INFINITY or BRUTAL_KILL")
    _check_name(child.name)
    _check_start_phase(child)
    _check_significant(child, auto_shutdown)
    if child.backoff is not None:
        _check_backoff(child.backoff)


def _check_start_phase(child: ChildSpec) -> None:
    if not isinstance(child.init, bool):
        raise SpecError("init", child.init, "must be true or false")
    timeout_s = child.start_timeout_s
    if timeout_s is None:
        return
    if not _is_number(timeout_s) or not timeout_s > 0:
        raise SpecError("start_timeout_s", timeout_s, "must be more than 0 seconds")
    if not child.init and child.type is ChildType.WORKER:
        raise SpecError("start_timeout_s", timeout_s, "has no meaning with init=False: there is no start to wait for")


def _check_significant(child: ChildSpec, auto_shutdown: AutoShutdown) -> None:
    if not isinstance(child.significant, bool):
        raise SpecError("significant", child.significant, "must be true or false")
    if child.significant and auto_shutdown is AutoShutdown.NEVER:
        raise SpecError("significant", True, "needs a supervisor with auto_shutdown")
    if child.significant and child.restart is Restart.PERMANENT:
        raise SpecError("significant", True, "a permanent child never ends, so it can't be significant")


def _check_backoff(backoff: Backoff) -> None:
    if not isinstance(backoff, Backoff):
        raise SpecError("backoff", backoff, "must be a Backoff")
    for field in fields(backoff):
        value: object = getattr(backoff, field.name)
        if field.name == "kind":
            _one_of("backoff.kind", value, BackoffKind)
        elif not _is_number(value) or not value >= 0:
            raise SpecError(f"backoff.{field.name}", value, "must be 0 or more")


def _check_name(name: object) -> None:
    if name is not None and not isinstance(name, str):
        raise SpecError("name", name, "must be a text")


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _one_of(name: str, value: object, choices: type[StrEnum]) -> None:
    if not isinstance(value, choices):
        raise SpecError(name, value, f"must be one of {', '.join(choices)}")
