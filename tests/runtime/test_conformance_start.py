"""OTP conformance, rows S: starting a supervisor and its children."""

import asyncio
from typing import Any

import pytest

from tests.runtime.kit import BOOM, Lab, now, obedient, turns, virtual, worker
from vega_tui.runtime import (
    IGNORE,
    INFINITY,
    KILLED,
    SHUTDOWN,
    ChildSpec,
    ChildType,
    Error,
    FailedToStart,
    Other,
    Process,
    Restart,
    Shutdown,
    SpecError,
    StartedChild,
    StartError,
    Strategy,
    SupervisorSpec,
    System,
)

INIT_CRASH = Other("init_crash")


async def crashing_init(self: Process) -> None:
    self.exit(INIT_CRASH)


async def ignoring(_: Process) -> object:
    return IGNORE


def raising(_: Process) -> Any:  # Any: it never returns
    raise BOOM.exception


def junk(_: Process) -> Any:  # Any: what no start function may return
    return "junk"


async def slow_init(self: Process, log: list[str]) -> None:
    await asyncio.sleep(0.2)
    log.append("a acknowledged")
    self.ack()
    await obedient(self)


@virtual
async def test_S40_children_start_in_list_order(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a"), worker("b"), worker("c"))
    assert lab.trace() == ["+a", "+b", "+c"]


@virtual
async def test_S41_the_next_child_starts_after_the_one_before_has_acknowledged(system: System) -> None:
    log: list[str] = []

    async def second(self: Process) -> None:
        log.append("b runs")
        await obedient(self)

    lab = Lab(system)
    await lab.start(worker("a", start=slow_init, args=(log,), init=True), worker("b", start=second))
    await turns()
    assert log == ["a acknowledged", "b runs"]
    assert now() == pytest.approx(0.2)


@virtual
async def test_S43_a_crash_in_a_childs_init_fails_the_start_and_stops_the_others(system: System) -> None:
    lab = Lab(system)
    with pytest.raises(StartError) as caught:
        await lab.start(worker("a"), worker("b", start=crashing_init, init=True), worker("c"))
    assert caught.value.reason == Shutdown(FailedToStart("b", INIT_CRASH))
    assert lab.trace() == ["+a", "+b", "-b", "-a"]
    assert system.processes() == []


@virtual
async def test_S43_a_failed_start_stops_the_started_ones_in_reverse(system: System) -> None:
    lab = Lab(system)
    with pytest.raises(StartError):
        await lab.start(worker("a"), worker("b"), worker("c", start=crashing_init, init=True))
    assert lab.trace() == ["+a", "+b", "+c", "-c", "-b", "-a"]


@virtual
async def test_S44_a_start_function_that_raises_fails_the_start_with_its_error(system: System) -> None:
    with pytest.raises(StartError) as caught:
        await Lab(system).start(worker("a"), worker("b", start=raising))
    assert caught.value.reason == Shutdown(FailedToStart("b", BOOM))


@virtual
async def test_S45_a_start_function_that_returns_junk_fails_the_start_with_it(system: System) -> None:
    with pytest.raises(StartError) as caught:
        await Lab(system).start(worker("a"), worker("b", start=junk))
    assert caught.value.reason == Shutdown(FailedToStart("b", Other("junk")))


@virtual
async def test_S46_an_ignored_permanent_child_keeps_its_spec_without_a_pid(system: System) -> None:
    lab = Lab(system)
    await lab.start(worker("a"), worker("b", start=ignoring, init=True), worker("c"))
    assert (lab.running(), lab.kept()) == (["a", "c"], ["a", "b", "c"])


@virtual
async def test_S47_an_ignored_temporary_child_is_dropped(system: System) -> None:
    lab = Lab(system)
    ignored = worker("b", start=ignoring, init=True, restart=Restart.TEMPORARY)
    await lab.start(worker("a"), ignored, worker("c"))
    assert lab.kept() == ["a", "c"]


@virtual
async def test_S48_a_supervisor_whose_init_says_ignore_is_not_started(system: System) -> None:
    assert await system.init_supervisor(lambda: IGNORE) is None
    assert system.processes() == []


@virtual
async def test_S49_a_supervisor_whose_init_returns_junk_fails_with_it(system: System) -> None:
    def init() -> Any:  # Any: what no init may return
        return "junk"

    with pytest.raises(StartError) as caught:
        await system.init_supervisor(init)
    assert caught.value.reason == Other("junk")


BAD_SPECS: list[tuple[str, dict[str, Any], object]] = [  # Any: values that the types forbid
    ("start", {"start": None}, None),
    ("restart", {"restart": "sometimes"}, "sometimes"),
    ("shutdown_s", {"shutdown_s": -1}, -1),
]


async def refusal(system: System, number: int) -> None:
    field, fields, value = BAD_SPECS[number]
    with pytest.raises(SpecError) as caught:
        await Lab(system).start(worker("a", **fields))
    assert (caught.value.field, caught.value.value) == (field, value)
    assert system.processes() == []


@virtual
async def test_S51_a_spec_without_start_is_refused(system: System) -> None:
    await refusal(system, 0)


@virtual
async def test_S52_an_unknown_restart_type_is_refused(system: System) -> None:
    await refusal(system, 1)


@virtual
async def test_S53_a_negative_shutdown_is_refused(system: System) -> None:
    await refusal(system, 2)


@virtual
async def test_S53_two_children_of_one_id_are_refused(system: System) -> None:
    with pytest.raises(SpecError) as caught:
        await Lab(system).start(worker("a"), worker("a"))
    assert caught.value.field == "id"


@virtual
async def test_S54_shutdown_0_asks_and_kills_at_once_who_still_lives(system: System) -> None:
    heard: list[object] = []

    async def deaf(self: Process) -> None:
        self.trap_exit = True
        async for message in self.mailbox:
            heard.append(message)

    lab = Lab(system)
    sup = await lab.start(worker("a", start=deaf, shutdown_s=0))
    await turns()
    await sup.stop()
    assert len(heard) <= 1
    assert lab.exits()["a"] == KILLED
    assert now() < 0.001


@virtual
async def test_S56_a_workers_defaults_are_otps(system: System) -> None:
    sup = await Lab(system).start(ChildSpec(id="a", start=obedient))
    spec = sup.get_childspec("a")
    assert (spec.restart, spec.shutdown_s, spec.type, spec.significant) == (
        Restart.PERMANENT,
        5.0,
        ChildType.WORKER,
        False,
    )


@virtual
async def test_S57_a_supervisors_default_shutdown_is_infinity(system: System) -> None:
    sup = await Lab(system).start(ChildSpec(id="s", start=SupervisorSpec()))
    spec = sup.get_childspec("s")
    assert (spec.type, spec.shutdown_s) == (ChildType.SUPERVISOR, INFINITY)


@virtual
async def test_S59_what_a_child_acknowledges_with_comes_back_from_start_child(system: System) -> None:
    async def informing(self: Process) -> None:
        self.ack("info")
        await obedient(self)

    lab = Lab(system)
    sup = await lab.start()
    started = await sup.start_child(worker("a", start=informing, init=True))
    assert started == StartedChild(lab.pid("a"), "info")


@virtual
async def test_a_name_that_is_held_fails_the_childs_start(system: System) -> None:
    with pytest.raises(StartError) as caught:
        await Lab(system).start(worker("a", name="n"), worker("b", name="n"))
    reason = caught.value.reason
    assert isinstance(reason, Shutdown)
    assert isinstance(reason.detail, FailedToStart)
    assert isinstance(reason.detail.reason, Error)


@virtual
async def test_simple_one_for_one_starts_nobody_by_itself(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("t"), strategy=Strategy.SIMPLE_ONE_FOR_ONE)
    assert sup.count_children().specs == 1  # the template
    await sup.stop()
    assert lab.trace() == []
    assert SHUTDOWN.orderly


@virtual
async def test_S54_with_shutdown_0_a_child_that_does_not_trap_dies_of_shutdown(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(worker("a", shutdown_s=0))
    await turns()
    await sup.stop()
    assert lab.exits()["a"] == SHUTDOWN
