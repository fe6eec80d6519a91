"""How an agent's tools reach other agents: a child that is waited for, one that goes on by itself, a question."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from vega_tui.agent.blueprint import Agent
from vega_tui.agent.outcome import RunOutcome
from vega_tui.agent.seat import Seat
from vega_tui.agent.surroundings import Batch
from vega_tui.agent.turns import Turns
from vega_tui.core.errors import ToolError, UserError
from vega_tui.core.ids import base_name, clean_name
from vega_tui.core.messages import Observation
from vega_tui.core.words import RunStatus
from vega_tui.host.tree import ProcessTree
from vega_tui.runtime import Restart

ANSWER_TIMEOUT_S: Final = 600.0


class Asker(Protocol):
    """Says something to a process and waits for the run that answers it."""

    async def ask(self, path: str, text: str, author: str, turns: Turns | None = None) -> RunOutcome:
        """How the run ended. Cancelling stops the waiting only."""
        ...


class Delegation:
    """What `task`, `spawn` and `ask` do for the process whose calls these are; its prompt's turns hold for them."""

    def __init__(
        self,
        tree: ProcessTree,
        asker: Asker,
        make_seat: Callable[[str, Agent, str, str], Seat],
        batch: Batch,
    ) -> None:
        self._tree = tree
        self._asker = asker
        self._make_seat = make_seat
        self._path = batch.process
        self._work_dir = batch.cwd
        self._turns = batch.turns

    async def task(self, name: str, prompt: str, agent: str = "") -> Observation:
        """Run a temporary child to its end; its last words are the result. Cancelling ends the child."""
        seat = self._seat(name, prompt, agent)
        seat.result = asyncio.get_running_loop().create_future()
        await self._tree.start_agent(seat, Restart.TEMPORARY)
        try:
            outcome = await seat.result
        except asyncio.CancelledError:
            # The child ends with the call that asked for it; its supervisor sees to it that it does.
            await asyncio.shield(self._end(seat.path))
            raise
        return observation_of(base_name(seat.path), seat.path, outcome)

    async def spawn(self, name: str, prompt: str, agent: str = "", restart: str = "transient") -> str:
        """Start a child that goes on by itself; its path. Raises ToolError for a restart type that isn't one."""
        if restart not in tuple(Restart):
            raise ToolError(f'restart "{restart}" is not one of {", ".join(Restart)}')
        seat = self._seat(name, prompt, agent)
        await self._tree.start_agent(seat, Restart(restart))
        return seat.path

    async def ask(self, to: str, message: str) -> Observation:
        """Say something to a process of this session and give its answer, whenever it comes to it."""
        try:
            post = self._tree.post(to)
        except UserError as error:
            raise ToolError(str(error)) from error
        if post.path == self._path:
            raise ToolError("a process can't ask itself")
        if self._path.startswith(post.path + "/"):
            raise ToolError(f"{to} is above you and may be waiting for you; end with your result instead")
        if post.seat is None:
            raise ToolError(f"{to} is a supervisor, not an agent")
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                outcome = await self._asker.ask(post.path, message, self._path, self._turns)
        except TimeoutError:
            raise ToolError(f"{to} did not answer within {ANSWER_TIMEOUT_S:.0f} s") from None
        return observation_of(base_name(post.path), post.path, outcome)

    def _seat(self, name: str, prompt: str, agent: str) -> Seat:
        path = self._tree.free_path(self._path, clean_name(name or agent or "agent"))
        above = self._tree.post(self._path).seat
        isolation = "task" if above is None else above.agent.isolation
        made = Agent(name=agent or clean_name(name), isolation=isolation)
        seat = self._make_seat(path, made, prompt, self._path)
        seat.work_dir = self._work_dir  # a child works where its parent does
        seat.turns = self._turns
        return seat

    async def _end(self, path: str) -> None:
        try:
            await self._tree.terminate(path)
        except UserError:
            pass  # it ended by itself meanwhile


def observation_of(name: str, path: str, outcome: RunOutcome) -> Observation:
    """What the asking model is told of another process's run."""
    details = {"process": path, "stop_reason": outcome.reason.value}
    if outcome.status is RunStatus.COMPLETED:
        return Observation(text=outcome.text or "(no words)", fact="done", details=details)
    why = str(outcome.error) if outcome.error else outcome.reason.value
    last = f"\nIts last words: {outcome.text}" if outcome.text else ""
    return Observation(text=f"{name} did not finish: {why}{last}", fact="failed", details=details, error=True)
