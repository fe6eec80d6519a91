"""The supervisor law is sharp: each of these wrong decisions is caught by it within a few hundred courses."""

import math
from collections.abc import Callable, Iterable
from typing import TypeVar

import pytest

from tests.fakes.virtual_loop import run_virtual
from tests.laws.test_supervisor_law import same_course
from vega_tui.runtime import AutoShutdown, ExitReason, Normal, Restart, Strategy, restart, rounds
from vega_tui.runtime.children import Child, Children
from vega_tui.runtime.restart import Intensity, Verdict

T = TypeVar("T")


def a_shutdown_restarts_transient_children(kind: Restart, reason: ExitReason) -> Verdict:
    if kind is Restart.TRANSIENT and not isinstance(reason, Normal):
        return Verdict.RESTART
    return restart.verdict(kind, reason)


def temporary_children_restart(kind: Restart, reason: ExitReason) -> Verdict:
    return Verdict.RESTART if kind is Restart.TEMPORARY else restart.verdict(kind, reason)


def rest_for_one_takes_the_earlier_ones(strategy: Strategy, children: Iterable[T], failed: T) -> list[T]:
    if strategy is not Strategy.REST_FOR_ONE:
        return restart.restart_group(strategy, children, failed)
    everyone = list(children)
    return everyone[: everyone.index(failed) + 1]


def one_for_all_takes_only_the_failed_one(strategy: Strategy, children: Iterable[T], failed: T) -> list[T]:
    return [failed] if strategy is Strategy.ONE_FOR_ALL else restart.restart_group(strategy, children, failed)


def one_restart_too_many(self: Intensity, now: float) -> bool:
    self.total += 1
    self.times.append(now)
    return self.used(now) <= self.limit + 1


def the_period_never_ends(self: Intensity, now: float) -> int:
    assert now < math.inf
    return len(self.times)


def all_significant_means_any(policy: AutoShutdown, *, significant: bool, others_alive: bool) -> bool:
    assert isinstance(others_alive, bool)
    return significant and policy is not AutoShutdown.NEVER


def plain_children_count_as_significant(self: Children, child: Child) -> bool:
    return any(other is not child and other.process is not None for other in self)


MUTANTS: list[tuple[object, str, Callable[..., object]]] = [
    (rounds, "verdict", a_shutdown_restarts_transient_children),
    (rounds, "verdict", temporary_children_restart),
    (rounds, "restart_group", rest_for_one_takes_the_earlier_ones),
    (rounds, "restart_group", one_for_all_takes_only_the_failed_one),
    (Intensity, "add", one_restart_too_many),
    (Intensity, "used", the_period_never_ends),
    (rounds, "ends_supervisor", all_significant_means_any),
    (Children, "another_significant", plain_children_count_as_significant),
]


@pytest.mark.parametrize(("owner", "name", "mutant"), MUTANTS, ids=[mutant.__name__ for *_, mutant in MUTANTS])
def test_a_wrong_decision_is_caught(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, mutant: Callable[..., object]
) -> None:
    monkeypatch.setattr(owner, name, mutant)
    with pytest.raises(AssertionError):
        for seed in range(400):
            run_virtual(same_course(seed, 12))
