"""A cap in dollars that holds before the money is spent: reserve, then settle. Pure state, one owner."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vega_tui.core.errors import LimitReached
from vega_tui.core.messages import Usage
from vega_tui.llm.prices import OwnPrice, cost_usd

_MIN_ANSWER_TOKENS: Final = 256  # an answer shorter than this isn't worth asking for


@dataclass(frozen=True, slots=True)
class Price:
    """USD per token, at most: input is what newly cached tokens cost where that is more."""

    input: float
    output: float


def price_of(model: str, own: Mapping[str, OwnPrice] | None = None, prompt_tokens: int = 1000) -> Price | None:
    """The most that a token of the model costs after a prompt of this size; None when it isn't known."""
    # Prices have steps: round up, so that the table is asked for few sizes.
    size = -(-max(prompt_tokens, 1) // 1000) * 1000
    fresh = cost_usd(model, Usage(input_tokens=size), own)
    cached = cost_usd(model, Usage(cache_write_tokens=size), own)
    answered = cost_usd(model, Usage(input_tokens=size, output_tokens=1000), own)
    if fresh is None or cached is None or answered is None:
        return None
    return Price(max(fresh, cached) / size, (answered - fresh) / 1000)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a call may cost: its share is held until it is settled."""

    hold_usd: float
    max_tokens: int


@dataclass(slots=True)
class Budget:
    """Spent and held of a cap; `cap_usd` None never refuses. Many calls may hold a share at once."""

    cap_usd: float | None = None
    spent_usd: float = 0.0
    holds: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def held_usd(self) -> float:
        """What calls in flight may still cost."""
        return sum(self.holds.values())

    @property
    def free_usd(self) -> float:
        """What is neither spent nor held; infinite without a cap."""
        return float("inf") if self.cap_usd is None else self.cap_usd - self.spent_usd - self.held_usd

    def reserve(self, hold: str, *, prompt_tokens: int, max_tokens: int, price: Price | None, model: str) -> Allowance:
        """Hold the most a call can cost, shortening its answer to what is affordable.

        Raises LimitReached when not even a short answer fits under the cap, or the price isn't known.
        """
        if price is None:
            if self.cap_usd is not None:
                raise LimitReached(
                    f"the price of {model} is unknown, so the cap of ${self.cap_usd:.2f} can't be held; "
                    "give it under prices in config.yaml, or lift the cap with /budget off"
                )
            return Allowance(0.0, max_tokens)
        prompt_usd = prompt_tokens * price.input
        if self.cap_usd is not None:
            affordable = int((self.free_usd - prompt_usd) / price.output) if price.output > 0 else max_tokens
            if affordable < min(_MIN_ANSWER_TOKENS, max_tokens):
                raise LimitReached(
                    f"budget used: {_money(self.spent_usd)} of {_money(self.cap_usd)}, "
                    f"and the next call needs ${prompt_usd + _MIN_ANSWER_TOKENS * price.output:.4f}; "
                    "/budget raises it"
                )
            max_tokens = min(max_tokens, affordable)
        amount = prompt_usd + max_tokens * price.output
        self.holds[hold] = amount
        return Allowance(amount, max_tokens)

    def settle(self, hold: str, spent_usd: float) -> None:
        """Give the hold back and count what the call really cost."""
        self.holds.pop(hold, None)
        self.spent_usd += spent_usd


def _money(usd: float) -> str:
    """Two places, four below ten cents: a tiny cap must not read as none."""
    return f"${usd:.2f}" if usd >= 0.1 or usd == 0 else f"${usd:.4f}"
