"""What an agent process needs from the session it lives in. The host implements it; tests may too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from vega_tui.agent.blueprint import Agent
from vega_tui.agent.outcome import RunOutcome
from vega_tui.agent.turns import Turns
from vega_tui.core.messages import ToolUse, Usage
from vega_tui.core.ports import Bus, Provider, ToolSchema
from vega_tui.llm.budget import Budget, Price
from vega_tui.llm.retry import RetryPolicy
from vega_tui.tools.guard import Guard
from vega_tui.tools.outcome import BatchOutcome, CallOutcome
from vega_tui.tools.tool import Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The calls of one turn, and whose they are."""

    process: str
    incarnation: int
    run: str
    turn: int
    calls: Sequence[ToolUse]
    bad_calls: dict[str, str]
    says: str  # the process's last sentence, for whoever is asked
    tools: Sequence[str] | None  # the agent's own; None: all
    cwd: Path
    turns: Turns  # what its calls start or ask uses them too
    check: Callable[[], None]  # raises StorageError when the log has refused what led here
    elsewhere: Callable[[Tool], Tool] | None = None  # what makes a tool run in another process


class Surroundings(Protocol):
    """One session's settings and services. Read anew at each use: a person may change them at any time."""

    session: str
    bus: Bus
    budget: Budget
    retry: RetryPolicy
    guard: Guard

    @property
    def cwd(self) -> Path:
        """The session's folder."""
        ...

    def provider(self) -> Provider:
        """The model's server. Raises ProviderError when none is set."""
        ...

    def model(self, agent: Agent) -> str:
        """The model that a process of this agent uses now."""
        ...

    @property
    def max_turns(self) -> int:
        """Turns that one prompt may take, over all processes that work for it."""
        ...

    def price(self, model: str, prompt_tokens: int) -> Price | None:
        """The most that a token of the model costs after such a prompt; None when that isn't known."""
        ...

    def cost(self, model: str, usage: Usage) -> float | None:
        """What this usage cost in USD; None when the price isn't known."""
        ...

    def schemas(self, agent: Agent) -> tuple[ToolSchema, ...]:
        """The agent's tools as the model is told of them."""
        ...

    async def run_batch(self, batch: Batch, ended: list[CallOutcome | None]) -> BatchOutcome:
        """Run the calls through the tool pipeline.

        `ended` is filled in call order as calls end, so that a cancelled caller knows what was done.
        """
        ...

    def answered(self, input_id: str, outcome: RunOutcome) -> None:
        """The run that heard this input has ended."""
        ...
