"""One process looked at closely: what the host told of it and of the child that is chosen, and when that gets old.

Holds answers, asks nothing: a face asks when `stale` is set. Ages go on from the moment an answer came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vega_tui.core import events as ev
from vega_tui.core.ids import parent_path
from vega_tui.core.records import Entry
from vega_tui.core.words import CallState
from vega_tui.protocol.description import ChildFacts, Described, SupervisorFacts
from vega_tui.protocol.operations import Entries
from vega_tui.protocol.rows import LifeRow, Snapshot

_LIFE: Final = (
    ev.ProcessSpawned
    | ev.ProcessStarted
    | ev.ProcessExited
    | ev.ProcessRestarting
    | ev.ProcessRestarted
    | ev.ProcessTerminated
    | ev.ProcessGaveUp
    | ev.ProcessStopping
    | ev.LinkDied
)
_CUT: Final = frozenset({CallState.INTERRUPTED, CallState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Keeper:
    """The supervisor in view: its flags, its children in start order, and the supervisors above it, nearest first."""

    facts: SupervisorFacts
    children: tuple[ChildFacts, ...]
    above: tuple[SupervisorFacts, ...]
    told: float  # wall time of the answer

    def ages(self, now: float) -> tuple[float, ...]:
        """How long ago each restart that counts at wall time `now` was, oldest first."""
        period, since = self.facts.period_s, now - self.told
        ages = (age + since for age in self.facts.restarts_ago_s)
        return tuple(age for age in ages if period is None or age <= period)

    def used(self, now: float) -> int:
        """Restarts that count at wall time `now`."""
        return self.facts.used if self.facts.period_s is None else len(self.ages(now))

    def child(self, path: str) -> ChildFacts | None:
        """One of its children."""
        return next((child for child in self.children if child.process == path), None)


def taken_along(children: Sequence[ChildFacts], strategy: str, path: str) -> tuple[str, ...]:
    """Who restarts with a child that died, by the strategy; in start order, itself left out."""
    order = [child.process for child in children]
    if strategy == "one_for_all":
        return tuple(other for other in order if other != path)
    return tuple(order[order.index(path) + 1 :]) if strategy == "rest_for_one" and path in order else ()


def leader(children: Sequence[ChildFacts], strategy: str, child: ChildFacts) -> ChildFacts | None:
    """The sibling whose coming restart takes a child along that is down; None where none does."""
    waiting = (one for one in children if one.restart_in_s is not None)
    found = (one for one in waiting if child.process in taken_along(children, strategy, one.process))
    return next(found, None) if child.state == "stopped" else None


@dataclass(frozen=True, slots=True)
class LifeRest:
    """What is left of a life: calls it was in the middle of, entries, cost. None: not known."""

    cut_off: tuple[str, ...] = ()
    entries: int | None = None
    turn: int = 0
    cost_usd: float | None = None


class DetailView:
    """What is open: `path` (empty: nothing), and which of its children is `chosen`. `dirty`: paint again."""

    def __init__(self) -> None:
        self.path = ""
        self.chosen = ""
        self.gone = ""  # why there is nothing to tell
        self.stale = False
        self.dirty = False
        self.page: Entries | None = None
        self._back: list[tuple[str, str]] = []
        self._told: dict[str, tuple[Described, float]] = {}

    @property
    def open(self) -> bool:
        """Whether anything is looked at."""
        return bool(self.path)

    @property
    def wanted(self) -> tuple[str, ...]:
        """Processes to ask the host about."""
        return (self.path,) if self.chosen == self.path else (self.path, self.chosen)

    def look_at(self, path: str) -> None:
        """Open a process; what was open before is where `back` goes."""
        if self.path and self.path != path:
            self._back.append((self.path, self.chosen))
        self._show(path, path)

    def back(self) -> bool:
        """To what was open before. False when there was nothing: then it is closed."""
        if not self._back:
            self.close()
            return False
        self._show(*self._back.pop())
        return True

    def close(self) -> None:
        """Look at nothing."""
        self._back.clear()
        self._told.clear()
        self.path = self.chosen = self.gone = ""
        self.stale, self.dirty, self.page = False, True, None

    def choose(self, path: str) -> None:
        """Choose a child, or the process itself."""
        if path != self.chosen:
            self.chosen, self.page = path, None
            self.stale = self.dirty = True

    def tell(self, answers: tuple[Described, ...], page: Entries | None, now: float) -> None:
        """Take the host's answers; those of processes that were left meanwhile are dropped."""
        for answer in answers:
            if answer.process in self.wanted:
                self._told[answer.process] = (answer, now)
        self.page, self.gone, self.dirty = page, "", True

    def answer(self, path: str) -> Described | None:
        """What was told of a process."""
        found = self._told.get(path)
        return found[0] if found else None

    @property
    def keeper(self) -> Keeper | None:
        """The supervisor in view: the process itself where it is one, else the one it stands under."""
        found = self._told.get(self.path)
        if found is None:
            return None
        told, at = found
        if told.own is not None:
            return Keeper(told.own, told.children, told.above, at)
        return Keeper(told.above[0], told.siblings, told.above[1:], at) if told.above else None

    def restart_left(self, path: str, now: float) -> tuple[float, float] | None:
        """Seconds until the restart that is due, and how long the wait is in all; None when none is due."""
        told, at = self._told.get(path, (None, 0.0))
        if told is None or told.as_child is None or not told.above:
            return None
        child = leader(told.siblings, told.above[0].strategy, told.as_child) or told.as_child
        if child.restart_in_s is None:
            return None
        return max(0.0, child.restart_in_s - (now - at)), child.restart_of_s

    @property
    def lives(self) -> tuple[LifeRow, ...]:
        """The lives of the chosen process, oldest first."""
        told = self.answer(self.chosen)
        return told.lives if told is not None else ()

    def rest_of(self, incarnation: int) -> LifeRest:
        """What the page of entries says of a life of the chosen process."""
        if self.page is None:
            return LifeRest()
        known = self.page.entries
        mine = [entry for entry in known if entry.incarnation == incarnation]
        whole = not self.page.more or bool(known and known[0].incarnation < incarnation)
        costs = [entry.cost_usd for entry in mine if entry.kind == "assistant"]
        return LifeRest(
            cut_off=tuple(_cut_off(entry) for entry in mine if entry.state in _CUT or entry.interrupted),
            entries=sum(1 for entry in known if entry.incarnation <= incarnation) if not self.page.more else None,
            turn=max((entry.turn for entry in mine), default=0),
            cost_usd=sum(cost for cost in costs if cost) if whole and None not in costs else None,
        )

    def load(self, snapshot: Snapshot) -> None:
        """What was told before is old."""
        self.stale = self.open

    def apply(self, event: ev.AnyEvent) -> None:
        """Note that an answer is old."""
        if self.open and isinstance(event, _LIFE) and event.process in self._related():
            self.stale = True

    def _related(self) -> set[str]:
        found = {self.path, self.chosen, parent_path(self.path)}
        for told, _ in self._told.values():
            found.update(child.process for child in (*told.siblings, *told.children))
            found.update(facts.path for facts in told.above)
        return found

    def _show(self, path: str, chosen: str) -> None:
        self.path, self.chosen = path, chosen
        self.gone, self.page = "", None
        self.stale = self.dirty = True


def _cut_off(entry: Entry) -> str:
    return "the model's answer" if entry.kind == "assistant" else entry.tool or "a call"
