from collections.abc import Callable

from tests.fakes.story import SESSION, Story
from vega_tui.client.views.alerts import AlertsView
from vega_tui.client.views.budget import BudgetView
from vega_tui.client.views.header import HeaderView
from vega_tui.client.views.inbox import InboxView
from vega_tui.client.views.log import KEPT, LogView
from vega_tui.client.views.queue import QueueView
from vega_tui.client.views.sessions import SessionsView
from vega_tui.core import events as ev
from vega_tui.core.records import Alert, Approval
from vega_tui.core.words import InputMode, Mode, Risk, Severity
from vega_tui.protocol.rows import SessionRow, Snapshot

ROW = SessionRow(id=SESSION, name="one", cwd="/w", model="m", budget_usd=2.0, simulated=True)


def spend(ts: float, cost: float | None, process: str = "root") -> ev.TurnFinished:
    return ev.TurnFinished(seq=1, ts=ts, session=SESSION, process=process, model="m", cost_usd=cost)


def question(id: str, risk: Risk = Risk.MED, created: float = 1.0, group: str = "") -> Approval:
    return Approval(
        id=id, session=SESSION, process="root", call=id, tool="bash", args={}, summary=id, risk=risk, created=created,
        group=group,
    )  # fmt: skip


def asked(*questions: Approval) -> InboxView:
    inbox = InboxView()
    inbox.load(Snapshot(seq=1, approvals=questions))
    return inbox


def test_burn_and_the_end_of_the_cap_follow_what_was_spent_lately() -> None:
    budget = BudgetView()
    budget.load(Snapshot(seq=1, session=ROW))
    assert budget.cap_in_s(100.0) is None
    for ts in (100.0, 160.0):
        budget.apply(spend(ts, 0.5))
    assert budget.burn_per_minute(160.0) == 1.0
    assert budget.cap_in_s(160.0) == 60.0
    assert budget.used_percent == 50
    assert budget.burn_per_minute(400.0) == 0.0


def test_a_first_call_is_no_rate_yet() -> None:
    budget = BudgetView()
    budget.load(Snapshot(seq=1, session=ROW))
    budget.apply(spend(100.0, 0.1))
    assert budget.burn_per_minute(100.0) < 0.31


def test_money_is_counted_for_each_child_of_the_root_with_all_below_it() -> None:
    budget = BudgetView()
    budget.load(Snapshot(seq=1, session=ROW))
    for path in ("root", "root/a", "root/a/b/c", "root/d"):
        budget.apply(spend(1.0, 0.25, path))
    assert budget.by_child == {"root/a": 0.5, "root/d": 0.25}


def test_holds_summed_up_by_a_snapshot_are_let_go_with_the_first_unknown_settling() -> None:
    budget = BudgetView()
    budget.load(Snapshot(seq=1, session=ROW, held_usd=0.5))
    budget.apply(ev.BudgetReserved(seq=2, session=SESSION, hold="h2", amount_usd=0.25))
    assert budget.held_usd == 0.75
    budget.apply(ev.BudgetSettled(seq=3, session=SESSION, hold="h1", amount_usd=0.0))
    assert budget.held_usd == 0.25


def test_questions_stand_by_risk_then_age() -> None:
    inbox = asked(question("a", created=1.0), question("b", Risk.HIGH, 9.0), question("c", created=0.5))
    assert [one.id for one in inbox.ordered] == ["b", "c", "a"]
    assert inbox.position("c") == (2, 3)
    following = [inbox.after(id) for id in ("b", "a", "gone")]
    assert [one.id for one in following if one] == ["c", "b", "b"]


def test_an_answered_question_is_gone_for_everyone() -> None:
    inbox = asked(question("a"))
    inbox.dirty = False
    inbox.apply(ev.ApprovalWithdrawn(seq=2, session=SESSION, approval="other", reason=""))
    assert not inbox.dirty
    inbox.apply(ev.ApprovalExpired(seq=3, session=SESSION, approval="a"))
    assert inbox.dirty
    assert (len(inbox), inbox.first, inbox.position("a")) == (0, None, (0, 0))


