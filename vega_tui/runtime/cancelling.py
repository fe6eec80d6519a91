"""Cancels a process's task so that it is not lost.

Python 3.11's wait_for returns what it waited for instead of a cancellation that comes in the same moment.
Source: asyncio/tasks.py of 3.11, wait_for(); mended in 3.12 (python/cpython#86296).
"""

import asyncio
import sys
from collections.abc import Coroutine
from inspect import iscoroutine
from typing import Any, Final, cast

_LOSES: Final = sys.version_info < (3, 12)


def cancel(task: asyncio.Task[object]) -> None:
    """Cancel the task, again if wait_for has lost it."""
    waited = _waited_for(task.get_coro()) if _LOSES else None
    task.cancel()
    if waited is not None:
        # Runs behind the step that the cancellation goes to: that one is in the loop's queue already.
        task.get_loop().call_soon(_unless_lost, task, waited)


def _unless_lost(task: asyncio.Task[object], waited: "asyncio.Future[Any]") -> None:
    # Passed on, wait_for has cancelled what it waited for; else it gave its result to the code behind it.
    if not waited.done() or waited.cancelled() or task.done():
        return
    following = _waited_for(task.get_coro())
    if following is None or following.done():
        cancel(task)
        return
    # In another wait_for by now: the end of what that waits for can't cross a cancellation of that itself.
    following.cancel()
    following.add_done_callback(lambda it: task.get_loop().call_soon(_unless_lost, task, it))


def _waited_for(coroutine: object) -> "asyncio.Future[Any] | None":
    """What the innermost wait_for of the task waits for, if it stands where it can lose a cancellation."""
    while iscoroutine(coroutine):
        inner: Coroutine[Any, Any, Any] = coroutine
        if inner.cr_code is asyncio.wait_for.__code__ and not iscoroutine(inner.cr_await) and inner.cr_frame:
            waited: object = inner.cr_frame.f_locals.get("fut")
            return cast("asyncio.Future[Any]", waited) if isinstance(waited, asyncio.Future) else None
        coroutine = inner.cr_await
    return None
