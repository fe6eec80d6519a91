"""Many at once: chains, hubs, deep escalation, ten thousand idle processes."""

import asyncio

from tests.runtime.kit import BOOM, Lab, obedient, turns, virtual, worker
from vega_tui.runtime import SHUTDOWN, ChildSpec, Down, Exited, Pid, Process, SupervisorSpec, System


async def idle(self: Process) -> None:
    async for _ in self.mailbox:
        pass


@virtual
async def test_a_chain_of_1000_links_falls_to_its_end(system: System) -> None:
    async def link_of_chain(self: Process, left: int, last: list[Pid]) -> None:
        if left:
            self.spawn_link(link_of_chain, left - 1, last)
        else:
            last.append(self.pid)
        await obedient(self)

    last: list[Pid] = []
    head = await system.spawn(link_of_chain, 999, last)
    while not last:
        await asyncio.sleep(0)
    assert len(system.processes()) == 1000
    gone = system.when_exited(last[0])
    system.send(head, BOOM)
    assert await gone is BOOM
    await turns()
    assert system.processes() == []


@virtual
async def test_a_hub_of_1000_links_takes_all_along_and_its_watcher_hears_of_each(system: System) -> None:
    downs: list[Down] = []

    async def watcher(self: Process, pids: list[Pid]) -> None:
        for pid in pids:
            self.monitor(pid)
        for _ in pids:
            message = await self.receive()
            assert isinstance(message, Down)
            downs.append(message)

    async def hub(self: Process, pids: list[Pid]) -> None:
        pids.extend(self.spawn_link(idle) for _ in range(1000))
        await obedient(self)

    pids: list[Pid] = []
    center = await system.spawn(hub, pids)
    await turns()
    watching = await system.spawn(watcher, pids)
    await turns()
    system.send(center, BOOM)
    await system.wait(watching)
    assert {down.pid for down in downs} == set(pids)
    assert {down.reason for down in downs} == {BOOM}
    assert system.processes() == []


@virtual
async def test_a_crash_climbs_ten_levels_of_supervisors(system: System) -> None:
    lab = Lab(system)
    child = worker("w", name="w")
    for level in range(9):
        child = ChildSpec(id=f"level{level}", start=SupervisorSpec(intensity=0, children=[child]))
    sup = await lab.start(child, intensity=0)
    gone = system.when_exited(sup.pid)
    system.send("w", BOOM)
    assert await gone == SHUTDOWN
    ends = [event.child_id for event in lab.events if isinstance(event, Exited)]
    assert ends == ["w", *(f"level{level}" for level in range(9)), None]


@virtual
async def test_ten_thousand_idle_processes_are_one_task_each_and_no_timers(system: System) -> None:
    for _ in range(10_000):
        await system.spawn(idle)
    await turns()
    assert len(asyncio.all_tasks()) == 10_001
    loop = asyncio.get_running_loop()
    assert loop.time() == 0
    for pid in system.processes():
        system.kill(pid)
    await turns()
    assert system.processes() == []


@virtual
async def test_closing_stops_supervisors_in_order_and_the_rest(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a"), worker("b"))
    second = await system.start_supervisor(SupervisorSpec(children=[worker("c")]))
    assert second.count_children().active == 1
    await system.spawn(idle)
    lab.trace()
    await system.close()
    assert lab.trace() == ["-c", "-b", "-a"]
    assert system.processes() == []
