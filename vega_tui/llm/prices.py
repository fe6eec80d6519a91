"""What tokens cost. Listed prices come from genai-prices' own data, offline; a person's own table wins.

An unknown model costs None, never a guess. Simulated models have a pretend price so that meters move.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import Final

import msgspec

from vega_tui.core.messages import Usage

SIMULATED: Final = "simulated"
_MILLION: Final = 1_000_000
_CLAUDE_WINDOW: Final = 200_000


class OwnPrice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's own price of a model, in USD per million tokens; the cache's default to the input's."""

    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None

    def cost(self, usage: Usage) -> float:
        """What this usage costs in USD."""
        read = self.input if self.cache_read is None else self.cache_read
        write = self.input if self.cache_write is None else self.cache_write
        parts = (
            usage.input_tokens * self.input,
            usage.output_tokens * self.output,
            usage.cache_read_tokens * read,
            usage.cache_write_tokens * write,
        )
        return sum(parts) / _MILLION


PRETEND: Final = OwnPrice(input=3.0, output=15.0, cache_read=0.3, cache_write=3.75)


def cost_usd(model: str, usage: Usage, own: Mapping[str, OwnPrice] | None = None) -> float | None:
    """What this usage costs in USD, thinking included; None when no price is known.

    The first call for a listed model imports the price data (0.25 s) unless `warm()` did.
    """
    if own and model in own:
        return own[model].cost(usage)
    if is_pretend(model):
        return PRETEND.cost(usage)
    return _listed(model, usage)


def is_pretend(model: str) -> bool:
    """True for simulated models: their cost is shown, and spent by nobody."""
    return model == SIMULATED or model.startswith(f"{SIMULATED}-")


def context_window(model: str) -> int:
    """Tokens that fit into the model's context; 0 when unknown."""
    if is_pretend(model) or model.startswith(("claude-", "anthropic/claude-")):
        return _CLAUDE_WINDOW
    return 0


def warm() -> None:
    """Import the price data. Blocks for a quarter of a second: call it in a thread."""
    import_module("genai_prices")


@lru_cache(maxsize=2048)
def _listed(model: str, usage: Usage) -> float | None:
    from genai_prices import Usage as Listed
    from genai_prices import calc_price

    counted = Listed(
        input_tokens=usage.prompt_tokens,  # theirs is the total, cache included
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
    )
    try:
        return float(calc_price(counted, model, provider_id="anthropic").total_price)
    except LookupError:
        return None
