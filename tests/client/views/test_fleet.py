import msgspec

from tests.fakes.story import SESSION, Actor, Story
from vega_tui.client.views.fleet import FleetRow, FleetView
from vega_tui.core import events as ev
from vega_tui.core.ids import ROOT
from vega_tui.core.words import Decision, ProcessKind
from vega_tui.protocol.process_state import ProcessState
from vega_tui.protocol.rows import ProcessRow, Snapshot


class Telling:
    """A story with a fleet that follows it."""

    def __init__(self) -> None:
        self.story = Story()
        self.root = self.story.begin()
        self.fleet = FleetView(SESSION)
        self._folded = 0

    def row(self, path: str = ROOT) -> FleetRow:
        for event in self.story.events[self._folded :]:
            self.fleet.apply(event)
        self._folded = len(self.story.events)
        return self.fleet.rows[path]

    def child(self) -> Actor:
        self.story.say(self.root)
        call = self.story.new_call("task")
        self.story.answer(self.root, "", [call])
        self.story.start(self.root, call)
        return self.story.actors[call.child]


def seen(row: FleetRow) -> tuple[str, str]:
    return row.state, row.now


def test_a_process_waits_for_its_first_message_then_writes_then_waits_again() -> None:
    telling = Telling()
    assert seen(telling.row()) == ("wait", "waits for your first message")
    telling.story.say(telling.root)
    assert seen(telling.row()) == ("run", "writing")
    telling.story.answer(telling.root, "Hi.")
    assert seen(telling.row()) == ("wait", "waits for a message")


def test_a_row_says_which_call_runs_and_which_one_asks() -> None:
    telling = Telling()
    telling.story.say(telling.root)
    call = telling.story.new_call("read")
    telling.story.answer(telling.root, "", [call])
    telling.story.ask(telling.root, call)
    assert seen(telling.row()) == ("ASK", f"read {call.summary}")
    telling.story.decide(telling.root, call, Decision.ONCE)
    assert seen(telling.row()) == ("run", f"read {call.summary}")
    telling.story.finish(telling.root, call)
    assert seen(telling.row()) == ("run", "writing")


def test_a_parent_waits_for_the_child_it_set_to_work() -> None:
    telling = Telling()
    child = telling.child()
    assert seen(telling.row()) == ("wait", f"waits for {child.path.rsplit('/', 1)[1]}")


def test_a_retry_counts_down_until_it_is_tried() -> None:
    telling = Telling()
    telling.story.say(telling.root)
    telling.story.retry(telling.root)
    row = telling.row()
    assert row.now_text(row.retry_at - 3.2) == "HTTP 529 · again in 4 s"
    assert row.now_text(row.retry_at + 1) == "HTTP 529 · again now"


def test_a_crash_backs_off_then_the_next_life_takes_over_with_a_mark_for_the_last() -> None:
    telling = Telling()
    child = telling.child()
    telling.story.crash(child)
    row = telling.row(child.path)
    assert (row.state, row.now_text(row.restart_at - 1)) == ("RSTR", "HTTP 401 · again in 1 s")
    assert telling.fleet.rows["root/sup"].now_text(row.restart_at) == "one_for_one · 1 of 5 in 60 s"
    telling.story.come_back(child)
    row = telling.row(child.path)
    assert row.name.endswith("#2")
    assert row.life_marks == ("died", "wait")
    assert row.lives == ("HTTP 401",)
    supervisor = telling.fleet.rows["root/sup"]
    assert supervisor.restarts_text(row.started + 61) == "0 of 5 in 60 s"


def test_a_new_life_inherits_no_question_and_no_pause() -> None:
    telling = Telling()
    child = telling.child()
    call = telling.story.new_call("bash")
    telling.story.answer(child, "", [call])
    telling.story.ask(child, call)
    telling.story.pause(child)
    telling.story.tell(ev.ProcessExited(reason="E", abnormal=True), child)
    telling.story.tell(ev.ProcessStarted(incarnation=2), child)
    row = telling.row(child.path)
    assert (row.state, row.asking, row.paused, row.calls) == ("wait", {}, False, {})


def test_each_earlier_life_has_one_word_also_when_a_snapshot_counted_the_last() -> None:
    fleet = FleetView(SESSION)
    row = ProcessRow(session=SESSION, path="root", state="FAIL", reason="killed", lives=("killed",))
    fleet.load(Snapshot(seq=1, processes=(row,)))
    fleet.apply(ev.ProcessStarted(seq=2, session=SESSION, process="root", incarnation=2))
    assert fleet.rows["root"].lives == ("killed",)


def test_how_a_process_ended_stays_to_be_read() -> None:
    telling = Telling()
    killed, failed = telling.child(), Actor("root/f")
    telling.story.kill(killed)
    telling.story.tell(ev.ProcessSpawned(), failed)
    telling.story.tell(ev.ProcessExited(reason="BugError", text="it broke", abnormal=True), failed)
    assert seen(telling.row(killed.path)) == ("kill", "killed")
    assert seen(telling.row("root/f")) == ("FAIL", "it broke")


def test_stopping_is_said_until_it_is_true() -> None:
    telling = Telling()
    telling.story.tell(ev.ProcessStopping(), telling.root)
    assert seen(telling.row()) == ("wait", "stopping")


def test_a_pause_says_who_or_which_cap() -> None:
    telling = Telling()
    telling.story.tell(ev.ProcessPaused(reason="paused by the cap of $5.00"), telling.root)
    assert seen(telling.row()) == ("PAUS", "paused by the cap of $5.00")
    telling.story.tell(ev.ProcessResumed(), telling.root)
    assert telling.row().state == "wait"


