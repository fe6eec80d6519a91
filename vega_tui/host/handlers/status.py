"""The host about itself."""

import os
import resource
import sys
from typing import Any

from vega_tui.core.errors import UserError
from vega_tui.core.version import __version__
from vega_tui.host.connections import Client, Handler
from vega_tui.host.handlers.context import HostContext
from vega_tui.protocol import operations as op
from vega_tui.protocol.frames import PROTOCOL_VERSION


def handlers(host: HostContext) -> list[tuple[op.Operation[Any, Any], Handler]]:  # Any: see connections.Handler
    """This file's part of the table."""
    own = StatusHandlers(host)
    return [(op.HOST_STATUS, own.status), (op.HOST_STOP, own.stop)]


class StatusHandlers:
    """Bound to one host."""

    def __init__(self, host: HostContext) -> None:
        self._host = host

    async def status(self, client: Client, wanted: op.Nothing) -> op.HostStatus:
        """HOST_STATUS."""
        host = self._host
        live = list(host.directory.live.values())
        states = [state for session in live for state in session.board.processes.values()]
        database = host.home.database
        return op.HostStatus(
            pid=os.getpid(),
            version=__version__,
            protocol=PROTOCOL_VERSION,
            home=str(host.home.root),
            started=host.started,
            clients=len(host.clients),
            sessions=len(live),
            processes=sum(len(session.tree.living()) for session in live),
            working=sum(1 for state in states if state.run),
            waiting_approvals=len(host.services.approvals.pending()),
            seq=host.services.bus.stored,
            database_bytes=database.stat().st_size if database.exists() else 0,
            memory_mib=memory_mib(),
        )

    async def stop(self, client: Client, wanted: op.HostStop) -> op.Nothing:
        """HOST_STOP: refuses while a run is under way, unless forced."""
        working = [session.board.row.name for session in self._host.directory.live.values() if session.board.working]
        if working and not wanted.force:
            raise UserError(f"still working: {', '.join(working)}; `vega-tui host stop --force` ends them")
        self._host.stop()
        return op.Nothing()


def memory_mib() -> float:
    """The most memory that this process has held, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
