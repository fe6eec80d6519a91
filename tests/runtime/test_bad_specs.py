"""Specs that can't be used: refused with what is wrong, where OTP refuses them; nothing is kept, nobody is harmed."""

import re
from typing import Any

import pytest

from tests.runtime.kit import Lab, turns, virtual, worker
from vega_tui.runtime import (
    BRUTAL_KILL,
    INFINITY,
    SHUTDOWN,
    AutoShutdown,
    Backoff,
    BackoffKind,
    ChildNotFound,
    ChildSpec,
    Error,
    ExitSignal,
    FailedToStart,
    Process,
    Restart,
    Shutdown,
    SpecError,
    StartError,
    Strategy,
    SupervisorSpec,
    System,
)

ODD: list[object] = [[], {}, set[int](), object(), -1, float("nan"), -INFINITY, "5", b"x", (), 1 + 0j, object]


class Unhashable:
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        raise TypeError("unhashable")


def bad(field: str, *values: Any, **others: Any) -> list[dict[str, Any]]:  # Any: what the types forbid is what is tried
    """One set of fields for each wrong value."""
    return [{field: value, **others} for value in values]


def bad_backoff(field: str, *values: Any) -> list[dict[str, Any]]:
    """The same for a backoff's field."""
    return [{"backoff": Backoff(**fields)} for fields in bad(field, *values)]


BAD_CHILDREN = [
    *bad("shutdown_s", *ODD, "brutal", True),
    *bad("id", ["x"], {}, None, 5, b"x", object(), Unhashable()),
    *bad("start_timeout_s", *ODD, 0, True, init=True),
    *bad("restart", *ODD, "always", None, Strategy.ONE_FOR_ALL),
    *bad("significant", *ODD, "yes", None, 1),
    *bad("init", *ODD, "yes", None, 1),
    *bad("args", [], {}, None, "x", 5, iter(())),
    *bad("name", [], {}, 5, b"x", Unhashable()),
    *bad("backoff", *ODD, True, 1.0),
    *bad_backoff("initial_s", *ODD, None, True),
    *bad_backoff("factor", *ODD, None, True),
    *bad_backoff("max_s", *ODD, None, True),
    *bad_backoff("jitter", *ODD, None, True),
    *bad_backoff("reset_after_s", *ODD, None, True),
    *bad_backoff("kind", "quadratic", None, 1, [], Restart.PERMANENT),
    *bad("start", None, 5, "f", [], ()),
    {"start_timeout_s": 5.0},
]
BAD_FLAGS = [
    *bad("strategy", *ODD, "all", None, Restart.PERMANENT),
    *bad("auto_shutdown", *ODD, "sometimes", None),
    *bad("intensity", [], {}, None, "5", -1, float("nan"), True, object),
    *bad("period_s", [], {}, None, "5", -1, 0, float("nan"), True),
    *bad("children", None, 5, "x", [5], [None], [SupervisorSpec()], {1: 2}, object()),
    *bad("name", [], {}, 5, Unhashable()),
]


def _name(value: object) -> str:
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))[:60]  # the same in every worker of a test run


@pytest.mark.parametrize("fields", BAD_CHILDREN, ids=_name)
@virtual
async def test_a_bad_child_spec_is_refused_and_the_supervisor_lives(system: System, fields: dict[str, Any]) -> None:
    lab = Lab(system)
    await lab.start(worker("first"))
    with pytest.raises(SpecError):
        await lab.sup.start_child(worker("a", **fields))
    assert (lab.alive, lab.kept()) == (True, ["first"])


@pytest.mark.parametrize("fields", BAD_CHILDREN, ids=_name)
@virtual
async def test_a_supervisor_with_a_bad_child_spec_does_not_begin(system: System, fields: dict[str, Any]) -> None:
    children = [worker("first"), worker("a", **fields)]
    with pytest.raises(SpecError):
        await system.start_supervisor(SupervisorSpec(children=children))
    assert system.processes() == []


@pytest.mark.parametrize("fields", BAD_FLAGS, ids=_name)
@virtual
async def test_bad_flags_are_refused(system: System, fields: dict[str, Any]) -> None:
    with pytest.raises(SpecError):
        await system.start_supervisor(SupervisorSpec(**fields))
    assert system.processes() == []


