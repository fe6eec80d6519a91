"""The demo's team: agents at work on the simulated model, one that crashes, one that asks, a budget that moves.

What they say is scripted in sessions/demo.yaml; what they do is real: processes, tools, files, approvals, restarts.
Below `drills` idle agents stand under the other strategies: kill one and watch who is restarted.
"""

from pathlib import Path
from typing import Final

from vega_tui.agent.blueprint import Agent
from vega_tui.core.home import Home
from vega_tui.core.ids import ROOT, base_name
from vega_tui.core.words import InputMode, ProcessKind
from vega_tui.host.child_specs import Team, member
from vega_tui.host.posts import Post
from vega_tui.host.session import LiveSession
from vega_tui.runtime import Backoff, Restart, Strategy, SupervisorSpec

WORKERS: Final = f"{ROOT}/workers"
DRILLS: Final = f"{ROOT}/drills"
_BUDGET_USD: Final = 0.30
_MAX_TOKENS: Final = 1024  # of an answer: what each call in flight may hold of the cap
_PLANNER: Final = (f"{ROOT}/planner", "Read what is here and write down the steps.")
_TESTER: Final = (f"{ROOT}/tester", "Package it, and clean the build first.")
_WORKERS: Final = (("w1", "Count the lines of all files."), ("w2", "Check the links of all pages."))
_DRILLS: Final = (
    ("pair", Strategy.ONE_FOR_ALL, ("left", "right")),
    ("line", Strategy.REST_FOR_ONE, ("first", "second", "third")),
)
_DRILL_INTENSITY: Final = 2
_DRILL_BACKOFF: Final = Backoff(initial_s=3.0, max_s=12.0)  # slow enough to be watched
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
    await _hire(session, *_PLANNER)
    await session.tree.start_team(_workers(session))
    await _hire(session, *_TESTER)
    await session.tree.start_team(_drills(session))
    await session.send(ROOT, "What is the team doing?", InputMode.QUEUE)


async def _hire(session: LiveSession, path: str, task: str) -> None:
    agent = Agent(name=base_name(path), max_tokens=_MAX_TOKENS)
    await session.tree.start_agent(session.make_seat(path, agent, task, ROOT), Restart.TRANSIENT)


def _workers(session: LiveSession) -> Team:
    children = [member(session, _post(session, f"{WORKERS}/{name}", task)) for name, task in _WORKERS]
    return Team(_supervisor(session, WORKERS), SupervisorSpec(intensity=5, period_s=60.0), children)


def _drills(session: LiveSession) -> Team:
    """Supervisors below a supervisor, so that one that gives up has somebody who decides."""
    teams: list[Team] = []
    for name, strategy, names in _DRILLS:
        path = f"{DRILLS}/{name}"
        children = [member(session, _post(session, f"{path}/{child}"), _DRILL_BACKOFF) for child in names]
        spec = SupervisorSpec(strategy=strategy, intensity=_DRILL_INTENSITY, period_s=60.0)
        teams.append(Team(_supervisor(session, path), spec, children))
    return Team(_supervisor(session, DRILLS), SupervisorSpec(intensity=_DRILL_INTENSITY, period_s=60.0), teams)


def _supervisor(session: LiveSession, path: str) -> Post:
    return Post(session=session.session, path=path, kind=ProcessKind.SUPERVISOR, restart="permanent")


def _post(session: LiveSession, path: str, task: str = "") -> Post:
    seat = session.make_seat(path, Agent(name=base_name(path), max_tokens=_MAX_TOKENS), task, ROOT)
    seat.stays = True
    return Post(session=session.session, path=path, seat=seat, restart="permanent")
