"""The face from outside, on a pty: opening a long session, and a fleet of 5,000 processes that changes."""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.journeys.terminal import Terminal
from vega_tui.core import events as ev
from vega_tui.core.home import Home
from vega_tui.core.messages import Text
from vega_tui.core.records import Entry
from vega_tui.sessions.store import Store

MESSAGES = 10_000
PROCESSES = 5_000
CHANGES_PER_S = 500
SPAWNS_PER_S = 20
KEYS = 60
SECONDS = 8.0
_SAID = "the supervisor saw the child fail and started it again. **Its work** and the `tree` stayed whole. " * 3


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(_long_session(Path(name)))
    with tempfile.TemporaryDirectory() as name:
        _large_fleet(Path(name))


# --- a long session ----------------------------------------------------------------------------------------


async def _long_session(folder: Path) -> None:
    empty, long = Home(folder / "empty"), Home(folder / "long")
    await _write(long, folder)
    await _write(empty, folder, messages=2)
    for home, what in ((empty, "a session of 2 messages"), (long, f"a session of {MESSAGES:,} messages")):
        last = "the last answer"
        warm = Terminal(home.root, folder, "-c", columns=120, rows=40)  # the host is up from here on
        warm.until(last)
        begun = time.perf_counter()
        face = Terminal(home.root, folder, "-c", columns=120, rows=40)
        face.until(last)
        opened = time.perf_counter() - begun
        keys = _press(face)
        rss = psutil.Process(face.pid).memory_full_info().pss / 2**20
        print(
            f"{what}: drawn {opened:.2f} s after exec; key p50 {keys[0]:.1f} ms, p99 {keys[1]:.1f} ms; "
            f"face {rss:.0f} MiB (PSS)"
        )
        face.close()
        warm.close()
    print("  aim: ≤ 0.2 s beyond the start, keys as in the short one, + ≤ 10 MiB")


async def _write(home: Home, cwd: Path, messages: int = MESSAGES) -> None:
    """A session with its messages, as the host would have stored it."""
    home.ensure()
    session, root, parent = "s_long", "root", ""
    facts: list[ev.AnyEvent] = [
        ev.SessionCreated(session=session, name="long", cwd=str(cwd), model="simulated", simulated=True),
        ev.BranchCreated(session=session, process=root, branch="main"),
        ev.ProcessSpawned(session=session, process=root, agent=root, model="simulated", restart="permanent"),
        ev.ProcessStarted(session=session, process=root),
    ]
    for number in range(messages):
        kind = "user" if number % 2 == 0 else "assistant"
        text = "the last answer" if number == messages - 1 else f"{kind} {number}: {_SAID}"
        entry = Entry(
            id=f"e_{number:06}", session=session, process=root, kind=kind, parent=parent, content=(Text(text=text),),
            author="you" if kind == "user" else root,
        )  # fmt: skip
        parent = entry.id
        facts.append(ev.EntryAdded(session=session, process=root, branch="main", entry=entry))
    facts.append(ev.ProcessExited(session=session, process=root, reason="shutdown"))
    async with await Store.open(home.database) as store:
        stamped = [_stamped(fact, seq) for seq, fact in enumerate(facts, 1)]
        for start in range(0, len(stamped), 500):
            await store.append(stamped[start : start + 500])


def _stamped(event: ev.AnyEvent, seq: int) -> ev.AnyEvent:
    import msgspec

    return msgspec.structs.replace(event, seq=seq, ts=time.time())


# --- a large fleet -----------------------------------------------------------------------------------------


def _large_fleet(folder: Path) -> None:
    home = Home(folder / "home")
    command = [sys.executable, "-m", "tests.bench.busy_host", str(home.root), str(folder)]
    numbers = [str(PROCESSES), str(CHANGES_PER_S), str(SPAWNS_PER_S)]
    host = subprocess.Popen([*command, *numbers], stdout=subprocess.PIPE, text=True)
    try:
        assert host.stdout is not None
        host.stdout.readline()
        face = Terminal(home.root, folder, "-c", columns=120, rows=40)
        face.until(lambda text: f"{PROCESSES:,}" in text or "p-0001" in text)
        process = psutil.Process(face.pid)
        before, begun = process.cpu_times(), time.perf_counter()
        keys = _press(face, seconds=SECONDS)
        after, took = process.cpu_times(), time.perf_counter() - begun
        share = 100 * (after.user + after.system - before.user - before.system) / took
        print(
            f"{PROCESSES:,} processes, {CHANGES_PER_S} changes/s + {SPAWNS_PER_S} spawns/s: "
            f"face {share:.0f} % of a core, key p50 {keys[0]:.1f} ms, p99 {keys[1]:.1f} ms"
        )
        print("  aim: ≤ 25 % of a core, key p99 ≤ 20 ms")
        face.close()
    finally:
        host.terminate()
        host.wait()


# --- keys --------------------------------------------------------------------------------------------------


def _press(face: Terminal, seconds: float = 0.0) -> tuple[float, float]:
    """p50 and p99 in ms from a key to its sign on the screen."""
    took: list[float] = []
    count = face.text.count("~")
    begun = time.perf_counter()
    while len(took) < KEYS or time.perf_counter() - begun < seconds:
        count += 1
        pressed = time.perf_counter()
        face.type("~")
        face.until(_shows(count))
        took.append((time.perf_counter() - pressed) * 1000)
        if count >= 60:
            face.press("ctrl+c")
            face.until(_shows(0))
            count = 0
        rest = 0.1 - (time.perf_counter() - pressed)
        if rest > 0:
            face.idle(rest)
    took.sort()
    return statistics.median(took), took[min(len(took) - 1, int(len(took) * 0.99))]


def _shows(count: int) -> Callable[[str], bool]:
    return lambda text: text.count("~") == count
