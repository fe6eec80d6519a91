"""What goes out to one client, in order: replies and events at once, deltas merged to a frame per 16 ms.

A slow client's deltas merge further while its socket is full; its events wait, and past a bound it is let go,
because it can come back with the seq that it has.
"""

import asyncio
from typing import Final, Protocol

import msgspec

from vega_tui.core import clock
from vega_tui.core.events import AnyDelta, Delta, ToolArgsDelta, ToolOutputDelta
from vega_tui.protocol.frames import encode_notification

_FRAME_S: Final = 0.016
_BOUND_BYTES: Final = 64 * 1024 * 1024

_Key = tuple[type[Delta], str, str, str, int, str]


class Writer(Protocol):
    """Where bytes go: a StreamWriter, as far as it is needed here."""

    def write(self, data: bytes) -> None:
        """Take bytes; never waits."""
        ...

    async def drain(self) -> None:
        """Wait until there is room for more."""
        ...


class Outbox:
    """One client's way out. `run()` is its one task; the other methods never wait."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._lines: list[bytes] = []  # whole frames, before the deltas below
        self._texts: dict[_Key, list[str]] = {}  # deltas since the last frame of _lines
        self._samples: dict[_Key, AnyDelta] = {}
        self._bytes = 0
        self._wake = asyncio.Event()
        self._closing = False
        self._last_flush = 0.0
        self.overflowed = False

    def put(self, line: bytes) -> None:
        """Send a frame after everything that was put before it."""
        self._settle_deltas()
        self._lines.append(line)
        self._bytes += len(line)
        if self._bytes > _BOUND_BYTES:
            self.overflowed = True
            self.close()
        self._wake.set()

    def delta(self, delta: AnyDelta) -> None:
        """Send passing text, joined with what of its kind waits."""
        call = delta.call if isinstance(delta, (ToolArgsDelta, ToolOutputDelta)) else ""
        key = (type(delta), delta.session, delta.process, delta.run, delta.turn, call)
        texts = self._texts.get(key)
        if texts is None:
            self._texts[key] = [delta.text]
            self._samples[key] = delta
        else:
            texts.append(delta.text)
        self._wake.set()

    def close(self) -> None:
        """Send what waits, then end."""
        self._closing = True
        self._wake.set()

    async def run(self) -> None:
        """Write until closed. Raises ConnectionError when the client is gone."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if not self._lines and not self._closing:
                early = self._last_flush + _FRAME_S - clock.monotonic()
                if early > 0:
                    await asyncio.sleep(early)
            self._settle_deltas()
            lines, self._lines, self._bytes = self._lines, [], 0
            if lines:
                self._last_flush = clock.monotonic()
                self._writer.write(b"".join(lines))
                await self._writer.drain()
            if self._closing and not self._lines and not self._texts:
                return

    def _settle_deltas(self) -> None:
        for key, texts in self._texts.items():
            merged = msgspec.structs.replace(self._samples[key], text="".join(texts))
            line = encode_notification("delta", merged)
            self._lines.append(line)
            self._bytes += len(line)
        self._texts.clear()
        self._samples.clear()
