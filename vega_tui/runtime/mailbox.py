"""A process's queue of messages: a deque and at most one waiter, so that an idle process costs nothing."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final, Self

FAIR_AFTER: Final = 256
"""Messages taken without ever waiting before the others get a turn: our stand-in for reductions."""
_EXPIRED: Final = (True,)


class Mailbox:
    """Messages in order of arrival. Only the owning process reads it; `async for` never ends by itself."""

    __slots__ = ("_closed", "_messages", "_taken", "_waiter")

    def __init__(self) -> None:
        self._messages: deque[object] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._taken = 0
        self._closed = False

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, message: object) -> None:
        """Append `message` and wake the reader; dropped when the owner is dead."""
        if self._closed:
            return
        self._messages.append(message)
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            if not waiter.done():
                waiter.set_result(None)

    def close(self) -> None:
        """Drop everything, now and later. A reader that outlives its own death waits for ever."""
        self._closed = True
        self._messages.clear()

    def discard(self, match: Callable[[object], bool]) -> bool:
        """Remove the first message that matches; True if there was one."""
        for index, message in enumerate(self._messages):
            if match(message):
                del self._messages[index]
                return True
        return False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> object:
        messages = self._messages
        if messages:
            self._taken += 1
            if self._taken >= FAIR_AFTER:
                self._taken = 0
                await asyncio.sleep(0)
        while not messages:
            self._taken = 0
            await self._arrival()
        return messages.popleft()

    async def receive(self, match: Callable[[object], bool] | None = None, timeout_s: float | None = None) -> object:
        """The first message, or the first that matches; the others keep their places.

        Raises: TimeoutError when none came within `timeout_s` (0 looks without waiting).
        """
        if match is None and timeout_s is None:
            return await self.__anext__()
        self._taken += 1
        if self._taken >= FAIR_AFTER:
            self._taken = 0
            await asyncio.sleep(0)
        if timeout_s is None:
            return await self._select(match)
        if timeout_s <= 0:
            return await self._select(match, _EXPIRED)
        loop = asyncio.get_running_loop()
        expired: list[bool] = []
        handle = loop.call_later(timeout_s, self._expire, expired)
        try:
            return await self._select(match, expired)
        finally:
            handle.cancel()

    async def _select(self, match: Callable[[object], bool] | None, expired: Sequence[bool] = ()) -> object:
        messages = self._messages
        looked_at = 0
        while True:
            if match is None:
                if messages:
                    return messages.popleft()
            else:
                # Only this process takes messages out, so what was looked at stays where it was. The new ones are
                # copied from the end, which a deque reaches at once; and `match` may put some more.
                new = list(islice(reversed(messages), len(messages) - looked_at))
                for index, message in enumerate(reversed(new), looked_at):
                    if match(message):
                        del messages[index]
                        return message
                looked_at += len(new)
            if len(messages) > looked_at and match is not None:
                continue
            if expired:
                raise TimeoutError("no message in time")
            self._taken = 0
            await self._arrival()

    def _expire(self, expired: list[bool]) -> None:
        expired.append(True)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _arrival(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            raise RuntimeError("two readers of one mailbox: only the process's own body may receive")
        self._waiter = waiter = asyncio.get_running_loop().create_future()
        try:
            await waiter
        finally:
            if self._waiter is waiter:
                self._waiter = None
