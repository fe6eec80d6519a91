"""A session's surroundings as an isolated agent has them: the same, but the model and the tools are elsewhere."""

from dataclasses import replace
from pathlib import Path

from vega_tui.agent.blueprint import Agent
from vega_tui.agent.isolation import Isolate
from vega_tui.agent.outcome import RunOutcome
from vega_tui.agent.surroundings import Batch, Surroundings
from vega_tui.core.messages import Usage
from vega_tui.core.ports import Provider, ToolSchema
from vega_tui.llm.budget import Price
from vega_tui.tools.outcome import BatchOutcome, CallOutcome


class IsolatedSurroundings(Surroundings):
    """Passes everything on, and lets the isolate run what must not run here."""

    def __init__(self, around: Surroundings, isolate: Isolate) -> None:
        self._around = around
        self._isolate = isolate
        self.session = around.session
        self.bus = around.bus
        self.budget = around.budget
        self.retry = around.retry
        self.guard = around.guard

    @property
    def cwd(self) -> Path:
        return self._around.cwd

    def provider(self) -> Provider:
        return self._isolate.provider(self._around.provider())

    def model(self, agent: Agent) -> str:
        return self._around.model(agent)

    @property
    def max_turns(self) -> int:
        return self._around.max_turns

    def price(self, model: str, prompt_tokens: int) -> Price | None:
        return self._around.price(model, prompt_tokens)

    def cost(self, model: str, usage: Usage) -> float | None:
        return self._around.cost(model, usage)

    def schemas(self, agent: Agent) -> tuple[ToolSchema, ...]:
        return self._around.schemas(agent)

    async def run_batch(self, batch: Batch, ended: list[CallOutcome | None]) -> BatchOutcome:
        return await self._around.run_batch(replace(batch, elsewhere=self._isolate.elsewhere), ended)

    def answered(self, input_id: str, outcome: RunOutcome) -> None:
        self._around.answered(input_id, outcome)
