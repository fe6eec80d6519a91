"""OTP conformance, rows R: strategies."""

import pytest

from tests.runtime.kit import BOOM, Lab, obedient, turns, virtual, worker
from vega_tui.runtime import (
    NORMAL,
    ChildSpec,
    NotForSimpleOneForOne,
    Pid,
    Process,
    Restart,
    Strategy,
    Supervisor,
    System,
)


async def lab_of(system: System, strategy: Strategy, *children: ChildSpec) -> Lab:
    lab = Lab(system)
    await lab.start(*children, strategy=strategy)
    lab.trace()
    return lab


@virtual
async def test_R75_one_for_one_restarts_only_the_one_that_crashed(system: System) -> None:
    lab = await lab_of(system, Strategy.ONE_FOR_ONE, worker("a"), worker("b"), worker("c"))
    await lab.end("b")
    assert lab.trace() == ["-b", "+b"]


@virtual
async def test_R77_rest_for_one_restarts_only_the_later_started(system: System) -> None:
    lab = await lab_of(system, Strategy.REST_FOR_ONE, worker("a"), worker("b"), worker("c"), worker("d"))
    await lab.end("b")
    assert lab.trace() == ["-b", "-d", "-c", "+b", "+c", "+d"]


@virtual
async def test_R78_rest_for_one_restarts_only_the_last_when_that_crashed(system: System) -> None:
    lab = await lab_of(system, Strategy.REST_FOR_ONE, worker("a"), worker("b"), worker("c"))
    await lab.end("c")
    assert lab.trace() == ["-c", "+c"]


@virtual
async def test_one_for_all_restarts_all_in_order(system: System) -> None:
    lab = await lab_of(system, Strategy.ONE_FOR_ALL, worker("a"), worker("b"), worker("c"))
    await lab.end("b")
    assert lab.trace() == ["-b", "-c", "-a", "+a", "+b", "+c"]


@virtual
async def test_R79_one_for_all_leaves_the_others_when_a_transient_child_exits_normally(
    system: System,
) -> None:
    b = worker("b", restart=Restart.TRANSIENT)
    lab = await lab_of(system, Strategy.ONE_FOR_ALL, worker("a"), b, worker("c"))
    await lab.end("b", NORMAL)
    assert lab.trace() == ["-b"]


@virtual
async def test_R80_one_for_all_leaves_the_others_when_a_temporary_child_crashes(system: System) -> None:
    b = worker("b", restart=Restart.TEMPORARY)
    lab = await lab_of(system, Strategy.ONE_FOR_ALL, worker("a"), b, worker("c"))
    await lab.end("b")
    assert (lab.trace(), lab.kept()) == (["-b"], ["a", "c"])


@virtual
async def test_one_for_all_stops_temporary_siblings_for_good(system: System) -> None:
    b = worker("b", restart=Restart.TEMPORARY)
    lab = await lab_of(system, Strategy.ONE_FOR_ALL, worker("a"), b, worker("c"))
    await lab.end("a")
    assert (lab.trace(), lab.kept()) == (["-a", "-c", "-b", "+a", "+c"], ["a", "c"])


@virtual
async def test_R83_one_for_all_starts_a_terminated_child_again_with_the_others(system: System) -> None:
    lab = await lab_of(system, Strategy.ONE_FOR_ALL, worker("a"), worker("b"))
    await lab.sup.terminate_child("b")
    await lab.end("a")
    assert lab.trace() == ["-b", "-a", "+a", "+b"]


@virtual
async def test_R84_one_for_one_leaves_a_terminated_child_down(system: System) -> None:
    lab = await lab_of(system, Strategy.ONE_FOR_ONE, worker("a"), worker("b"))
    await lab.sup.terminate_child("b")
    await lab.end("a")
    assert (lab.trace(), lab.running()) == (["-b", "-a", "+a"], ["a"])


@virtual
async def test_R87_a_restarted_child_gets_its_first_arguments_again(system: System) -> None:
    seen: list[tuple[object, ...]] = []

    async def with_arguments(self: Process, *args: object) -> None:
        seen.append(args)
        await obedient(self)

    lab = await lab_of(system, Strategy.ONE_FOR_ONE, worker("b", start=with_arguments, args=("x", 1)))
    await turns()
    await lab.end("b")
    assert seen == [("x", 1), ("x", 1)]


class Dynamic:
    """A simple_one_for_one supervisor whose children note their arguments."""

    def __init__(self, system: System) -> None:
        self.lab = Lab(system)
        self.seen: list[tuple[object, ...]] = []

    async def start(self, restart: Restart) -> Supervisor:
        template = worker("t", start=self._body, args=("x",), restart=restart)
        return await self.lab.start(template, strategy=Strategy.SIMPLE_ONE_FOR_ONE)

    async def _body(self, process: Process, *args: object) -> None:
        self.seen.append(args)
        await obedient(process)

    async def child(self, *args: object) -> Pid:
        started = await self.lab.sup.start_child(args)
        await turns()
        assert started.pid is not None
        return started.pid


@virtual
async def test_R89_simple_one_for_one_appends_arguments_and_its_children_have_no_ids(system: System) -> None:
    dynamic = Dynamic(system)
    sup = await dynamic.start(Restart.TRANSIENT)
    pids = [await dynamic.child(1), await dynamic.child(2)]
    assert dynamic.seen == [("x", 1), ("x", 2)]
    assert {(info.id, info.pid) for info in sup.which_children()} == {(None, pid) for pid in pids}


@virtual
async def test_R90_simple_one_for_one_restarts_with_the_same_arguments(system: System) -> None:
    dynamic = Dynamic(system)
    sup = await dynamic.start(Restart.PERMANENT)
    first = await dynamic.child(1)
    system.send(first, BOOM)
    await dynamic.lab.settle()
    assert dynamic.seen == [("x", 1), ("x", 1)]
    assert [info.pid is not None and info.pid is not first for info in sup.which_children()] == [True]


@virtual
async def test_R91_simple_one_for_one_refuses_ids_and_terminates_by_pid(system: System) -> None:
    dynamic = Dynamic(system)
    sup = await dynamic.start(Restart.PERMANENT)
    pid = await dynamic.child(1)
    for request in (sup.restart_child, sup.delete_child, sup.terminate_child):
        with pytest.raises(NotForSimpleOneForOne):
            await request("t")
    await sup.terminate_child(pid)
    assert (system.is_alive(pid), sup.which_children()) == (False, [])


@virtual
async def test_R92_simple_one_for_one_forgets_a_transient_child_that_exits_normally(system: System) -> None:
    dynamic = Dynamic(system)
    sup = await dynamic.start(Restart.TRANSIENT)
    system.send(await dynamic.child(1), NORMAL)
    await dynamic.lab.settle()
    assert sup.which_children() == []
