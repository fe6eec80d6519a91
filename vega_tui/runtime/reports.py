"""Who hears of lifecycle facts, and the fields that all of them share."""

import asyncio
from collections.abc import Callable
from typing import TypedDict

from vega_tui.core import clock
from vega_tui.runtime import events
from vega_tui.runtime.process import Place, Process
from vega_tui.runtime.reasons import ProcessExit
from vega_tui.runtime.registry import Registry
from vega_tui.runtime.signals import Pid

Listener = Callable[[events.RuntimeEvent], object]


class Facts(TypedDict):
    """The fields that all events share."""

    pid: Pid
    name: str | None
    label: object
    incarnation: int
    supervisor: Pid | None
    supervisor_label: object
    child_id: str | None
    at: float


class Reports:
    """The listeners, in order; and the loop, whose handler is told of a listener that fails."""

    def __init__(self, on_event: Listener | None = None) -> None:
        self.registry = Registry()
        self._listeners: list[Listener] = [] if on_event is None else [on_event]
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that all processes of this system run on."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop

    def add_listener(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` for every event from now on; calling what is returned ends that."""
        self._listeners.append(listener)

        def remove() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return remove

    def facts(self, process: Process) -> Facts:
        """The shared fields of an event about `process`."""
        return self.facts_of(process.pid, self.registry.name_of(process.pid), process.place)

    def facts_of(self, pid: Pid, name: str | None, place: Place) -> Facts:
        """The shared fields of an event about a process that may be gone."""
        return {
            "pid": pid,
            "name": name,
            "label": place.label,
            "incarnation": place.incarnation,
            "supervisor": place.supervisor,
            "supervisor_label": place.supervisor_label,
            "child_id": place.child_id,
            "at": clock.monotonic(),
        }

    @property
    def watched(self) -> bool:
        """Whether anyone listens to events."""
        return bool(self._listeners)

    def emit(self, event: events.RuntimeEvent) -> None:
        """Hand `event` to every listener, in order. A listener's error is the loop's to report, never ours."""
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except (Exception, SystemExit, ProcessExit) as error:
                self.loop.call_exception_handler({"message": "a listener to runtime events raised", "exception": error})

    def report_started(self, process: Process) -> None:
        """Tell listeners that the process's init phase is over."""
        if self._listeners:
            self.emit(events.Started(**self.facts(process)))
