"""Runs one call that may run, and writes its start and its end. The start is on disk before the tool begins."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from vega_tui.core import clock
from vega_tui.core.errors import StorageError
from vega_tui.core.events import ToolFinished, ToolStarted
from vega_tui.core.messages import Observation
from vega_tui.core.words import CallState
from vega_tui.tools.hooks import Hook
from vega_tui.tools.invoke import after, invoke
from vega_tui.tools.judging import Ready
from vega_tui.tools.outcome import CallOutcome
from vega_tui.tools.output import trimmed


class Ended(Exception):
    """A call that had started was cut off and has its end in the log; `cause` goes on."""

    def __init__(self, cause: BaseException, outcome: CallOutcome) -> None:
        super().__init__(str(cause))
        self.cause, self.outcome = cause, outcome


@dataclass(frozen=True, slots=True)
class Running:
    """What stands around every run of a tool in one session."""

    hooks: Sequence[Hook]
    redact: Callable[[str], str]

    async def run(self, ready: Ready) -> CallOutcome:
        """Run it to its end. Raises Ended when it is cancelled, or its start can't be stored."""
        tool, ctx = ready.tool, ready.ctx
        ctx.publish(
            ToolStarted(
                call=ctx.call, tool=tool.name, args=ready.args, edited=ready.edited,
                summary=self.redact(tool.summary(ready.args)),
            )
        )  # fmt: skip
        began = clock.monotonic()
        try:
            await ctx.bus.flush()
            observation = await invoke(tool, ready.typed, ctx)
            for hook in self.hooks:
                observation = await after(hook, tool, ready.args, observation, ctx)
        except (asyncio.CancelledError, StorageError) as error:
            stopped = Observation(
                text="Cancelled while it ran; what it had done stays done.", error=True, synthetic=True
            )
            raise Ended(error, _finish(ready, CallState.CANCELLED, stopped, began)) from error
        if ready.edited:
            note = f"[The operator or a hook changed the arguments to {msgspec.json.encode(ready.args).decode()}]\n"
            observation = msgspec.structs.replace(observation, text=note + observation.text)
        observation = trimmed(observation, self.redact)
        return _finish(ready, CallState.ERROR if observation.error else CallState.OK, observation, began)


def _finish(ready: Ready, state: CallState, observation: Observation, began: float) -> CallOutcome:
    outcome = CallOutcome(observation, state, clock.monotonic() - began)
    ready.ctx.publish(
        ToolFinished(
            call=ready.ctx.call, tool=ready.tool.name, state=state, observation=observation,
            duration_s=outcome.duration_s,
        )
    )  # fmt: skip
    return outcome
