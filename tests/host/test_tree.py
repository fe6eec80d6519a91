from pathlib import Path

from tests.fakes.face import Face, FaceFactory
from vega_tui.agent.blueprint import Agent
from vega_tui.core import events as ev
from vega_tui.core.home import Home
from vega_tui.core.words import Mode, ProcessKind, RunStatus
from vega_tui.host import Host
from vega_tui.host.child_specs import Team, member
from vega_tui.host.posts import Post
from vega_tui.llm.simulator import Simulator
from vega_tui.protocol import operations as op
from vega_tui.runtime import INFINITY, ChildSpec, Restart, SupervisorSpec


async def test_after_a_host_restart_permanent_agents_are_back_and_temporary_ones_are_listed_as_ended(
    home: Home, simulator: Simulator, work: Path
) -> None:
    async with Host(home) as first:
        me = await (await Face.join(first.connect(), simulator.url, work)).open(mode=Mode.YOLO)
        await me.say('tool spawn {"name": "keeper", "prompt": "hello", "restart": "permanent"}')
        await me.until(ev.RunFinished, lambda event: event.process == "root/keeper")
        await me.say("task helper: run echo hi")
        await me.close()
    async with Host(home) as second:
        me = await (await Face.join(second.connect(), simulator.url, work)).open(latest=True)
        keeper, helper = await me.process("root/keeper"), await me.process("root/helper")
        assert (keeper.state, keeper.restart, keeper.incarnation) == ("wait", "permanent", 1)
        assert (helper.state, helper.restart) == ("done", "temporary")
        assert (await me.say("hello again", process="root/keeper")).status is RunStatus.COMPLETED
        assert [entry.kind for entry in await me.entries("root/keeper")].count("user") == 2
        await me.close()


async def test_each_life_of_a_process_and_why_it_ended_can_be_asked_for(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.say("cut 3")
    await me.until(ev.ProcessStarted, lambda event: event.incarnation == 2)
    await me.act(op.PROCESS_KILL, "root")
    await me.until(ev.ProcessStarted, lambda event: event.incarnation == 3)
    ref = op.ProcessRef(session=me.row.id, process="root")
    lives = (await me.connection.call(op.PROCESS_LIVES, ref)).lives
    assert [(life.incarnation, life.reason, life.ended is None) for life in lives] == [
        (1, "cut off", False),
        (2, "killed", False),
        (3, "", True),
    ]
    assert "cut off" in lives[0].text


async def test_a_supervisor_that_passes_its_intensity_gives_up_and_the_session_can_go_on(face: FaceFactory) -> None:
    me = await (await face()).open()
    for life in range(1, 7):
        await me.act(op.PROCESS_KILL, "root")
        if life <= 5:
            await me.until(ev.ProcessRestarting, lambda event, life=life: event.incarnation == life + 1)
            await me.act(op.PROCESS_RESTART, "root")  # ends the backoff; it was counted when it began
            await me.until(ev.ProcessStarted, lambda event, life=life: event.incarnation == life + 1)
    gave_up = await me.until(ev.ProcessGaveUp)
    assert (gave_up.process, gave_up.intensity) == ("root", 5)
    raised = await me.until(ev.AlertRaised, lambda event: event.alert.kind == "gave_up")
    assert raised.alert.id in {alert.id for alert in (await me.show()).alerts}
    assert (await me.say("hello")).status is RunStatus.COMPLETED


async def test_killing_a_supervisors_child_restarts_that_child_alone(face: FaceFactory) -> None:
    me = await (await face()).open(mode=Mode.YOLO)
    for name in ("one", "two"):
        await me.say(f'tool spawn {{"name": "{name}", "prompt": "hello", "restart": "permanent"}}')
        await me.until(ev.RunFinished, lambda event, name=name: event.process == f"root/{name}")
    await me.act(op.PROCESS_KILL, "root/one")
    await me.until(ev.ProcessStarted, lambda event: event.process == "root/one" and event.incarnation == 2)
    assert (await me.process("root/two")).incarnation == 1
    assert (await me.process("root")).incarnation == 1


async def test_after_a_host_restart_an_agent_is_what_its_blueprint_said(
    home: Home, simulator: Simulator, work: Path
) -> None:
    blueprint = Agent(name="reader", system="You only read.", tools=("read",), max_turns=3)
    async with Host(home) as first:
        me = await (await Face.join(first.connect(), simulator.url, work)).open()
        session = first.directory.get(me.row.id)
        seat = session.make_seat("root/reader", blueprint, "", "you")
        await session.tree.start_agent(seat, Restart.PERMANENT)
        await me.close()
    async with Host(home) as second:
        me = await (await Face.join(second.connect(), simulator.url, work)).open(latest=True)
        seat = second.directory.get(me.row.id).tree.post("root/reader").seat
        assert seat is not None
        assert seat.agent == blueprint
        await me.say("hello", process="root/reader")
        assert [tool["name"] for tool in simulator.requests[-1].body["tools"]] == ["read"]
        await me.close()


async def test_after_a_host_restart_a_supervisor_still_brings_all_its_children_back(
    home: Home, simulator: Simulator, work: Path
) -> None:
    async with Host(home) as first:
        me = await (await Face.join(first.connect(), simulator.url, work)).open()
        session = first.directory.get(me.row.id)

        def child(path: str, restart: str) -> tuple[Post, ChildSpec]:
            seat = session.make_seat(path, Agent(name="worker"), "", "you")
            return member(session, Post(session=session.session, path=path, seat=seat, restart=restart))

        def supervisor(path: str) -> Post:
            return Post(session=session.session, path=path, kind=ProcessKind.SUPERVISOR, restart="permanent")

        inner = Team(supervisor("root/top/inner"), SupervisorSpec(intensity=0), [
            child("root/top/inner/a", "permanent"), child("root/top/inner/b", "permanent"),
            child("root/top/inner/c", "temporary"),
        ])  # fmt: skip
        await session.tree.start_team(Team(supervisor("root/top"), SupervisorSpec(intensity=INFINITY), [inner]))
        await me.close()
    async with Host(home) as second:
        me = await (await Face.join(second.connect(), simulator.url, work)).open(latest=True)
        assert [(await me.process(f"root/top/inner/{name}")).state for name in "abc"] == ["wait", "wait", "done"]
        await me.act(op.PROCESS_KILL, "root/top/inner/a")
        for name in "ab":
            path = f"root/top/inner/{name}"
            await me.until(ev.ProcessStarted, lambda event, path=path: (event.process, event.incarnation) == (path, 2))
        await me.close()