def test_costs_add_up_along_the_chain_and_unknown_prices_are_told() -> None:
    telling = Telling()
    child = telling.child()
    telling.story.answer(child, "Done.", price=None)
    telling.story.say(child)
    telling.story.answer(child, "Done.")
    root, below = telling.row(), telling.row(child.path)
    assert (below.cost_usd, below.unpriced) == (0.125, True)
    assert (root.cost_usd, root.subtree_usd, root.subtree_unpriced) == (0.0, 0.125, True)


def test_only_rows_that_look_different_are_dirty() -> None:
    telling = Telling()
    child = telling.child()
    telling.row()
    telling.fleet.dirty.clear()
    telling.story.retry(child)
    telling.row()
    assert telling.fleet.dirty == {child.path}


def tree(*paths: str) -> FleetView:
    fleet = FleetView(SESSION)
    fleet.load(Snapshot(seq=1, processes=tuple(ProcessRow(session=SESSION, path=path) for path in paths)))
    return fleet


def test_children_stand_under_their_parents_in_order_of_their_coming() -> None:
    fleet = tree("root", "root/a", "root/b")
    fleet.apply(ev.ProcessSpawned(seq=2, session=SESSION, process="root/a/x", parent="root/a"))
    fleet.apply(ev.ProcessSpawned(seq=3, session=SESSION, process="root/a/y", parent="root/a"))
    assert [row.path for row in fleet.order] == ["root", "root/a", "root/a/x", "root/a/y", "root/b"]
    assert [row.rails for row in fleet.order] == [(), (True,), (True, True), (True, False), (False,)]
    assert fleet.reordered


def test_a_state_that_changes_moves_no_row_until_it_is_sorted() -> None:
    fleet = tree("root", "root/a", "root/b")
    fleet.apply(ev.ProcessExited(seq=2, session=SESSION, process="root/b", reason="E", abnormal=True))
    assert [row.path for row in fleet.order] == ["root", "root/a", "root/b"]
    fleet.resort("attention")
    assert [row.path for row in fleet.order] == ["root/b", "root", "root/a"]
    fleet.resort("tree")
    assert [row.path for row in fleet.order] == ["root", "root/a", "root/b"]


def test_all_sessions_stand_side_by_side_with_keys_of_their_own() -> None:
    fleet = FleetView()
    rows = tuple(ProcessRow(session=session, path="root") for session in ("s1", "s2"))
    fleet.load(Snapshot(seq=1, processes=rows))
    assert list(fleet.rows) == ["s1:root", "s2:root"]
    fleet.apply(ev.SessionRemoved(seq=2, session="s1"))
    assert [row.key for row in fleet.order] == ["s2:root"]
    assert fleet.counts["wait"] == 1


def test_a_supervisor_that_was_started_anew_counts_its_restarts_from_none() -> None:
    telling = Telling()
    child = telling.child()
    telling.story.crash(child)
    supervisor = telling.row("root/sup")
    assert supervisor.restarts_used(telling.row(child.path).restart_at) == 1
    telling.story.tell(ev.ProcessExited(reason="gave up", abnormal=True), Actor("root/sup"))
    telling.story.tell(ev.ProcessStarted(incarnation=2), Actor("root/sup"))
    supervisor = telling.row("root/sup")
    assert supervisor.restarts_used(supervisor.started) == 0
    assert supervisor.life_marks == ("died", "run")


def test_a_supervisor_is_warned_of_while_at_most_one_restart_is_left() -> None:
    fleet = FleetView(SESSION)
    row = ProcessRow(
        session=SESSION, path="root/sup", kind=ProcessKind.SUPERVISOR, state="run", intensity=3, period_s=60.0,
        restarts=(100.0, 110.0),
    )  # fmt: skip
    fleet.load(Snapshot(seq=1, processes=(row,)))
    assert [fleet.rows["root/sup"].shown_state(now) for now in (120.0, 161.0)] == ["WARN", "run"]


def test_between_two_lives_a_row_has_the_number_of_the_next_and_a_mark_for_how_the_last_ended() -> None:
    fleet = FleetView(SESSION)
    row = ProcessRow(
        session=SESSION, path="root", state="RSTR", reason="shutdown", restart_at=9.0, lives=("E",), incarnation=2
    )
    fleet.load(Snapshot(seq=1, processes=(row,)))
    assert (fleet.rows["root"].number, fleet.rows["root"].life_marks) == (3, ("died", "done", "RSTR"))


def test_sorted_by_attention_a_supervisor_near_its_limit_comes_before_what_runs() -> None:
    fleet = tree("root", "root/sup", "root/sup/w")
    sup = fleet.rows["root/sup"]
    sup.kind, sup.state, fleet.rows["root"].state = ProcessKind.SUPERVISOR, "run", "run"
    fleet.rows["root/sup/w"].supervisor = "root/sup"
    near = ev.ProcessRestarting(
        seq=2, ts=50.0, session=SESSION, process="root/sup/w", incarnation=2, intensity=2, period_s=60.0
    )
    fleet.apply(near)
    fleet.resort("attention")
    assert [row.path for row in fleet.order] == ["root/sup", "root/sup/w", "root"]


def test_a_process_between_two_lives_says_the_word_of_its_death_first() -> None:
    state = ProcessState()
    state.apply(ev.ProcessSpawned(session="s", process="root/w2", restart="permanent", ts=1.0))
    state.apply(ev.ProcessStarted(session="s", process="root/w2", ts=1.0))
    exited = ev.ProcessExited(reason="cut off", text="the answer from http://x was cut off", abnormal=True)
    state.apply(msgspec.structs.replace(exited, session="s", process="root/w2", ts=2.0))
    state.apply(ev.ProcessRestarting(session="s", process="root/w2", incarnation=2, delay_s=4.0, ts=2.0))
    assert (state.state, state.now) == ("RSTR", "cut off: the answer from http://x was cut off")
