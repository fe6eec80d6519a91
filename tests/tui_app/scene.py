"""The screen of LOOK.md's first picture as a snapshot, a feed that needs no host, and an app over both."""

import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from vega_tui.client.feed import FeedState, Outage
from vega_tui.client.views.view_set import ViewSet
from vega_tui.commands.keymap import Keymap
from vega_tui.commands.table import load_table
from vega_tui.core import clock
from vega_tui.core import events as ev
from vega_tui.core.errors import VegaError
from vega_tui.core.home import Home
from vega_tui.core.messages import Observation, Text, ToolUse
from vega_tui.core.records import Alert, Approval, Entry, Segment
from vega_tui.core.words import CallState, InputMode, ProcessKind, Risk, Severity
from vega_tui.protocol import operations as ops
from vega_tui.protocol.operations import Operation
from vega_tui.protocol.rows import CallRow, InputRow, OpenText, ProcessRow, SessionRow, Snapshot
from vega_tui.tui.app import VegaApp
from vega_tui.tui.keys import Keys
from vega_tui.tui.startup import FaceOptions, Startup
from vega_tui.tui.wardrobe import Wardrobe

WALL = 1_763_638_979.0  # 11:42:59 UTC
S = "s_auth"
RM = "cd app && rm -rf build && make dist"
DIFF = """--- a/src/auth/session.py
+++ b/src/auth/session.py
@@ -61,7 +61,8 @@ class Session
     def save(self, response):
         payload = self.dump()
-        response.set_cookie("sid", payload,
-            secure=False, httponly=True)
-        if self.remember:
-            response.set_cookie("rem", self.id)
+        token = sign(payload, self.key)
+        response.set_cookie(COOKIE_NAME, token,
+            secure=True, httponly=True)
+        if self.remember:
+            self.remember_me(response, token)
         return response
"""


def process(path: str, age: float, cost: float = 0.0, ctx: int = 0, **rest: Any) -> ProcessRow:
    return ProcessRow(
        session=S,
        path=path,
        cost_usd=cost,
        context_tokens=ctx * 2000,
        context_window=200_000 if rest.get("kind") is not ProcessKind.SUPERVISOR else 0,
        since=WALL - age,
        started=WALL - age,
        **rest,
    )


def fleet() -> tuple[ProcessRow, ...]:
    return (
        process("root", 720, 1.06, 41, state="run", now="writing · waits for planner", run="r1"),
        process("root/planner", 540, 0.40, 22, state="run", now="read src/auth/session.py", run="r2"),
        process(
            "root/planner/tester", 42, 0.11, 8, state="ASK", now="bash rm -rf build", incarnation=3,
            lives=("timeout", "timeout"), run="r3",
        ),
        process("root/planner/docs", 180, 0.04, 5, state="done", now="wrote docs/auth.md"),
        process(
            "root/workers", 660, state="WARN", kind=ProcessKind.SUPERVISOR, now="one_for_one", intensity=5,
            period_s=60.0, restarts=tuple(WALL - at for at in (4, 14, 30, 40)), strategy="one_for_one",
        ),
        process("root/workers/w1", 240, 0.22, 12, state="run", now="bash pytest -q tests/auth", run="r4"),
        process(
            "root/workers/w2", 4, 0.09, 0, state="RSTR", now="HTTP 529", incarnation=4, restart_at=WALL + 4,
            lives=("error_loop", "overloaded", "cut"),
        ),
        process("root/mcp:github", 720, state="wait", now="idle · 14 tools"),
    )  # fmt: skip


def approval(**rest: Any) -> Approval:
    fields: dict[str, Any] = {
        "id": "a_rm",
        "session": S,
        "process": "root/planner/tester",
        "incarnation": 3,
        "call": "c_rm",
        "tool": "bash",
        "args": {"command": RM},
        "summary": RM,
        "risk": Risk.HIGH,
        "why": "no rule covers rm",
        "says": "I clean it before packaging.",
        "segments": (
            Segment(text="cd app", verdict="allow", rule="Bash(cd *)", origin="project rule 4"),
            Segment(text="rm -rf build", verdict="ask", why="default is ask"),
            Segment(text="make dist", verdict="allow", rule="Bash(make *)", origin="your rule 2"),
        ),
        "cwd": "~/shop",
        "rule": "Bash(rm -rf build)",
        "created": WALL - 42,
    }
    return Approval(**{**fields, **rest})


