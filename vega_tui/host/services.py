"""What all sessions of a host share."""

from dataclasses import dataclass

from vega_tui.agent.conversation import Stored
from vega_tui.approvals.queue import ApprovalQueue
from vega_tui.core.ports import Bus
from vega_tui.core.records import Entry
from vega_tui.host.alerts import AlertDesk
from vega_tui.host.bus import EventBus
from vega_tui.host.providers import Providers
from vega_tui.runtime import Supervisions, Supervisor, System
from vega_tui.sessions.rows import BranchRow
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

    def thread(self, session: str, process: str) -> "Thread":
        """A process's thread as it is stored."""
        return Thread(self.store, self.bus, session, process)


@dataclass(frozen=True, slots=True)
class Thread(Stored):
    """Reads what is stored of a process's conversation, once all that was published is."""

    store: Store
    bus: Bus
    session: str
    process: str

    async def lineage(self, head: str) -> list[Entry]:
        """The entries up to `head`, oldest first."""
        await self.bus.flush()
        return await self.store.lineage(self.session, head)

    async def branches(self) -> list[BranchRow]:
        """Its branches, oldest first."""
        await self.bus.flush()
        return await self.store.branches(self.session, self.process)

    async def head(self, branch: str) -> str:
        """The newest entry of the branch, empty when it has none."""
        return next((row.head for row in await self.branches() if row.name == branch), "")
