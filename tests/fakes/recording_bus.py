"""A bus that stores nothing and remembers everything, in order."""

from typing import TypeVar

import msgspec

from vega_tui.core.errors import StorageError
from vega_tui.core.events import AnyDelta, AnyEvent

E = TypeVar("E")


class RecordingBus:
    """What was published and flushed; `fail` makes every flush raise."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.deltas: list[AnyDelta] = []
        self.flushed = 0  # how many events were stored at the last flush
        self.fail = False

    def publish(self, event: AnyEvent) -> None:
        self.events.append(msgspec.structs.replace(event, seq=len(self.events) + 1))

    def delta(self, delta: AnyDelta) -> None:
        self.deltas.append(delta)

    async def flush(self) -> None:
        if self.fail:
            raise StorageError("the disk is full")
        self.flushed = len(self.events)

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def kinds(self) -> list[str]:
        """The tags of all events."""
        return [str(type(event).__struct_config__.tag) for event in self.events]

    def printed(self) -> str:
        """The text of all deltas."""
        return "".join(delta.text for delta in self.deltas)
