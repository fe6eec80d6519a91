"""A session's tools: schemas for its agents, and batches of calls through the one pipeline."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from vega_tui.agent.surroundings import Batch
from vega_tui.approvals.grants import Permissions
from vega_tui.approvals.suggest import Offer
from vega_tui.core.events import AnyDelta, AnyEvent
from vega_tui.core.ports import Bus, ToolSchema
from vega_tui.core.records import Approval
from vega_tui.host.services import Services
from vega_tui.tools.context import Delegate, ToolContext
from vega_tui.tools.outcome import BatchOutcome, CallOutcome
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
        self._bus = services.bus
        self._permissions = permissions
        self._approvals = services.approvals
        self.hide(())

    def hide(self, secrets: Sequence[str]) -> None:
        """Take these values, the session's own keys, out of everything that tools print from now on."""
        known = (*secret_values(), *(secret for secret in secrets if len(secret) >= _SECRET_CHARS))
        self._pipeline = ToolPipeline(self._registry, self._permissions, self._approvals, secrets=known)

    def allows(self, approval: Approval) -> bool:
        """Whether the rules as they stand now cover a call that waits for an answer."""
        return self._pipeline.allows(approval, self._context(approval))

    def offer(self, approval: Approval) -> Offer | None:
        """What could be remembered of such a call; None where it would not be asked about."""
        return self._pipeline.offer(approval, self._context(approval))

    def _context(self, approval: Approval) -> ToolContext:
        return ToolContext(
            session=self._session, process=approval.process, cwd=Path(approval.cwd), env={}, bus=self._bus
        )

    def schemas(self, names: Sequence[str] | None) -> tuple[ToolSchema, ...]:
        """These tools, or all, as a model is told of them."""
        return self._registry.only(names).schemas()

    async def run_batch(
        self,
        batch: Batch,
        ended: list[CallOutcome | None],
        *,
        env: dict[str, str],
        delegate: Delegate,
    ) -> BatchOutcome:
        """Outcomes in call order; `ended` holds those of the calls that ended, also when this is cancelled."""
        ctx = ToolContext(
            session=self._session,
            process=batch.process,
            incarnation=batch.incarnation,
            run=batch.run,
            turn=batch.turn,
            cwd=batch.cwd,
            env=env,
            bus=_Checked(self._bus, batch.check),
            delegate=delegate,
            guard=self._guard,
        )
        registry = self._registry.only(batch.tools)
        if batch.elsewhere is not None:
            registry = Registry(batch.elsewhere(registry.get(name)) for name in registry.names())
        return await self._pipeline.run_batch(
            batch.calls, ctx, says=batch.says, bad_calls=batch.bad_calls, registry=registry, ended=ended
        )


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
