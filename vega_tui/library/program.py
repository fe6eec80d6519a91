"""What the objects of one program share: its session, the host's services, the readers of its processes."""

import weakref

from vega_tui.host.bus import Item
from vega_tui.host.services import Services
from vega_tui.host.session import LiveSession
from vega_tui.host.taps import Tap
from vega_tui.runtime import System


class Program:
    """One program's part of its host, for as long as its orchestrator is open."""

    def __init__(self, session: LiveSession, services: Services) -> None:
        self.session = session
        self.services = services
        self._taps: weakref.WeakSet[Tap] = weakref.WeakSet()

    @property
    def system(self) -> System:
        """The runtime that all processes of this program's host run in."""
        return self.services.system

    def tap(self, path: str) -> Tap:
        """A new reader of a process's events and deltas, let go when nobody holds it."""
        tap = Tap(path)
        self._taps.add(tap)
        return tap

    def told(self, item: Item) -> None:
        """Pass an event or delta of the session on to those who read its process."""
        for tap in self._taps:
            if tap.process == item.process:
                tap.put(item)
