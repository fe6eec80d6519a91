"""The machine that processes run on: how they begin, and what passes between them while they live."""

import asyncio
from collections.abc import Coroutine
from functools import partial
from inspect import iscoroutine
from typing import Any

from vega_tui.runtime import calls, events
from vega_tui.runtime.ends import Ends, InitFailed
from vega_tui.runtime.errors import CallFailed, NoProcess, StartError, StartTimeout
from vega_tui.runtime.process import IGNORE, Body, Place, Process, State
from vega_tui.runtime.reasons import KILL, NOPROC, Error, ExitReason, Other, ProcessExit, Shutdown, as_reason
from vega_tui.runtime.reports import Listener
from vega_tui.runtime.signals import Down, Pid, Ref, Target
from vega_tui.runtime.timers import Timer, Timers


class Kernel(Ends):
    """Begins processes, carries their messages and signals. Satisfies process.Machine."""

    def __init__(self, on_event: Listener | None = None) -> None:
        super().__init__(on_event)
        self._timers = Timers(self._send_if_there)
        self._on_exit.append(self._timers.drop)
        self._last_pid = 0
        self._closed = False

    # ---- beginning

    def create(
        self,
        body: Body,
        args: tuple[object, ...],
        *,
        parent: Pid | None,
        link: bool,
        name: str | None,
        place: Place,
        init: bool = False,
    ) -> Process | None:
        """A new process, running at the loop's next turn; None when its start function returned IGNORE.

        Raises: NameTaken; StartError when the start function exited or returned no coroutine, or the system is
        closed, or the parent to link to is dead; whatever error the start function raised.
        """
        if self._closed:
            raise StartError(Shutdown("the system is closed"))
        if link and parent is not None and parent not in self.table:
            raise StartError(NOPROC)
        self._last_pid += 1
        pid = Pid(self._last_pid)
        loop = self.loop
        process = Process(self, pid, parent, place, loop.time())
        if name is not None:
            self.registry.register(name, pid)
        try:
            coroutine = body(process, *args)
        except BaseException as error:
            self._unmake(pid)
            if isinstance(error, Exception):
                raise
            # exit() in a start function is its own, never that of whoever started it.
            raise StartError(as_reason(error)) from error
        if not iscoroutine(coroutine):
            self._unmake(pid)
            if coroutine is IGNORE:
                return None
            raise StartError(Other(coroutine))
        if init:
            process.init = loop.create_future()
            process.state = State.STARTING
        self.table[pid] = process
        if link and parent is not None:
            self.links.link(parent, pid)
        process.task = task = loop.create_task(_contained(coroutine))
        task.add_done_callback(partial(self.on_done, process, coroutine))
        if self._listeners:
            self.emit(events.Spawned(parent=process.parent, **self.facts(process)))
        if not init:
            self.report_started(process)
        return process

    def _unmake(self, pid: Pid) -> None:
        """Take back what the start function of a process that never was has tied."""
        self.registry.release(pid)
        self.links.drop(pid)
        self.monitors.drop(pid)

    async def await_init(self, process: Process, timeout_s: float | None = None) -> object:
        """What the process acknowledged with; IGNORE when it returned that instead.

        Raises: StartError when it ended first, or with StartTimeout inside when it was too slow and was killed.
        """
        assert process.init is not None
        if timeout_s is not None:
            await asyncio.wait((process.init,), timeout=timeout_s)
            if not process.init.done():
                self.links_part(process)
                gone = self.when_exited(process.pid)
                self.signal(process, None, KILL)
                await gone
                raise StartError(Error(StartTimeout(f"not started within {timeout_s:g} s")))
        outcome = await process.init
        if isinstance(outcome, InitFailed):
            raise StartError(outcome.reason)
        return outcome

    def links_part(self, process: Process) -> None:
        """Cut the link between a process and its parent."""
        if process.parent is not None:
            self.links.unlink(process.pid, process.parent)

    async def start(
        self,
        body: Body,
        args: tuple[object, ...] = (),
        *,
        parent: Pid | None = None,
        link: bool = False,
        name: str | None = None,
        place: Place | None = None,
        timeout_s: float | None = None,
    ) -> tuple[Pid | None, object]:
        """A new process whose init phase is over, and what it acknowledged with; None for IGNORE.

        Raises: StartError when it ended first or was not acknowledged in time (then it is killed); NameTaken.
        """
        place = place or Place()
        process = self.create(body, args, init=True, parent=parent, link=link, name=name, place=place)
        if process is None:
            return None, None
        try:
            value = await self.await_init(process, timeout_s)
        except asyncio.CancelledError:
            self.kill(process.pid)  # nobody is left who would know of it
            raise
        return (None, None) if value is IGNORE else (process.pid, value)

    def is_alive(self, pid: Pid) -> bool:
        """False once it is dead to everyone, even while its code still lingers."""
        return pid in self.table

    # ---- messages and signals

    def send(self, to: Target, message: object) -> None:
        """Put `message` into a mailbox; dropped when the pid is dead. Raises: NoProcess for an unheld name."""
        if isinstance(to, str):
            pid = self.registry.whereis(to)
            if pid is None:
                raise NoProcess(to)
            to = pid
        process = self.table.get(to)
        if process is not None:
            process.mailbox.put(message)

    def _send_if_there(self, to: Target, message: object) -> None:
        if not isinstance(to, str) or self.registry.whereis(to) is not None:
            self.send(to, message)

    def cast(self, to: Target, request: object) -> None:
        """Send a request that wants no reply: it arrives as a Cast, or nowhere when nobody is there."""
        self._send_if_there(to, calls.Cast(request))

    def send_after(self, delay_s: float, to: Target, message: object) -> Timer:
        """Send `message` in `delay_s`; what is returned can take it back. Dropped when nobody is there by then."""
        return self._timers.start(self.loop, delay_s, to, message)

    async def call(
        self, to: Target, request: object, timeout_s: float | None = 5.0, *, sender: Pid | None = None
    ) -> object:
        """The reply to `request`, which arrives as a Call. Raises: CallFailed, CallTimeout."""
        pid = self.registry.whereis(to) if isinstance(to, str) else to
        process = None if pid is None else self.table.get(pid)
        if process is None:
            raise CallFailed(to, NOPROC)
        if sender is pid:
            raise CallFailed(to, Other("a process called itself"))
        return await calls.call(process, to, request, timeout_s, sender)

    def exit(self, pid: Pid, reason: ExitReason | BaseException, *, sender: Pid | None = None) -> None:
        """Send an exit signal (exit/2); nothing happens when `pid` is dead. KILL can't be trapped."""
        process = self.table.get(pid)
        if process is not None:
            self.signal(process, sender, as_reason(reason))

    def kill(self, pid: Pid) -> None:
        """End `pid` with reason killed, trapping or not."""
        self.exit(pid, KILL)

    def monitor(self, watcher: Pid, target: Target) -> Ref:
        """Let `watcher` get one Down when `target` ends, at once with NOPROC when it is not there."""
        name = target if isinstance(target, str) else None
        pid = self.registry.whereis(target) if isinstance(target, str) else target
        if pid is not None and pid in self.table:
            return self.monitors.add(watcher, pid, name)
        ref = Ref()
        self.send(watcher, Down(ref, pid, NOPROC, name))
        return ref


async def _contained(body: Coroutine[Any, Any, object]) -> object:
    """The body, where an exit of the whole program ends its own process only; asyncio would end the loop with it."""
    try:
        return await body
    except (SystemExit, KeyboardInterrupt) as error:
        raise ProcessExit(Error(error)) from None
