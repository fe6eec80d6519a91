"""`vega-tui -p`: one prompt, one run, the answer on stdout. Says no where a person would be asked (exit code 4)."""

import asyncio
import signal
from collections.abc import Callable, Generator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from vega_tui.client.connection import Connection
from vega_tui.core import clock
from vega_tui.core import events as ev
from vega_tui.core.errors import HostError, VegaError
from vega_tui.core.exits import Exit
from vega_tui.core.ids import ROOT
from vega_tui.core.messages import text_of
from vega_tui.core.visible import cut as visibly_cut
from vega_tui.core.words import InputMode
from vega_tui.plain.outcome import Outcome, result_of
from vega_tui.plain.output import Out, one_line
from vega_tui.protocol import operations as ops
from vega_tui.protocol.rows import SessionRow

_INTERRUPT_TIMEOUT_S: Final = 5.0  # a tool that doesn't let go must not hold the terminal


class Connect(Protocol):
    """Opens a connection whose events go to `on_event` and whose loss to `on_closed`."""

    def __call__(
        self, *, on_event: Callable[[ev.AnyEvent], None], on_closed: Callable[[HostError], None]
    ) -> AbstractAsyncContextManager[Connection]: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A headless run: what to say, in which session, and how to answer."""

    prompt: str
    open: ops.SessionOpen
    output_format: str = "text"


class Headless:
    """One headless run. `interrupt()` ends its work early; a second one doesn't wait for it."""

    def __init__(self, asked: Asked, out: Out, progress: Out) -> None:
        self._asked = asked
        self._out = out
        self._progress = progress
        self._inbox: asyncio.Queue[ev.AnyEvent | HostError | None] = asyncio.Queue()
        self._interrupts = 0

    def interrupt(self) -> None:
        """End the run: what was said so far stays."""
        self._interrupts += 1
        self._inbox.put_nowait(None)

    async def run(self, connect: Connect) -> Exit:
        """Ask, follow the run to its end, write the answer; gives the exit code.

        Raises what opening the session raises; BrokenPipeError when the reader of stdout went away.
        """
        started = clock.monotonic()
        async with connect(on_event=self._inbox.put_nowait, on_closed=self._inbox.put_nowait) as host:
            with _signals(self.interrupt):
                row = await host.call(ops.SESSION_OPEN, self._asked.open)
                await host.call(ops.SUBSCRIBE, ops.Subscribe(session=row.id))
                said = ops.Send(session=row.id, text=self._asked.prompt, mode=InputMode.QUEUE)
                sent = await host.call(ops.SEND, said)
                outcome = Outcome(sent.input)
                try:
                    await self._follow(host, row, outcome)
                except (BrokenPipeError, asyncio.CancelledError):
                    await self._stop(host, row)  # nobody reads: the run must not go on and spend
                    raise
                self._answer(row, outcome, clock.monotonic() - started)
        return outcome.exit

    async def _follow(self, host: Connection, row: SessionRow, outcome: Outcome) -> None:
        """Fold events until the run has ended, is lost, or was interrupted and did not end in time."""
        deadline: float | None = None
        while not outcome.done:
            try:
                async with asyncio.timeout(None if deadline is None else max(0.0, deadline - clock.monotonic())):
                    event = await self._inbox.get()
            except TimeoutError:
                return
            if event is None:
                outcome.interrupted = True
                if self._interrupts > 1:
                    return
                deadline = clock.monotonic() + _INTERRUPT_TIMEOUT_S
                await self._stop(host, row)
            elif isinstance(event, HostError):
                outcome.lost = str(event)
                return
            elif event.session == row.id and outcome.take(event):
                self._show(event)

    async def _stop(self, host: Connection, row: SessionRow) -> None:
        try:
            await host.call(ops.PROCESS_INTERRUPT, ops.ProcessRef(process=ROOT, session=row.id), timeout_s=2.0)
        except VegaError:
            pass  # it ended by itself, or the host is gone: either way there is nothing left to stop

    def _show(self, event: ev.AnyEvent) -> None:
        if self._asked.output_format == "stream-json":
            self._out.raw(msgspec.json.encode(event) + b"\n")
        if not self._progress.terminal:
            return
        words = _progress_words(event)
        if words:
            self._progress.line(f"  {visibly_cut(one_line(words), 160, len)}")

    def _answer(self, row: SessionRow, outcome: Outcome, duration_s: float) -> None:
        if self._asked.output_format == "text":
            if outcome.text:
                self._out.line(outcome.text)
        else:
            result = result_of(outcome, session=row.id, model=row.model, simulated=row.simulated, duration_s=duration_s)
            self._out.raw(msgspec.json.encode(result) + b"\n")
        if outcome.error:
            self._progress.line(f"vega-tui: {one_line(outcome.error)}")
        for denial in outcome.denials.values():
            call = one_line(f"{denial.tool} {denial.summary}".strip())
            self._progress.line(
                f"vega-tui: {denial.process}: not allowed: {call}; nobody could be asked:"
                " add a rule, or --permission-mode edits|auto|yolo"
            )


def _progress_words(event: ev.AnyEvent) -> str:
    """The line that a person who waits wants to see of an event, or empty."""
    where = "" if event.process == ROOT else f"{event.process}: "
    match event:
        case ev.ToolStarted():
            return f"{where}{event.tool} {event.summary}"
        case ev.ToolFinished() if event.observation.error:
            return f"{where}{event.tool} failed: {event.observation.text}"
        case ev.ToolBlocked():
            return f"{where}{event.tool} did not run: {event.reason}"
        case ev.ModelRetry():
            return f"{where}{event.message or event.verdict}; try {event.attempt} of {event.attempts}"
        case ev.ProcessRestarted():
            return f"{event.process} restarted"
        case ev.EntryAdded(entry=entry) if entry.kind == "assistant" and event.process == ROOT:
            return text_of(entry.content) if entry.stop_reason == "tool_use" else ""
        case _:
            return ""


@contextmanager
def _signals(interrupt: Callable[[], None]) -> Generator[None]:
    """Interrupt on Ctrl+C and on a polite end, instead of dying with the run under way."""
    loop = asyncio.get_running_loop()
    taken: list[signal.Signals] = []
    try:
        for each in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(each, interrupt)
            except (RuntimeError, ValueError):
                break  # not the main thread: its owner handles signals
            taken.append(each)
        yield
    finally:
        for each in taken:
            loop.remove_signal_handler(each)
