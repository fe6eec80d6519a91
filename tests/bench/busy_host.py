"""A host whose bus is fed with the facts of a fleet that nobody really runs; ends with SIGTERM.

python -m tests.bench.busy_host HOME CWD PROCESSES CHANGES_PER_S SPAWNS_PER_S
"""

import asyncio
import signal
import sys
from pathlib import Path

from tests.fakes.face import Face
from vega_tui.core import events as ev
from vega_tui.core.home import Home
from vega_tui.core.ports import Bus
from vega_tui.host import Host

_TICKS_PER_S = 20


async def main(home: Home, cwd: Path, processes: int, changes_per_s: int, spawns_per_s: int) -> None:
    """Say `ready` once the fleet stands, then change it until told to end."""
    done = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, done.set)
    async with Host(home) as host:
        face = await (await Face.join(host.connect(), "http://127.0.0.1:9", cwd)).open(name="fleet")
        session, bus = face.row.id, host.bus
        for number in range(processes):
            _spawn(bus, session, number)
        await bus.flush()
        print("ready", flush=True)
        tick = 0
        while not done.is_set():
            await asyncio.sleep(1 / _TICKS_PER_S)
            tick += 1
            for n in range(changes_per_s // _TICKS_PER_S):
                path = f"root/p-{(tick * 37 + n * 101) % processes:04}"
                change = ev.RunStarted if tick % 2 else ev.ProcessPaused
                bus.publish(change(session=session, process=path))
            for n in range(spawns_per_s // _TICKS_PER_S):
                _spawn(bus, session, processes + tick * spawns_per_s // _TICKS_PER_S + n)
        await face.close()


def _spawn(bus: Bus, session: str, number: int) -> None:
    path = f"root/p-{number:04}"
    bus.publish(ev.ProcessSpawned(session=session, process=path, parent="root"))
    bus.publish(ev.ProcessStarted(session=session, process=path))


if __name__ == "__main__":
    asyncio.run(main(Home(Path(sys.argv[1])), Path(sys.argv[2]), *(int(word) for word in sys.argv[3:6])))
