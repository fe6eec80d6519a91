"""How long a host waits for somebody to come back, on a clock that jumps."""

import asyncio
from pathlib import Path

from tests.fakes.face import Face
from tests.fakes.virtual_loop import run_virtual
from vega_tui.core import clock
from vega_tui.core.home import Home
from vega_tui.host import Host

IDLE_S = 60.0


def test_the_idle_time_begins_anew_with_each_face_that_leaves(home: Home, work: Path) -> None:
    async def story() -> list[float]:
        waits: list[float] = []
        for here_s in (0.1, 30.0):
            async with Host(home) as host:
                idle = asyncio.create_task(host.run_until_idle(IDLE_S))
                await asyncio.sleep(IDLE_S - 10)
                me = await Face.join(host.connect(), "http://127.0.0.1:9", work)
                await asyncio.sleep(here_s)
                await me.close()
                left = clock.monotonic()
                await idle
                waits.append(clock.monotonic() - left)
        return waits

    assert all(IDLE_S <= wait < IDLE_S + 15 for wait in run_virtual(story()))
