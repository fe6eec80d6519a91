"""What happens next under a supervisor, as sentences: the same rules as the runtime's, read from what it told. Pure."""

from dataclasses import dataclass
from typing import Final

import msgspec

from vega_tui.client import format as fmt
from vega_tui.client.views.detail import Keeper, leader, taken_along
from vega_tui.core.ids import base_name, with_incarnation
from vega_tui.protocol.description import ChildFacts, SupervisorFacts

MEANINGS: Final = {
    "one_for_one": "only the child that died restarts",
    "one_for_all": "when one dies, all children restart",
    "rest_for_one": "the one that died and those after it",
    "simple_one_for_one": "children of one kind; only one that died restarts",
}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is to come: the state word of its sign, when, and what."""

    state: str
    when: str
    what: str


def name_of(facts: SupervisorFacts) -> str:
    """A supervisor as a label names it; one that isn't shown by the process it stands under."""
    if facts.shown:
        return base_name(facts.path)
    return f"under {base_name(facts.path)}" if facts.path else "the session"


def kept_by(facts: SupervisorFacts) -> str:
    """Whom a supervisor that isn't shown keeps: `root's children`."""
    return f"{base_name(facts.path)}'s children" if facts.path else "the session"


def prospects(
    keeper: Keeper, child: ChildFacts | None, *, life: int, ran_s: float, left_s: float | None, now: float
) -> tuple[Step, ...]:
    """What comes next when `child` dies again and again.

    `life` is its newest one, which runs for `ran_s`, or has ended and is followed by another in `left_s`.
    """
    if child is None:
        return ()
    if child.restart == "temporary":
        return (Step("FAIL", "dies", f"{base_name(child.process)} is gone; nobody restarts it"),)
    first = leader(keeper.children, keeper.facts.strategy, child)
    if child.state == "stopped" and first is None:
        return (Step("wait", "now", f"{base_name(child.process)} stays down until you restart it"),)
    if left_s is None and child.backoff is not None and ran_s >= child.backoff.reset_after_s:
        child = msgspec.structs.replace(child, attempt=0)  # it ran long enough: the row of restarts is over
    steps: list[Step] = []
    upcoming = life
    if left_s is not None:
        upcoming = life + 1
        along = f" with {base_name(first.process)}" if first is not None else _with(keeper, child)
        steps.append(Step("RSTR", f"in {fmt.countdown(left_s)}", f"{_named(child, upcoming)} starts{along}"))
    verb = "dies again" if life > 1 or (left_s is not None and first is None) else "dies"
    if child.restart == "transient":
        verb = "fails again" if verb == "dies again" else "fails"
    return (*steps, *_deaths(keeper, child, verb, upcoming, now))


def _deaths(keeper: Keeper, child: ChildFacts, verb: str, life: int, now: float) -> list[Step]:
    facts, used = keeper.facts, keeper.used(now)
    limit = facts.intensity
    again = f"{_named(child, life + 1)} {_after(child)}{_with(keeper, child)}"
    if limit is None:
        return [Step("FAIL", verb, f"{again}, as often as it takes")]
    steps: list[Step] = []
    if used < limit:
        steps.append(Step("FAIL", verb, f"{used + 1} of {limit}; {again}"))
        more = limit - used
        when = "and again" if more == 1 else f"{more} more"
    else:
        when = verb
    steps.append(Step("FAIL", when, _gives_up(keeper)))
    return [*steps, _then(keeper, now)]


def _gives_up(keeper: Keeper) -> str:
    """What it is that a supervisor gives up; of one that isn't shown, what a person sees of it."""
    facts = keeper.facts
    if facts.shown:
        return f"{base_name(facts.path)} gives up, exits shutdown"
    if [child.process for child in keeper.children] == [facts.path]:
        return f"{base_name(facts.path)} is given up"
    return f"all {kept_by(facts)} end" if facts.path else "all processes of the session end"


def _then(keeper: Keeper, now: float) -> Step:
    """Who gets the exit of a supervisor that gave up, and what that one does."""
    facts = keeper.facts
    if not keeper.above:
        return Step("WARN", "then", "a message to root starts it again")
    above = keeper.above[0]
    if facts.restart == "temporary":
        return Step("WARN", "then", "nobody restarts what it kept")
    age = now - keeper.told
    used = above.used if above.period_s is None else sum(then + age <= above.period_s for then in above.restarts_ago_s)
    if above.intensity is not None and used >= above.intensity:
        return Step("WARN", "then", _gives_up(Keeper(above, (), (), keeper.told)) + " too")
    count = "" if above.intensity is None else f", {used + 1} of {above.intensity}"
    kept = fmt.plural(facts.keeps, "child", "children") if facts.keeps else "none of its children"
    who = f"{base_name(above.path)} restarts it" if above.shown else f"it restarts {name_of(above)}"
    return Step("WARN", "then", f"{who} with {kept}{count}")


def room_again(keeper: Keeper, now: float) -> str:
    """When a restart leaves the period; empty where none is in it."""
    ages, period = keeper.ages(now), keeper.facts.period_s
    if not ages or period is None:
        return ""
    return f"Quiet for {fmt.countdown(period - ages[0])}, and there is room again."


def _named(child: ChildFacts, life: int) -> str:
    return with_incarnation(base_name(child.process), life)


def _after(child: ChildFacts) -> str:
    """`after 16 s`: the delay of the restart after the present ones in a row."""
    if child.backoff is None or not child.backoff.delays:
        return "at once"
    delays = child.backoff.delays
    if child.attempt >= len(delays) and not child.backoff.capped:
        return f"after more than {delays[-1]:g} s"
    return f"after {delays[min(child.attempt, len(delays) - 1)]:g} s"


def _with(keeper: Keeper, child: ChildFacts) -> str:
    others = [base_name(path) for path in taken_along(keeper.children, keeper.facts.strategy, child.process)]
    if not others:
        return ""
    return f" with {' and '.join(others)}" if len(others) <= 2 else f" with {len(others)} others"
