from vega_tui.client.views.detail import DetailView
from vega_tui.core import events as ev
from vega_tui.core.records import Entry
from vega_tui.protocol.description import ChildFacts, Described, SupervisorFacts
from vega_tui.protocol.operations import Entries
from vega_tui.protocol.rows import Snapshot

SUP = SupervisorFacts(path="root/sup", shown=True, strategy="one_for_one", intensity=2, period_s=60.0)
CHILD = ChildFacts(process="root/sup/a", restart="permanent", state="restarting", restart_in_s=4.0, restart_of_s=8.0)


def looking() -> DetailView:
    view = DetailView()
    view.look_at("root/sup")
    view.tell((Described(process="root/sup", own=SUP, children=(CHILD,)),), None, 100.0)
    view.stale = False
    return view


def entry(id: str, life: int, **rest: object) -> Entry:
    return Entry(id=id, session="s", process="root/sup/a", incarnation=life, **rest)  # type: ignore[arg-type]  # fields


def test_only_news_of_those_in_view_make_an_answer_old() -> None:
    view = looking()
    view.apply(ev.ProcessExited(seq=1, process="root/other", reason="killed"))
    view.apply(ev.TurnStarted(seq=2, model="m", process="root/sup/a"))
    assert not view.stale
    view.apply(ev.ProcessExited(seq=3, process="root/sup/a", reason="killed"))
    assert view.stale


def test_after_a_new_snapshot_everything_is_asked_again_while_something_is_looked_at() -> None:
    view = looking()
    view.load(Snapshot(seq=9))
    assert view.stale
    view.close()
    view.load(Snapshot(seq=10))
    assert not view.stale


def test_back_leads_through_what_was_opened_before_to_nothing() -> None:
    view = looking()
    view.choose("root/sup/a")
    view.look_at("root/sup/a")
    assert view.back()
    assert (view.path, view.chosen) == ("root/sup", "root/sup/a")
    assert not view.back()
    assert not view.open


def test_an_answer_about_what_was_left_meanwhile_is_dropped() -> None:
    view = looking()
    view.tell((Described(process="root/old"),), None, 101.0)
    assert view.answer("root/old") is None


def test_a_restart_counts_down_from_the_moment_of_the_answer() -> None:
    view = looking()
    view.choose("root/sup/a")
    view.tell((Described(process="root/sup/a", as_child=CHILD, above=(SUP,), siblings=(CHILD,)),), None, 100.0)
    assert view.restart_left("root/sup/a", 101.5) == (2.5, 8.0)
    assert view.restart_left("root/sup/a", 109.0) == (0.0, 8.0)


def test_the_rest_of_a_life_is_what_its_entries_say_and_no_more() -> None:
    view = looking()
    view.choose("root/sup/a")
    known = (
        entry("1", 1, kind="assistant", cost_usd=0.25, turn=1),
        entry("2", 2, kind="assistant", cost_usd=0.5, turn=4, interrupted=True),
        entry("3", 2, kind="tool_result", tool="bash", state="interrupted", turn=3),
    )
    view.tell((), Entries(entries=known), 100.0)
    rest = view.rest_of(2)
    assert (rest.cut_off, rest.entries, rest.turn, rest.cost_usd) == (("the model's answer", "bash"), 3, 4, 0.5)
    view.tell((), Entries(entries=known[1:], more=True), 100.0)
    assert (view.rest_of(2).entries, view.rest_of(2).cost_usd) == (None, None)


def test_a_life_with_a_call_of_unknown_price_has_no_cost() -> None:
    view = looking()
    view.choose("root/sup/a")
    view.tell((), Entries(entries=(entry("1", 1, kind="assistant", cost_usd=None),)), 100.0)
    assert view.rest_of(1).cost_usd is None
