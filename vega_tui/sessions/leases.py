"""The right to write a branch: one owner at a time, counted by epochs so that a late writer is found out.

A host instance that is gone (only one Store can have the file open) loses its leases to whoever asks.
"""

import sqlite3
from typing import Final

import msgspec

from vega_tui.core import clock
from vega_tui.core.errors import UserError
from vega_tui.sessions.faults import LeaseLost

LEASE_S: Final = 30.0


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """A branch's lease as it was given. Of two for one branch, the later epoch is the one that holds."""

    session: str
    process: str
    branch: str
    owner: str
    epoch: int
    expires: float  # on the wall clock, after which another owner may take it


def acquire_lease(
    connection: sqlite3.Connection, host: str, key: tuple[str, str, str], owner: str, ttl_s: float
) -> Lease:
    """The lease of a branch, with a new epoch unless the owner has it already. Raises UserError while it is held."""
    now = clock.wall()
    held = connection.execute(
        "SELECT owner, host, epoch, expires FROM leases WHERE session = ? AND process = ? AND branch = ?", key
    ).fetchone()
    epoch = 1
    if held is not None:
        held_by, held_host, held_epoch, held_until = str(held[0]), str(held[1]), int(held[2]), float(held[3])
        ours = held_host == host and held_by == owner
        if not ours and held_host == host and held_until > now:
            raise UserError(f"branch {key[2]} of {key[1]} is being written by {held_by}; fork it, or wait")
        epoch = held_epoch if ours else held_epoch + 1
    connection.execute(
        "INSERT OR REPLACE INTO leases(session, process, branch, owner, host, epoch, expires)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*key, owner, host, epoch, now + ttl_s),
    )
    return Lease(session=key[0], process=key[1], branch=key[2], owner=owner, epoch=epoch, expires=now + ttl_s)


def renew_lease(connection: sqlite3.Connection, lease: Lease, ttl_s: float) -> Lease:
    """The lease with a later end. Raises LeaseLost once another epoch holds it."""
    check_lease(connection, lease, 0)
    renewed = msgspec.structs.replace(lease, expires=clock.wall() + ttl_s)
    connection.execute(
        "UPDATE leases SET expires = ? WHERE session = ? AND process = ? AND branch = ?",
        (renewed.expires, lease.session, lease.process, lease.branch),
    )
    return renewed


def release_lease(connection: sqlite3.Connection, lease: Lease) -> None:
    """Let others take the branch at once. The row stays, so that epochs go on growing."""
    connection.execute(
        "UPDATE leases SET expires = 0 WHERE session = ? AND process = ? AND branch = ? AND epoch = ?",
        (lease.session, lease.process, lease.branch, lease.epoch),
    )


def check_lease(connection: sqlite3.Connection, lease: Lease, seq: int) -> None:
    """Raise LeaseLost unless this lease's epoch holds the branch; `seq` is the event that it was to cover."""
    holds = connection.execute(
        "SELECT 1 FROM leases WHERE session = ? AND process = ? AND branch = ? AND owner = ? AND epoch = ?",
        (lease.session, lease.process, lease.branch, lease.owner, lease.epoch),
    ).fetchone()
    if holds is None:
        raise LeaseLost(f"branch {lease.branch} of {lease.process} has another owner since epoch {lease.epoch}", seq)
