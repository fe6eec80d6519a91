import asyncio
import os
import re

import psutil
import pytest

from tests.library import stubborn_tools
from tests.library.conftest import Make
from vega_tui import Agent, AgentProcess, Mode, Orchestrator, ProcessFailed, Status, Supervision
from vega_tui.agent import isolated_process
from vega_tui.core.events import ToolFinished, ToolOutputDelta
from vega_tui.runtime import Error
from vega_tui.sessions.lifecycle import validate

ISOLATED = Agent(name="far", isolation="process", tools=("bash", "task", *stubborn_tools.NAMES))


@pytest.fixture
async def orch(make: Make) -> Orchestrator:
    return await make(mode=Mode.YOLO, tools=stubborn_tools.ALL)


async def pid_of(proc: AgentProcess, text: str) -> int:
    """Say `text`, and give the process that its tool tells it runs in."""
    async for item in proc.stream(text):
        if isinstance(item, ToolOutputDelta) and (found := re.search(r"pid (\d+)", item.text)):
            return int(found[1])
    raise AssertionError("no pid was told")


async def gone(pid: int) -> bool:
    """Whether the process ends; the kernel tells nobody but its parent, so it is asked."""
    async with asyncio.timeout(10):
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.01)
    return True


async def test_model_calls_and_tools_run_over_there_and_all_is_told_as_always(orch: Orchestrator) -> None:
    proc = await orch.spawn(ISOLATED)
    first = await proc.send("tool where {}")
    pid = int(re.findall(r"in (\d+)", first)[0])
    assert pid != os.getpid()
    assert str(pid) in await proc.send("tool where {}")
    assert psutil.Process(pid).ppid() == os.getpid()
    assert (proc.metrics.turns, proc.metrics.tool_calls) == (4, 2)
    await proc.stop()
    assert await gone(pid)


@pytest.mark.parametrize("tool", ["spin", "swallow"])
async def test_a_kill_really_ends_what_no_cancellation_would_end(orch: Orchestrator, tool: str) -> None:
    proc = await orch.spawn(ISOLATED, supervision=Supervision())
    pid = await pid_of(proc, f"tool {tool} {{}}")
    await proc.kill()
    assert await gone(pid)
    assert await proc.send("hello")
    assert proc.incarnation == 2
    await proc.stored()
    store = orch.services.store
    assert validate(await store.events_since(0, orch.session.session, limit=10_000)) == []
    assert await store.compare() == []


async def test_a_kill_ends_the_programs_of_its_tools_too(orch: Orchestrator) -> None:
    proc = await orch.spawn(ISOLATED)
    pid = await pid_of(proc, 'tool bash {"command": "echo pid $$; sleep 300; true"}')
    children = psutil.Process(pid).children()
    await proc.kill()
    for each in (pid, *(child.pid for child in children)):
        assert await gone(each)


async def test_what_ignores_an_orderly_end_is_killed_in_time(orch: Orchestrator) -> None:
    proc = await orch.spawn(ISOLATED)
    pid = await pid_of(proc, "tool spin {}")
    await proc.stop()
    assert await gone(pid)
    assert proc.status is Status.STOPPED


async def test_the_end_of_its_process_is_the_agents_exit_reason_and_its_supervisor_decides(orch: Orchestrator) -> None:
    failures: list[str] = []
    supervision = Supervision(on_failure=lambda reason: failures.append(reason.text))
    proc = await orch.spawn(ISOLATED, supervision=supervision)
    with pytest.raises(ProcessFailed):
        await proc.send("tool vanish {}")
    assert await proc.send("hello")
    assert proc.incarnation == 2
    pid = int(re.findall(r"in (\d+)", await proc.send("tool where {}"))[0])
    os.kill(pid, 9)
    async with asyncio.timeout(10):
        while proc.incarnation < 3:
            await asyncio.sleep(0.01)
    assert ["exit code 7" in failures[0], "signal 9" in failures[1]] == [True, True]


