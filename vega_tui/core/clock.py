"""The only place that reads time.

Durations are measured on the running event loop's clock, which is monotonic and which a test replaces by a
loop whose time jumps to the next timer (tests/fakes/virtual_loop.py). Waits are asyncio's own
(`asyncio.sleep`, `asyncio.timeout`, `loop.call_later`): they follow the same clock.
"""

import asyncio
import time


def monotonic() -> float:
    """Seconds on the clock that durations are measured with; virtual inside a virtual loop."""
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return time.monotonic()


def wall() -> float:
    """Seconds since 1970, for time stamps that a person reads. Never for durations."""
    return time.time()
