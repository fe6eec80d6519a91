"""A scripted host that listens in a thread, where a command line that blocks its own finds it."""

import asyncio
import threading

from tests.fakes.scripted_host import ScriptedHost
from vega_tui.core.home import Home


class RunningHost:
    """Between `start()` and `stop()` it answers at the socket of `home`; `end()` lets it go from inside."""

    def __init__(self, home: Home) -> None:
        self.host = ScriptedHost()
        self._home = home
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with self.host.listening(self._home.socket):
            self._ready.set()
            await self._stop.wait()

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def end(self) -> None:
        assert self._stop is not None
        self._stop.set()

    def stop(self) -> None:
        if self._thread.is_alive() and self._loop is not None:
            self._loop.call_soon_threadsafe(self.end)
        self._thread.join(10)
