"""OTP conformance, rows A: managing children."""

import asyncio
from collections.abc import Awaitable

import pytest

from tests.runtime.kit import Lab, obedient, turns, virtual, worker
from vega_tui.runtime import (
    IGNORE,
    AlreadyPresent,
    AlreadyStarted,
    CallTimeout,
    ChildNotFound,
    ChildRestarting,
    ChildRunning,
    ChildSpec,
    ChildType,
    NameTaken,
    Other,
    Process,
    SpecError,
    StartedChild,
    StartError,
    Strategy,
    SupervisorSpec,
    System,
)


@virtual
async def test_A128_which_children_lists_the_last_started_first(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(*map(worker, "abc"))
    rows = [(info.id, info.pid, info.type) for info in sup.which_children()]
    assert rows == [(name, lab.pid(name), ChildType.WORKER) for name in "cba"]


@virtual
async def test_A129_count_children_counts_specs_living_supervisors_and_workers(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(*map(worker, "abc"), ChildSpec(id="s", start=SupervisorSpec()))
    await sup.terminate_child("c")
    count = sup.count_children()
    assert (count.specs, count.active, count.supervisors, count.workers) == (4, 3, 1, 3)


@virtual
async def test_A130_a_running_childs_id_is_already_started(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"))
    with pytest.raises(AlreadyStarted) as caught:
        await sup.start_child(worker("a"))
    assert caught.value.pid is lab.pid("a")


@virtual
async def test_A130_a_stopped_childs_id_is_already_present(system: System) -> None:
    sup = await Lab(system).start(worker("a"))
    await sup.terminate_child("a")
    with pytest.raises(AlreadyPresent):
        await sup.start_child(worker("a"))


@virtual
async def test_A132_terminate_child_stops_a_permanent_child_and_keeps_it_down(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"))
    lab.trace()
    await sup.terminate_child("a")
    await lab.settle()
    assert (lab.trace(), lab.running(), lab.kept()) == (["-a"], [], ["a"])


@virtual
async def test_A133_terminating_twice_is_no_error(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"))
    await sup.terminate_child("a")
    await sup.terminate_child("a")
    assert lab.kept() == ["a"]


@virtual
async def test_A134_an_unknown_child_is_not_found(system: System) -> None:
    sup = await Lab(system).start()
    for request in (sup.terminate_child, sup.restart_child, sup.delete_child):
        with pytest.raises(ChildNotFound):
            await request("z")


@virtual
async def test_A135_a_running_child_cannot_be_restarted_or_deleted(system: System) -> None:
    sup = await Lab(system).start(worker("a"))
    for request in (sup.restart_child, sup.delete_child):
        with pytest.raises(ChildRunning):
            await request("a")


@virtual
async def test_A136_a_terminated_child_can_be_restarted(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"))
    old = lab.pid("a")
    await sup.terminate_child("a")
    started = await sup.restart_child("a")
    assert started.pid is lab.pid("a")
    assert started.pid is not old


@virtual
async def test_A137_a_deleted_childs_id_is_free(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"))
    await sup.terminate_child("a")
    await sup.delete_child("a")
    assert await sup.start_child(worker("a")) == StartedChild(lab.pid("a"))


async def bad_init(self: Process) -> None:
    self.exit(Other("bad"))


@virtual
async def test_A139_a_child_that_fails_to_start_is_not_kept(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"))
    with pytest.raises(StartError) as caught:
        await sup.start_child(worker("b", start=bad_init, init=True))
    assert (caught.value.reason, caught.value.child_id) == (Other("bad"), "b")
    await lab.settle()
    assert (lab.alive, lab.kept()) == (True, ["a"])


@virtual
async def test_A140_a_child_that_ignores_its_start_is_kept_without_a_pid(system: System) -> None:
    async def ignoring(_: Process) -> object:
        return IGNORE

    lab = Lab(system)
    sup = await lab.start()
    assert await sup.start_child(worker("a", start=ignoring, init=True)) == StartedChild(None)
    assert (lab.running(), lab.kept()) == ([], ["a"])


@virtual
async def test_A141_a_restart_by_hand_that_fails_is_not_tried_again(system: System) -> None:
    starts: list[str] = []

    async def once(self: Process) -> None:
        starts.append("a")
        if len(starts) > 1:
            self.exit(Other("bad"))
        self.ack()
        await obedient(self)

    lab = Lab(system)
    sup = await lab.start(worker("a", start=once, init=True))
    await sup.terminate_child("a")
    with pytest.raises(StartError) as caught:
        await sup.restart_child("a")
    assert caught.value.reason == Other("bad")
    await lab.settle()
    assert (len(starts), lab.running(), lab.kept(), lab.alive) == (2, [], ["a"], True)


@virtual
async def test_A142_a_bad_spec_does_not_harm_the_supervisor(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"))
    with pytest.raises(SpecError):
        await sup.start_child(worker("b", start=None))
    assert (lab.alive, lab.kept()) == (True, ["a"])


@virtual
async def test_A143_a_supervisors_name_can_be_held_once(system: System) -> None:
    sup = await Lab(system).start(name="n")
    with pytest.raises(AlreadyStarted) as caught:
        await system.start_supervisor(SupervisorSpec(name="n"))
    assert caught.value.pid is sup.pid


@virtual
async def test_A144_a_crashed_childs_name_is_free_for_its_successor(system: System) -> None:
    async def registering(self: Process) -> None:
        self.register("held")
        self.ack()
        await obedient(self)

    lab = Lab(system)
    await lab.start(worker("a", start=registering, init=True))
    old = lab.pid("a")
    await lab.end("a")
    assert system.whereis("held") is lab.pid("a")
    assert lab.pid("a") is not old


@virtual
async def test_one_process_holds_one_name(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a", name="one"))
    await turns()
    with pytest.raises(NameTaken):
        system.registry.register("two", lab.pid("a"))


@virtual
async def test_a_child_between_a_failed_restart_and_the_next_try_can_only_be_terminated(system: System) -> None:
    starts: list[str] = []
    gate = asyncio.Event()

    async def failing(self: Process) -> None:
        starts.append("a")
        if len(starts) == 2:
            await gate.wait()
            self.exit(Other("bad"))
        self.ack()
        await obedient(self)

    lab = Lab(system)
    sup = await lab.start(worker("a", start=failing, init=True))
    system.send(lab.pid("a"), RuntimeError("boom"))
    await turns()
    # These wait in the mailbox while the restart is under way, before the retry that its failure puts there.
    async with asyncio.TaskGroup() as group:
        refused = [
            group.create_task(outcome(sup.restart_child("a"))),
            group.create_task(outcome(sup.delete_child("a"))),
        ]
        stopped = group.create_task(sup.terminate_child("a"))
        await turns()
        gate.set()
    assert [type(task.result()) for task in refused] == [ChildRestarting, ChildRestarting]
    await stopped
    await lab.settle()
    assert (lab.running(), lab.kept(), len(starts)) == ([], ["a"], 2)


async def outcome(request: Awaitable[object]) -> object:
    try:
        return await request
    except ChildRestarting as error:
        return error


@virtual
async def test_a_dynamic_childs_spec_is_found_by_its_pid(system: System) -> None:
    sup = await Lab(system).start(worker("t"), strategy=Strategy.SIMPLE_ONE_FOR_ONE)
    started = await sup.start_child(())
    assert started.pid is not None
    assert sup.get_childspec(started.pid) is sup.spec.children[0]
    with pytest.raises(ChildNotFound):
        sup.get_childspec("t")


@virtual
async def test_a_strangers_messages_do_not_disturb_a_supervisor(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a"))
    system.send(sup.pid, "hello")
    with pytest.raises(CallTimeout):
        await system.call(sup.pid, "who are you?", 1.0)
    assert (lab.alive, lab.running()) == (True, ["a"])
