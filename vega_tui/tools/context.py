"""What a tool is told of the call it serves, and the few things that it may reach through it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias

import msgspec

from vega_tui.approvals.facts import CallFacts
from vega_tui.approvals.paths import PathUse, resolve
from vega_tui.approvals.veil import Veil
from vega_tui.core.errors import SandboxViolation, ToolError
from vega_tui.core.events import ToolBlocked, ToolFinished, ToolOutputDelta, ToolProposed, ToolStarted
from vega_tui.core.messages import Observation
from vega_tui.core.ports import Bus
from vega_tui.tools.guard import Guard
from vega_tui.tools.moment import same_change
from vega_tui.tools.opened import Changed, changed

CallEvent: TypeAlias = ToolProposed | ToolBlocked | ToolStarted | ToolFinished


class Delegate(Protocol):
    """The agent's side of tools that start or ask other agents."""

    async def task(self, name: str, prompt: str, agent: str = "") -> Observation:
        """Run a child process to its end and give its result."""
        ...

    async def spawn(self, name: str, prompt: str, agent: str = "", restart: str = "transient") -> str:
        """Start a child process that goes on by itself; its path."""
        ...

    async def ask(self, to: str, message: str) -> Observation:
        """Send a message to a process and give its answer."""
        ...


def _as_it_is(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """One call's surroundings. `env` is all of the environment that a tool's programs may see."""

    session: str
    process: str
    incarnation: int = 1
    run: str = ""
    turn: int = 0
    call: str = ""
    cwd: Path
    home: Path = field(default_factory=Path.home)
    env: Mapping[str, str]
    bus: Bus
    delegate: Delegate | None = None
    allowed: frozenset[str] = frozenset()  # resolved paths outside the work directory that this call may touch
    approved: bool = False  # a person, or the yolo mode, said yes to this very call
    judged: CallFacts | None = None  # this call as it was judged
    shown: str | None = None  # the change that a person was shown and said yes to
    veil: Veil | None = None  # what of a folder this call may not see
    redact: Callable[[str], str] = _as_it_is
    guard: Guard | None = None  # ends this call's programs should this process die

    def publish(self, event: CallEvent) -> None:
        """Tell what became of a call of this turn."""
        self.bus.publish(
            msgspec.structs.replace(event, session=self.session, process=self.process, run=self.run, turn=self.turn)
        )

    def emit(self, text: str) -> None:
        """Show a piece of output while the tool still works."""
        self.bus.delta(
            ToolOutputDelta(
                session=self.session, process=self.process, run=self.run, turn=self.turn,
                call=self.call, text=self.redact(text),
            )
        )  # fmt: skip

    def path(self, name: str) -> Path:
        """The real path, symlinks followed, that `name` leads to from the work directory.

        Raises SandboxViolation when it leads out of the work directory and this call was not allowed there:
        checked again here, because links may have changed since the call was judged.
        """
        if not name or "\0" in name:
            raise ToolError("the path is empty or holds a null byte")
        use: PathUse = resolve(name, self.cwd, self.home)
        if not use.inside and use.target not in self.allowed:
            raise SandboxViolation(f"{name} leads to {use.target}, outside the work directory {self.cwd}")
        judged = self.judged.paths if self.judged else ()
        if any(use.path == known.path and use.target != known.target for known in judged):
            raise changed(name)
        return Path(use.target)

    def unless_changed(self, diff: str) -> None:
        """Raises Changed when a person said yes to another change than this one."""
        if self.shown is not None and not same_change(self.shown, diff):
            raise Changed("the file changed since the change was shown; nothing was done")

    def agents(self) -> Delegate:
        """The way to other agents. Raises ToolError where there is none."""
        if self.delegate is None:
            raise ToolError("no other agents can be reached from here")
        return self.delegate
