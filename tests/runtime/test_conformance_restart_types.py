"""OTP conformance, rows T: restart types by exit reason."""

from tests.runtime.kit import BOOM, Lab, virtual, worker
from vega_tui.runtime import NORMAL, SHUTDOWN, ExitReason, Restart, Shutdown, System


async def after(system: System, restart: Restart, how: ExitReason | None) -> tuple[list[str], bool]:
    """The trace after the only child ended so (None: was killed), and whether its spec is kept."""
    lab = Lab(system)
    await lab.start(worker("a", restart=restart))
    lab.trace()
    if how is None:
        await lab.kill("a")
    else:
        await lab.end("a", how)
    return lab.trace(), lab.kept() == ["a"]


RESTARTED = (["-a", "+a"], True)
KEPT_DOWN = (["-a"], True)
REMOVED = (["-a"], False)


@virtual
async def test_T60_a_permanent_child_is_restarted_after_a_normal_exit(system: System) -> None:
    assert await after(system, Restart.PERMANENT, NORMAL) == RESTARTED


@virtual
async def test_T61_a_permanent_child_is_restarted_after_shutdown(system: System) -> None:
    assert await after(system, Restart.PERMANENT, SHUTDOWN) == RESTARTED


@virtual
async def test_T63_a_permanent_child_is_restarted_after_a_crash(system: System) -> None:
    assert await after(system, Restart.PERMANENT, BOOM) == RESTARTED


@virtual
async def test_T64_a_permanent_child_is_restarted_after_a_kill(system: System) -> None:
    assert await after(system, Restart.PERMANENT, None) == RESTARTED


@virtual
async def test_T65_a_transient_child_stays_down_after_a_normal_exit(system: System) -> None:
    assert await after(system, Restart.TRANSIENT, NORMAL) == KEPT_DOWN


@virtual
async def test_T65_a_transient_child_stays_down_after_shutdown(system: System) -> None:
    assert await after(system, Restart.TRANSIENT, SHUTDOWN) == KEPT_DOWN


@virtual
async def test_T67_a_transient_child_stays_down_after_shutdown_with_a_detail(system: System) -> None:
    assert await after(system, Restart.TRANSIENT, Shutdown("x")) == KEPT_DOWN


@virtual
async def test_T68_a_transient_child_is_restarted_after_a_crash(system: System) -> None:
    assert await after(system, Restart.TRANSIENT, BOOM) == RESTARTED


@virtual
async def test_T69_a_transient_child_is_restarted_after_a_kill(system: System) -> None:
    assert await after(system, Restart.TRANSIENT, None) == RESTARTED


@virtual
async def test_T70_a_temporary_child_is_removed_after_a_normal_exit(system: System) -> None:
    assert await after(system, Restart.TEMPORARY, NORMAL) == REMOVED


@virtual
async def test_T71_a_temporary_child_is_removed_after_shutdown(system: System) -> None:
    assert await after(system, Restart.TEMPORARY, SHUTDOWN) == REMOVED


@virtual
async def test_T73_a_temporary_child_is_removed_after_a_crash(system: System) -> None:
    assert await after(system, Restart.TEMPORARY, BOOM) == REMOVED


@virtual
async def test_T74_a_temporary_child_is_removed_after_a_kill(system: System) -> None:
    assert await after(system, Restart.TEMPORARY, None) == REMOVED
