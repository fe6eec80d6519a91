"""A program of the library, somewhere else: its isolated agent works in the folder that this is started from."""

import asyncio
from pathlib import Path

from vega_tui import Agent, Mode, Orchestrator
from vega_tui.llm.simulator import Simulator


async def main() -> None:
    async with (
        Simulator(words_per_s=0, first_word_s=0) as model,
        Orchestrator(mode=Mode.YOLO, api_key="k", base_url=model.url, cwd=Path.cwd()) as orch,
    ):
        far = await orch.spawn(Agent(name="far", isolation="process", tools=("bash", "grep", "list")))
        for said in ('tool bash {"command": "echo out"}', 'tool grep {"pattern": "project"}', "hello"):
            print(await far.send(said))


if __name__ == "__main__":
    asyncio.run(main())
