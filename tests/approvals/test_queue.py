import asyncio

import pytest

from tests.fakes.recording_bus import RecordingBus
from tests.fakes.virtual_loop import run_virtual
from vega_tui.approvals.grants import Permissions, applies
from vega_tui.approvals.queue import Answer, ApprovalQueue
from vega_tui.core.errors import NotFound, StorageError, UserError
from vega_tui.core.events import (
    ApprovalDecided,
    ApprovalExpired,
    ApprovalRequested,
    ApprovalWithdrawn,
    GrantAdded,
)
from vega_tui.core.records import Approval
from vega_tui.core.words import ApprovalState, Decision


def question(
    name: str = "ap_1", *, rule: str = "bash(make *)", state: ApprovalState = ApprovalState.PENDING
) -> Approval:
    return Approval(
        id=name, session="s_1", process="root/a", run="r_1", call="c_1", tool="bash", args={"command": "make"},
        summary="make", cwd="/w", rule=rule, state=state,
    )  # fmt: skip


async def asked(queue: ApprovalQueue, approval: Approval) -> asyncio.Task[Answer]:
    task = asyncio.create_task(queue.request(approval))
    while approval.id not in [one.id for one in queue.pending()]:
        await asyncio.sleep(0)
    return task


async def answered(queue: ApprovalQueue, approval: Approval, decision: Decision, rule: str = "") -> Answer:
    task = await asked(queue, approval)
    queue.decide(approval.id, decision, "you", rule=rule)
    return await task


def test_a_question_is_stored_before_its_answer_is_waited_for() -> None:
    async def main() -> None:
        bus = RecordingBus()
        queue = ApprovalQueue(bus)
        task = await asked(queue, question())
        await asyncio.sleep(0)
        assert bus.flushed == 1
        (event,) = bus.of(ApprovalRequested)
        assert (event.session, event.process, event.run) == ("s_1", "root/a", "r_1")
        assert event.approval.created > 0
        queue.decide("ap_1", Decision.ONCE, "you")
        assert (await task).approved
        assert queue.pending() == ()

    run_virtual(main())


def test_the_first_answer_wins_and_the_second_is_told_who_was_first() -> None:
    async def main() -> None:
        bus = RecordingBus()
        queue = ApprovalQueue(bus)
        task = await asked(queue, question())
        queue.decide("ap_1", Decision.DENY, "ann", feedback="no")
        with pytest.raises(UserError, match="already decided by ann"):
            queue.decide("ap_1", Decision.ONCE, "bob")
        answer = await task
        assert (answer.approved, answer.by, answer.feedback) == (False, "ann", "no")
        assert len(bus.of(ApprovalDecided)) == 1

    run_virtual(main())


def test_an_id_that_nobody_asked_is_not_found() -> None:
    with pytest.raises(NotFound):
        ApprovalQueue(RecordingBus()).decide("ap_x", Decision.ONCE, "you")


def test_a_cancelled_waiter_withdraws_its_question() -> None:
    async def main() -> None:
        bus = RecordingBus()
        queue = ApprovalQueue(bus)
        task = await asked(queue, question())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [event.reason for event in bus.of(ApprovalWithdrawn)] == ["cancelled"]
        assert queue.pending() == ()
        with pytest.raises(UserError, match="withdrawn"):
            queue.decide("ap_1", Decision.ONCE, "you")

    run_virtual(main())


def test_a_question_that_cannot_be_stored_is_not_asked() -> None:
    async def main() -> None:
        bus = RecordingBus()
        bus.fail = True
        queue = ApprovalQueue(bus)
        with pytest.raises(StorageError):
            await queue.request(question())
        assert queue.pending() == ()

    run_virtual(main())


def test_with_nobody_to_ask_the_answer_is_no() -> None:
    async def main() -> None:
        bus = RecordingBus()
        answer = await ApprovalQueue(bus).request(question(), no_one_to_ask=True)
        assert (answer.approved, answer.by, answer.feedback) == (False, "policy", "nobody to ask")
        assert bus.kinds() == ["approval.requested", "approval.decided"]
        assert bus.flushed == 2

    run_virtual(main())


