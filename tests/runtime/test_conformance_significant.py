"""OTP conformance, rows G: significant children and automatic shutdown."""

import pytest

from tests.runtime.kit import BOOM, Lab, virtual, worker
from vega_tui.runtime import (
    NORMAL,
    SHUTDOWN,
    AutoShutdown,
    ChildSpec,
    ExitReason,
    Restart,
    Shutdown,
    SpecError,
    Strategy,
    SupervisorSpec,
    System,
)

ANY, ALL = AutoShutdown.ANY_SIGNIFICANT, AutoShutdown.ALL_SIGNIFICANT


def significant(name: str, restart: Restart = Restart.TRANSIENT) -> ChildSpec:
    return worker(name, significant=True, restart=restart)


async def after(
    system: System, auto: AutoShutdown, *children: ChildSpec, ends: dict[str, ExitReason]
) -> tuple[bool, list[str]]:
    """Whether the supervisor lives after the children ended so, and the trace of it."""
    lab = Lab(system)
    sup = await lab.start(*children, auto_shutdown=auto)
    gone = system.when_exited(sup.pid)
    lab.trace()
    for name, how in ends.items():
        await lab.end(name, how)
    assert lab.alive or await gone == SHUTDOWN
    return lab.alive, lab.trace()


@virtual
async def test_G145_a_significant_child_needs_auto_shutdown(system: System) -> None:
    with pytest.raises(SpecError) as caught:
        await Lab(system).start(significant("a"))
    assert caught.value.field == "significant"


@virtual
async def test_G146_a_permanent_child_cannot_be_significant(system: System) -> None:
    with pytest.raises(SpecError) as caught:
        await Lab(system).start(significant("a", Restart.PERMANENT), auto_shutdown=ANY)
    assert caught.value.field == "significant"


@virtual
async def test_G147_any_ends_the_supervisor_when_a_significant_child_ends(system: System) -> None:
    result = await after(system, ANY, significant("a"), worker("b"), ends={"a": NORMAL})
    assert result == (False, ["-a", "-b"])


@virtual
async def test_G148_a_significant_transient_child_that_crashes_restarts(system: System) -> None:
    assert await after(system, ANY, significant("a"), ends={"a": BOOM}) == (True, ["-a", "+a"])


@virtual
async def test_G149_any_exit_of_a_significant_temporary_child_ends_the_supervisor(system: System) -> None:
    result = await after(system, ANY, significant("a", Restart.TEMPORARY), ends={"a": BOOM})
    assert result == (False, ["-a"])


@virtual
async def test_G150_the_end_of_a_plain_child_does_not_end_the_supervisor(system: System) -> None:
    plain = worker("b", restart=Restart.TRANSIENT)
    result = await after(system, ANY, significant("a"), plain, ends={"b": NORMAL})
    assert result == (True, ["-b"])


@virtual
async def test_G151_all_waits_for_the_last_significant_child(system: System) -> None:
    pair = (significant("a"), significant("b"), worker("c"))
    assert await after(system, ALL, *pair, ends={"a": NORMAL}) == (True, ["-a"])
    assert await after(system, ALL, *pair, ends={"a": NORMAL, "b": NORMAL}) == (False, ["-a", "-b", "-c"])


@virtual
async def test_G153_terminating_a_significant_child_does_not_end_the_supervisor(system: System) -> None:
    lab = Lab(system)
    sup = await lab.start(significant("a"), worker("b"), auto_shutdown=ANY)
    await sup.terminate_child("a")
    await lab.settle()
    assert (lab.alive, lab.running()) == (True, ["b"])


@virtual
async def test_G154_a_restart_round_that_stops_a_significant_child_does_not_end_the_supervisor(
    system: System,
) -> None:
    lab = Lab(system)
    await lab.start(significant("a"), worker("b"), auto_shutdown=ANY, strategy=Strategy.ONE_FOR_ALL)
    await lab.end("b")
    assert (lab.alive, lab.running()) == (True, ["a", "b"])


@virtual
async def test_G156_shutdown_with_a_detail_of_a_significant_child_ends_the_supervisor(
    system: System,
) -> None:
    assert await after(system, ANY, significant("a"), ends={"a": Shutdown("x")}) == (False, ["-a"])


@virtual
async def test_G157_a_permanent_sub_supervisor_that_shut_itself_down_is_restarted(system: System) -> None:
    lab = Lab(system)
    sub = SupervisorSpec(auto_shutdown=ANY, children=[significant("w")])
    sup = await lab.start(ChildSpec(id="sub", start=sub))
    inner = sup.supervisor_of("sub")
    assert inner is not None
    pid = inner.child("w").pid
    assert pid is not None
    lab.trace()
    system.send(pid, NORMAL)
    await lab.settle()
    assert lab.trace() == ["-w", "-sub", "+sub", "+w"]


@virtual
async def test_G159_an_unknown_auto_shutdown_is_refused(system: System) -> None:
    with pytest.raises(SpecError) as caught:
        await Lab(system).start(auto_shutdown="sometimes")
    assert (caught.value.field, caught.value.value) == ("auto_shutdown", "sometimes")
