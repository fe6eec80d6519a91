"""Open alerts, one row for a process and kind, the newest first."""

import msgspec

from vega_tui.core import events as ev
from vega_tui.core.records import Alert
from vega_tui.core.words import Severity
from vega_tui.protocol.rows import Snapshot


class AlertsView:
    """Alerts nobody has acknowledged. `dirty` is taken and cleared by the pane."""

    def __init__(self) -> None:
        self.alerts: dict[str, Alert] = {}
        self.dirty = True

    def __len__(self) -> int:
        return len(self.alerts)

    @property
    def ordered(self) -> list[Alert]:
        """Newest first."""
        return sorted(self.alerts.values(), key=lambda alert: (-alert.last, alert.id))

    @property
    def high(self) -> int:
        """How many are HIGH."""
        return sum(1 for alert in self.alerts.values() if alert.severity is Severity.HIGH)

    def load(self, snapshot: Snapshot) -> None:
        """Begin again from a snapshot."""
        self.alerts = {}
        for alert in snapshot.alerts:
            self._raise(alert)
        self.dirty = True

    def apply(self, event: ev.AnyEvent) -> None:
        """Fold one event; what comes again is counted in its row."""
        match event:
            case ev.AlertRaised(alert=alert):
                self._raise(alert)
            case ev.AlertCleared() | ev.AlertAcknowledged():
                self.alerts.pop(event.alert, None)
            case ev.SessionRemoved():
                self.alerts = {key: one for key, one in self.alerts.items() if one.session != event.session}
            case _:
                return
        self.dirty = True

    def _raise(self, alert: Alert) -> None:
        if alert.acknowledged:
            self.alerts.pop(alert.id, None)
            return
        for other in self.alerts.values():
            same = (other.session, other.process, other.kind) == (alert.session, alert.process, alert.kind)
            if same and other.id != alert.id:
                del self.alerts[other.id]
                count = other.count + alert.count
                alert = msgspec.structs.replace(alert, count=count, first=other.first)
                break
        self.alerts[alert.id] = alert
