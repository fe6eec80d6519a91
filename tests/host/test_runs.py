from pathlib import Path

import pytest

from tests.fakes.face import FaceFactory
from vega_tui.core import events as ev
from vega_tui.core.errors import NotFound
from vega_tui.core.messages import Text, ToolResult, ToolUse
from vega_tui.core.words import CallState, Decision, InputMode, Mode, RunStatus, StopReason
from vega_tui.host import Host
from vega_tui.llm.simulator import Simulator, make_scenario
from vega_tui.protocol import operations as op
from vega_tui.sessions.lifecycle import validate


async def test_a_prompt_is_answered_by_a_real_tool_call_after_a_real_approval(face: FaceFactory, work: Path) -> None:
    me = await (await face()).open()
    await me.send("list files here")
    approval = await me.asked()
    assert approval.tool == "bash"
    assert (await me.process("root")).state == "ASK"
    await me.decide(approval.id, Decision.ONCE)
    finished = await me.until(ev.RunFinished)
    assert finished.status is RunStatus.COMPLETED
    entries = await me.entries()
    assert [entry.kind for entry in entries] == ["user", "assistant", "tool_result", "assistant"]
    result = entries[2].observation
    assert result is not None
    assert "notes.md" in result.text
    assert validate(me.events) == []


async def test_a_denied_call_does_not_run_and_the_model_is_told_why(face: FaceFactory, work: Path) -> None:
    me = await (await face()).open()
    await me.send(f'tool bash {{"command": "touch {work}/made"}}')
    approval = await me.asked()
    await me.decide(approval.id, Decision.DENY, feedback="not in this folder")
    await me.until(ev.RunFinished)
    assert not (work / "made").exists()
    answer = (await me.entries())[-1].content[0]
    assert isinstance(answer, Text)
    assert "not in this folder" in answer.text


@pytest.mark.parametrize("yes", [Decision.ONCE, Decision.SESSION, Decision.ALWAYS])
async def test_edited_arguments_are_what_runs(face: FaceFactory, work: Path, yes: Decision) -> None:
    me = await (await face()).open()
    await me.send(f'tool bash {{"command": "touch {work}/one"}}')
    approval = await me.asked()
    await me.decide(approval.id, yes, args={"command": f"touch {work}/two"})
    await me.until(ev.RunFinished)
    assert not (work / "one").exists()
    assert (work / "two").exists()


