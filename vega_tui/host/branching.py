"""Forks and switches, as the owner of a conversation carries them out: in order with its runs, on what is stored."""

from collections.abc import Awaitable, Callable

from vega_tui.agent.orders import Order
from vega_tui.agent.seat import Seat
from vega_tui.core.errors import NotFound, UserError
from vega_tui.core.messages import text_of
from vega_tui.core.records import Entry
from vega_tui.sessions.rows import BranchRow

Branches = Callable[[], Awaitable[list[BranchRow]]]  # as they are stored, with all that was published before


class Fork(Order):
    """Begin a branch after `entry`, before it when a person said it, or (None) where the conversation stands.

    Once done: `branch` and `head`, and the `text` of the message that the branch begins before.
    """

    def __init__(self, branches: Branches, entry: Entry | None, name: str) -> None:
        super().__init__()
        self._branches = branches
        self._entry = entry
        self._name = name
        self.branch = self.head = self.text = ""

    async def carry_out(self, seat: Seat, *, busy: bool) -> None:
        _refuse_when(busy)
        taken = {branch.name for branch in await self._branches()}
        name = self._name or next(f"fork-{n}" for n in range(1, len(taken) + 2) if f"fork-{n}" not in taken)
        if name in taken:
            raise UserError(f"a branch {name} is there already; give another name")
        entry = self._entry
        origin = head = seat.conversation.head if entry is None else entry.id
        if entry is not None and entry.kind == "user":
            head, self.text = entry.parent, text_of(entry.content)
        await seat.conversation.move(name, head, origin=origin)
        self.branch, self.head = name, head


class Switch(Order):
    """Go on from the head of a branch that is there."""

    def __init__(self, branches: Branches, name: str) -> None:
        super().__init__()
        self._branches = branches
        self._name = name

    async def carry_out(self, seat: Seat, *, busy: bool) -> None:
        _refuse_when(busy)
        for branch in await self._branches():
            if branch.name == self._name:
                await seat.conversation.move(branch.name, branch.head)
                return
        raise NotFound(f"no branch {self._name} in this session")


def _refuse_when(busy: bool) -> None:
    if busy:
        raise UserError("a run is under way; Esc interrupts it, then the branch can change")
