"""A program whose agents run a shell and a spinning tool; it prints their pids and waits to be killed."""

import asyncio
import re
import sys

from tests.library import stubborn_tools
from vega_tui import Agent, AgentProcess, Mode, Orchestrator
from vega_tui.core.events import ToolOutputDelta

SHELL = 'tool bash {"command": "echo pid $$; setsid sleep 300 & sleep 300; true"}'


async def tell(proc: AgentProcess, text: str) -> None:
    async for item in proc.stream(text):
        if isinstance(item, ToolOutputDelta) and (found := re.search(r"pid (\d+)", item.text)):
            print(found[1], flush=True)


async def main() -> None:
    async with Orchestrator(mode=Mode.YOLO, tools=stubborn_tools.ALL, base_url=sys.argv[1], api_key="k") as orch:
        async with asyncio.TaskGroup() as group:
            group.create_task(tell(await orch.spawn(Agent(name="near")), SHELL))
            group.create_task(tell(await orch.spawn(Agent(name="far", isolation="process")), SHELL))
            spinner = Agent(name="spinner", isolation="process", tools=("spin",))
            group.create_task(tell(await orch.spawn(spinner), "tool spin {}"))


if __name__ == "__main__":
    asyncio.run(main())
