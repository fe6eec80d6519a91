"""The one process that owns everything that lives: runtime, agents, store, approvals, connections."""
