"""A spawned agent as a program sees it: say something, follow a run, stop it, know how it ended."""

import asyncio
import weakref
from collections.abc import AsyncGenerator, Callable, Generator
from functools import partial

from vega_tui.agent.blueprint import Agent
from vega_tui.agent.body import Finish
from vega_tui.agent.orders import Pause, Resume
from vega_tui.agent.outcome import RunOutcome
from vega_tui.agent.seat import Seat
from vega_tui.core import events as ev
from vega_tui.core.errors import NotCompleted, NotFound, ProcessFailed, RunCancelled, UserError
from vega_tui.core.words import InputMode, RunStatus, StopReason
from vega_tui.host.bus import Item
from vega_tui.host.lifecycle import reason_text, reason_word
from vega_tui.host.posts import Post
from vega_tui.host.taps import Tap
from vega_tui.library.outcomes import Metrics, Status, status_of, text_of
from vega_tui.library.program import Program
from vega_tui.protocol.rows import InputRow
from vega_tui.runtime import CallFailed, ExitReason


class Reply:
    """The answer to one message: `await reply`. Dropping it changes nothing for the process."""

    def __init__(self, process: "AgentProcess", row: InputRow, outcome: "asyncio.Future[RunOutcome]") -> None:
        self.input = row.id
        self._process = process
        self._outcome = outcome

    def __await__(self) -> Generator[object, None, str]:
        return self._wait().__await__()

    async def _wait(self) -> str:
        outcome = await asyncio.shield(self._outcome)
        await self._process.stored()
        return text_of(self._process.path, outcome)

    def when_done(self, callback: "Callable[[asyncio.Future[RunOutcome]], object]") -> None:
        """Call back with the outcome's future."""
        self._outcome.add_done_callback(callback)

    @property
    def done(self) -> bool:
        """Whether the run that heard the message has ended."""
        return self._outcome.done()

    def result(self) -> str:
        """The answer. Raises NotCompleted before there is one, and what `await` raises."""
        if not self._outcome.done():
            raise NotCompleted(f"{self._process.path} has not answered yet; await the reply")
        return text_of(self._process.path, self._outcome.result())

    def cancel(self) -> None:
        """Take the message back, or interrupt the run that hears it. The process goes on."""
        self._process.cancel(self.input)
        if not self._outcome.done():
            self._outcome.set_result(RunOutcome(reason=StopReason.CANCELLED))


