"""What a call's programs leave running when they fled from its process group: found, ended, and collected.

The process that runs tools adopts their orphans (`core.processes.adopt_orphans`). So what is its child, and was not
started by itself, is something that a call left behind, whatever session it made and whatever it forgot of its
environment; and what that left behind becomes our child as soon as it has ended.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

from vega_tui.core import clock
from vega_tui.core.processes import MARK, Seen, children, look, mark_of

_END_S: Final = 2.0
_EVERY_S: Final = 0.02


class Swept(NamedTuple):
    """How many were left behind, and which of them could not be ended."""

    found: int
    alive: tuple[Seen, ...]


class Leftovers:
    """The running calls of a process, and which of its children it started itself.

    alone: nothing else in this process starts programs, so a child in a session of its own that isn't known is a
    leftover. In a program that embeds us it may be that program's: there only a call's mark or session tells.
    """

    def __init__(self, *, alone: bool) -> None:
        self._alone = alone
        self._own: set[int] = set()
        self._starting = 0
        self._calls: dict[str, Seen] = {}

    @contextmanager
    def starting(self) -> Generator[None]:
        """While a program is started, and its number isn't known yet: nobody may take it for a leftover."""
        self._starting += 1
        try:
            yield
        finally:
            self._starting -= 1

    def began(self, pid: int, mark: str = "") -> None:
        """A child of ours; with a mark, the shell of a call that runs now."""
        self._own.add(pid)
        if mark and (seen := look(pid)) is not None:
            self._calls[mark] = seen

    def ended(self, pid: int) -> None:
        """Its end was seen, and its number may soon be another's."""
        self._own.discard(pid)

    async def sweep(self, mark: str = "") -> "Swept":
        """Kill what a call left behind, once its shell has ended; without a mark, what any did."""
        ended = self._calls.pop(mark, None)
        found: dict[int, Seen] = {}
        give_up = clock.monotonic() + _END_S
        while left := self._left(mark, ended):
            found.update((each.pid, each) for each in left)
            for each in left:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(each.pid, signal.SIGKILL)
            if clock.monotonic() > give_up:
                break
            await asyncio.sleep(_EVERY_S)  # the kernel tells of the end of a child that isn't ours by a number only
        return Swept(len(found), tuple(left))

    def _left(self, mark: str, ended: Seen | None) -> list[Seen]:
        here = os.getsid(0)
        adopted = [each for each in children() if each.pid not in self._own and each.session != here]
        for each in adopted:
            if each.dead and (self._alone or each.session != each.pid):
                with suppress(ChildProcessError):
                    os.waitpid(each.pid, os.WNOHANG)  # this very one: nobody else waits for it
        alive = [each for each in adopted if not each.dead]
        return of_call(alive, mark, ended, self._calls, _own_mark_of, alone=self._alone, sure=bool(self._starting))


def of_call(
    adopted: Iterable[Seen],
    mark: str,
    ended: Seen | None,
    running: Mapping[str, Seen],
    mark_of: Callable[[int], str],
    *,
    alone: bool,
    sure: bool = False,
) -> list[Seen]:
    """Which of the adopted a call that has ended left behind, and not one that still runs; `sure`: beyond doubt.

    What carries no mark and has a session of its own is counted to the calls that ran when it was started; it is
    left alone as long as any of them still does.
    """
    sessions = {shell.pid for shell in running.values()}

    def left(each: Seen) -> bool:
        its = mark_of(each.pid)
        if its in running or each.session in sessions:
            return False
        if (mark and its == mark) or (ended is not None and each.session == ended.pid):
            return True
        anyones = any(shell.started <= each.started for shell in running.values())
        return (bool(its) or alone) and not sure and not anyones

    return [each for each in adopted if left(each)]


def _own_mark_of(pid: int) -> str:
    """The mark of a call of ours; one that this process was itself started with says nothing here."""
    mark = mark_of(pid)
    return "" if mark == os.environ.get(MARK, "") else mark