@pytest.mark.parametrize(
    ("decision", "scope", "scope_id"), [(Decision.SESSION, "session", "s_1"), (Decision.ALWAYS, "project", "/w")]
)
def test_a_yes_to_remember_becomes_a_grant_after_its_decision(decision: Decision, scope: str, scope_id: str) -> None:
    async def main() -> None:
        bus = RecordingBus()
        answer = await answered(ApprovalQueue(bus), question(), decision)
        (grant,) = bus.of(GrantAdded)
        assert answer.grant is not None
        assert (grant.rule, grant.scope, grant.scope_id) == ("bash(make *)", scope, scope_id)
        assert bus.kinds() == ["approval.requested", "approval.decided", "grant.added"]

    run_virtual(main())


def test_the_operator_may_narrow_the_rule_they_remember() -> None:
    async def main() -> None:
        answer = await answered(ApprovalQueue(RecordingBus()), question(), Decision.ALWAYS, rule="bash(make test)")
        assert answer.grant is not None
        assert answer.grant.rule == "bash(make test)"

    run_virtual(main())


@pytest.mark.parametrize(("offered", "rule"), [("", ""), ("bash(make *)", "bash("), ("bash(make *)", "*")])
def test_a_yes_that_cannot_be_remembered_settles_nothing(offered: str, rule: str) -> None:
    async def main() -> None:
        bus = RecordingBus()
        queue = ApprovalQueue(bus)
        task = await asked(queue, question(rule=offered))
        with pytest.raises(UserError):
            queue.decide("ap_1", Decision.ALWAYS, "you", rule=rule)
        assert bus.of(ApprovalDecided) == []
        queue.decide("ap_1", Decision.ONCE, "you")
        assert (await task).grant is None

    run_virtual(main())


def test_edited_arguments_come_with_the_answer() -> None:
    async def main() -> None:
        bus = RecordingBus()
        queue = ApprovalQueue(bus)
        task = await asked(queue, question())
        queue.decide("ap_1", Decision.ONCE, "you", args={"command": "make -n"})
        assert (await task).args == {"command": "make -n"}
        assert bus.of(ApprovalDecided)[0].args == {"command": "make -n"}

    run_virtual(main())


def test_a_restored_question_can_be_answered_before_anyone_waits_for_it() -> None:
    async def main() -> None:
        bus = RecordingBus()
        queue = ApprovalQueue(bus)
        queue.restore([question("ap_1"), question("ap_2", state=ApprovalState.DENIED), question("ap_3")])
        assert [one.id for one in queue.pending("s_1")] == ["ap_1", "ap_3"]
        assert queue.pending("s_2") == ()
        queue.decide("ap_1", Decision.ONCE, "you")
        assert (await queue.request(question("ap_1"))).approved
        later = await asked(queue, question("ap_3"))
        await asyncio.sleep(0)
        queue.decide("ap_3", Decision.DENY, "you")
        assert not (await later).approved
        assert bus.of(ApprovalRequested) == []  # asked by the earlier host

    run_virtual(main())


def test_an_expired_question_is_a_no_that_nobody_gave() -> None:
    async def main() -> None:
        bus = RecordingBus()
        queue = ApprovalQueue(bus)
        task = await asked(queue, question())
        queue.expire("ap_1")
        assert (await task).by == "policy"
        assert (len(bus.of(ApprovalExpired)), len(bus.of(ApprovalDecided))) == (1, 0)
        queue.expire("ap_1")
        queue.withdraw("ap_1", "late")
        assert len(bus.events) == 2

    run_virtual(main())


def test_grants_allow_until_they_are_revoked() -> None:
    permissions = Permissions()
    permissions.add(GrantAdded(grant="g_1", rule="bash(make *)", scope="session", scope_id="s_1"))
    permissions.add(GrantAdded(grant="g_2", rule="no rule at all", scope="user"))
    assert [(rule.effect, rule.text, rule.origin) for rule in permissions.rules] == [
        ("allow", "bash(make *)", "this session's grant")
    ]
    permissions.revoke("g_1")
    permissions.revoke("g_1")
    assert permissions.rules == ()


@pytest.mark.parametrize(
    ("grant", "holds"),
    [
        (GrantAdded(grant="g", rule="read", scope="session", scope_id="s_1"), True),
        (GrantAdded(grant="g", rule="read", scope="session", scope_id="s_2"), False),
        (GrantAdded(grant="g", rule="read", scope="project", scope_id="/w"), True),
        (GrantAdded(grant="g", rule="read", scope="project", scope_id="/w2"), False),
        (GrantAdded(grant="g", rule="read", scope="user"), True),
    ],
)
def test_a_grant_holds_in_its_scope_only(grant: GrantAdded, holds: bool) -> None:
    assert applies(grant, session="s_1", cwd="/w") is holds
