"""Durable truth: the event log in SQLite, its projections, reads, leases and the lifecycle validator."""
