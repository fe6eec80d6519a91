"""Raises alerts from events: one per session, process and kind, counted when it comes again. One owner."""

import asyncio
from typing import Final

import msgspec

from vega_tui.core import clock
from vega_tui.core import events as ev
from vega_tui.core.errors import NotFound
from vega_tui.core.ids import new_id
from vega_tui.core.ports import Bus
from vega_tui.core.records import Alert
from vega_tui.core.words import RunStatus, Severity, StopReason

_ORDER: Final = (Severity.LOW, Severity.MED, Severity.HIGH)


class AlertDesk:
    """Open alerts of all sessions. Reads events as they are fanned out, publishes what follows from them."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._open: dict[str, Alert] = {}
        self._supervisors: dict[tuple[str, str], str] = {}  # of each process, where one is shown
        self._expiries: dict[str, asyncio.TimerHandle] = {}  # of alerts that are true for a period only

    def restore(self, alerts: list[Alert]) -> None:
        """Take over what an earlier host left open; its restarts are counted no more."""
        self._open.update((alert.id, alert) for alert in alerts)
        for alert in alerts:
            if alert.kind == "restarts":
                self._clear(alert)

    def close(self) -> None:
        """Clear nothing any more."""
        for expiry in self._expiries.values():
            expiry.cancel()
        self._expiries.clear()

    def open(self, session: str = "") -> tuple[Alert, ...]:
        """Open alerts, newest first; of one session or of all."""
        mine = [alert for alert in self._open.values() if session in ("", alert.session)]
        return tuple(sorted(mine, key=lambda alert: alert.last, reverse=True))

    def forget(self, session: str) -> None:
        """Drop the alerts of a session that is removed."""
        self._open = {key: alert for key, alert in self._open.items() if alert.session != session}
        self._supervisors = {key: path for key, path in self._supervisors.items() if key[0] != session}

    def acknowledge(self, alert_id: str, by: str = "you") -> None:
        """Take an alert off the list. Raises NotFound when it isn't on it."""
        alert = self._open.pop(alert_id, None)
        if alert is None:
            raise NotFound(f"no open alert {alert_id}")
        self._bus.publish(ev.AlertAcknowledged(session=alert.session, process=alert.process, alert=alert_id, by=by))

    def on_event(self, event: ev.AnyEvent) -> None:
        """Raise what the event gives reason for."""
        match event:
            case ev.ProcessSpawned():
                self._supervisors[event.session, event.process] = event.supervisor
            case ev.ProcessRestarting():
                self._restarting(event)
            case ev.ProcessGaveUp():
                self._clear(self._known(event.session, event.process, "restarts"))
                used = f"{event.restarts} of {event.intensity} restarts in {event.period_s:g} s used up"
                self._raise(event, "gave_up", Severity.HIGH, f"gave up: {used}, then {event.reason}")
            case ev.RunFinished(status=RunStatus.FAILED) if event.stop_reason is not StopReason.INTERRUPTED:
                self._raise(event, "run_failed", Severity.MED, event.error)
            case ev.BudgetExceeded():
                self._raise(
                    event,
                    "budget",
                    Severity.HIGH,
                    f"budget used: ${event.spent_usd:.2f} of ${event.limit_usd:.2f}; /budget raises it",
                )
            case ev.HostRecovered() if event.interrupted_calls or event.interrupted_runs:
                what = [
                    f"{count} {name}{'s' * (count != 1)}"
                    for count, name in ((event.interrupted_runs, "run"), (event.interrupted_calls, "tool call"))
                    if count
                ]
                text = f"the host had ended: {' and '.join(what)} interrupted, none was run again"
                self._raise(event, "interrupted", Severity.MED, text)
            case _:
                pass

    def _restarting(self, event: ev.ProcessRestarting) -> None:
        """A failure that heals is no alert any more; the last restart that is left is one, of the supervisor."""
        failed = self._known(event.session, event.process, "run_failed")
        why = failed.message if failed is not None else event.reason
        self._clear(failed)
        left = event.intensity - event.attempt
        if not event.intensity or left > 1:
            return
        rest = f"{left} left before it gives up" if left else "at the next one it gives up"
        used = f"{event.attempt} of {event.intensity} restarts in {event.period_s:g} s; {rest}"
        supervisor = self._supervisors.get((event.session, event.process), "")
        alert = self._raise(event, "restarts", Severity.MED, used if supervisor else f"{used}: {why}", supervisor)
        self._expire_in(event.period_s, alert.id)

    def _expire_in(self, seconds: float, alert_id: str) -> None:
        """Clear the alert when the restarts it counts are older than the period."""
        earlier = self._expiries.pop(alert_id, None)
        if earlier is not None:
            earlier.cancel()
        loop = asyncio.get_running_loop()
        self._expiries[alert_id] = loop.call_later(seconds, lambda: self._clear(self._open.get(alert_id)))

    def _clear(self, alert: Alert | None) -> None:
        if alert is None or self._open.pop(alert.id, None) is None:
            return
        expiry = self._expiries.pop(alert.id, None)
        if expiry is not None:
            expiry.cancel()
        self._bus.publish(ev.AlertCleared(session=alert.session, process=alert.process, alert=alert.id))

    def _known(self, session: str, process: str, kind: str) -> Alert | None:
        key = (session, process, kind)
        return next((alert for alert in self._open.values() if (alert.session, alert.process, alert.kind) == key), None)

    def _raise(self, event: ev.AnyEvent, kind: str, severity: Severity, message: str, process: str = "") -> Alert:
        """The alert as it is now. `process`: whose it is, where that isn't the event's."""
        return self.warn(event.session, process or event.process, kind, severity, message)

    def warn(self, session: str, process: str, kind: str, severity: Severity, message: str, *, times: int = 1) -> Alert:
        """Raise an alert, or count it `times` more; gives it as it is now."""
        now = clock.wall()
        known = self._known(session, process, kind)
        if known is None:
            alert = Alert(
                id=new_id("al"),
                session=session,
                process=process,
                kind=kind,
                severity=severity,
                message=message,
                count=times,
                first=now,
                last=now,
            )
        else:
            worst = max(known.severity, severity, key=_ORDER.index)
            count = known.count + times
            alert = msgspec.structs.replace(known, message=message, count=count, last=now, severity=worst)
        self._open[alert.id] = alert
        self._bus.publish(ev.AlertRaised(session=session, process=process, alert=alert))
        return alert
