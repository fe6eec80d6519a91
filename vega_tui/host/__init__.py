"""The one process that owns everything that lives: runtime, agents, store, approvals, connections."""

from vega_tui.host.host import Host

__all__ = ["Host"]
