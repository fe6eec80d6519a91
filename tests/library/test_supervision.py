import asyncio
from typing import Any

import pytest

from tests.library import stubborn_tools
from tests.library.conftest import Make
from vega_tui import (
    Agent,
    AgentProcess,
    AgentStart,
    ChildSpec,
    Mode,
    Orchestrator,
    ProcessFailed,
    Restart,
    Status,
    Strategy,
    Supervision,
    SupervisorSpec,
)
from vega_tui.core.errors import UserError
from vega_tui.llm.simulator import Simulator, make_scenario
from vega_tui.runtime import Backoff, BackoffKind, Pid

HELPER = Agent(name="helper")


async def _life(proc: AgentProcess, number: int) -> None:
    async with asyncio.timeout(10):
        while proc.incarnation < number or proc.status is not Status.RUNNING:
            await asyncio.sleep(0)


async def test_a_failed_run_ends_the_process_and_supervision_starts_it_again(orch: Orchestrator) -> None:
    proc = await orch.spawn(HELPER, supervision=Supervision(max_restarts=3))
    with pytest.raises(ProcessFailed) as failed:
        await proc.send("cut 3")
    assert type(failed.value.__cause__).__name__ == "ProviderError"
    await _life(proc, 2)
    assert await proc.send("hello")


async def test_a_restarted_agent_keeps_name_groups_parent_extra_system_and_history(
    orch: Orchestrator, simulator: Simulator
) -> None:
    boss = await orch.spawn(Agent(name="boss"))
    proc = await orch.spawn(HELPER, name="ada", parent=boss, supervision=Supervision())
    proc.set_extra_system("Speak like a sailor.")
    orch.join("crew", proc)
    await proc.send("hello")
    await proc.kill()
    await _life(proc, 2)
    assert orch.get("ada") is proc
    assert (proc.parent, proc.groups, orch.members("crew")) == (boss.path, ["crew"], [proc])
    await proc.send("again")
    body: dict[str, Any] = simulator.requests[-1].body
    assert "Speak like a sailor." in str(body["system"])
    assert len(body["messages"]) == 3


async def test_a_task_whose_answer_was_cut_off_is_gone_on_with_by_the_next_life(
    orch: Orchestrator, simulator: Simulator
) -> None:
    cut = {"times": 1, "say": "one two three four", "fault": {"kind": "cut", "after": 2}}
    simulator.play(make_scenario({"replies": [cut, {"say": "three four"}]}))
    proc = await orch.spawn(HELPER, task="count to four", supervision=Supervision())
    assert await proc.result() == "three four"
    said = [block["text"] for message in simulator.requests[-1].body["messages"] for block in message["content"]]
    assert said == ["count to four", "one two", "Go on from where you were cut off."]


async def test_a_fresh_life_begins_with_what_was_given_and_does_its_task_again(
    orch: Orchestrator, simulator: Simulator
) -> None:
    given = [("user", "you are Ada"), ("assistant", "I am Ada")]
    proc = await orch.spawn(HELPER, supervision=Supervision(), history="fresh", messages=given)  # pyright: ignore[reportArgumentType]
    await proc.send("hello")
    await proc.kill()
    await _life(proc, 2)
    await proc.send("again")
    said = [block["text"] for message in simulator.requests[-1].body["messages"] for block in message["content"]]
    assert said == ["you are Ada", "I am Ada", "again"]


async def test_past_its_limit_it_stays_down_and_everyone_is_told(orch: Orchestrator) -> None:
    told: list[str] = []
    supervision = Supervision(
        max_restarts=1,
        on_failure=lambda reason: told.append("failure"),
        on_restart=lambda n: told.append(f"restart {n}"),
        on_give_up=lambda reason: told.append("gave up"),
    )
    proc = await orch.spawn(HELPER, supervision=supervision)
    await proc.kill()
    await _life(proc, 2)
    waiting = await proc.send_async("stall")
    await proc.kill()
    assert await proc.wait() is Status.KILLED
    assert told == ["failure", "restart 1", "failure", "gave up"]
    with pytest.raises(ProcessFailed):
        await waiting


async def test_a_plain_spawn_is_never_started_again_by_itself(orch: Orchestrator) -> None:
    proc = await orch.spawn(HELPER)
    with pytest.raises(ProcessFailed):
        await proc.send("cut 3")
    assert await proc.wait() is Status.FAILED
    assert proc.incarnation == 1


async def test_a_message_starts_an_ended_process_again_with_its_supervision(orch: Orchestrator) -> None:
    proc = await orch.spawn(HELPER, supervision=Supervision(max_restarts=0))
    await proc.kill()
    assert await proc.wait() is Status.KILLED
    assert await proc.send("hello")
    assert (proc.status, proc.incarnation) == (Status.RUNNING, 2)
    await proc.stop()
    assert proc.status is Status.STOPPED


async def test_a_stopped_process_leaves_no_supervisor_behind(orch: Orchestrator) -> None:
    await orch.spawn(HELPER)
    before = len(orch.system.processes())
    proc = await orch.spawn(HELPER, supervision=Supervision())
    assert len(orch.system.processes()) == before + 2
    await proc.stop()
    assert len(orch.system.processes()) == before


async def test_a_supervised_agent_is_restarted_as_its_restart_type_says(orch: Orchestrator) -> None:
    keeper = await orch.spawn_supervised(HELPER, Restart.PERMANENT)
    passing = await orch.spawn_supervised(HELPER, Restart.TRANSIENT)
    await keeper.complete()
    await passing.complete()
    await _life(keeper, 2)
    assert passing.status is Status.COMPLETED


