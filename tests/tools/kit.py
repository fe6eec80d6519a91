"""A pipeline over a recording bus, and short ways to call tools through it."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from tests.fakes.recording_bus import RecordingBus
from vega_tui.approvals.grants import Permissions
from vega_tui.approvals.queue import ApprovalQueue
from vega_tui.core.environment import command_environment
from vega_tui.core.messages import JsonObject, Observation, ToolUse
from vega_tui.core.words import Mode
from vega_tui.tools.context import Delegate, ToolContext
from vega_tui.tools.hooks import Hook
from vega_tui.tools.outcome import BatchOutcome
from vega_tui.tools.pipeline import ToolPipeline
from vega_tui.tools.registry import Registry, builtin_registry
from vega_tui.tools.tool import Tool, tool


class Kit:
    """One session's tools in a work directory."""

    def __init__(
        self,
        cwd: Path,
        *,
        mode: Mode = Mode.YOLO,
        tools: Sequence[Tool] = (),
        hooks: Sequence[Hook] = (),
        secrets: Sequence[str] = (),
        delegate: Delegate | None = None,
        permissions: Permissions | None = None,
    ) -> None:
        self.bus = RecordingBus()
        self.queue = ApprovalQueue(self.bus)
        self.permissions = permissions or Permissions(mode=mode)
        registry = Registry(tools) if tools else builtin_registry()
        self.pipeline = ToolPipeline(registry, self.permissions, self.queue, hooks=hooks, secrets=secrets)
        env = command_environment({"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(cwd)})
        self.ctx = ToolContext(
            session="s_1", process="root", run="r_1", turn=1, cwd=cwd, home=cwd.parent / "home", env=env, bus=self.bus,
            delegate=delegate,
        )  # fmt: skip

    async def batch(self, *calls: tuple[str, JsonObject]) -> BatchOutcome:
        uses = [ToolUse(id=f"c_{n}", name=name, input=args) for n, (name, args) in enumerate(calls, 1)]
        return await self.pipeline.run_batch(uses, self.ctx, says="I will do it.")

    async def call(self, name: str, /, **args: object) -> Observation:
        (outcome,) = (await self.batch((name, args))).outcomes
        return outcome.observation

    async def pending(self, count: int = 1) -> None:
        await self.bus.until(lambda: len(self.queue.pending()) >= count)


def made(name: str, function: Callable[[], Awaitable[str]], *, exclusive: bool = False) -> Tool:
    """A tool without arguments that does what `function` does."""

    async def run() -> str:
        """Do it."""
        return await function()

    return tool(name=name, exclusive=exclusive)(run)
