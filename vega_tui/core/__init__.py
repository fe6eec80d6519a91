"""Plain words everyone shares: ids, clock, errors, messages, events, ports. Imports nothing of ours."""