@pytest.mark.parametrize("fields", BAD_FLAGS, ids=_name)
@virtual
async def test_bad_flags_of_a_nested_supervisor_are_its_failed_start(system: System, fields: dict[str, Any]) -> None:
    lab = Lab(system)
    await lab.start(worker("first"))
    with pytest.raises(StartError) as caught:
        await lab.sup.start_child(ChildSpec(id="sub", start=SupervisorSpec(**fields)))
    assert isinstance(caught.value.reason, Error)
    assert isinstance(caught.value.reason.exception, SpecError)
    assert (lab.alive, lab.kept()) == (True, ["first"])


@virtual
async def test_a_bad_nested_first_child_stops_those_before_it_with_shutdown(system: System) -> None:
    told: list[object] = []

    async def careful(self: Process) -> None:
        self.trap_exit = True
        self.ack()
        message = await self.receive()
        assert isinstance(message, ExitSignal)
        told.append(message.reason)

    sub = SupervisorSpec(children=[ChildSpec(id="deep", start=SupervisorSpec(intensity=-1))])
    children = [ChildSpec(id="a", start=careful, init=True), ChildSpec(id="sub", start=sub)]
    with pytest.raises(StartError) as caught:
        await system.start_supervisor(SupervisorSpec(children=children))
    reason = caught.value.reason
    assert isinstance(reason, Shutdown)
    assert isinstance(reason.detail, FailedToStart)
    assert reason.detail.child_id == "sub"
    assert told == [SHUTDOWN]
    assert system.processes() == []


ODD_KEYS: list[Any] = [["x"], {}, None, 5, object(), Unhashable(), b"a"]  # Any: what the types forbid


@pytest.mark.parametrize("strategy", [Strategy.ONE_FOR_ONE, Strategy.SIMPLE_ONE_FOR_ONE])
@pytest.mark.parametrize("key", ODD_KEYS, ids=_name)
@virtual
async def test_no_child_has_an_odd_id_and_the_supervisor_lives(system: System, key: Any, strategy: Strategy) -> None:
    lab = Lab(system)
    await lab.start(worker("a"), strategy=strategy)
    for ask in (lab.sup.restart_child, lab.sup.terminate_child, lab.sup.delete_child):
        with pytest.raises(ChildNotFound):
            await ask(key)
    for read in (lab.sup.child, lab.sup.get_childspec):
        with pytest.raises(ChildNotFound):
            read(key)
    assert lab.sup.supervisor_of(key) is None
    assert lab.alive


@pytest.mark.parametrize("arguments", [5, None, object(), "text"], ids=_name)
@virtual
async def test_start_child_refuses_what_is_neither_spec_nor_arguments(system: System, arguments: Any) -> None:
    lab = Lab(system)
    await lab.start(worker("a"), strategy=Strategy.SIMPLE_ONE_FOR_ONE)
    with pytest.raises(SpecError):
        await lab.sup.start_child(arguments)
    assert lab.alive


@virtual
async def test_enum_values_may_be_given_as_strings(system: System) -> None:
    flags: dict[str, Any] = {"strategy": "rest_for_one", "auto_shutdown": "any_significant"}
    fields: dict[str, Any] = {"restart": "transient", "shutdown_s": "brutal_kill", "significant": True}
    backoff: dict[str, Any] = {"kind": "linear"}
    spec = SupervisorSpec(children=[worker("a", **fields, backoff=Backoff(**backoff))], **flags)
    assert (spec.strategy, spec.auto_shutdown) == (Strategy.REST_FOR_ONE, AutoShutdown.ANY_SIGNIFICANT)
    child = spec.children[0]
    assert (child.restart, child.shutdown_s) == (Restart.TRANSIENT, BRUTAL_KILL)
    assert child.backoff is not None
    assert child.backoff.kind is BackoffKind.LINEAR
    sup = await system.start_supervisor(spec)
    system.exit(sup.which_children()[0].pid or sup.pid, SHUTDOWN)
    await turns()
    assert not system.is_alive(sup.pid)


@virtual
async def test_a_start_timeout_without_an_init_phase_says_that_it_means_nothing(system: System) -> None:
    lab = Lab(system)
    await lab.start()
    with pytest.raises(SpecError, match="init"):
        await lab.sup.start_child(worker("a", start_timeout_s=1.0))
    nested = ChildSpec(id="sub", start=SupervisorSpec(), start_timeout_s=1.0)
    assert (await lab.sup.start_child(nested)).pid is not None
