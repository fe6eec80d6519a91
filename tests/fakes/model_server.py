"""The simulated model's server in a thread, for programs that block the test's own."""

import asyncio
import threading

from vega_tui.llm.simulator import Simulator


class ModelServer:
    """`with ModelServer() as model: … model.url`. Speaks at once unless paced."""

    def __init__(self, words_per_s: float = 0.0) -> None:
        self._words_per_s = words_per_s
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._simulator: Simulator | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with Simulator(words_per_s=self._words_per_s, first_word_s=0.0) as self._simulator:
            self._ready.set()
            await self._stop.wait()

    @property
    def url(self) -> str:
        assert self._simulator is not None
        return self._simulator.url

    def heard(self) -> str:
        """Everything that was asked of it so far."""
        assert self._simulator is not None
        return "\n".join(str(request) for request in self._simulator.requests)

    def __enter__(self) -> "ModelServer":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