async def test_what_a_process_leaves_behind_when_it_ends_by_itself_is_ended_too(orch: Orchestrator) -> None:
    proc = await orch.spawn(ISOLATED)
    assert await gone(await pid_of(proc, "tool litter {}"))


async def test_without_supervision_the_end_of_its_process_is_a_failure(orch: Orchestrator) -> None:
    proc = await orch.spawn(ISOLATED)
    with pytest.raises(ProcessFailed):
        await proc.send("tool vanish {}")
    assert await proc.wait() is Status.FAILED
    assert isinstance(proc.exit_reason, Error)


async def test_interrupting_a_run_leaves_the_process_and_its_next_run_works(orch: Orchestrator) -> None:
    proc = await orch.spawn(ISOLATED)
    pid = await pid_of(proc, 'tool bash {"command": "echo pid $$; sleep 300; true"}')
    proc.interrupt()
    assert await gone(pid)
    assert await proc.send("hello")
    assert proc.incarnation == 1


async def test_a_tool_that_ignores_an_interrupt_is_ended_with_its_process_and_another_takes_its_place(
    orch: Orchestrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolated_process, "STUCK_S", 0.2)
    proc = await orch.spawn(ISOLATED)
    pid = await pid_of(proc, "tool spin {}")
    proc.interrupt()
    assert "in " in await proc.send("tool where {}")
    assert await gone(pid)
    assert proc.incarnation == 1


async def test_its_children_are_isolated_too(orch: Orchestrator) -> None:
    proc = await orch.spawn(ISOLATED)
    pid = int(re.findall(r"in (\d+)", await proc.send("tool where {}"))[0])
    await proc.send("task helper: run echo pid $PPID")
    (call,) = [item for item in await orch.services.store.events_since(0) if isinstance(item, ToolFinished)][1:2]
    assert int(call.observation.text.removeprefix("pid ").split()[0]) not in (pid, os.getpid())


async def test_failures_over_there_are_what_they_would_be_here(orch: Orchestrator) -> None:
    proc = await orch.spawn(ISOLATED, supervision=Supervision())
    assert "broken failed: LookupError: nothing there" in await proc.send("tool broken {}")
    with pytest.raises(ProcessFailed) as failed:
        await proc.send("cut 3")
    assert type(failed.value.__cause__).__name__ == "ProviderError"


async def test_tools_over_there_reach_other_agents_through_the_host(orch: Orchestrator) -> None:
    await orch.spawn(Agent(name="near"), name="near")
    proc = await orch.spawn(ISOLATED)
    assert "simulated" in await proc.send('tool consult {"who": "near"}')


async def test_approvals_are_asked_here_before_anything_runs_there(make: Make) -> None:
    orch = await make(tools=stubborn_tools.ALL)
    proc = await orch.spawn(ISOLATED)
    assert "nobody to ask" in await proc.send('tool bash {"command": "touch made"}')
    assert not (orch.session.cwd / "made").exists()


async def test_in_the_host_what_ignores_its_end_is_shown_as_stopping_while_its_supervisor_goes_on(
    make: Make,
) -> None:
    orch = await make(mode=Mode.YOLO, tools=[stubborn_tools.stubborn])
    proc = await orch.spawn(Agent(name="near", tools=("stubborn",)), supervision=Supervision())
    told: list[str] = []
    orch.system.add_listener(lambda event: told.append(type(event).__name__))
    try:
        await proc.send_async("tool stubborn {}")
        await stubborn_tools.inside.wait()
        await proc.kill()
        assert [what for what in told if what in ("Stopping", "Exited")] == ["Stopping", "Exited"]
        lingering = [process.label for process in orch.system.lingering.values()]
        assert len(lingering) == 1
        async with asyncio.timeout(10):
            while proc.incarnation < 2:
                await asyncio.sleep(0)
    finally:
        stubborn_tools.let_go.set()
