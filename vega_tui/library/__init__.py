"""Agents in a program of one's own: the orchestrator and the handles of what it started. Stands on a host."""
