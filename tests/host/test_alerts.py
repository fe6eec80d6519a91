"""Alerts that are true for a while only."""

import asyncio

from tests.fakes.recording_bus import RecordingBus
from tests.fakes.virtual_loop import run_virtual
from vega_tui.core import events as ev
from vega_tui.core.records import Alert
from vega_tui.core.words import RunStatus, Severity, StopReason
from vega_tui.host.alerts import AlertDesk


def restarting(attempt: int) -> ev.ProcessRestarting:
    return ev.ProcessRestarting(
        session="s1", process="root/w1", incarnation=2, attempt=attempt, intensity=2, period_s=60.0, reason="crashed"
    )


def test_the_last_restart_left_is_an_alert_until_its_period_has_passed() -> None:
    bus = RecordingBus()

    async def story() -> None:
        desk = AlertDesk(bus)
        desk.on_event(restarting(1))
        await asyncio.sleep(40)
        desk.on_event(restarting(2))
        await asyncio.sleep(40)
        assert [alert.count for alert in desk.open()] == [2]
        await asyncio.sleep(21)
        assert desk.open() == ()

    run_virtual(story())
    assert [type(event) for event in bus.events] == [ev.AlertRaised, ev.AlertRaised, ev.AlertCleared]


def test_a_supervisor_that_gave_up_has_no_restart_left_to_warn_of() -> None:
    async def story() -> None:
        desk = AlertDesk(RecordingBus())
        desk.on_event(restarting(1))
        desk.on_event(
            ev.ProcessGaveUp(session="s1", process="root/w1", restarts=2, intensity=2, period_s=60.0, reason="crashed")
        )
        assert [alert.kind for alert in desk.open()] == ["gave_up"]

    run_virtual(story())


def test_an_alert_that_comes_again_is_no_less_severe_than_before() -> None:
    told = Alert(
        id="al_1",
        session="s1",
        process="root",
        kind="run_failed",
        severity=Severity.HIGH,
        message="no",
        first=1,
        last=1,
    )
    bus = RecordingBus()
    desk = AlertDesk(bus)
    desk.restore([told])
    failed = ev.RunFinished(
        session="s1", process="root", status=RunStatus.FAILED, stop_reason=StopReason.ERROR, error="the server failed"
    )
    desk.on_event(failed)
    (alert,) = desk.open()
    assert (alert.severity, alert.count, alert.message) == (Severity.HIGH, 2, "the server failed")
    assert [event.alert for event in bus.of(ev.AlertRaised)] == [alert]


def test_restarts_that_an_earlier_host_counted_warn_of_nothing() -> None:
    bus = RecordingBus()
    left = Alert(
        id="al_1",
        session="s1",
        process="root",
        kind="restarts",
        severity=Severity.MED,
        message="1 left",
        first=1,
        last=1,
    )
    desk = AlertDesk(bus)
    desk.restore([left])
    assert desk.open() == ()
    assert [type(event) for event in bus.events] == [ev.AlertCleared]
