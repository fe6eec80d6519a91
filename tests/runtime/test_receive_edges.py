"""Receiving under load: everyone gets a turn, and what is passed over stays in its place."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest

from tests.runtime.kit import turns, virtual
from vega_tui.runtime import Process, System


def _any(message: object) -> bool:
    return True


async def _looks(self: Process) -> object:
    try:
        return await self.receive(lambda message: message == "never", timeout_s=0)
    except TimeoutError:
        return None


RECEIVES: list[Callable[[Process], Awaitable[object]]] = [
    lambda self: self.receive(),
    lambda self: self.receive(timeout_s=5),
    lambda self: self.receive(timeout_s=0),
    lambda self: self.receive(_any),
    lambda self: self.receive(_any, timeout_s=5),
    lambda self: self.receive(_any, timeout_s=0),
    _looks,
    lambda self: self.mailbox.__anext__(),
]


@pytest.mark.parametrize("receive", RECEIVES)
@virtual
async def test_a_process_that_always_has_a_message_lets_others_run(
    system: System, receive: Callable[[Process], Awaitable[object]]
) -> None:
    received = 0
    ticks: list[int] = []

    async def greedy(self: Process) -> None:
        nonlocal received
        self.send(self.pid, 0)
        while received < 10_000:
            await receive(self)
            received += 1
            self.send(self.pid, 0)

    async def ticker(self: Process) -> None:
        while True:
            ticks.append(received)
            await asyncio.sleep(0)

    await system.spawn(ticker)
    await turns(2)
    await system.wait(await system.spawn(greedy))
    gaps = [b - a for a, b in pairwise(ticks)]
    assert max(gaps) <= 1000


@pytest.mark.parametrize("wanted", [0, 1, 500, 998, 999])
@pytest.mark.parametrize("late", [False, True])
@virtual
async def test_a_selective_receive_takes_the_first_match_and_leaves_the_others_in_order(
    system: System, wanted: int, late: bool
) -> None:
    looked_at: list[object] = []
    rest: list[object] = []
    found: list[object] = []

    def match(message: object) -> bool:
        looked_at.append(message)
        return message in (wanted, "late")

    async def body(self: Process) -> None:
        found.append(await self.receive(match, timeout_s=9))
        while (message := await self.receive()) != "end":
            rest.append(message)

    pid = await system.spawn(body)
    numbers = [number for number in range(1000) if not late or number != wanted]
    for number in numbers:
        system.send(pid, number)
        if number % 100 == 7:
            await turns(2)
    if late:
        system.send(pid, "late")
    system.send(pid, "end")
    await system.wait(pid)
    assert found == ["late" if late else wanted]
    assert rest == [number for number in numbers if number != wanted]
    assert len(looked_at) == len(set(looked_at))


@virtual
async def test_a_match_may_send_messages_to_its_own_process(system: System) -> None:
    got: list[object] = []

    async def body(self: Process) -> None:
        def match(message: object) -> bool:
            if message == "x":
                self.send(self.pid, "answer")
            return message == "answer"

        self.send(self.pid, "x")
        self.send(self.pid, "y")
        got.append(await self.receive(match))
        got.extend([await self.receive(), await self.receive()])

    await system.wait(await system.spawn(body))
    assert got == ["answer", "x", "y"]


@virtual
async def test_a_match_that_fails_leaves_every_message_where_it_was(system: System) -> None:
    got: list[object] = []

    async def body(self: Process) -> None:
        for number in range(3):
            self.send(self.pid, number)
        with pytest.raises(ZeroDivisionError):
            await self.receive(lambda message: message == 1 and bool(1 / 0))
        got.extend([await self.receive() for _ in range(3)])

    await system.wait(await system.spawn(body))
    assert got == [0, 1, 2]
