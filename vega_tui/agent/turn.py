"""One model call: request, stream, and the message it leaves. Keeps what was said when it is cut short."""

from contextlib import aclosing
from dataclasses import dataclass, field

import msgspec

from vega_tui.agent.conversation import Conversation
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
from vega_tui.core.ports import (
    ModelDone,
    ModelRequest,
    ModelSealed,
    ModelText,
    ModelThinking,
    ModelToolArgs,
    ModelUsage,
    ToolSchema,
)
from vega_tui.core.records import Entry
from vega_tui.llm.call import stream_with_retry
from vega_tui.llm.tab import Tab


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
    tab: Tab = field(init=False)
    hold: str = ""  # of the attempt under way

    def __post_init__(self) -> None:
        self.tab = Tab(lambda usage: self.around.cost(self.asked.model, usage))

    @property
    def usage(self) -> Usage:
        """Tokens of all attempts."""
        return self.tab.usage

    @property
    def cost_usd(self) -> float | None:
        """What all attempts cost; None when the price isn't known."""
        return self.tab.cost_usd

    async def answer(self) -> ModelDone:
        """The whole message, stored as an entry.

        Raises ProviderError when retries were in vain or the stream broke, LimitReached before anything is
        sent. Cut short or cancelled, what was said is kept as an interrupted entry.
        """
        asked = self.asked
        request = ModelRequest(
            model=asked.model,
            messages=self.conversation.messages(),
            system=asked.system,
            tools=asked.tools,
            max_tokens=self._reserve(asked.max_tokens),
            temperature=asked.temperature,
        )
        try:
            # The question is stored before it is asked: an answer never stands without it.
            await self.around.bus.flush()
            self.conversation.check()
            done = await self._stream(request)
            self.tab.end(done.usage)
            self._settle(self.around.cost(asked.model, done.usage))
            self._keep(done.content, stop_reason=done.stop_reason)
            return done
        except BaseException as error:
            if self.entry is None:
                self._settle(self.tab.cut(unbilled=isinstance(error, ProviderError) and error.unbilled))
                self._keep_partial(error)
            raise

    def _reserve(self, max_tokens: int) -> int:
        """Hold what the next attempt can cost; how many tokens its answer may have."""
        asked, budget = self.asked, self.around.budget
        prompt_tokens = self.conversation.size_in_tokens(asked.model, asked.system, asked.tools)
        price = self.around.price(asked.model, prompt_tokens)
        hold = new_id("h")
        allowance = budget.reserve(
            hold, prompt_tokens=prompt_tokens, max_tokens=max_tokens, price=price, model=asked.model
        )
        self.hold = hold
        self.tab.hold(
            None if price is None else allowance.hold_usd,
            prompt_tokens=prompt_tokens,
            max_tokens=allowance.max_tokens,
        )
        if budget.cap_usd is not None:
            self.around.bus.publish(BudgetReserved(hold=hold, amount_usd=allowance.hold_usd, **self._who()))
        return allowance.max_tokens

    def _settle(self, spent_usd: float | None) -> None:
        """Give back the hold of the attempt that ended."""
        budget, hold = self.around.budget, self.hold
        self.hold = ""
        held = hold in budget.holds
        budget.settle(hold, spent_usd or 0.0)
        if held and budget.cap_usd is not None:
            self.around.bus.publish(BudgetSettled(hold=hold, amount_usd=spent_usd or 0.0, **self._who()))

    async def _stream(self, request: ModelRequest) -> ModelDone:
        bus = self.around.bus
        who = self._who()

        def on_retry(attempt: int, attempts: int, delay_s: float, error: ProviderError) -> ModelRequest:
            return self._again(request, attempt, attempts, delay_s, error)

        stream = stream_with_retry(self.around.provider(), request, self.around.retry, on_retry=on_retry)
        async with aclosing(stream) as pieces:
            async for piece in pieces:
                match piece:
                    case ModelText(text):
                        self.said.append(text)
                        self.tab.received(text)
                        bus.delta(TextDelta(text=text, **who))
                    case ModelThinking(text):
                        self.tab.received(text)
                        bus.delta(ThinkingDelta(text=text, **who))
                    case ModelToolArgs(call, tool, partial):
                        self.tab.received(partial) if partial else self.tab.received_call(tool)
                        bus.delta(ToolArgsDelta(call=call, tool=tool, text=partial, **who))
                    case ModelUsage(usage):
                        self.tab.counted(usage)
                    case ModelSealed(size):
                        self.tab.received_sealed(size)
                    case ModelDone():
                        return piece
        raise AssertionError("a stream ends with ModelDone or ProviderError")

    def _again(
        self, request: ModelRequest, attempt: int, attempts: int, delay_s: float, error: ProviderError
    ) -> ModelRequest:
        """The request to send next. Raises LimitReached when what the failed attempt cost leaves no room for it."""
        self._settle(self.tab.cut(unbilled=error.unbilled))
        max_tokens = self._reserve(request.max_tokens)
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
        return msgspec.structs.replace(request, max_tokens=max_tokens)

    def _keep_partial(self, error: BaseException) -> None:
        text = "".join(self.said)
        if not text.strip():
            return
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