def edit_approval() -> Approval:
    return approval(
        id="a_edit", process="root/planner", incarnation=1, call="c_edit", tool="edit",
        args={"path": "src/auth/session.py"}, summary="src/auth/session.py", risk=Risk.MED,
        why="edits outside src/auth/tests/** need you",
        says="so I replace that block.", segments=(), diff=DIFF, rule="Edit(src/auth/**)", created=WALL - 9,
    )  # fmt: skip


def snapshot(**rest: Any) -> Snapshot:
    fields: dict[str, Any] = {
        "seq": 18_204,
        "session": SessionRow(
            id=S, name="auth refactor", cwd="/shop", model="claude-sonnet-4-5", budget_usd=5.0, cost_usd=1.92
        ),
        "processes": fleet(),
        "approvals": (approval(),),
        "calls": (
            CallRow(
                session=S, process="root", call="c5", tool="bash", args={}, summary="pytest -q tests/auth",
                state=CallState.RUNNING, started=WALL - 12,
                output="\n" * 44 + "tests/auth/test_login.py ............\ntests/auth/test_session.py .......F....",
            ),
        ),
        "alerts": (
            Alert(
                id="al", session=S, process="root/workers", kind="restarted", severity=Severity.MED,
                message="4 of 5 restarts in 60 s; 1 left before it gives up", last=WALL - 20,
            ),
        ),
        "inputs": (
            InputRow(
                id="i1", session=S, process="root", mode=InputMode.FOLLOWUP,
                text="also update CHANGELOG.md, two lines at most", ts=WALL - 20,
            ),
        ),
        "held_usd": 0.1,
        "today_usd": 31.10,
    }  # fmt: skip
    return Snapshot(**{**fields, **rest})


def entries() -> tuple[Entry, ...]:
    def entry(id: str, kind: Any, **rest: Any) -> Entry:
        return Entry(id=id, session=S, process="root", kind=kind, ts=WALL - 720, run="r1", turn=1, **rest)

    def result(id: str, call: str, tool: str, fact: str, seconds: float, **rest: Any) -> Entry:
        seen = Observation(text=rest.pop("text", "done"), fact=fact, error=rest.get("state") == "error")
        return entry(id, "tool_result", call=call, tool=tool, observation=seen, duration_s=seconds, **rest)

    task = (
        "Move session handling to signed cookies. Keep the old login working until the tests pass, "
        "and document the switch."
    )
    split = (
        "I split the work in two. **planner** reads the session code and writes the steps; "
        "**tester** packages once the build is clean."
    )
    uses = (
        ToolUse(id="c1", name="spawn", input={"name": "planner", "prompt": "reads the session code"}),
        ToolUse(id="c2", name="read", input={"path": "src/auth/session.py"}),
        ToolUse(id="c3", name="edit", input={"path": "src/auth/cookies.py"}),
        ToolUse(id="c5", name="bash", input={"command": "pytest -q tests/auth"}),
    )
    lost = "old text occurs 0 times; the nearest is line 88"
    return (
        entry("e1", "user", content=(Text(text=task),), author="you"),
        entry("e2", "assistant", content=(Text(text=split), *uses), model="claude-sonnet-4-5"),
        result("e3", "c1", "spawn", "3 started", 0.2),
        result("e4", "c2", "read", "214 lines", 0.1),
        result("e5", "c3", "edit", "no match", 0.0, state="error", text=lost),
    )


ANSWER = """The key has three readers, and only one goes through `session.load()`. The other two must move first:

1. **websocket** reads the cookie itself, before middleware runs
2. **admin** keeps a copy for its own “remember me”

```python
def sign(value: str, key: bytes) -> str:
    mac = hmac.new(key, value.encode(), "sha256")
    return value + "." + mac.hexdigest()
```

With that in one place the order is safe: websocket, admin, then login. Tests stay green after each"""


def log() -> tuple[ev.AnyEvent, ...]:
    steer = ev.InputReceived(input="i0", mode=InputMode.STEER, text="from you")
    again = ev.ProcessRestarting(incarnation=5, attempt=4, intensity=5, period_s=60.0, delay_s=8.0, reason="overloaded")
    return (at(steer, "root/planner", 357), at(again, "root/workers/w2", 4))


