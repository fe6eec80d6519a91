"""The demo's team: agents at work on the simulated model, one that crashes, one that asks, a budget that moves.

What they say is scripted in sessions/demo.yaml; what they do is real: processes, tools, files, approvals, restarts.
"""

from pathlib import Path
from typing import Final

from vega_tui.agent.blueprint import Agent
from vega_tui.core.home import Home
from vega_tui.core.ids import ROOT, base_name
from vega_tui.core.words import InputMode
from vega_tui.host.session import LiveSession
from vega_tui.runtime import Restart, Strategy

WORKERS: Final = f"{ROOT}/workers"
_BUDGET_USD: Final = 0.30
_MAX_TOKENS: Final = 1024  # of an answer: what each call in flight may hold of the cap
_TEAM: Final = (
    (f"{ROOT}/planner", "Read what is here and write down the steps.", Restart.TRANSIENT),
    (f"{WORKERS}/w1", "Count the lines of all files.", Restart.PERMANENT),
    (f"{WORKERS}/w2", "Check the links of all pages.", Restart.PERMANENT),
    (f"{ROOT}/tester", "Package it, and clean the build first.", Restart.TRANSIENT),
)
_FILES: Final = {
    "Makefile": "dist: src\n\tmkdir -p build\n\ttar cf build/shop.tar src docs\n\t@echo packaged build/shop.tar\n",
    "NOTES.md": "# Sessions\n\nMove session handling to signed cookies.\nKeep the old login until the tests pass.\n",
    "build/old.txt": "left from yesterday\n",
    "docs/guide.md": "# Guide\n\nSee [login](login.md) and http://localhost/help.\n",
    "docs/login.md": "# Login\n\nA cookie holds the session.\n",
    "src/admin.py": "from session import load\n\n\ndef remember_me(cookie):\n    return load(cookie)\n",
    "src/login.py": "from session import load\n\n\ndef login(user, cookie):\n    return user, load(cookie)\n",
    "src/session.py": "STORE = {}\n\n\ndef load(cookie):\n    return STORE.get(cookie)\n\n\n"
    "def save(cookie, value):\n    STORE[cookie] = value\n",
    "src/websocket.py": "from session import load\n\n\ndef connect(cookie):\n    return load(cookie)\n",
}


def lay_out(home: Home) -> Path:
    """A small project for the team to work on, in the demo's own home; files that are there stay as they are."""
    folder = home.root / "shop"
    for name, text in _FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(text, encoding="utf-8")
    return folder


async def play(session: LiveSession) -> None:
    """Start the team, once; a demo that is opened again goes on as it stands."""
    if WORKERS in session.tree.posts:
        return
    session.change(name="demo", budget_usd=_BUDGET_USD, by="demo")
    session.root().agent = Agent(name=ROOT, max_tokens=_MAX_TOKENS)
    await session.tree.start_supervisor(WORKERS, Strategy.ONE_FOR_ONE, intensity=5, period_s=60.0)
    for path, task, restart in _TEAM:
        agent = Agent(name=base_name(path), max_tokens=_MAX_TOKENS)
        await session.tree.start_agent(session.make_seat(path, agent, task, ROOT), restart)
    await session.send(ROOT, "What is the team doing?", InputMode.QUEUE)
