"""One model call: request, stream, and the message it leaves. Keeps what was said when it is cut short."""

from contextlib import aclosing
from dataclasses import dataclass, field

from vega_tui.agent.conversation import Conversation, size_in_tokens
from vega_tui.agent.surroundings import Surroundings
from vega_tui.core.errors import ProviderError
from vega_tui.core.events import (
    BudgetReserved,
    BudgetSettled,
    MessageCompleted,
    MessageInterrupted,
    ModelRetry,
    TextDelta,
    ThinkingDelta,
    ToolArgsDelta,
    Where,
)
from vega_tui.core.ids import new_id
from vega_tui.core.messages import AnyBlock, Text, Usage
from vega_tui.core.ports import ModelDone, ModelRequest, ModelText, ModelThinking, ModelToolArgs, ToolSchema
from vega_tui.core.records import Entry
from vega_tui.llm.budget import Allowance, Price
from vega_tui.llm.call import stream_with_retry


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks what."""

    process: str
    run: str
    turn: int
    incarnation: int
    model: str
    system: str
    tools: tuple[ToolSchema, ...]
    max_tokens: int
    temperature: float | None


@dataclass(slots=True)
class ModelCall:
    """One call under way. After `answer()` ended, however it did, `entry`, `usage` and `cost_usd` are true."""

    around: Surroundings
    conversation: Conversation
    asked: Asked
    said: list[str] = field(default_factory=list[str])
    entry: Entry | None = None
    usage: Usage = field(default_factory=Usage)
    cost_usd: float | None = 0.0

    async def answer(self) -> ModelDone:
        """The whole message, stored as an entry.

        Raises ProviderError when retries were in vain or the stream broke, LimitReached before anything is
        sent. Cut short or cancelled, what was said is kept as an interrupted entry.
        """
        asked = self.asked
        messages = self.conversation.messages()
        prompt_tokens = size_in_tokens(messages, asked.system)
        price = self.around.price(asked.model)
        hold = new_id("h")
        allowance = self._reserve(hold, prompt_tokens, price)
        request = ModelRequest(
            model=asked.model,
            messages=messages,
            system=asked.system,
            tools=asked.tools,
            max_tokens=allowance.max_tokens,
            temperature=asked.temperature,
        )
        try:
            # The question is stored before it is asked: an answer never stands without it.
            await self.around.bus.flush()
            done = await self._stream(request)
            self.usage = done.usage
            self.cost_usd = self.around.cost(asked.model, done.usage)
            self._keep(done.content, stop_reason=done.stop_reason)
            return done
        except BaseException as error:
            self._keep_partial(error, prompt_tokens, price)
            raise
        finally:
            self._settle(hold)

    def _reserve(self, hold: str, prompt_tokens: int, price: Price | None) -> Allowance:
        asked, budget = self.asked, self.around.budget
        allowance = budget.reserve(
            hold, prompt_tokens=prompt_tokens, max_tokens=asked.max_tokens, price=price, model=asked.model
        )
        if budget.cap_usd is not None:
            self.around.bus.publish(BudgetReserved(hold=hold, amount_usd=allowance.hold_usd, **self._who()))
        return allowance

    def _settle(self, hold: str) -> None:
        budget = self.around.budget
        held = hold in budget.holds
        budget.settle(hold, self.cost_usd or 0.0)
        if held and budget.cap_usd is not None:
            self.around.bus.publish(BudgetSettled(hold=hold, amount_usd=self.cost_usd or 0.0, **self._who()))

    async def _stream(self, request: ModelRequest) -> ModelDone:
        bus = self.around.bus
        who = self._who()
        stream = stream_with_retry(self.around.provider(), request, self.around.retry, on_retry=self._on_retry)
        async with aclosing(stream) as pieces:
            async for piece in pieces:
                match piece:
                    case ModelText(text):
                        self.said.append(text)
                        bus.delta(TextDelta(text=text, **who))
                    case ModelThinking(text):
                        bus.delta(ThinkingDelta(text=text, **who))
                    case ModelToolArgs(call, tool, partial):
                        bus.delta(ToolArgsDelta(call=call, tool=tool, text=partial, **who))
                    case ModelDone():
                        return piece
        raise AssertionError("a stream ends with ModelDone or ProviderError")

    def _on_retry(self, attempt: int, attempts: int, delay_s: float, error: ProviderError) -> None:
        self.around.bus.publish(
            ModelRetry(
                **self._who(),
                attempt=attempt,
                attempts=attempts,
                delay_s=delay_s,
                verdict=error.verdict.value,
                message=str(error),
            )
        )

    def _keep_partial(self, error: BaseException, prompt_tokens: int, price: Price | None) -> None:
        text = "".join(self.said)
        if self.entry is not None or not text.strip():
            return
        # The provider told no usage: count what was sent and said, so that a cap can't be passed by cutting off.
        self.usage = Usage(input_tokens=prompt_tokens, output_tokens=len(text) // 4 + 1)
        self.cost_usd = None if price is None else prompt_tokens * price.input + self.usage.output_tokens * price.output
        reason = "interrupted" if not isinstance(error, ProviderError) else str(error)
        self._keep((Text(text=text),), stop_reason="interrupted", interrupted=reason)

    def _keep(self, content: tuple[AnyBlock, ...], *, stop_reason: str, interrupted: str = "") -> None:
        asked = self.asked
        self.entry = self.conversation.append(
            "assistant",
            run=asked.run,
            turn=asked.turn,
            incarnation=asked.incarnation,
            content=content,
            author=asked.process,
            model=asked.model,
            usage=self.usage,
            cost_usd=self.cost_usd,
            stop_reason=stop_reason,
            interrupted=bool(interrupted),
        )
        if interrupted:
            self.around.bus.publish(MessageInterrupted(entry=self.entry.id, reason=interrupted, **self._who()))
        else:
            self.around.bus.publish(MessageCompleted(entry=self.entry.id, stop_reason=stop_reason, **self._who()))

    def _who(self) -> Where:
        asked = self.asked
        return {"session": self.around.session, "process": asked.process, "run": asked.run, "turn": asked.turn}
