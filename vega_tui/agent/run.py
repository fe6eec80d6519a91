"""One run: turns until the model stops calling tools, a person ends it, or a limit holds."""

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path

from vega_tui.agent.blueprint import system_prompt
from vega_tui.agent.outcome import RunOutcome
from vega_tui.agent.seat import Seat
from vega_tui.agent.surroundings import Batch, Surroundings
from vega_tui.agent.turn import Asked, ModelCall
from vega_tui.agent.turns import Turns
from vega_tui.core.errors import LimitReached, ProviderError, StorageError, Verdict
from vega_tui.core.events import (
    BudgetExceeded,
    RunFinished,
    RunStarted,
    TurnFinished,
    TurnStarted,
    Where,
)
from vega_tui.core.ids import new_id
from vega_tui.core.messages import Observation, Text, ToolUse, Usage, text_of
from vega_tui.core.ports import ModelDone
from vega_tui.core.words import CallState, StopReason
from vega_tui.protocol.rows import InputRow
from vega_tui.tools.outcome import BatchOutcome, CallOutcome

_CANCELLED = CallOutcome(
    Observation(text="Cancelled by the operator before it finished.", error=True, synthetic=True, fact="cancelled"),
    CallState.CANCELLED,
)


@dataclass(slots=True)
class Run:
    """A run under way. Its facts are published as they happen; `execute` also closes what was left open."""

    around: Surroundings
    seat: Seat
    incarnation: int
    input: InputRow | None = None
    id: str = field(default_factory=lambda: new_id("r"))
    turn: int = 0
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = 0.0
    cancel_reason: StopReason = StopReason.INTERRUPTED  # CANCELLED once a person asked for it
    turns: Turns = field(init=False)
    _open_turn: ModelCall | None = None
    _heard: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        seat = self.seat
        above = seat.turns if self.input is None else seat.turns_of.get(self.input.id)
        limit = seat.agent.max_turns or (0 if above else self.around.max_turns)
        self.turns = above if above and not limit else Turns(limit, above)

    async def execute(self) -> RunOutcome:
        """Run to the end. Failures are outcomes, not exceptions; cancelling closes the run, then goes on."""
        self.seat.attempts += 1
        self._publish_started()
        if self.input is not None:
            self._hear(self.input)
        outcome = RunOutcome(reason=self.cancel_reason)
        try:
            outcome = await self._turns()
        except asyncio.CancelledError:
            outcome = RunOutcome(reason=self.cancel_reason)
            if self.cancel_reason is StopReason.CANCELLED and (
                self._open_turn is None or self._open_turn.entry is None
            ):
                self._note("interrupted by you before anything was said", mark="interrupted")
            raise
        except (ProviderError, LimitReached, StorageError) as error:
            outcome = self._failed(error)
        except Exception as error:  # a bug: told as what it is, then the process crashes with it
            self._note(f"{type(error).__name__}: {error}", mark="error")
            outcome = RunOutcome(reason=StopReason.ERROR, error=error)
            raise
        finally:
            self._finish(outcome)
        return outcome

    @property
    def _cwd(self) -> Path:
        return self.seat.work_dir or self.around.cwd

    async def _turns(self) -> RunOutcome:
        conversation = self.seat.conversation
        while True:
            await self.seat.until_resumed()
            if not self.turns.take():
                return self._out_of_turns()
            self.turn += 1
            done = await self._ask_model()
            calls = [block for block in done.content if isinstance(block, ToolUse)]
            batch = await self._run_calls(calls, done) if calls else None
            self._close_turn()
            if batch is not None and batch.stop:
                return RunOutcome(reason=StopReason.CANCELLED, text=conversation.last_text(), stop=True)
            steering = self.seat.inputs.steering()
            for row in steering:
                self._hear(row)
            if not calls and not steering and done.stop_reason != "pause_turn":
                return RunOutcome(reason=StopReason.TEXT, text=text_of(done.content).strip())

    def _out_of_turns(self) -> RunOutcome:
        limit = (self.turns.full or self.turns).limit
        others = f", {limit - self.turn} of them in other processes" if limit > self.turn else ""
        self._note(f"stopped after {limit} turns{others}; say “go on” to continue")
        return RunOutcome(reason=StopReason.MAX_TURNS, text=self.seat.conversation.last_text())

    async def _ask_model(self) -> ModelDone:
        seat, agent = self.seat, self.seat.agent
        model = self.around.model(agent)
        self.around.bus.publish(TurnStarted(model=model, **self._who()))
        asked = Asked(
            process=seat.path,
            run=self.id,
            turn=self.turn,
            incarnation=self.incarnation,
            model=model,
            system=system_prompt(agent, path=seat.path, cwd=self._cwd, direct=seat.direct, extra=seat.extra_system),
            tools=self.around.schemas(agent),
            max_tokens=agent.max_tokens,
            temperature=agent.temperature,
        )
        self._open_turn = ModelCall(self.around, seat.conversation, asked)
        return await self._open_turn.answer()

    async def _run_calls(self, calls: list[ToolUse], done: ModelDone) -> BatchOutcome:
        batch = Batch(
            process=self.seat.path,
            incarnation=self.incarnation,
            run=self.id,
            turn=self.turn,
            calls=calls,
            bad_calls=done.bad_calls,
            says=last_sentence(text_of(done.content)),
            tools=self.seat.agent.tools,
            cwd=self._cwd,
            turns=self.turns,
            check=self.seat.conversation.check,
        )
        ended: list[CallOutcome | None] = [None] * len(calls)
        try:
            return await self.around.run_batch(batch, ended)
        finally:
            # Also when cancelled: every call of a message needs its result, or the next request is refused.
            for call, outcome in zip(calls, ended, strict=True):
                self._record(call, outcome or _CANCELLED)

    def _record(self, call: ToolUse, outcome: CallOutcome) -> None:
        self.seat.conversation.append(
            "tool_result",
            run=self.id,
            turn=self.turn,
            incarnation=self.incarnation,
            call=call.id,
            tool=call.name,
            observation=outcome.observation,
            state=outcome.state.value,
            duration_s=outcome.duration_s,
        )

    def _hear(self, row: InputRow) -> None:
        self._heard.append(row.id)
        self.seat.turns_of.pop(row.id, None)
        self.seat.conversation.append(
            "user",
            run=self.id,
            turn=self.turn,
            incarnation=self.incarnation,
            content=(Text(text=row.text),),
            author=row.author,
            mode=row.mode.value if self.turn else "",
            input=row.id,
        )
        self.seat.inputs.heard(row, "steered" if self.turn else "direct")

    def _failed(self, error: ProviderError | LimitReached | StorageError) -> RunOutcome:
        self._note(str(error), mark="error")
        if isinstance(error, LimitReached):
            budget = self.around.budget
            self.around.bus.publish(
                BudgetExceeded(limit_usd=budget.cap_usd or 0.0, spent_usd=budget.spent_usd, **self._who())
            )
            return RunOutcome(reason=StopReason.BUDGET_EXHAUSTED, error=error)
        timeout = isinstance(error, ProviderError) and error.verdict is Verdict.TIMEOUT
        return RunOutcome(reason=StopReason.TIMEOUT if timeout else StopReason.ERROR, error=error)

    def _note(self, note: str, mark: str = "info") -> None:
        self.seat.conversation.append(
            "system", run=self.id, turn=self.turn, incarnation=self.incarnation, note=note, mark=mark
        )

    def _close_turn(self, error: str = "") -> None:
        call, self._open_turn = self._open_turn, None
        if call is None:
            return
        self.usage = self.usage + call.usage
        self.cost_usd = None if self.cost_usd is None or call.cost_usd is None else self.cost_usd + call.cost_usd
        self.around.bus.publish(
            TurnFinished(
                model=call.asked.model,
                usage=call.usage,
                cost_usd=call.cost_usd,
                context_tokens=call.tab.last.prompt_tokens + call.tab.last.output_tokens,
                error=error,
                **self._who(),
            )
        )

    def _finish(self, outcome: RunOutcome) -> None:
        error = str(outcome.error) if outcome.error else ""
        self._close_turn(error or ("" if outcome.reason is StopReason.TEXT else outcome.reason.value))
        self.around.bus.publish(
            RunFinished(
                status=outcome.status,
                stop_reason=outcome.reason,
                error=error,
                turns=self.turn,
                usage=self.usage,
                cost_usd=self.cost_usd,
                **self._who(),
            )
        )
        for input_id in self._heard:
            self.around.answered(input_id, outcome)

    def _publish_started(self) -> None:
        self.around.bus.publish(
            RunStarted(
                input=self.input.id if self.input else "",
                attempt=self.seat.attempts,
                branch=self.seat.conversation.branch,
                **self._who(),
            )
        )

    def _who(self) -> Where:
        return {"session": self.around.session, "process": self.seat.path, "run": self.id, "turn": self.turn}


def last_sentence(text: str) -> str:
    """What a process said last, in one line: the why that a person reads beside its call."""
    flat = " ".join(text.split())
    sentences = re.split(r"(?<=[.!?:])\s+", flat)
    return sentences[-1][:160] if flat else ""
