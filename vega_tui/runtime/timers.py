"""Messages that will be sent later, and can be taken back. Source: erlang(3) send_after/3, cancel_timer/1."""

import asyncio
from collections.abc import Callable

from vega_tui.runtime.signals import Target


class Timer:
    """One message that is due."""

    __slots__ = ("_handle", "_timers", "to")

    def __init__(self, timers: "Timers", to: Target) -> None:
        self.to = to
        self._timers = timers
        self._handle: asyncio.TimerHandle | None = None

    def begin(self, loop: asyncio.AbstractEventLoop, delay_s: float, message: object) -> None:
        """Let the time run."""
        self._handle = loop.call_later(delay_s, self._fire, message)

    def cancel(self) -> float | None:
        """Take the message back; the seconds that were left, None when it was sent, or taken back, already."""
        handle, self._handle = self._handle, None
        if handle is None:
            return None
        self._timers.forget(self)
        handle.cancel()
        return max(0.0, handle.when() - asyncio.get_running_loop().time())

    def _fire(self, message: object) -> None:
        self._handle = None
        self._timers.forget(self)
        self._timers.send(self.to, message)


class Timers:
    """Those that are due, by whom they are for: an end takes its own along. Names are looked up when one is due."""

    def __init__(self, send: Callable[[Target, object], None]) -> None:
        self.send = send
        self._due: dict[Target, dict[Timer, None]] = {}

    def start(self, loop: asyncio.AbstractEventLoop, delay_s: float, to: Target, message: object) -> Timer:
        """Send `message` in `delay_s`, at the next turn at the earliest. Raises: ValueError for no length of time."""
        if not delay_s >= 0:
            raise ValueError(f"delay_s {delay_s!r}: must be 0 or more")
        timer = Timer(self, to)
        self._due.setdefault(to, {})[timer] = None
        timer.begin(loop, delay_s, message)
        return timer

    def forget(self, timer: Timer) -> None:
        """It is not due any more."""
        others = self._due.get(timer.to)
        if others is not None:
            others.pop(timer, None)
            if not others:
                del self._due[timer.to]

    def drop(self, to: Target) -> None:
        """Take back all that are due for one that has ended."""
        for timer in tuple(self._due.get(to, ())):
            timer.cancel()

    def drop_all(self) -> None:
        """Take back every one."""
        for to in tuple(self._due):
            self.drop(to)
