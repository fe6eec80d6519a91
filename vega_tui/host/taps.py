"""One process's events and deltas for one reader, in order. Passing text merges while the reader is slow."""

from asyncio import Event
from collections import deque
from typing import Self

import msgspec

from vega_tui.core.events import Delta, ToolArgsDelta, ToolOutputDelta
from vega_tui.host.bus import Item


class Tap:
    """An async iterator that ends with `fail`, or when its reader leaves. Whoever feeds it holds it weakly."""

    def __init__(self, process: str) -> None:
        self.process = process
        self._items: deque[Item] = deque()
        self._wake = Event()
        self._error: Exception | None = None

    def put(self, item: Item) -> None:
        """Hand on an event or delta of the process."""
        last = self._items[-1] if self._items else None
        if isinstance(item, Delta) and isinstance(last, Delta) and _same(last, item):
            self._items[-1] = msgspec.structs.replace(last, text=last.text + item.text)
        else:
            self._items.append(item)
        self._wake.set()

    def fail(self, error: Exception) -> None:
        """Let the reader see `error` after what it has not read yet."""
        self._error = error
        self._wake.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        while not self._items:
            if self._error is not None:
                raise self._error
            self._wake.clear()
            await self._wake.wait()
        return self._items.popleft()


def _same(one: Delta, other: Delta) -> bool:
    if type(one) is not type(other) or (one.run, one.turn) != (other.run, other.turn):
        return False
    return _call(one) == _call(other)


def _call(delta: Delta) -> str:
    return delta.call if isinstance(delta, ToolArgsDelta | ToolOutputDelta) else ""
