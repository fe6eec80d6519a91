"""A session's tools: schemas for its agents, and batches of calls through the one pipeline."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from vega_tui.agent.surroundings import Batch, BatchOutcome, CallOutcome
from vega_tui.approvals.grants import Permissions
from vega_tui.core.events import AnyDelta, AnyEvent, ToolBlocked, ToolFinished
from vega_tui.core.messages import Observation
from vega_tui.core.ports import Bus, ToolSchema
from vega_tui.core.records import Approval
from vega_tui.core.words import CallState
from vega_tui.host.services import Services
from vega_tui.tools.context import Delegate, ToolContext
from vega_tui.tools.output import secret_values
from vega_tui.tools.pipeline import ToolPipeline
from vega_tui.tools.registry import Registry

_SECRET_CHARS: Final = 8  # shorter ones are placeholders, and would blot out ordinary words


class Toolbench:
    """Runs batches; remembers nothing between them."""

    def __init__(self, services: Services, session: str, permissions: Permissions) -> None:
        self._session = session
        self._registry: Registry = services.tools
        self._guard = services.guard
        self._tap = _Tap(services.bus)
        self._permissions = permissions
        self._approvals = services.approvals
        self.hide(())

    def hide(self, secrets: Sequence[str]) -> None:
        """Take these values, the session's own keys, out of everything that tools print from now on."""
        known = (*secret_values(), *(secret for secret in secrets if len(secret) >= _SECRET_CHARS))
        self._pipeline = ToolPipeline(self._registry, self._permissions, self._approvals, self._tap, secrets=known)

    def allows(self, approval: Approval) -> bool:
        """Whether the rules as they stand now cover a call that waits for an answer."""
        ctx = ToolContext(
            session=self._session, process=approval.process, cwd=Path(approval.cwd), env={}, bus=self._tap
        )
        return self._pipeline.allows(approval, ctx)

    def schemas(self, names: Sequence[str]) -> tuple[ToolSchema, ...]:
        """These tools as a model is told of them."""
        return self._registry.only(names).schemas()

    async def run_batch(
        self,
        batch: Batch,
        finished: list[CallOutcome | None],
        *,
        env: dict[str, str],
        delegate: Delegate,
    ) -> BatchOutcome:
        """Outcomes in call order; `finished` holds what is known of each call also when this is cancelled."""
        ctx = ToolContext(
            session=self._session,
            process=batch.process,
            incarnation=batch.incarnation,
            run=batch.run,
            turn=batch.turn,
            cwd=batch.cwd,
            env=env,
            bus=_Checked(self._tap, batch.check),
            delegate=delegate,
            guard=self._guard,
        )
        places = {(batch.run, call.id): index for index, call in enumerate(batch.calls)}
        self._tap.places.update((place, (finished, index)) for place, index in places.items())
        try:
            registry = self._registry.only(batch.tools)
            if batch.elsewhere is not None:
                registry = Registry(batch.elsewhere(registry.get(name)) for name in registry.names())
            result = await self._pipeline.run_batch(
                batch.calls, ctx, says=batch.says, bad_calls=batch.bad_calls, registry=registry
            )
        finally:
            for place in places:
                self._tap.places.pop(place, None)
        # What the model is told of a blocked call says more than the event's reason.
        outcomes = tuple(
            dataclasses.replace(known, observation=observation)
            if known is not None
            else CallOutcome(observation, CallState.BLOCKED)
            for known, observation in zip(finished, result.observations, strict=True)
        )
        finished[:] = outcomes
        return BatchOutcome(outcomes, result.stop)


class _Tap(Bus):
    """Passes everything on, and notes how the calls of running batches ended."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self.places: dict[tuple[str, str], tuple[list[CallOutcome | None], int]] = {}

    def publish(self, event: AnyEvent) -> None:
        if isinstance(event, ToolFinished | ToolBlocked) and (event.run, event.call) in self.places:
            finished, index = self.places[event.run, event.call]
            finished[index] = _outcome(event)
        self._bus.publish(event)

    def delta(self, delta: AnyDelta) -> None:
        self._bus.delta(delta)

    async def flush(self) -> None:
        await self._bus.flush()


class _Checked(Bus):
    """A batch's way to the bus: no tool runs when the log has refused what led to it."""

    def __init__(self, bus: Bus, check: Callable[[], None]) -> None:
        self._bus = bus
        self._check = check

    def publish(self, event: AnyEvent) -> None:
        self._bus.publish(event)

    def delta(self, delta: AnyDelta) -> None:
        self._bus.delta(delta)

    async def flush(self) -> None:
        await self._bus.flush()
        self._check()


def _outcome(event: ToolFinished | ToolBlocked) -> CallOutcome:
    if isinstance(event, ToolFinished):
        return CallOutcome(event.observation, event.state, event.duration_s)
    text = f"Not run: {event.reason}"
    return CallOutcome(Observation(text=text, error=True, synthetic=True, fact="denied"), CallState.BLOCKED)
