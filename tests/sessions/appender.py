"""Appends to a store until it is killed, and prints each seq once it is acknowledged."""

import asyncio
import sys
from pathlib import Path

from tests.sessions.builders import chain, numbered, session
from vega_tui.sessions.store import Store


async def main(path: Path) -> None:
    store = await Store.open(path)
    at = store.last_seq
    name = f"s_{at}"
    await store.append(numbered([session(name)], after=at))
    for n in range(1_000_000):
        await store.append(numbered(chain(1, session=name, start=n), after=store.last_seq))
        print(store.last_seq, flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
