"""Named groups of processes, with a board each. A member leaves when it ends; its successor takes its place.

Owns who is in which group. Boards hold the values: board.py.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from vega_tui.core import clock
from vega_tui.core.errors import NotFound, UserError, VegaError
from vega_tui.runtime.board import Board
from vega_tui.runtime.events import Exited, Removed, Restarted, RuntimeEvent
from vega_tui.runtime.signals import Pid
from vega_tui.runtime.system import System


class GroupNotFound(NotFound):
    """There is no such group."""

    code = "group_not_found"


class GroupNotEmpty(UserError):
    """A group with members can't be deleted."""

    code = "group_not_empty"


class Member(msgspec.Struct, frozen=True):
    """One membership; `joined_at` is wall time."""

    pid: Pid
    joined_at: float


class Joined(msgspec.Struct, frozen=True):
    """A process joined; `succeeds` is the process in whose place it was restarted."""

    group: str
    pid: Pid
    succeeds: Pid | None = None


class Left(msgspec.Struct, frozen=True):
    """A process left, or ended."""

    group: str
    pid: Pid


GroupListener = Callable[[Joined | Left], object]


@dataclass(slots=True)
class _Group:
    members: dict[Pid, Member]
    board: Board


class Groups:
    """All groups of one system. close() ends its watch on the system's events."""

    def __init__(self, system: System, on_change: GroupListener | None = None) -> None:
        self._system = system
        self._on_change = on_change
        self._groups: dict[str, _Group] = {}
        self._of: dict[Pid, dict[str, None]] = {}
        # What a supervised process was in when it ended, until its successor comes, or none can any more.
        self._inheritance: dict[Pid, list[str]] = {}
        self._heirs: dict[Pid, set[Pid]] = {}  # by supervisor: whose inheritance waits under it
        self._stop_watching = system.add_listener(self._on_event)

    def close(self) -> None:
        """Stop following the system."""
        self._stop_watching()

    def join(self, group: str, pid: Pid, *, create: bool = True) -> bool:
        """Let a living process join; False if it was in already. A process may be in many groups.

        Raises: GroupNotFound when there is none and `create` is false, or the process is dead.
        """
        if not self._system.is_alive(pid):
            raise GroupNotFound(f"process {pid!r} has ended and can't join group {group!r}")
        return self._join(group, pid, create=create)

    def leave(self, group: str, pid: Pid) -> bool:
        """Let a process leave; False if it was not in. Raises: GroupNotFound."""
        return self._leave(group, pid, self._find(group))

    def leave_all(self, pid: Pid) -> list[str]:
        """Let a process leave every group; which those were."""
        groups = list(self._of.get(pid, ()))
        for group in groups:
            self._leave(group, pid, self._find(group))
        return groups

    def members(self, group: str) -> list[Member]:
        """Who is in, first joined first. Raises: GroupNotFound."""
        return list(self._find(group).members.values())

    def groups_of(self, pid: Pid) -> list[str]:
        """Which groups a process is in."""
        return list(self._of.get(pid, ()))

    def names(self) -> list[str]:
        """All groups."""
        return list(self._groups)

    def board(self, group: str) -> Board:
        """The group's board; makes the group if there is none."""
        return self._ensure(group).board

    def delete(self, group: str) -> None:
        """Drop an empty group and its board. Raises: GroupNotFound, GroupNotEmpty."""
        found = self._find(group)
        if found.members:
            raise GroupNotEmpty(f"group {group!r} has {len(found.members)} members; let them leave first")
        del self._groups[group]

    async def broadcast(
        self, group: str, request: object, timeout_s: float | None = 5.0
    ) -> dict[Pid, object | VegaError]:
        """Call every member at once; each one's reply, or the error that its call failed with.

        Raises: GroupNotFound.
        """
        results: dict[Pid, object | VegaError] = {member.pid: None for member in self.members(group)}

        async def ask(pid: Pid) -> None:
            try:
                results[pid] = await self._system.call(pid, request, timeout_s)
            except VegaError as error:
                results[pid] = error

        async with asyncio.TaskGroup() as tasks:
            for pid in results:
                tasks.create_task(ask(pid))
        return results

    def send(self, group: str, message: object) -> int:
        """Put a message into every member's mailbox; to how many. Raises: GroupNotFound."""
        members = self.members(group)
        for member in members:
            self._system.send(member.pid, message)
        return len(members)

    def _find(self, group: str) -> _Group:
        found = self._groups.get(group)
        if found is None:
            raise GroupNotFound(f"no group {group!r}")
        return found

    def _ensure(self, group: str) -> _Group:
        return self._groups.setdefault(group, _Group({}, Board()))

    def _join(self, group: str, pid: Pid, *, create: bool, succeeds: Pid | None = None) -> bool:
        found = self._ensure(group) if create else self._find(group)
        if pid in found.members:
            return False
        found.members[pid] = Member(pid, clock.wall())
        self._of.setdefault(pid, {})[group] = None
        self._tell(Joined(group, pid, succeeds))
        return True

    def _leave(self, group: str, pid: Pid, found: _Group) -> bool:
        if found.members.pop(pid, None) is None:
            return False
        groups = self._of[pid]
        del groups[group]
        if not groups:
            del self._of[pid]
        self._tell(Left(group, pid))
        return True

    def _on_event(self, event: RuntimeEvent) -> None:
        match event:
            case Exited():
                groups = self.leave_all(event.pid)
                for pid in self._heirs.pop(event.pid, ()):
                    self._inheritance.pop(pid, None)
                above = event.supervisor
                if groups and above is not None and self._system.is_alive(above):
                    self._inheritance[event.pid] = groups
                    self._heirs.setdefault(above, set()).add(event.pid)
            case Removed():
                self._take_inheritance(event.pid, event.supervisor)
            case Restarted(previous=Pid() as previous) if previous in self._inheritance:
                for group in self._take_inheritance(previous, event.supervisor):
                    self._join(group, event.pid, create=True, succeeds=previous)
            case _:
                pass

    def _take_inheritance(self, pid: Pid, supervisor: Pid | None) -> list[str]:
        waiting = self._heirs.get(supervisor) if supervisor is not None else None
        if supervisor is not None and waiting is not None:
            waiting.discard(pid)
            if not waiting:
                del self._heirs[supervisor]
        return self._inheritance.pop(pid, [])

    def _tell(self, change: Joined | Left) -> None:
        if self._on_change is not None:
            self._on_change(change)