def _team(*names: str, **flags: Any) -> SupervisorSpec:
    children = [ChildSpec(id=name, start=AgentStart(Agent(name=name))) for name in names]
    return SupervisorSpec(children=children, **flags)


async def test_one_failure_under_one_for_all_is_one_round(orch: Orchestrator) -> None:
    team = await orch.start_supervisor(_team("a", "b", "c", strategy=Strategy.ONE_FOR_ALL), name="team")
    procs = [team.child(name) for name in "abc"]
    await procs[1].kill()
    for proc in procs:
        await _life(proc, 2)
    assert team.supervisor.info().restarts_total == 1
    await team.terminate_child("a")
    assert procs[0].status is Status.STOPPED
    await team.restart_child("a")
    await _life(procs[0], 3)
    assert team.count_children().active == 3


async def test_a_supervisor_past_its_intensity_is_started_again_with_all_its_children(orch: Orchestrator) -> None:
    team = await orch.start_supervisor(_team("a", "b", intensity=0), name="team")
    first = team.supervisor
    a, b = team.child("a"), team.child("b")
    await a.kill()
    for proc in (a, b):
        await _life(proc, 2)
        assert await proc.send("hello")
    assert team.supervisor is not first
    late = await orch.spawn_supervised(HELPER, parent=team)
    assert late.parent == team.path


async def test_supervisors_nest(orch: Orchestrator) -> None:
    inner = ChildSpec(id="inner", start=_team("leaf", intensity=0))
    top = await orch.start_supervisor(SupervisorSpec(children=[inner], intensity=3), name="top")
    leaf = orch.get("top/inner/leaf")
    await leaf.kill()
    await _life(leaf, 2)
    assert top.supervisor.info().restarts_total == 1
    await top.stop()
    assert leaf.status is Status.STOPPED


async def test_a_child_that_is_no_agent_is_refused(orch: Orchestrator) -> None:
    async def body(_: object) -> None: ...

    with pytest.raises(UserError, match="AgentStart"):
        await orch.start_supervisor(SupervisorSpec(children=[ChildSpec(id="x", start=body)]))


async def test_every_subscriber_hears_of_every_start_and_end_in_order_whatever_another_one_does(
    orch: Orchestrator,
) -> None:
    heard: list[str] = []
    done = asyncio.Event()

    async def completed(proc: AgentProcess, text: str) -> None:
        heard.append(f"{orch.get('one').name} completed")
        done.set()

    def broken(*_: object) -> None:
        raise RuntimeError("a bad subscriber")

    orch.on_started(broken)
    orch.on_failed(broken)
    orch.on_started(lambda proc: heard.append(f"{proc.name} started"))
    orch.on_failed(lambda proc, error: heard.append(f"{proc.name} failed"))
    orch.on_completed(completed)
    proc = await orch.spawn(HELPER, name="one", supervision=Supervision())
    await proc.kill()
    await _life(proc, 2)
    await proc.complete()
    await done.wait()
    assert heard == ["one started", "one failed", "one started", "one completed"]


async def test_shutdown_ends_all_in_reverse_order(orch: Orchestrator) -> None:
    procs = [await orch.spawn(HELPER) for _ in range(4)]
    ended: list[str] = []
    orch.system.add_listener(lambda event: ended.append(f"{type(event).__name__} {event.child_id}"))
    await orch.shutdown()
    exits = [what.removeprefix("Exited ") for what in ended if what.startswith("Exited root/")]
    assert exits == [proc.path for proc in reversed(procs)]
    assert {proc.status for proc in procs} == {Status.STOPPED}


async def test_shutdown_kills_what_is_left_at_the_deadline(make: Make) -> None:
    orch = await make(tools=[stubborn_tools.stubborn], mode=Mode.YOLO)
    first = await orch.spawn(HELPER)
    second = await orch.spawn(Agent(name="stubborn", tools=("stubborn",)))
    third = await orch.spawn(HELPER)
    reply = await second.send_async("tool stubborn {}")
    await stubborn_tools.inside.wait()
    ended: list[str] = []
    orch.system.add_listener(lambda event: ended.append(type(event).__name__ + " " + str(event.child_id)))
    try:
        await orch.shutdown(deadline_s=0.2)
    finally:
        stubborn_tools.let_go.set()
    exits = [what.removeprefix("Exited ") for what in ended if what.startswith("Exited root/")]
    assert exits[0] == third.path
    assert [proc.status for proc in (first, second, third)] == [Status.KILLED, Status.KILLED, Status.STOPPED]
    with pytest.raises(ProcessFailed):
        await reply


async def test_siblings_without_a_supervisor_of_their_own_making_outlive_one_that_gave_up(orch: Orchestrator) -> None:
    orch.session.tree.backoff = Backoff(kind=BackoffKind.CONSTANT, initial_s=0.01)
    failing, well = [await orch.spawn_supervised(Agent(name="w"), name=name) for name in ("failing", "well")]
    for life in range(1, 7):
        await _life(failing, life)
        orch.system.kill(_pid(orch, failing))
    async with asyncio.timeout(10):
        assert await failing.wait() is Status.KILLED
    assert (failing.incarnation, well.status, well.incarnation) == (6, Status.RUNNING, 1)


def _pid(orch: Orchestrator, proc: AgentProcess) -> Pid:
    pid = orch.session.tree.pid(proc.path)
    assert pid is not None
    return pid
