"""The demo's team: agents at work on the simulated model, one that crashes, one that asks, a budget that moves."""

from typing import Final

from vega_tui.core.ids import ROOT
from vega_tui.core.words import InputMode
from vega_tui.host.session import LiveSession
from vega_tui.runtime import Restart, Strategy

WORKERS: Final = f"{ROOT}/workers"
_BUDGET_USD: Final = 0.25
_TEAM: Final = (
    (f"{ROOT}/planner", "planner", "[demo:planner] Read what is here and write down the steps.", Restart.TRANSIENT),
    (f"{WORKERS}/w1", "w1", "[demo:w1] Count the lines of what you find, again and again.", Restart.PERMANENT),
    (f"{WORKERS}/w2", "w2", "[demo:w2] Check the links. The server will fail you now and then.", Restart.PERMANENT),
    (f"{ROOT}/tester", "tester", "[demo:tester] Package it; clean the build first.", Restart.TRANSIENT),
)


async def play(session: LiveSession) -> None:
    """Start the team, once; a demo that is opened again goes on as it stands."""
    if WORKERS in session.tree.posts:
        return
    session.change(name="demo", budget_usd=_BUDGET_USD, by="demo")
    await session.tree.start_supervisor(WORKERS, Strategy.ONE_FOR_ONE, intensity=5, period_s=60.0)
    for path, agent, task, restart in _TEAM:
        await session.tree.start_agent(session.make_seat(path, agent, task, ROOT), restart)
    await session.send(ROOT, "[demo:root] What is the team doing?", InputMode.QUEUE)
