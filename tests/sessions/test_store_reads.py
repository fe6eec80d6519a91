from pathlib import Path

import pytest

from tests.sessions.builders import START, S, a_day, chain, entry, of, opened, put, session
from vega_tui.core import clock
from vega_tui.core import events as ev
from vega_tui.core.errors import NotFound, UserError
from vega_tui.core.messages import text_of
from vega_tui.core.words import ApprovalState, CallState, Decision, Mode
from vega_tui.sessions.rows import MATCH_END, MATCH_START


async def test_sessions_come_newest_first_and_by_folder_and_page(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session("s_a", cwd="/a"), session("s_b", cwd="/b"), session("s_c", cwd="/a"))
        await put(store, entry("e", session="s_a"))
        assert [row.id for row in await store.sessions()] == ["s_a", "s_c", "s_b"]
        assert [row.id for row in await store.sessions(cwd="/a", limit=1, offset=1)] == ["s_c"]
        latest = await store.latest_session("/b")
        assert latest is not None
        assert latest.id == "s_b"
        assert await store.latest_session("/nowhere") is None


async def test_an_ephemeral_session_is_never_the_one_to_continue(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session("s_a"), session("s_b", ephemeral=True))
        latest = await store.latest_session("/work")
        assert latest is not None
        assert latest.id == "s_a"


async def test_a_session_is_found_by_id_name_and_the_unique_start_of_either(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session("s_ab1", "aurora"), session("s_ab2", "bright"), session("s_cd3", "aurora borealis"))
        for text, expected in (
            ("s_ab1", "s_ab1"),
            ("aurora", "s_ab1"),
            ("s_c", "s_cd3"),
            ("bri", "s_ab2"),
            ("aurora b", "s_cd3"),
        ):
            assert (await store.find_session(text)).id == expected
        with pytest.raises(UserError, match=r"2 sessions fit “s_ab”: s_ab2 \(bright\), s_ab1"):
            await store.find_session("s_ab")
        with pytest.raises(NotFound, match="did you mean bright"):
            await store.find_session("brigth")
        with pytest.raises(NotFound):
            await store.find_session("")


async def test_where_names_are_equal_the_one_of_this_folder_is_meant(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session("s_a", "same", cwd="/a"), session("s_b", "same", cwd="/b"))
        assert (await store.find_session("same", cwd="/a")).id == "s_a"
        with pytest.raises(UserError, match="2 sessions fit"):
            await store.find_session("same")


async def test_a_session_row_counts_what_happened_in_it(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, *a_day())
        row = await store.session(S)
        assert (row.entries, row.cost_usd, row.tokens, row.cost_unknown) == (3, 0.25, 128, False)
        assert (row.open_runs, row.pending_approvals, row.last_text) == (1, 1, "I will count them")
        await put(store, *of("root", ev.TurnFinished(model="odd", cost_usd=None), run="r"))
        assert (await store.session(S)).cost_unknown


async def test_what_a_person_changes_shows_and_the_rest_stays(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session(), ev.SessionChanged(session=S, mode=Mode.EDITS, budget_usd=2.0))
        row = await store.session(S)
        assert (row.name, row.mode, row.budget_usd) == ("night sky", Mode.EDITS, 2.0)
        await put(store, ev.SessionChanged(session=S, name="dawn", budget_usd=-1.0))
        row = await store.session(S)
        assert (row.name, row.mode, row.budget_usd) == ("dawn", Mode.EDITS, None)


