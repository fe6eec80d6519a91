"""What a program of an agent asked for and may not: an alert that a person sees, however often it asks. One owner."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from vega_tui.core.ids import ROOT
from vega_tui.core.visible import visible
from vega_tui.core.words import Severity
from vega_tui.host.alerts import AlertDesk
from vega_tui.host.board import Board
from vega_tui.host.peers import Peer
from vega_tui.protocol.operations import Operation

KIND: Final = "refused_operation"
QUIET_S: Final = 10.0  # repeats within it are counted in one event: a program can ask thousands of times a second

_Place = tuple[str, str]  # session, process


class Refusals:
    """Raises one alert per process that may have started the program; `close()` forgets what is held back."""

    def __init__(self, alerts: AlertDesk, boards: Mapping[str, Board]) -> None:
        self._alerts = alerts
        self._boards = boards
        self._held: Counter[_Place] = Counter()
        self._said: dict[_Place, tuple[Severity, str]] = {}
        self._quiet: dict[_Place, asyncio.TimerHandle] = {}

    def note(self, peer: Peer, operation: Operation[Any, Any]) -> None:  # Any: each operation has types of its own
        """A program asked for `operation`, and was refused."""
        severity = Severity.HIGH if operation.changes else Severity.MED
        text = f"{visible(str(peer))}, started by an agent, asked for {operation.name}: refused ({visible(peer.why)})"
        for place in self._places():
            worst = severity
            if place in self._said and self._said[place][0] is Severity.HIGH:
                worst = Severity.HIGH
            self._held[place] += 1
            self._said[place] = (worst, text)
            if place not in self._quiet:
                self._tell(place)

    def close(self) -> None:
        """Tell nothing any more."""
        for timer in self._quiet.values():
            timer.cancel()
        self._quiet.clear()

    def _tell(self, place: _Place) -> None:
        self._quiet.pop(place, None)
        times = self._held.pop(place, 0)
        if not times:
            return
        severity, text = self._said.pop(place)
        self._alerts.warn(*place, KIND, severity, text, times=times)
        self._quiet[place] = asyncio.get_running_loop().call_later(QUIET_S, self._tell, place)

    def _places(self) -> set[_Place]:
        """Whose it may be: who has a call under way, else every session; what fled says no more."""
        calling = {(session, call.process) for session, board in self._boards.items() for call in board.calls.values()}
        return calling or {(session, ROOT) for session in self._boards}
