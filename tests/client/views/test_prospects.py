import msgspec
from hypothesis import given
from hypothesis import strategies as st

from vega_tui.client.views.detail import Keeper, taken_along
from vega_tui.client.views.prospects import prospects, room_again
from vega_tui.protocol.description import BackoffFacts, ChildFacts, SupervisorFacts
from vega_tui.runtime import Strategy
from vega_tui.runtime.restart import restart_group

BACKOFF = BackoffFacts(kind="exponential", delays=(1.0, 2.0, 4.0), capped=True, reset_after_s=60.0)
A, B, C = (ChildFacts(process=f"root/sup/{name}", restart="permanent", backoff=BACKOFF) for name in "abc")
TOP = SupervisorFacts(path="root/top", shown=True, strategy="one_for_one", intensity=2, period_s=60.0)


def keeper(used: int = 0, *, children: tuple[ChildFacts, ...] = (A, B, C), **flags: object) -> Keeper:
    given_flags = {"strategy": "one_for_one", "intensity": 2, "restart": "permanent", "keeps": 3, **flags}
    ages = tuple(10.0 + at for at in reversed(range(used)))
    facts = SupervisorFacts(
        path="root/sup", shown=True, period_s=60.0, used=used, restarts_ago_s=ages,
        **given_flags,  # type: ignore[arg-type]  # flags by name
    )  # fmt: skip
    return Keeper(facts, children, (TOP,), 100.0)


def told(it: Keeper, child: ChildFacts = A, *, life: int = 1, left: float | None = None, ran: float = 5.0) -> list[str]:
    steps = prospects(it, child, life=life, ran_s=ran, left_s=left, now=100.0)
    return [f"{step.when}: {step.what}" for step in steps]


def test_deaths_are_counted_up_to_giving_up_and_to_what_the_one_above_does_then() -> None:
    assert told(keeper()) == [
        "dies: 1 of 2; a#2 after 1 s",
        "2 more: sup gives up, exits shutdown",
        "then: top restarts it with 3 children, 1 of 2",
    ]


def test_a_restart_that_is_due_comes_first_and_the_next_backoff_is_longer() -> None:
    waiting = msgspec.structs.replace(A, state="restarting", attempt=1, restart_in_s=1.0)
    assert told(keeper(1, children=(waiting, B, C)), waiting, left=0.4) == [
        "in 1 s: a#2 starts",
        "dies again: 2 of 2; a#3 after 2 s",
        "and again: sup gives up, exits shutdown",
        "then: top restarts it with 3 children, 1 of 2",
    ]


def test_with_none_left_the_next_death_is_the_last() -> None:
    assert told(keeper(2), life=3)[0] == "dies again: sup gives up, exits shutdown"


def test_a_child_that_ran_long_enough_begins_its_backoff_anew() -> None:
    worn = msgspec.structs.replace(A, attempt=3)
    assert told(keeper(), worn)[0].endswith("a#2 after 4 s")
    assert told(keeper(), worn, ran=60.0)[0].endswith("a#2 after 1 s")


def test_siblings_that_restart_too_are_named_as_the_strategy_has_it() -> None:
    assert told(keeper(strategy="one_for_all"), B)[0] == "dies: 1 of 2; b#2 after 1 s with a and c"
    assert told(keeper(strategy="rest_for_one"), B)[0] == "dies: 1 of 2; b#2 after 1 s with c"
    assert told(keeper(strategy="one_for_one"), B)[0] == "dies: 1 of 2; b#2 after 1 s"


def test_a_child_that_was_taken_along_comes_back_with_its_sibling() -> None:
    failed = msgspec.structs.replace(A, state="restarting", attempt=1, restart_in_s=3.0)
    taken = msgspec.structs.replace(B, state="stopped")
    assert told(keeper(1, children=(failed, taken), strategy="one_for_all"), taken, left=3.0)[:2] == [
        "in 3 s: b#2 starts with a",
        "dies: 2 of 2; b#3 after 1 s with a",
    ]


def test_what_was_terminated_stays_down_and_what_is_temporary_is_gone() -> None:
    assert told(keeper(), msgspec.structs.replace(A, state="stopped")) == ["now: a stays down until you restart it"]
    assert told(keeper(), msgspec.structs.replace(A, restart="temporary")) == ["dies: a is gone; nobody restarts it"]
    assert told(keeper(), msgspec.structs.replace(A, restart="transient"))[0].startswith("fails: ")


def test_a_supervisor_without_a_limit_never_gives_up() -> None:
    assert told(keeper(intensity=None)) == ["dies: a#2 after 1 s, as often as it takes"]


def test_the_one_above_gives_up_too_when_it_has_none_left() -> None:
    above = msgspec.structs.replace(TOP, used=2, restarts_ago_s=(20.0, 10.0))
    it = Keeper(keeper().facts, (A,), (above,), 100.0)
    assert told(it)[-1] == "then: top gives up, exits shutdown too"


def test_children_that_were_added_later_do_not_come_back_with_their_supervisor() -> None:
    assert told(keeper(keeps=0))[-1] == "then: top restarts it with none of its children, 1 of 2"


def test_of_a_supervisor_that_is_not_shown_what_a_person_sees_is_told() -> None:
    hidden = msgspec.structs.replace(keeper().facts, path="root", shown=False, restart="temporary")
    assert told(Keeper(hidden, (A,), (TOP,), 100.0))[1:] == [
        "2 more: all root's children end",
        "then: nobody restarts what it kept",
    ]


def test_restarts_leave_the_period_as_time_goes_on() -> None:
    it = keeper(2)
    assert (it.used(100.0), it.used(149.5), it.used(151.0)) == (2, 1, 0)
    assert room_again(it, 101.0) == "Quiet for 48 s, and there is room again."
    assert room_again(it, 200.0) == ""


@given(st.sampled_from(Strategy), st.integers(1, 6), st.data())
def test_who_is_taken_along_is_who_the_runtime_takes(strategy: Strategy, count: int, data: st.DataObject) -> None:
    children = [ChildFacts(process=f"root/{number}", restart="permanent") for number in range(count)]
    failed = data.draw(st.sampled_from(children))
    group = restart_group(strategy, children, failed)
    expected = tuple(child.process for child in group if child is not failed)
    assert taken_along(children, strategy.value, failed.process) == expected
