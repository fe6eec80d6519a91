"""A bus that stores nothing and remembers everything, in order."""

import asyncio
from collections.abc import Callable
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
        self._changed = asyncio.Event()

    def publish(self, event: AnyEvent) -> None:
        self.events.append(msgspec.structs.replace(event, seq=len(self.events) + 1))
        self._changed.set()

    def delta(self, delta: AnyDelta) -> None:
        self.deltas.append(delta)
        self._changed.set()

    async def flush(self) -> None:
        if self.fail:
            raise StorageError("the disk is full")
        self.flushed = len(self.events)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something to be published that makes `holds()` true; 20 seconds at most."""
        async with asyncio.timeout(20):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    def of(self, kind: type[E]) -> list[E]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def kinds(self) -> list[str]:
        """The tags of all events."""
        return [str(type(event).__struct_config__.tag) for event in self.events]

    def printed(self) -> str:
        """The text of all deltas."""
        return "".join(delta.text for delta in self.deltas)
