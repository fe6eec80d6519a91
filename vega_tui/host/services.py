"""What all sessions of a host share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from vega_tui.approvals.queue import ApprovalQueue
from vega_tui.core.records import Entry
from vega_tui.host.alerts import AlertDesk
from vega_tui.host.bus import EventBus
from vega_tui.host.providers import Providers
from vega_tui.runtime import Supervisions, Supervisor, System
from vega_tui.sessions.store import Store
from vega_tui.tools.guard import Guard
from vega_tui.tools.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Owned by the host; sessions use them and own none of them."""

    store: Store
    bus: EventBus
    system: System
    sessions: Supervisor  # the supervisor of the sessions' supervisors
    approvals: ApprovalQueue
    alerts: AlertDesk
    providers: Providers
    tools: Registry
    supervisions: Supervisions
    guard: Guard

    def lineage(self, session: str) -> Callable[[str], Awaitable[list[Entry]]]:
        """Reads a session's entries from a head back to the beginning, oldest first."""

        async def read(head: str) -> list[Entry]:
            await self.bus.flush()
            return await self.store.lineage(session, head)

        return read
