"""What stays of an agent process over all its lives: its place, its conversation, and whether it may go on."""

import asyncio
from contextvars import Context
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from vega_tui.agent.blueprint import Agent
from vega_tui.agent.conversation import Conversation
from vega_tui.agent.inputs import InputQueue
from vega_tui.agent.outcome import RunOutcome
from vega_tui.agent.turns import Turns
from vega_tui.core.events import (
    ProcessPaused,
    ProcessResumed,
)
from vega_tui.core.messages import Message


def _open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass(slots=True)
class Seat:
    """What stays of an agent process when it dies: its place, blueprint, conversation and waiting inputs.

    direct: someone talks to it, and a failure that a restart can't mend doesn't end it. given: the conversation
    that it begins with. history: whether a next life goes on with the conversation, or begins with `given` again.
    context: the contextvars that its runs see. turns: of the prompt that its task works for, and `turns_of` of
    those that single inputs work for; None and not there where a person said it, which has turns of its own.
    """

    path: str
    agent: Agent
    conversation: Conversation
    inputs: InputQueue
    task: str = ""
    author: str = "you"  # who gave the task
    task_done: bool = False
    stays: bool = False  # permanent: it waits for more when its task is done
    attempts: int = 0
    last_exit: str = ""  # how the incarnation before ended
    result: asyncio.Future[RunOutcome] | None = None  # set for whoever waits for the task
    direct: bool = False
    work_dir: Path | None = None  # else the session's
    extra_system: str = ""
    given: tuple[Message, ...] = ()
    history: Literal["keep", "fresh"] = "keep"
    timeout_s: float | None = None  # of each life
    context: Context | None = None
    turns: Turns | None = None
    turns_of: dict[str, Turns] = field(default_factory=dict[str, Turns])  # by input
    paused_by: str = ""
    _gate: asyncio.Event = field(default_factory=_open_gate)

    def pause(self, by: str) -> None:
        """Let runs wait before their next turn, in this life and the next."""
        if self._gate.is_set():
            self._gate.clear()
            self.paused_by = by
            self.tell_pause()

    def tell_pause(self) -> None:
        """Say so, when it is paused: a new life is too."""
        if not self._gate.is_set():
            said = self.conversation
            said.bus.publish(ProcessPaused(session=said.session, process=self.path, by=self.paused_by))

    def resume(self, by: str) -> None:
        """Let them go on."""
        if not self._gate.is_set():
            self._gate.set()
            said = self.conversation
            said.bus.publish(ProcessResumed(session=said.session, process=self.path, by=by))

    async def until_resumed(self) -> None:
        """Return at once, unless it is paused."""
        await self._gate.wait()