E = TypeVar("E", bound=ev.Event)


def at(event: E, process: str = "root", ago: float = 0.0) -> E:
    return msgspec.structs.replace(event, seq=next(_seqs), session=S, process=process, ts=WALL - ago)


_seqs = itertools.count(18_205)


class SceneFeed:
    """Views without a host. `asked` keeps every operation."""

    def __init__(self, snapshot: Snapshot | None = None, *, talk: bool = True) -> None:
        self.state = FeedState.LIVE
        self.views = ViewSet()
        self.seq = 18_204
        self.outage: Outage | None = None
        self.asked: list[tuple[str, Any]] = []
        self.answers: dict[str, Callable[[Any], msgspec.Struct]] = {}
        self.on_change: Callable[[], None] = lambda: None
        self.session = S
        self.failing: VegaError | None = None
        if snapshot is not None:
            self.views = ViewSet(S)
            self.views.load(snapshot)
            self.views.chat.add_page(ops.Entries(entries=entries() if talk else ()))
            if talk:
                self.views.chat.say((OpenText(process="root", run="r1", turn=2, text=ANSWER),))
                for event in log():
                    self.views.log.apply(event)

    @property
    def session_row(self) -> SessionRow | None:
        return self.views.header.session

    def tell(self, *events: ev.AnyEvent) -> None:
        for event in events:
            self.views.apply(event)
        self.on_change()

    def lose(self) -> None:
        self.state = FeedState.LOST
        self.outage = Outage(began=clock.monotonic(), error="gone")
        self.on_change()

    async def call(self, op: Operation[Any, Any], params: Any, timeout_s: float = 30.0) -> Any:
        if self.failing is not None:
            raise self.failing
        self.asked.append((op.name, params))
        if op.name in self.answers:
            return self.answers[op.name](params)
        if op is ops.SEND:
            return ops.Sent(input="i9", delivered=True)
        if op is ops.SESSION_LIST:
            return ops.Sessions(sessions=(self.session_row,) if self.session_row else ())
        return ops.Nothing()

    def calls(self, name: str) -> list[Any]:
        return [params for asked, params in self.asked if asked == name]

    async def show(self, process: str, session: str = "") -> None:
        self.asked.append(("show", process))

    async def older(self) -> bool:
        self.asked.append(("older", None))
        return False

    def another(self, opening: ops.SessionOpen) -> "SceneFeed":
        self.asked.append(("another", opening))
        return SceneFeed(first_run())

    def reconnect(self) -> None:
        self.asked.append(("reconnect", None))

    async def open(self) -> None: ...

    async def close(self) -> None: ...


def first_run() -> Snapshot:
    row = SessionRow(id=S, name="new session", cwd="/shop", model="simulated", simulated=True)
    return Snapshot(
        seq=3, session=row, processes=(process("root", 4, state="wait", now="waits for your first message"),)
    )


def scene_app(
    feed: SceneFeed, home: Path, *, theme: str = "dark", ascii_only: bool = False, options: FaceOptions | None = None
) -> VegaApp:
    table = load_table(plugins=False)
    wardrobe = Wardrobe(Home(home), theme, ascii_only=ascii_only, complain=print)
    app = VegaApp(feed, Startup(options or FaceOptions()), wardrobe, Keys(table, Keymap(table)), wall=lambda: WALL)
    feed.on_change = app.changed
    return app


def two_asks() -> Snapshot:
    return msgspec.structs.replace(snapshot(), approvals=(approval(), edit_approval()))


if __name__ == "__main__":
    import asyncio
    import os
    import tempfile
    import time

    os.environ["TZ"] = "UTC"
    time.tzset()
    scene = SceneFeed({"first": first_run, "two": two_asks}.get(sys.argv[1], snapshot)(), talk=sys.argv[1] != "first")

    async def show() -> None:
        app = scene_app(scene, Path(tempfile.mkdtemp()), theme=sys.argv[2], ascii_only="ascii" in sys.argv)
        app.call_later(app.main.prompt.load, "keep the old cookie name for one release")
        if "lost" in sys.argv:
            app.call_later(scene.lose)
        await app.run_async()
        await app.close()

    asyncio.run(show())
