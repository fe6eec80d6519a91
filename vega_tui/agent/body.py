"""The body of an agent process: hears inputs, runs them one after the other, ends as its task or a failure says.

Cancelling a turn ends the run, never the process. A run that fails for good ends the process with that
reason, and its supervisor decides; except where a person is there to see it and a restart could not mend it.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from vega_tui.agent.isolated_process import ProcessDied
from vega_tui.agent.isolated_surroundings import IsolatedSurroundings
from vega_tui.agent.isolation import Isolate
from vega_tui.agent.orders import Order
from vega_tui.agent.outcome import RunOutcome
from vega_tui.agent.run import Run
from vega_tui.agent.seat import Seat
from vega_tui.agent.surroundings import Surroundings
from vega_tui.core.errors import BugError, LimitReached, OutOfTime, ProviderError
from vega_tui.core.ids import new_id, with_incarnation
from vega_tui.core.words import InputMode, RunStatus, StopReason
from vega_tui.protocol.rows import InputRow
from vega_tui.runtime import KILLED, NORMAL, ExitReason, Process, Shutdown
from vega_tui.runtime.reasons import as_reason


@dataclass(frozen=True, slots=True)
class Wake:
    """An input waits, or the process was resumed."""


@dataclass(frozen=True, slots=True)
class Interrupt:
    """End the run that is under way; the process stays."""


@dataclass(frozen=True, slots=True)
class Finish:
    """End normally, once nothing is under way or waits to be heard."""


@dataclass(frozen=True, slots=True)
class Unmended:
    """The detail of a shutdown after a failure that starting again could not mend."""

    why: str

    def __str__(self) -> str:
        return self.why


@dataclass(frozen=True, slots=True)
class _NotBegun:
    """The input that a run was to begin with was taken back before it did."""


@dataclass(frozen=True, slots=True)
class _RunEnded:
    outcome: RunOutcome | None
    crash: BaseException | None = None


@dataclass(slots=True)
class AgentBody:
    """One incarnation of an agent process."""

    around: Surroundings
    seat: Seat
    attended: bool = False  # a person talks to it: failures that a restart can't mend don't end it
    _run: Run | None = None
    _task: asyncio.Task[None] | None = None
    _exit: ExitReason = NORMAL
    _finishing: bool = False
    _process: Process | None = field(default=None, repr=False)

    async def __call__(self, process: Process) -> None:
        """Live until the task is done, a failure, or a signal ends it."""
        self._process = process
        async with self._in_time(process), self._isolated(process), self.seat.conversation.writing():
            self._take_over(process.incarnation)
            self.seat.tell_pause()
            async with asyncio.TaskGroup() as group:
                if self.seat.task and not self.seat.task_done:
                    self._begin_task(group, process.incarnation)
                else:
                    self._begin_next(group, process.incarnation)
                await self._serve(group, process)
        if self._exit is not NORMAL:
            process.exit(self._exit)

    @asynccontextmanager
    async def _in_time(self, process: Process) -> AsyncGenerator[None]:
        """End the process when its time is over, as a failure that its supervisor hears of."""
        limit = self.seat.timeout_s
        if limit is None:
            yield
            return

        def time_is_over() -> None:
            if self._run is not None:
                self._run.cancel_reason = StopReason.TIMEOUT
            process.system.exit(process.pid, OutOfTime(f"not done within {limit:g} s"))

        timer = asyncio.get_running_loop().call_later(limit, time_is_over)
        try:
            yield
        finally:
            timer.cancel()

    @asynccontextmanager
    async def _isolated(self, process: Process) -> AsyncGenerator[None]:
        """Where the blueprint wants it, let this life's model calls and tools run in a process of their own."""
        if self.seat.agent.isolation == "task":
            yield
            return

        def died(error: ProcessDied) -> None:
            process.system.exit(process.pid, error)

        isolate = Isolate(self.around.guard, on_death=died, at_once=lambda: process.fatal is KILLED)
        async with isolate:
            self.around = IsolatedSurroundings(self.around, isolate)
            yield

    async def _serve(self, group: asyncio.TaskGroup, process: Process) -> None:
        async for message in process.mailbox:
            match message:
                case Wake():
                    self._interrupt_for_urgent()
                    self._begin_next(group, process.incarnation)
                case Interrupt():
                    self._cancel_run()
                case _RunEnded(outcome, crash):
                    self._run = self._task = None
                    if self._ends_with(outcome, crash) or self._finished():
                        return
                    self._begin_next(group, process.incarnation)
                case _NotBegun():
                    self._run = self._task = None
                    if self._finished():
                        return
                    self._begin_next(group, process.incarnation)
                case Order() as order:
                    await order.answer(self.seat, busy=self._run is not None)
                case Finish():
                    self._finishing = True
                    if self._finished():
                        return
                case _:
                    pass  # a stray message is dropped, as an OTP server's handle_info does

    def _finished(self) -> bool:
        return self._finishing and self._run is None and not len(self.seat.inputs)

    def _begin_next(self, group: asyncio.TaskGroup, incarnation: int) -> None:
        if self._run is None and (row := self.seat.inputs.next()) is not None:
            self._begin(group, incarnation, row)

    def _begin_task(self, group: asyncio.TaskGroup, incarnation: int) -> None:
        seat = self.seat
        if not seat.conversation.goes_on(len(seat.given)):
            self._add_task(seat.task, seat.author)
            self._begin_next(group, incarnation)
        else:
            if not seat.conversation.awaits_answer() and not len(seat.inputs):
                self._add_task("Go on from where you were cut off.", "supervisor")
            self._begin(group, incarnation, None if seat.conversation.awaits_answer() else seat.inputs.next())

    def _add_task(self, text: str, author: str) -> None:
        row = self.seat.inputs.add(text, InputMode.QUEUE, author)
        if self.seat.turns is not None:
            self.seat.turns_of[row.id] = self.seat.turns

    def _begin(self, group: asyncio.TaskGroup, incarnation: int, row: InputRow | None) -> None:
        self._run = Run(self.around, self.seat, incarnation, row)
        self._task = group.create_task(self._execute(self._run), context=self.seat.context)

    async def _execute(self, run: Run) -> None:
        process = self._process
        if process is None:
            raise BugError("a run began before its process")
        if run.input is not None and run.input not in self.seat.inputs.waiting():
            process.mailbox.put(_NotBegun())
            return
        try:
            outcome = await run.execute()
        except asyncio.CancelledError:
            if run.cancel_reason is not StopReason.CANCELLED:
                raise  # the process itself is ending
            process.mailbox.put(_RunEnded(RunOutcome(reason=StopReason.CANCELLED)))
        # A bug in a turn, or an exit of the program in it, is this process's crash, never the group's.
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            process.mailbox.put(_RunEnded(None, error))
        else:
            process.mailbox.put(_RunEnded(outcome))

    def _cancel_run(self) -> None:
        if self._run is not None and self._task is not None:
            self._run.cancel_reason = StopReason.CANCELLED
            self._task.cancel()

    def _interrupt_for_urgent(self) -> None:
        if any(row.mode is InputMode.INTERRUPT for row in self.seat.inputs.waiting()):
            self._cancel_run()

    def _ends_with(self, outcome: RunOutcome | None, crash: BaseException | None) -> bool:
        """Whether the process ends now; sets the reason."""
        seat = self.seat
        if outcome is None:
            self._exit = as_reason(crash or BugError("a run ended without an outcome"))
            return True
        if outcome.stop and not self.attended:
            self._exit = Shutdown("stopped by the operator")
            self._settle(outcome)
            return True
        if outcome.error is not None and not self._stays_after(outcome.error):
            mendable = isinstance(outcome.error, ProviderError) and outcome.error.verdict.retryable
            # A transient child isn't restarted after shutdown(x): a restart can't mend a refused key.
            self._exit = as_reason(outcome.error) if mendable else Shutdown(Unmended(str(outcome.error)))
            if not mendable:
                self._settle(outcome)
            return True
        if not seat.task or seat.task_done or len(seat.inputs):
            return False
        seat.task_done = outcome.status is RunStatus.COMPLETED
        self._settle(outcome)
        if seat.stays:
            return False
        if not seat.task_done:
            self._exit = Shutdown(Unmended(outcome.reason.value))
        return True

    def _stays_after(self, error: Exception) -> bool:
        if not self.attended and not self.seat.direct:
            return False
        return isinstance(error, LimitReached) or (isinstance(error, ProviderError) and not error.verdict.retryable)

    def _settle(self, outcome: RunOutcome) -> None:
        if self.seat.result is not None and not self.seat.result.done():
            self.seat.result.set_result(outcome)

    def _take_over(self, incarnation: int) -> None:
        seat = self.seat
        if seat.conversation.unsaid:
            note, seat.conversation.unsaid = seat.conversation.unsaid, ""
            seat.conversation.append("system", incarnation=incarnation, mark="error", note=note)
        if not seat.last_exit:
            return
        if seat.history == "fresh":
            seat.conversation.begin_again(new_id("life"))
            seat.conversation.give(seat.given, incarnation)
        before = with_incarnation("", incarnation - 1) or "#1"
        seat.conversation.append(
            "system", incarnation=incarnation, mark="died", note=f"{before} died: {seat.last_exit}"
        )
        seat.conversation.append("system", incarnation=incarnation, mark="took_over", note=f"#{incarnation} took over")
        seat.last_exit = ""