def test_a_call_of_high_risk_is_never_settled_with_others() -> None:
    inbox = asked(question("a", group="g"), question("b", group="g"), question("c", Risk.HIGH, group="g"))
    assert [one.id for one in inbox.alike(inbox.approvals["a"])] == ["a", "b"]
    assert [one.id for one in inbox.alike(inbox.approvals["c"])] == ["c"]


def alert(id: str, kind: str = "restarted", count: int = 1, last: float = 1.0) -> ev.AlertRaised:
    found = Alert(
        id=id, session=SESSION, process="w", kind=kind, severity=Severity.HIGH, message="", count=count, last=last
    )
    return ev.AlertRaised(seq=2, session=SESSION, process="w", alert=found)


def test_an_alert_that_comes_again_is_counted_in_its_row() -> None:
    alerts = AlertsView()
    for event in (alert("1"), alert("2", "gave_up", last=2.0), alert("1", count=2, last=3.0), alert("3", last=4.0)):
        alerts.apply(event)
    assert [(one.kind, one.count) for one in alerts.ordered] == [("restarted", 3), ("gave_up", 1)]
    assert alerts.high == 2
    alerts.apply(ev.AlertAcknowledged(seq=9, session=SESSION, alert="3"))
    assert [one.kind for one in alerts.ordered] == ["gave_up"]


def test_the_header_shows_what_holds_for_all_that_is_seen() -> None:
    header = HeaderView(read_only=True)
    header.load(Snapshot(seq=1, session=ROW, approvals=(question("a"), question("b"))))
    assert header.chips == ("manual", "SIMULATED", "READ ONLY", "2 ASK")
    header.apply(ev.SessionChanged(seq=2, session=SESSION, mode=Mode.YOLO, simulated=False))
    header.apply(ev.BranchMoved(seq=3, session=SESSION, process="root", branch="b2", head="", active=True))
    assert header.chips == ("YOLO", "READ ONLY", "2 ASK")
    assert header.branch == "b2"


def test_what_waits_stands_in_its_process_queue_until_it_is_heard() -> None:
    queue = QueueView()
    queue.load(Snapshot(seq=1, draft="half a"))
    for number, process in enumerate(("root", "root/a", "root")):
        queue.apply(
            ev.InputReceived(
                seq=2, session=SESSION, process=process, input=f"i{number}", mode=InputMode.QUEUE, text=str(number)
            )
        )
    assert [row.text for row in queue.waiting("root")] == ["0", "2"]
    queue.apply(ev.InputDropped(seq=3, session=SESSION, process="root", input="i0", reason="withdrawn"))
    assert [row.text for row in queue.waiting("root")] == ["2"]
    assert queue.draft == "half a"


def test_sessions_are_found_by_any_of_their_words() -> None:
    sessions = SessionsView()
    sessions.load(
        (
            SessionRow(id="s1", name="auth refactor", cwd="/shop", model="m", updated=1.0),
            SessionRow(id="s2", name="docs", cwd="/shop", model="m", updated=2.0, preview="write about Auth"),
        )
    )
    assert [row.id for row in sessions.matching()] == ["s2", "s1"]
    assert [row.id for row in sessions.matching("auth SHOP")] == ["s2", "s1"]
    assert [row.id for row in sessions.matching("auth refactor")] == ["s1"]
    sessions.apply(ev.SessionRemoved(seq=1, session="s1"))
    assert [row.id for row in sessions.matching()] == ["s2"]


def test_the_log_tells_a_crash_in_words_and_forgets_the_oldest() -> None:
    story, log = Story(), LogView()
    root = story.begin()
    story.say(root)
    story.crash(root)
    lines = told(log, story.events)
    assert ("died", "HTTP 401", "fail") in lines
    assert ("restarting", "in 1.0 s, 1 of 5 in 60 s  HTTP 401", "rstr") in lines
    for _ in range(KEPT + 10):
        log.apply(story.events[-1])
    assert len(log.lines) == KEPT


def told(log: LogView, events: list[ev.AnyEvent]) -> list[tuple[str, str, str]]:
    fold: Callable[[ev.AnyEvent], None] = log.apply
    for event in events:
        fold(event)
    return [(line.verb, line.rest, line.tone) for line in log.lines]
