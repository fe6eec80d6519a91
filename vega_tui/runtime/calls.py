"""Request and reply between processes, with timeout. Source: gen_server(3) call/3."""

import asyncio

import msgspec

from vega_tui.runtime.errors import CallFailed, CallTimeout
from vega_tui.runtime.process import Process
from vega_tui.runtime.reasons import ExitReason
from vega_tui.runtime.signals import Pid, Target


class Call:
    """A request in a server's mailbox. The first reply or failure counts; one that comes too late is dropped."""

    __slots__ = ("_answer", "request", "sender")

    def __init__(self, request: object, sender: Pid | None, answer: asyncio.Future[object]) -> None:
        self.request = request
        self.sender = sender
        self._answer = answer

    @property
    def waiting(self) -> bool:
        """Whether the caller still waits."""
        return not self._answer.done()

    def reply(self, value: object = None) -> None:
        """Give the caller its answer."""
        if not self._answer.done():
            self._answer.set_result(value)

    def fail(self, error: BaseException) -> None:
        """Let the caller's `call` raise `error`."""
        if not self._answer.done():
            self._answer.set_exception(error)


class Cast(msgspec.Struct, frozen=True):
    """A request in a server's mailbox that nobody waits for. Source: gen_server(3) cast/2."""

    request: object


async def call(server: Process, target: Target, request: object, timeout_s: float | None, sender: Pid | None) -> object:
    """The server's reply. Raises: CallFailed when it ends first, CallTimeout, or what the server failed with."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[object] = loop.create_future()
    server.callers.add(answer)
    server.mailbox.put(Call(request, sender, answer))
    timer = None
    if timeout_s is not None:
        timer = loop.call_later(timeout_s, _expire, answer, target, timeout_s)
    try:
        return await answer
    finally:
        server.callers.discard(answer)
        if timer is not None:
            timer.cancel()


def fail_callers(server: Process, reason: ExitReason) -> None:
    """Tell everyone who still waits for a reply of `server` that it ended."""
    for answer in server.callers:
        if not answer.done():
            answer.set_exception(CallFailed(server.pid, reason))


def _expire(answer: asyncio.Future[object], target: Target, timeout_s: float) -> None:
    if not answer.done():
        answer.set_exception(CallTimeout(target, timeout_s))