async def test_a_grant_for_the_session_answers_the_next_call_by_itself(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.send('tool bash {"command": "echo one"}')
    approval = await me.asked()
    await me.decide(approval.id, Decision.SESSION)
    await me.until(ev.RunFinished)
    seen = len(me.events)
    finished = await me.say('tool bash {"command": "echo one"}')
    assert finished.status is RunStatus.COMPLETED
    assert not any(isinstance(event, ev.ApprovalRequested) for event in me.events[seen:])


async def test_a_remembered_yes_answers_the_waiting_calls_it_covers_but_for_dangerous_ones(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.send("spawn 3 workers to run date")
    while len((await me.connection.call(op.APPROVAL_LIST, op.ApprovalList())).approvals) < 3:
        await me.show()
    asked = await me.asked()
    await me.decide(asked.id, Decision.ALWAYS, scope="user")
    for worker in (1, 2, 3):
        await me.until(ev.ProcessExited, lambda event, worker=worker: event.process == f"root/worker-{worker}")
    answers = [event.by for event in me.events if isinstance(event, ev.ApprovalDecided)]
    assert sorted(answers)[:2] == ["rule bash(date)", "rule bash(date)"]
    assert sorted(answers)[2].startswith("you (")
    assert (await me.until(ev.GrantAdded)).scope == "user"


async def test_with_nobody_to_ask_the_answer_is_no(face: FaceFactory, work: Path) -> None:
    me = await (await face(can_ask=False)).open()
    finished = await me.say(f'tool bash {{"command": "touch {work}/made"}}')
    assert finished.status is RunStatus.COMPLETED
    assert not (work / "made").exists()
    decided = await me.until(ev.ApprovalDecided)
    assert (decided.decision, decided.by) == (Decision.DENY, "policy")


async def test_interrupting_ends_the_run_and_keeps_what_was_said(face: FaceFactory, simulator: Simulator) -> None:
    me = await (await face()).open()
    await me.connection.call(op.WATCH, op.Watch(session=me.row.id, processes=("root",)))
    await me.send("stall")
    await me.until(ev.TurnStarted)
    while not me.deltas:
        await me.show()
    await me.act(op.PROCESS_INTERRUPT, "root")
    finished = await me.until(ev.RunFinished)
    assert (finished.status, finished.stop_reason) == (RunStatus.CANCELLED, StopReason.CANCELLED)
    said = (await me.entries())[-1]
    assert said.interrupted
    assert said.content == (Text(text="waiting"),)
    assert "ProcessExited" not in me.names()
    assert (await me.say("hello")).status is RunStatus.COMPLETED


async def test_interrupting_before_anything_was_said_leaves_a_mark(face: FaceFactory, simulator: Simulator) -> None:
    simulator.play(make_scenario({"replies": [{"times": 1, "fault": {"kind": "silent"}}]}))
    me = await (await face()).open()
    await me.send("hello")
    await me.until(ev.TurnStarted)
    await me.act(op.PROCESS_INTERRUPT, "root")
    await me.until(ev.RunFinished)
    assert [(entry.kind, entry.mark) for entry in await me.entries()] == [("user", ""), ("system", "interrupted")]


async def test_interrupting_a_running_tool_ends_its_program_and_closes_the_call(face: FaceFactory) -> None:
    me = await (await face()).open(mode=Mode.YOLO)
    await me.send('tool bash {"command": "echo begun; sleep 60"}')
    await me.until(ev.ToolStarted)
    await me.act(op.PROCESS_INTERRUPT, "root")
    ended = await me.until(ev.ToolFinished)
    assert ended.state is CallState.CANCELLED
    await me.until(ev.RunFinished)
    assert (await me.entries())[-1].kind == "tool_result"
    assert (await me.say("hello")).status is RunStatus.COMPLETED
    assert validate(me.events) == []


async def test_a_steering_message_joins_the_run_after_the_tool_batch(face: FaceFactory, simulator: Simulator) -> None:
    me = await (await face()).open()
    await me.send('tool bash {"command": "echo one"}')
    approval = await me.asked()
    await me.send("hello", mode=InputMode.STEER)
    await me.decide(approval.id, Decision.ONCE)
    await me.until(ev.RunFinished)
    assert me.names().count("RunStarted") == 1
    kinds = [entry.kind for entry in await me.entries()]
    assert kinds == ["user", "assistant", "tool_result", "user", "assistant"]
    last = simulator.requests[-1].body["messages"][-1]["content"]
    assert [block["type"] for block in last] == ["tool_result", "text"]


async def test_a_follow_up_waits_for_the_end_of_the_run(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.send('tool bash {"command": "echo one"}')
    approval = await me.asked()
    waiting = await me.send("hello", mode=InputMode.FOLLOWUP)
    assert [row.id for row in (await me.show()).inputs] == [waiting]
    await me.decide(approval.id, Decision.ONCE)
    await me.until(ev.RunFinished, lambda _: me.names().count("RunFinished") == 2)
    assert me.names().count("RunStarted") == 2


async def test_a_waiting_input_can_be_taken_back_and_is_then_not_heard(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.send('tool bash {"command": "echo one"}')
    approval = await me.asked()
    waiting = await me.send("hello", mode=InputMode.FOLLOWUP)
    await me.connection.call(op.INPUT_WITHDRAW, op.InputRef(session=me.row.id, input=waiting))
    with pytest.raises(NotFound):
        await me.connection.call(op.INPUT_WITHDRAW, op.InputRef(session=me.row.id, input=waiting))
    await me.decide(approval.id, Decision.ONCE)
    await me.until(ev.RunFinished)
    assert [entry.kind for entry in await me.entries()].count("user") == 1


async def test_a_refused_key_is_one_line_in_the_chat_and_leaves_the_process(face: FaceFactory) -> None:
    me = await (await face()).open()
    finished = await me.say("fail 401")
    assert finished.status is RunStatus.FAILED
    note = (await me.entries())[-1]
    assert (note.kind, note.mark) == ("system", "error")
    assert "401" in note.note
    assert "\n" not in note.note
    assert "ProcessExited" not in me.names()
    assert (await me.say("hello")).status is RunStatus.COMPLETED


async def test_a_cut_answer_ends_the_process_and_its_supervisor_starts_it_again_with_its_history(
    face: FaceFactory, simulator: Simulator
) -> None:
    me = await (await face()).open()
    finished = await me.say("cut 5")
    assert finished.status is RunStatus.FAILED
    started = await me.until(ev.ProcessStarted, lambda event: event.incarnation == 2)
    assert started.process == "root"
    assert (await me.say("hello")).status is RunStatus.COMPLETED
    marks = [entry.mark for entry in await me.entries() if entry.kind == "system"]
    assert marks == ["error", "died", "took_over"]
    roles = [message["role"] for message in simulator.requests[-1].body["messages"]]
    assert roles == ["user", "assistant", "user"]


async def test_a_task_runs_in_a_child_process_and_its_last_words_are_the_result(face: FaceFactory) -> None:
    me = await (await face()).open(mode=Mode.YOLO)
    await me.say("task helper: run echo forty-two")
    entries = await me.entries()
    result = next(entry.observation for entry in entries if entry.kind == "tool_result")
    assert result is not None
    assert "forty-two" in result.text
    row = await me.process("root/helper")
    assert (row.parent, row.state, row.restart) == ("root", "done", "temporary")
    assert next(entry.kind for entry in await me.entries("root/helper")) == "user"


async def test_a_spawned_agent_goes_on_by_itself_and_can_be_spoken_to_when_it_is_done(face: FaceFactory) -> None:
    me = await (await face()).open(mode=Mode.YOLO)
    await me.say("spawn 2 workers to say hello")
    for path in ("root/worker-1", "root/worker-2"):
        await me.until(ev.ProcessExited, lambda event, path=path: event.process == path)
    assert (await me.process("root/worker-1")).state == "done"
    again = await me.say("hello again", process="root/worker-1")
    assert again.status is RunStatus.COMPLETED
    assert (await me.process("root/worker-1")).incarnation == 2


async def test_an_approval_of_a_grandchild_reaches_the_same_inbox(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.send("task helper: run echo deep")
    approval = await me.asked()
    assert approval.process == "root/helper"
    listed = await me.connection.call(op.APPROVAL_LIST, op.ApprovalList())
    assert [item.id for item in listed.approvals] == [approval.id]
    await me.decide(approval.id, Decision.ONCE)
    assert (await me.until(ev.RunFinished, lambda event: event.process == "root")).status is RunStatus.COMPLETED


async def test_interrupting_a_parent_ends_the_child_it_waits_for(face: FaceFactory) -> None:
    me = await (await face()).open(mode=Mode.YOLO)
    await me.send("task helper: run sleep 60")
    await me.until(ev.ToolStarted, lambda event: event.process == "root/helper")
    await me.act(op.PROCESS_INTERRUPT, "root")
    await me.until(ev.ProcessExited, lambda event: event.process == "root/helper")
    assert (await me.until(ev.RunFinished, lambda event: event.process == "root")).status is RunStatus.CANCELLED


async def test_a_killed_process_is_restarted_and_a_terminated_one_stays_down(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.act(op.PROCESS_KILL, "root")
    await me.until(ev.ProcessStarted, lambda event: event.incarnation == 2)
    assert (await me.process("root")).lives == ("killed",)
    await me.act(op.PROCESS_TERMINATE, "root")
    await me.until(ev.ProcessExited, lambda event: event.incarnation == 2)
    assert (await me.process("root")).state == "done"
    assert (await me.say("hello")).status is RunStatus.COMPLETED


async def test_a_budget_stops_the_run_before_the_money_is_spent(face: FaceFactory, simulator: Simulator) -> None:
    me = await (await face()).open(budget_usd=0.001)
    finished = await me.say("hello")
    assert (finished.status, finished.stop_reason) == (RunStatus.STOPPED, StopReason.BUDGET_EXHAUSTED)
    assert not simulator.requests
    await me.connection.call(op.SESSION_CHANGE, op.SessionChange(session=me.row.id, budget_usd=5.0))
    assert (await me.say("hello")).status is RunStatus.COMPLETED


async def test_a_paused_process_waits_before_its_next_turn(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.act(op.PROCESS_PAUSE, "root")
    await me.send("hello")
    await me.until(ev.RunStarted)
    assert (await me.process("root")).state == "PAUS"
    assert "TurnStarted" not in me.names()
    await me.act(op.PROCESS_RESUME, "root")
    assert (await me.until(ev.RunFinished)).status is RunStatus.COMPLETED


async def test_every_call_of_the_history_has_its_result_whatever_happened(
    face: FaceFactory, simulator: Simulator
) -> None:
    me = await (await face()).open()
    await me.send('tool bash {"command": "echo one"}')
    await me.asked()
    await me.act(op.PROCESS_KILL, "root")
    await me.until(ev.ProcessStarted, lambda event: event.incarnation == 2)
    await me.say("hello")
    blocks = [block for message in simulator.requests[-1].body["messages"] for block in message["content"]]
    asked = {block["id"] for block in blocks if block["type"] == "tool_use"}
    answered = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
    assert asked == answered != set()


async def test_the_run_of_a_stopped_host_is_marked_interrupted(host: Host, face: FaceFactory) -> None:
    me = await (await face()).open(mode=Mode.YOLO)
    await me.send('tool bash {"command": "sleep 60"}')
    await me.until(ev.ToolStarted)
    await host.close()
    finished = await me.until(ev.RunFinished)
    assert finished.stop_reason is StopReason.INTERRUPTED


def test_results_come_before_words_in_a_user_message() -> None:
    from vega_tui.agent.history import to_messages
    from vega_tui.core.records import Entry

    call = ToolUse(id="t1", name="bash", input={})
    entries = [
        Entry(id="1", session="s", process="root", kind="user", content=(Text(text="go"),)),
        Entry(id="2", session="s", process="root", kind="assistant", content=(call,)),
        Entry(id="3", session="s", process="root", kind="user", content=(Text(text="stop"),)),
    ]
    last = to_messages(entries)[-1]
    assert isinstance(last.content[0], ToolResult)
    assert last.content[0].is_error
    assert last.content[1] == Text(text="stop")


async def test_a_sessions_key_never_leaves_through_a_tools_output(face: FaceFactory) -> None:
    me = await (await face(api_key="hidden-value-of-a-key")).open(mode=Mode.YOLO)
    await me.say('tool bash {"command": "echo hidden-value-of-a-key; env"}')
    await me.until(ev.RunFinished)
    result = next(entry.observation for entry in await me.entries() if entry.kind == "tool_result")
    assert result is not None
    assert "hidden-value-of-a-key" not in result.text
    assert "[redacted]" in result.text