class AgentProcess:
    """The handle of one spawned agent, the same over all its lives."""

    def __init__(self, program: Program, post: Post, name: str) -> None:
        self.name = name
        self._program = program
        self._post = post
        self._waiting: dict[str, asyncio.Future[RunOutcome]] = {}
        self._ended = asyncio.Event()
        self._tool_calls = 0
        self._errors = 0
        self._last_active = 0.0

    def __repr__(self) -> str:
        return f"AgentProcess({self.path!r}, {self.status.value})"

    # --- what it is ----------------------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """Where it stands in the tree; never changes."""
        return self._post.path

    @property
    def agent(self) -> Agent:
        """Its blueprint."""
        return self._seat.agent

    @property
    def incarnation(self) -> int:
        """Which of its lives this is, from 1."""
        return self._post.life

    @property
    def parent(self) -> str:
        """The path above."""
        return self.path.rpartition("/")[0]

    @property
    def groups(self) -> list[str]:
        """The groups that it is in."""
        return self._program.session.groups.of(self.path)

    @property
    def exit_reason(self) -> ExitReason | None:
        """How its newest life ended; None while it lives."""
        return self._post.reason

    @property
    def status(self) -> Status:
        """Where it stands now."""
        post = self._post
        if post.pid is not None:
            return Status.STOPPING if post.stopping else Status.RUNNING
        if post.restarting and post.supervisor is not None and self._program.system.is_alive(post.supervisor):
            return Status.RESTARTING
        return Status.PENDING if post.reason is None else status_of(post.reason)

    @property
    def metrics(self) -> Metrics:
        """What it has used."""
        state = self._program.session.board.processes.get(self.path)
        if state is None:
            return Metrics()
        return Metrics(
            turns=state.turns,
            usage=state.usage,
            cost_usd=None if state.unpriced else state.cost_usd,
            tool_calls=self._tool_calls,
            errors=self._errors,
            restarts=max(0, self._post.life - 1),
            started=self._post.started,
            last_active=self._last_active,
        )

    @property
    def last_words(self) -> str:
        """Its newest answer, empty before the first."""
        return self._seat.conversation.last_text()

    # --- talking -------------------------------------------------------------------------------------------

    async def send(self, text: str) -> str:
        """Say something and give the answer. Cancelling interrupts the run; the process goes on.

        Raises ProcessFailed (a failed run, or the process ended), LimitReached (a budget or the turns are used up),
        RunCancelled. Messages are heard one after the other, in the order they were sent.
        """
        reply = await self.send_async(text)
        try:
            return await reply
        except asyncio.CancelledError:
            reply.cancel()
            raise

    async def send_async(self, text: str) -> Reply:
        """Say something; the answer comes later. Returns once the message is stored."""
        outcome: asyncio.Future[RunOutcome] = asyncio.get_running_loop().create_future()
        row = await self._program.session.send(self.path, text, InputMode.QUEUE, answer=outcome)
        if not outcome.done():
            self._waiting[row.id] = outcome
            outcome.add_done_callback(lambda _: self._forget(row.id))
        return Reply(self, row, outcome)

    async def stream(self, text: str) -> AsyncGenerator[Item, None]:
        """Say something; the events and deltas of the run that hears it, in order, to its RunFinished.

        Leaving early only stops the listening. Raises ProcessFailed when the process ends before it hears it.
        """
        tap = self._program.tap(self.path)
        reply = await self.send_async(text)
        reply.when_done(partial(_end_unheard, weakref.ref(tap)))
        run = ""
        async for item in tap:
            if isinstance(item, ev.RunStarted) and item.input == reply.input:
                run = item.run
            if run and item.run == run:
                yield item
                if isinstance(item, ev.RunFinished):
                    return

    async def result(self) -> str:
        """What came of its task, waiting for that. Raises as `send` does; NotCompleted when it has no task."""
        future = self._seat.result
        if future is None:
            raise NotCompleted(f"{self.path} was given no task; send it a message")
        outcome = await asyncio.shield(future)
        await self.stored()
        return text_of(self.path, outcome)

    def set_extra_system(self, text: str) -> None:
        """Add to the system prompt from the next turn on, in every life; an empty text takes it away."""
        self._seat.extra_system = text

    # --- acting --------------------------------------------------------------------------------------------

    def interrupt(self) -> None:
        """End the run that is under way; the process goes on."""
        self._program.session.tree.interrupt(self.path)

    def pause(self) -> None:
        """Let it and all below it end their turn, then wait."""
        self._program.session.tell(self.path, lambda: Pause("you"))

    def resume(self) -> None:
        """Let it and all below it go on."""
        self._program.session.tell(self.path, lambda: Resume("you"))

    async def kill(self) -> None:
        """End it at once; its supervisor, if it has one, decides what follows. Returns when it is dead."""
        post = self._post
        pid = post.pid
        if pid is None:
            raise UserError(f"{self.path} is not running")
        self._program.system.kill(pid)
        await self._program.system.wait(pid)
        await self.settle()

    async def stop(self, timeout_s: float = 10.0) -> None:
        """End it in order and keep it down; killed when it isn't down in time. Already down is fine."""
        pid = self._post.pid
        try:
            async with asyncio.timeout(timeout_s):
                await self._program.session.tree.terminate(self.path)
        except TimeoutError:
            if pid is not None:
                self._program.system.kill(pid)
                await self._program.system.wait(pid)
        except UserError:
            if self._post.pid is not None:
                raise
        await self.settle()

    async def complete(self) -> None:
        """Let it finish what it is doing and has been asked, then end normally. Returns when it has."""
        pid = self._post.pid
        if pid is not None:
            self._program.system.send(pid, Finish())
            await self._program.system.wait(pid)
        await self.settle()

    async def wait(self) -> Status:
        """How it ended for good, when it has: restarts are waited through."""
        while True:
            await self._ended.wait()
            if self._post.pid is None:
                return self.status
            self._ended.clear()

    # --- for the orchestrator ------------------------------------------------------------------------------

    @property
    def _seat(self) -> Seat:
        if self._post.seat is None:
            raise NotFound(f"{self.path} is not an agent")
        return self._post.seat

    async def stored(self) -> None:
        """Return when all that was published is stored, and so can be seen in `metrics`."""
        await self._program.services.bus.flush()

    def cancel(self, input_id: str) -> None:
        """Take one message back; if a run hears it already, interrupt that."""
        try:
            self._seat.inputs.withdraw(input_id)
        except NotFound:
            if input_id in self._waiting:
                self.interrupt()

    def note(self, item: Item) -> None:
        """Count an event of this process."""
        match item:
            case ev.ToolFinished():
                self._tool_calls += 1
            case ev.RunFinished(status=RunStatus.FAILED):
                self._errors += 1
            case ev.InputDropped() if (outcome := self._waiting.get(item.input)) is not None and not outcome.done():
                error = RunCancelled(f"{self.path}: the message was taken back ({item.reason})")
                outcome.set_result(RunOutcome(reason=StopReason.CANCELLED, error=error))
            case _:
                pass
        if isinstance(item, ev.Event):
            self._last_active = item.ts

    def begun(self) -> None:
        """A new life has begun."""
        self._ended.clear()

    async def settle(self) -> None:
        """Once its supervisor has dealt with an end: if that was for good, tell everyone who waits."""
        if await self._settled():
            self.ended()

    async def _settled(self) -> bool:
        post = self._post
        supervisor = None if post.supervisor is None else self._program.system.supervisor(post.supervisor)
        if supervisor is not None:
            try:
                await supervisor.settled()
            except CallFailed:
                pass  # it gave up
        return self.status not in (Status.RUNNING, Status.STOPPING, Status.RESTARTING)

    def ended(self) -> None:
        """It has ended for good: whoever waits is told."""
        self._ended.set()
        failed = RunOutcome(reason=StopReason.ERROR, error=ProcessFailed(self.path, self._why()))
        for outcome in (*self._waiting.values(), self._seat.result):
            if outcome is not None and not outcome.done():
                outcome.set_result(failed)

    def _why(self) -> str:
        reason = self._post.reason
        if reason is None:
            return "never ran"
        text = reason_text(reason)
        return f"ended ({reason_word(reason)}{': ' + text if text else ''}) before it answered"

    def _forget(self, input_id: str) -> None:
        self._waiting.pop(input_id, None)
        self._program.session.forget(input_id)


def _end_unheard(tap: "weakref.ref[Tap]", outcome: "asyncio.Future[RunOutcome]") -> None:
    """End a stream whose run will never tell its end."""
    reader, error = tap(), outcome.result().error
    if reader is not None and isinstance(error, ProcessFailed | RunCancelled):
        reader.fail(error)
