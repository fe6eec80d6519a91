"""One model call with its retries, each of them visible. Limits, breaker and budget are the caller's."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from vega_tui.core.errors import ProviderError
from vega_tui.core.ports import ModelEvent, ModelRequest, Provider
from vega_tui.llm.retry import RetryPolicy

OnRetry: TypeAlias = Callable[[int, int, float, ProviderError], ModelRequest]


async def stream_with_retry(
    provider: Provider,
    request: ModelRequest,
    policy: RetryPolicy,
    *,
    on_retry: OnRetry,
    chance: Callable[[], float] = random.random,
) -> AsyncGenerator[ModelEvent, None]:
    """The provider's pieces and its one ModelDone, from the first attempt that got as far as a piece.

    `on_retry(attempt, attempts, delay_s, error)` is called before each wait, with the attempt that failed; it gives
    the request to send next, or raises to leave it at that.
    Raises the last ProviderError. Cancelling ends the wait or the call; leave early through `aclosing`.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            async with _closing(provider.stream(request)) as events:
                async for event in events:
                    yield event
            return
        except ProviderError as error:
            delay_s = policy.delay_for(attempt, error, chance())
            if delay_s is None:
                raise
            request = on_retry(attempt, policy.attempts, delay_s, error)
        await asyncio.sleep(delay_s)


@asynccontextmanager
async def _closing(events: AsyncIterator[ModelEvent]) -> AsyncGenerator[AsyncIterator[ModelEvent], None]:
    """Close the stream on the way out where it can be closed, so that its connection doesn't wait for GC."""
    try:
        yield events
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()
