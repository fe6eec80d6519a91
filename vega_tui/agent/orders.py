"""What the owner of an agent process is asked to do. It alone moves its conversation and is paused; it answers once."""

import asyncio
from abc import ABC, abstractmethod

from vega_tui.agent.seat import Seat
from vega_tui.core.errors import VegaError


class Order(ABC):
    """A message to the owner; who sends it may wait for `done`."""

    def __init__(self) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @abstractmethod
    async def carry_out(self, seat: Seat, *, busy: bool) -> None:
        """Do it; nothing else happens to the seat meanwhile. `busy`: a run is under way. Raises VegaError."""

    async def answer(self, seat: Seat, *, busy: bool) -> None:
        """Carry it out and tell who waits how it went."""
        try:
            await self.carry_out(seat, busy=busy)
        except VegaError as error:
            if not self.done.done():
                self.done.set_exception(error)
                self.done.exception()  # told, also when nobody waits
        else:
            if not self.done.done():
                self.done.set_result(None)


class Pause(Order):
    """End the turn and then wait; the lives after this one wait too."""

    def __init__(self, by: str) -> None:
        super().__init__()
        self._by = by

    async def carry_out(self, seat: Seat, *, busy: bool) -> None:
        seat.pause(self._by)


class Resume(Order):
    """Go on."""

    def __init__(self, by: str) -> None:
        super().__init__()
        self._by = by

    async def carry_out(self, seat: Seat, *, busy: bool) -> None:
        seat.resume(self._by)
