"""What a supervisor does when a child ends: restart rounds, retries, giving up, shutting itself down.

restart.py decides, children.py starts and stops; this carries one out through the other, in the supervisor's task.
"""

import asyncio
from collections import deque
from random import Random
from typing import NoReturn

from vega_tui.core import clock
from vega_tui.runtime import events
from vega_tui.runtime.children import Child, Children, ChildState, Retry
from vega_tui.runtime.errors import StartError
from vega_tui.runtime.kernel import Kernel
from vega_tui.runtime.process import IGNORE, Process
from vega_tui.runtime.reasons import SHUTDOWN, ExitReason, ProcessExit
from vega_tui.runtime.restart import Intensity, Verdict, ends_supervisor, restart_group, verdict
from vega_tui.runtime.signals import ExitSignal, Pid
from vega_tui.runtime.specs import Restart, Strategy, SupervisorSpec


class Rounds:
    """Acts only inside the supervisor's own process, one message at a time."""

    def __init__(self, system: Kernel, spec: SupervisorSpec, children: Children, random: Random) -> None:
        self.intensity = Intensity(spec.intensity, spec.period_s, deque())
        self._system = system
        self._random = random
        self._spec = spec
        self._simple = spec.strategy is Strategy.SIMPLE_ONE_FOR_ONE
        self._children = children

    @property
    def _owner(self) -> Process:
        assert self._children.owner is not None
        return self._children.owner

    async def end(self, reason: ExitReason) -> NoReturn:
        """Stop all children, then the supervisor's own process with `reason`."""
        await self._children.stop_all(together=self._simple)
        raise ProcessExit(reason)

    async def on_exit(self, signal: ExitSignal) -> None:
        """Take an exit message: the parent's ends us, a child's is decided on, a stranger's is nothing."""
        if signal.sender is None:
            return
        if signal.sender is self._owner.parent:
            await self.end(signal.reason)
        child = self._children.exited(signal.sender, signal.reason)
        if child is None:
            return
        if verdict(child.spec.restart, signal.reason) is Verdict.RESTART:
            await self._restart(child, signal.reason)
            return
        others_alive = self._children.another_significant(child)
        self.forget(child)
        if ends_supervisor(self._spec.auto_shutdown, significant=child.spec.significant, others_alive=others_alive):
            await self.end(SHUTDOWN)

    def forget(self, child: Child) -> None:
        """Drop the spec of a child that is down, where nobody could start it again."""
        if self._simple or child.spec.restart is Restart.TEMPORARY:
            self._children.remove(child)

    async def _restart(self, child: Child, reason: ExitReason, *, ran: bool = True) -> None:
        now = clock.monotonic()
        if not self.intensity.add(now):
            self._report_giving_up(child, reason)
            self.forget(child)
            await self.end(SHUTDOWN)
        ran_s = now - child.started_at if ran else 0.0
        delay_s = child.streak.next_delay_s(child.spec.backoff, ran_s=ran_s, chance=self._random.random())
        self._report_restarting(child, reason, delay_s)
        if delay_s <= 0:
            await self.run(child)
            return
        # What the round takes along goes down now; it comes up with the child.
        child.state = ChildState.RESTARTING
        await self._stop_group(child)
        child.state = ChildState.RESTARTING
        child.retry = retry = Retry(child, reason, counted=False)
        retry.delay_s = delay_s
        retry.due = clock.monotonic() + delay_s
        retry.timer = self._system.loop.call_later(delay_s, self._owner.mailbox.put, retry)

    async def on_retry(self, retry: Retry) -> None:
        """Carry out a restart that is due, unless it has been overtaken."""
        # A child terminated, restarted or taken along by another round since then has forgotten this retry.
        if retry.child.retry is not retry:
            return
        if retry.counted:
            # A start that always fails must not keep everyone else from running: one try a turn of the loop.
            await asyncio.sleep(0)
            await self._restart(retry.child, retry.reason, ran=False)
        else:
            await self.run(retry.child)

    async def _stop_group(self, failed: Child) -> list[Child]:
        """Stop the failed child's restart group from the last; who of it will be started, in order."""
        group = restart_group(self._spec.strategy, self._children, failed)
        for child in reversed(group):
            await self._children.stop(child)
            # Siblings that are temporary are stopped for good.
            if child is not failed and child.spec.restart is Restart.TEMPORARY:
                self._children.remove(child)
        return [c for c in group if c is failed or c.spec.restart is not Restart.TEMPORARY]

    async def run(self, failed: Child) -> StartError | None:
        """Stop and start the failed child's restart group, now; what a start failed with, which is tried again."""
        for child in await self._stop_group(failed):
            previous = child.last_pid
            try:
                ignored = await self._children.start(child) is IGNORE
            except StartError as error:
                self._retry_later(child, error.reason)
                return error
            if ignored and self._simple:
                self._children.remove(child)
            self.report_restarted(child, previous)
        return None

    def _retry_later(self, child: Child, reason: ExitReason) -> None:
        child.state = ChildState.RESTARTING
        child.retry = retry = Retry(child, reason, counted=True)
        if self._system.watched and child.place is not None and child.last_pid is not None:
            facts = self._system.facts_of(child.last_pid, child.spec.name, child.place)
            self._system.emit(events.RestartFailed(reason=reason, **facts))
        # Through the mailbox, so that requests that wait are heard before the next try.
        self._owner.mailbox.put(retry)

    def report_restarted(self, child: Child, previous: Pid | None) -> None:
        """Tell listeners that the child runs in the place of its process `previous`."""
        if self._system.watched and child.process is not None:
            self._system.emit(events.Restarted(previous=previous, **self._system.facts(child.process)))

    def _report_restarting(self, child: Child, reason: ExitReason, delay_s: float) -> None:
        if self._system.watched and child.place is not None and child.last_pid is not None:
            group = restart_group(self._spec.strategy, self._children, child)
            self._system.emit(
                events.Restarting(
                    attempt=self.intensity.used(clock.monotonic()),
                    intensity=self._spec.intensity,
                    period_s=self._spec.period_s,
                    delay_s=delay_s,
                    reason=reason,
                    with_ids=tuple(
                        one.spec.id for one in group if one is not child and one.spec.restart is not Restart.TEMPORARY
                    ),
                    **self._system.facts_of(child.last_pid, child.spec.name, child.place),
                )
            )

    def _report_giving_up(self, child: Child, reason: ExitReason) -> None:
        if self._system.watched:
            self._system.emit(
                events.GaveUp(
                    failed_child=child.spec.id,
                    failed_pid=child.last_pid,
                    intensity=self._spec.intensity,
                    period_s=self._spec.period_s,
                    reason=reason,
                    **self._system.facts(self._owner),
                )
            )
