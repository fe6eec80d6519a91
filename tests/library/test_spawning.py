import asyncio
from contextvars import ContextVar, copy_context
from pathlib import Path

import pytest

from tests.library.conftest import Make
from vega_tui import Agent, Mode, Orchestrator, ProcessFailed, Status, tool
from vega_tui.core.errors import HostError, LimitReached, NotCompleted, NotFound
from vega_tui.core.home import Home
from vega_tui.library.orchestrator import MaxProcesses
from vega_tui.llm.simulator import Simulator
from vega_tui.runtime import NameTaken

HELPER = Agent(name="helper")
WHO: ContextVar[str] = ContextVar("who", default="nobody")


@tool(kind="other")
async def whoami() -> str:
    """Tell who asks."""
    return WHO.get()


async def test_a_task_begins_at_once_and_its_result_can_be_waited_for(orch: Orchestrator) -> None:
    proc = await orch.spawn(HELPER, task="hello")
    assert await proc.result()
    assert proc.status is Status.RUNNING
    assert await proc.send("hello again")


async def test_a_process_that_is_not_kept_completes_with_its_task(orch: Orchestrator) -> None:
    proc = await orch.spawn(HELPER, task="hello", keep=False)
    assert await proc.result()
    assert await proc.wait() is Status.COMPLETED


async def test_without_a_task_there_is_no_result(orch: Orchestrator) -> None:
    with pytest.raises(NotCompleted):
        await (await orch.spawn(HELPER)).result()


async def test_a_process_that_outlives_its_time_fails_with_timeout(orch: Orchestrator) -> None:
    proc = await orch.spawn(HELPER, task="stall", timeout_s=0.2)
    assert await proc.wait() is Status.TIMEOUT
    with pytest.raises(ProcessFailed):
        await proc.result()
    lives = await orch.services.store.lives(orch.session.session, proc.path)
    assert [(life.reason, life.abnormal) for life in lives] == [("timeout", True)]


async def test_a_run_ends_at_its_own_limit_of_turns(make: Make) -> None:
    orch = await make(mode=Mode.YOLO)
    proc = await orch.spawn(HELPER, max_iterations=1)
    with pytest.raises(LimitReached, match="turns"):
        await proc.send("run echo hi")
    other = await orch.spawn(HELPER)
    assert await other.send("run echo hi")


