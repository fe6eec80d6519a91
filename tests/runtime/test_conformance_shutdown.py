"""OTP conformance, rows D: shutdown."""

import asyncio

import pytest

from tests.runtime.kit import BOOM, Lab, Puppet, now, obedient, puppet, turns, virtual, worker
from vega_tui.runtime import (
    BRUTAL_KILL,
    INFINITY,
    KILL,
    KILLED,
    NORMAL,
    SHUTDOWN,
    ChildSpec,
    Exited,
    ExitReason,
    ExitSignal,
    Process,
    Strategy,
    Supervisor,
    SupervisorSpec,
    System,
)


async def slow_to_stop(self: Process, seconds: float) -> None:
    self.trap_exit = True
    while not isinstance(message := await self.receive(), ExitSignal):
        pass
    await asyncio.sleep(seconds)
    self.exit(message.reason)


async def deaf(self: Process) -> None:
    self.trap_exit = True
    async for _ in self.mailbox:
        pass


async def under(parent: Puppet, *children: ChildSpec) -> Supervisor:
    """A supervisor whose parent is the puppet."""
    sup = await parent.do(lambda me: parent.system.start_supervisor(SupervisorSpec(children=children), parent=me.pid))
    assert isinstance(sup, Supervisor)
    return sup


@virtual
async def test_D111_children_stop_one_at_a_time_in_reverse_with_shutdown(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(*(worker(name, start=slow_to_stop, args=(0.1,)) for name in "abc"))
    await turns()
    await sup.stop()
    assert now() == pytest.approx(0.3)
    ends = [(e.child_id, e.reason) for e in lab.events if isinstance(e, Exited) and e.child_id]
    assert ends == [("c", SHUTDOWN), ("b", SHUTDOWN), ("a", SHUTDOWN)]


@virtual
async def test_D113_simple_one_for_one_stops_all_at_once(system: System) -> None:
    lab = Lab(system)
    template = worker("t", start=slow_to_stop, args=(0.1,))
    sup = await lab.start(template, strategy=Strategy.SIMPLE_ONE_FOR_ONE)
    for _ in range(3):
        await sup.start_child(())
    await turns()
    await sup.stop()
    assert now() == pytest.approx(0.1)


@virtual
async def test_D114_a_child_that_ignores_shutdown_is_killed_after_its_time(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a", start=deaf, shutdown_s=0.2))
    await turns()
    await sup.stop()
    assert now() == pytest.approx(0.2)
    assert lab.exits() == {"a": KILLED}


@virtual
async def test_D115_brutal_kill_gives_no_time(system: System) -> None:
    lab = Lab(system)
    cleaned: list[ExitSignal] = []

    async def trapping(self: Process) -> None:
        self.trap_exit = True
        async for message in self.mailbox:
            assert isinstance(message, ExitSignal)
            cleaned.append(message)

    sup = await lab.start(worker("a", start=trapping, shutdown_s=BRUTAL_KILL))
    await turns()
    await sup.stop()
    assert (cleaned, lab.exits(), now()) == ([], {"a": KILLED}, 0)


@virtual
async def test_D116_infinity_waits(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a", start=slow_to_stop, args=(600.0,), shutdown_s=INFINITY))
    await turns()
    await sup.stop()
    assert now() == pytest.approx(600)
    assert lab.exits() == {"a": SHUTDOWN}


@virtual
async def test_D117_a_child_that_does_not_trap_dies_at_once(system: System) -> None:
    lab = Lab(system)
    handled: list[object] = []

    async def plain(self: Process) -> None:
        async for message in self.mailbox:
            handled.append(message)

    sup = await lab.start(worker("a", start=plain, shutdown_s=5.0))
    await turns()
    await sup.stop()
    assert (handled, lab.exits(), now()) == ([], {"a": SHUTDOWN}, 0)


@virtual
async def test_D118_a_child_may_exit_with_another_reason_while_it_is_shut_down(system: System) -> None:
    async def crashing_cleanup(self: Process) -> None:
        self.trap_exit = True
        await self.receive()
        raise BOOM.exception

    lab = Lab(system)
    sup = await lab.start(worker("a"), worker("b", start=crashing_cleanup), worker("c"))
    await turns()
    await sup.stop()
    assert lab.exits() == {"c": SHUTDOWN, "b": BOOM, "a": SHUTDOWN}


@virtual
async def test_D120_the_crash_of_an_unlinked_child_goes_unseen(system: System) -> None:
    async def unlinking(self: Process) -> None:
        assert self.parent is not None
        self.unlink(self.parent)
        await obedient(self)

    lab = Lab(system)
    await lab.start(worker("a", start=unlinking))
    await turns()
    stale = lab.pid("a")
    await lab.end("a")
    assert lab.pid("a") is stale
    assert not system.is_alive(stale)
    await lab.sup.terminate_child("a")
    assert lab.running() == []


@virtual
async def test_D121_a_supervisor_whose_parent_crashes_stops_its_children_and_exits_likewise(
    system: System,
) -> None:
    lab = Lab(system)
    parent = await puppet(system)
    sup = await under(parent, worker("a"), worker("b"))
    gone = system.when_exited(sup.pid)
    lab.trace()
    await parent.end(BOOM)
    assert await gone == BOOM
    assert lab.trace() == ["-b", "-a"]


@virtual
async def test_D122_a_supervisor_whose_parent_exits_normally_exits_normally(system: System) -> None:
    parent = await puppet(system)
    sup = await under(parent, worker("a"))
    gone = system.when_exited(sup.pid)
    await parent.end(NORMAL)
    assert await gone == NORMAL


@virtual
async def test_D123_a_strangers_exit_signal_is_ignored_by_a_supervisor(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"))
    stranger = await puppet(system)
    await stranger.do(lambda me: me.send_exit(sup.pid, SHUTDOWN))
    system.exit(sup.pid, SHUTDOWN)
    await lab.settle()
    assert (lab.alive, lab.running()) == (True, ["a"])


@virtual
async def test_D124_a_killed_supervisor_leaves_its_children_to_their_links(system: System) -> None:
    heard: list[object] = []

    async def trapping(self: Process) -> None:
        self.trap_exit = True
        async for message in self.mailbox:
            heard.append(message)

    lab = Lab(system)
    sup = await lab.start(worker("plain"), worker("trapping", start=trapping))
    await turns()
    survivor, gone = lab.pid("trapping"), system.when_exited(sup.pid)
    system.exit(sup.pid, KILL)
    assert await gone == KILLED
    await turns()
    assert lab.exits() == {"plain": KILLED}
    assert heard == [ExitSignal(sup.pid, KILLED)]
    assert system.is_alive(survivor)


@virtual
async def test_D127_requests_wait_while_a_child_is_in_its_init(system: System) -> None:
    # OTP's which_children is a request; ours reads at once, so `settled` stands for the request here.
    async def slow(self: Process) -> None:
        await asyncio.sleep(0.3)
        self.ack()
        await obedient(self)

    lab = Lab(system)
    sup = await lab.start()
    async with asyncio.TaskGroup() as group:
        group.create_task(sup.start_child(worker("a", start=slow, init=True)))
        await turns(3)
        [info] = sup.which_children()
        assert (info.state, info.pid) == ("starting", system.processes()[-1])
        await sup.settled()
        assert now() == pytest.approx(0.3)
        assert lab.running() == ["a"]


@virtual
async def test_a_nested_supervisor_stops_its_own_children_first(system: System) -> None:
    lab = Lab(system)
    inner = SupervisorSpec(children=[worker("x"), worker("y")])
    sup = await lab.start(worker("a"), ChildSpec(id="s", start=inner), worker("b"))
    lab.trace()
    await sup.stop()
    assert lab.trace() == ["-b", "-y", "-x", "-s", "-a"]


@virtual
async def test_a_body_that_swallows_cancellation_is_stopping_while_its_successor_runs(
    system: System,
) -> None:
    release = asyncio.Event()

    async def stubborn(self: Process) -> None:
        if self.incarnation > 1:
            await obedient(self)
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    reasons: list[ExitReason] = []
    lab = Lab(system)
    await lab.start(worker("a", start=stubborn, name="a"))
    await turns()
    old = lab.pid("a")
    system.kill(old)
    reasons.append(await system.wait(old))
    await lab.settle()
    info = system.info(old)
    assert info is not None
    assert (reasons, info.state.value, system.is_alive(old)) == ([KILLED], "stopping", False)
    assert system.whereis("a") is lab.pid("a")
    kinds = [type(event).__name__ for event in lab.events if event.pid is old]
    assert kinds == ["Spawned", "Started", "Stopping", "Exited", "Restarting"]
    release.set()
    await turns()
    assert system.info(old) is None
    assert [type(event).__name__ for event in lab.events if event.pid is old][-1] == "Ended"
