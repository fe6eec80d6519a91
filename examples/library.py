"""Agents as supervised processes in a program of your own. Runs without a key, on the simulated model.

python examples/library.py
"""

import asyncio

from vega_tui import Agent, AgentStart, ChildSpec, Orchestrator, Strategy, Supervision, SupervisorSpec
from vega_tui.core.events import TextDelta


async def main() -> None:
    """Talk to an agent, see it come back after a crash, and let a team share a board."""
    async with Orchestrator(max_budget_usd=0.50) as orch:
        orch.on_failed(lambda proc, error: print(f"[{proc.name} failed: {error}]"))

        helper = await orch.spawn(
            Agent(name="helper", system="You help."),
            supervision=Supervision(max_restarts=3, window_s=300),
            reason="answers questions",
        )
        async for event in helper.stream("hello"):
            if isinstance(event, TextDelta):
                print(event.text, end="", flush=True)
        print()

        await helper.kill()  # its supervision starts it again, with its name and its conversation
        print("after the crash:", (await helper.send("hello again")).splitlines()[0])
        print(f"{helper.name} lives its life number {helper.incarnation}")

        team = await orch.start_supervisor(
            SupervisorSpec(
                strategy=Strategy.ONE_FOR_ALL,
                children=[ChildSpec(id=name, start=AgentStart(Agent(name=name))) for name in ("ada", "bob")],
            ),
            name="team",
        )
        for name in ("ada", "bob"):
            orch.join("crew", team.child(name))
        for path, answer in (await orch.broadcast("crew", "hello")).items():
            orch.board("crew").set(path, str(answer).splitlines()[0], by=path)
        print("on the board:", ", ".join(orch.board("crew").keys()))
        print(f"turns: {helper.metrics.turns}, cost: ${helper.metrics.cost_usd:.4f}")


if __name__ == "__main__":
    asyncio.run(main())
