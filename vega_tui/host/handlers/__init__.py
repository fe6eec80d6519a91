"""Operations' handlers, one file per subject. `build_table` puts them together."""

from vega_tui.host.connections import Table
from vega_tui.host.handlers import approvals, processes, rules, search, sessions, status
from vega_tui.host.handlers.context import HostContext


def build_table(host: HostContext) -> Table:
    """Every operation's handler by name."""
    table: Table = {}
    for part in (sessions, search, processes, approvals, rules, status):
        for operation, handler in part.handlers(host):
            table[operation.name] = (operation, handler)
    return table