async def test_tools_work_in_the_folder_of_their_process(make: Make, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    orch = await make(mode=Mode.YOLO)
    proc = await orch.spawn(HELPER, work_dir=tmp_path / "elsewhere")
    await proc.send('tool bash {"command": "touch here"}')
    assert (tmp_path / "elsewhere" / "here").exists()
    with pytest.raises(Exception, match="not a folder"):
        await orch.spawn(HELPER, work_dir=tmp_path / "nowhere")


async def test_a_conversation_can_begin_with_what_was_said_elsewhere(orch: Orchestrator, simulator: Simulator) -> None:
    proc = await orch.spawn(HELPER, messages=[("user", "my name is Ada"), ("assistant", "Hello Ada")], task="hello")
    await proc.result()
    said = [block["text"] for message in simulator.requests[-1].body["messages"] for block in message["content"]]
    assert said == ["my name is Ada", "Hello Ada", "hello"]


async def test_tools_see_the_context_that_was_given(make: Make) -> None:
    orch = await make(tools=[whoami], mode=Mode.YOLO)
    context = copy_context()
    context.run(WHO.set, "ada")
    agent = Agent(name="helper", tools=("whoami",))
    given = await orch.spawn(agent, context=context)
    plain = await orch.spawn(agent)
    assert "ada" in await given.send("tool whoami {}")
    assert "nobody" in await plain.send("tool whoami {}")


async def test_an_agent_that_names_an_unknown_tool_is_refused(orch: Orchestrator) -> None:
    with pytest.raises(NotFound, match="bash"):
        await orch.spawn(Agent(name="helper", tools=("bsh",)))


async def test_only_the_living_count_against_the_capacity(make: Make) -> None:
    orch = await make(max_processes=2)
    for _ in range(5):
        await (await orch.spawn(HELPER, task="hello", keep=False)).wait()
    first, _ = await orch.spawn(HELPER), await orch.spawn(HELPER)
    with pytest.raises(MaxProcesses):
        await orch.spawn(HELPER)
    await first.stop()
    await orch.spawn(HELPER)


async def test_spawns_at_once_cannot_pass_the_capacity(make: Make) -> None:
    orch = await make(max_processes=3)
    found = await asyncio.gather(*(orch.spawn(HELPER) for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(one, MaxProcesses) for one in found) == 3
    assert len(orch.list()) == 3


async def test_a_name_is_held_by_one_living_process(orch: Orchestrator) -> None:
    first = await orch.spawn(HELPER, name="ada")
    assert orch.get("ada") is first
    with pytest.raises(NameTaken):
        await orch.spawn(HELPER, name="ada")
    await first.kill()
    second = await orch.spawn(HELPER, name="ada")
    assert orch.get("ada") is second
    with pytest.raises(NotFound):
        orch.get("bob")


async def test_the_spawn_tree_tells_who_was_started_below_whom_and_why(make: Make) -> None:
    orch = await make(mode=Mode.YOLO)
    boss = await orch.spawn(Agent(name="boss"), reason="runs the shop")
    await orch.spawn(Agent(name="clerk"), parent=boss)
    await boss.send('tool spawn {"name": "runner", "prompt": "hello"}')
    (top,) = orch.spawn_tree()
    assert (top.agent, top.reason, top.depth, top.status) == ("boss", "runs the shop", 0, "running")
    assert [(child.agent, child.depth) for child in top.children] == [("clerk", 1), ("runner", 1)]


async def test_stop_complete_and_kill_are_told_apart(orch: Orchestrator) -> None:
    one, two, three = [await orch.spawn(HELPER) for _ in range(3)]
    await one.stop()
    await two.complete()
    await three.kill()
    assert [proc.status for proc in (one, two, three)] == [Status.STOPPED, Status.COMPLETED, Status.KILLED]
    await one.stop()
    assert orch.list() == []


async def test_paused_it_waits_before_its_next_turn(make: Make) -> None:
    orch = await make()
    proc = await orch.spawn(HELPER)
    proc.pause()
    reply = await proc.send_async("hello")
    await orch.services.bus.flush()
    assert not reply.done
    proc.resume()
    assert await reply


async def test_a_home_has_one_host(make: Make, tmp_path: Path) -> None:
    await make(home=tmp_path / "home")
    with pytest.raises(HostError, match="another host"):
        await make(home=tmp_path / "home")


async def test_what_a_program_did_is_kept_in_its_home_unless_it_says_not_to(make: Make, tmp_path: Path) -> None:
    from vega_tui.sessions.store import Store

    for persist in (True, False):
        orch = await make(home=tmp_path / "home", persist=persist)
        await (await orch.spawn(HELPER)).send("hello")
        await orch.__aexit__(None, None, None)
    async with await Store.open(Home(tmp_path / "home").database) as store:
        assert [row.name for row in await store.sessions()] == ["library"]


async def test_without_key_and_address_the_simulated_model_answers() -> None:
    async with Orchestrator(env={"PATH": "/usr/bin:/bin"}) as orch:
        assert "simulated" in await (await orch.spawn(HELPER)).send("hello")


async def test_what_the_program_raises_comes_out_as_it_is_also_while_a_question_waits(simulator: Simulator) -> None:
    asked = asyncio.Event()

    async def approve(_: object) -> bool:
        asked.set()
        await asyncio.Event().wait()
        return True

    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(10), Orchestrator(api_key="k", base_url=simulator.url, approve=approve) as orch:
            await (await orch.spawn(HELPER)).send_async('tool bash {"command": "touch made"}')
            await asked.wait()
            raise ZeroDivisionError