async def test_a_branch_is_paged_from_its_end_upwards(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        entries = [added.entry for added in chain(7)]
        await put(store, session(), *chain(7))
        last = await store.entries_page(S, "root", "main", limit=3)
        assert last == entries[4:]
        above = await store.entries_page(S, "root", "main", before=last[0].id, limit=3)
        assert above == entries[1:4]
        assert await store.entries_page(S, "root", "main", before=above[0].id, limit=3) == entries[:1]
        assert await store.entries_page(S, "root", "main", before=entries[0].id) == []
        assert await store.entries_page(S, "root", "none") == []


async def test_a_fork_shares_what_came_before_it_and_copies_nothing(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        trunk = chain(4)
        fork_at = trunk[1].entry.id
        forked = ev.BranchCreated(session=S, process="root", branch="try", head=fork_at, origin=fork_at)
        await put(store, session(), *trunk, forked, entry("x", fork_at, "another way", branch="try"))
        assert [e.id for e in await store.entries_page(S, "root", "try")] == [
            trunk[0].entry.id,
            fork_at,
            "x",
        ]
        assert len(await store.entries_page(S, "root", "main")) == 4
        assert [(b.name, b.head, b.active) for b in await store.branches(S)] == [
            ("main", trunk[3].entry.id, True),
            ("try", "x", False),
        ]
        assert (await store.session(S)).entries == 5


async def test_moving_a_branch_rewinds_it_and_can_make_it_active(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session(), *chain(3))
        first = f"{S}_root_0"
        await put(
            store,
            ev.BranchCreated(session=S, process="root", branch="try", head=first, origin=first),
            ev.BranchMoved(session=S, process="root", branch="try", head="", active=True),
        )
        assert await store.entries_page(S, "root", "try") == []
        assert [(b.name, b.active, b.version) for b in await store.branches(S)] == [
            ("main", False, 3),
            ("try", True, 2),
        ]
        assert (await store.session(S)).active_branch == "try"


async def test_lineage_of_nothing_is_empty_and_of_an_unknown_head_not_found(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session(), *chain(1))
        assert await store.lineage(S, "") == []
        with pytest.raises(NotFound):
            await store.lineage(S, "nobody")
        with pytest.raises(NotFound):
            await store.entry("nobody")


async def test_events_come_after_a_cursor_for_one_session_in_pages(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        events = await put(store, session("s_a"), session("s_b"), *chain(4, session="s_a"))
        mine = [event for event in events if event.session == "s_a"]
        assert await store.events_since(1, "s_a", limit=2) == mine[1:3]
        assert await store.events_since(0, upto=2) == events[:2]
        assert await store.events_since(99) == []
        placed = await put(store, *of("root", ev.RunStarted(), run="r_1"), *of("root", ev.RunStarted(), run="r_2"))
        assert await store.events_since(0, S, run="r_2") == placed[1:]


async def test_what_is_open_is_what_recovery_must_close(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, *a_day())
        assert [(run.id, run.process) for run in await store.open_runs()] == [("r2_s_1", "root/w1")]
        assert [(call.call, call.state) for call in await store.open_calls(S)] == [
            ("c_2", CallState.RUNNING),
            ("c_3", CallState.WAITING),
        ]
        assert [each.id for each in await store.pending_inputs(S)] == ["i2_s_1"]
        assert await store.open_calls("s_other") == []


async def test_the_first_answer_to_an_approval_stays(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, *a_day())
        settled = await store.approval("a_s_1")
        assert (settled.state, settled.decided_by, settled.args) == (ApprovalState.APPROVED, "you", {"command": "ls"})
        await put(store, *of("root", ev.ApprovalExpired(approval="a_s_1")))
        assert await store.approval("a_s_1") == settled
        assert [each.id for each in await store.pending_approvals()] == ["a2_s_1"]
        await put(store, *of("root/w1", ev.ApprovalWithdrawn(approval="a2_s_1", reason="gone")))
        assert await store.pending_approvals(S) == []
        assert [call.state for call in await store.open_calls(S)] == [CallState.RUNNING, CallState.PROPOSED]
        with pytest.raises(NotFound):
            await store.approval("nobody")


@pytest.mark.parametrize("decision", list(Decision))
async def test_each_answer_is_stored_as_the_yes_or_no_that_it_is(tmp_path: Path, decision: Decision) -> None:
    async with await opened(tmp_path) as store:
        await put(store, *a_day())
        await put(store, *of("root/w1", ev.ApprovalDecided(approval="a2_s_1", decision=decision, by="you")))
        settled = await store.approval("a2_s_1")
        said_no = decision in {Decision.DENY, Decision.DENY_STOP}
        assert settled.state is (ApprovalState.DENIED if said_no else ApprovalState.APPROVED)
        assert await store.pending_approvals(S) == []


async def test_grants_hold_in_their_session_or_project_until_revoked(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, *a_day())
        assert [g.rule for g in await store.grants(S, "/work")] == ["Bash(ls)", "Bash(git *)"]
        assert [g.rule for g in await store.grants("s_other", "/work")] == ["Bash(git *)"]
        await put(store, ev.GrantRevoked(session=S, grant="g2_s_1"))
        assert await store.grants("s_other", "/work") == []


async def test_an_earlier_life_that_ends_late_leaves_the_process_that_replaced_it_running(tmp_path: Path) -> None:
    late = ev.ProcessExited(incarnation=1, reason="killed", abnormal=True)
    begun = (ev.ProcessSpawned(), ev.ProcessStarted(incarnation=1), ev.ProcessStarted(incarnation=2))
    async with await opened(tmp_path) as store:
        await put(store, *a_day())
        await put(store, *of("root/w9", *begun, late))
        row = next(row for row in await store.processes(S) if row.path == "root/w9")
        assert (row.state, row.incarnation, row.reason) == ("running", 2, "")
        assert [life.reason for life in await store.lives(S, "root/w9")] == ["killed", ""]


async def test_a_process_row_is_its_latest_state(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, *a_day())
        root, worker = await store.processes(S)
        assert (root.path, root.state, root.turns, root.context_used, root.cost_usd) == (
            "root",
            "running",
            1,
            128,
            0.25,
        )
        assert (worker.state, worker.incarnation, worker.paused, worker.reason) == ("running", 2, True, "")
        await put(store, *of("root/w1", ev.ProcessGaveUp(), ev.ProcessExited(incarnation=2, reason="shutdown")))
        assert [row.path for row in await store.processes(live_only=True)] == ["root"]
        worker = (await store.processes(S))[1]
        assert (worker.state, worker.reason, worker.paused) == ("gave_up", "shutdown", False)


async def test_an_alert_is_open_until_it_is_acknowledged_or_cleared(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, *a_day())
        (alert,) = await store.alerts(S)
        await put(store, ev.AlertAcknowledged(session=S, alert=alert.id))
        assert await store.alerts() == []
        assert [each.acknowledged for each in await store.alerts(open_only=False)] == [True]
        await put(store, ev.AlertRaised(session=S, alert=alert))
        assert await store.alerts() == [alert]
        await put(store, ev.AlertCleared(session=S, alert=alert.id))
        assert await store.alerts() == []


async def test_a_draft_is_kept_and_forgotten(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, session())
        assert await store.draft(S) == ""
        await store.set_draft(S, "half a thou")
    async with await opened(tmp_path) as store:
        assert await store.draft(S) == "half a thou"
        await store.set_draft(S, "")
        assert await store.draft(S) == ""


async def test_spent_today_counts_from_midnight_and_outlives_its_sessions(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        now = clock.wall()
        turn = ev.TurnFinished(session=S, process="root", run="r", model="m", cost_usd=0.5, ts=now)
        long_ago = ev.TurnFinished(session=S, process="root", run="r", model="m", cost_usd=9.0, ts=now - 86_400)
        await put(store, session(), long_ago, turn)
        assert await store.spent_today() == 0.5
        await put(store, ev.SessionRemoved(session=S, ts=START))
        assert await store.spent_today() == 0.5
        await store.rebuild()
        assert await store.spent_today() == 0.5


async def test_search_finds_entries_by_all_words_and_marks_them(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(
            store,
            session(),
            entry("e1", "", "the comet passes at dawn"),
            entry("e2", "e1", "the comet is gone", kind="assistant"),
        )
        assert {hit.entry for hit in await store.search("comet")} == {"e1", "e2"}
        (hit,) = await store.search("comet daw")
        assert (hit.entry, hit.session_name) == ("e1", "night sky")
        assert f"{MATCH_START}dawn{MATCH_END}" in hit.snippet
        for odd in ("", '"', "a OR", "co*met NEAR(", "-x", "{a}: ^"):
            await store.search(odd)


async def test_a_long_output_is_kept_apart_once_and_read_back_whole(tmp_path: Path) -> None:
    async with await opened(tmp_path) as store:
        await put(store, *a_day())
        added = await store.entry(f"{S}_e3")
        assert added.observation is not None
        assert added.observation.text == added.observation.display == "0123456789abcdef" * 2_000
        assert text_of(added.content) == ""
    assert b"0123456789abcdef" * 40 not in store.path.read_bytes()
