import asyncio
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.virtual_loop import run_virtual
from tests.llm.talk import asking
from vega_tui.core import clock
from vega_tui.core.errors import ProviderError, Verdict
from vega_tui.core.messages import Text, Usage
from vega_tui.core.ports import ModelDone, ModelEvent, ModelRequest, ModelText, Provider
from vega_tui.llm.call import stream_with_retry
from vega_tui.llm.retry import Backoff, RetryPolicy

DONE = ModelDone(content=(Text(text="yes"),), stop_reason="end_turn", usage=Usage(1, 1))
STEADY = RetryPolicy(attempts=4, backoff=Backoff(jitter=0))


def failure(verdict: Verdict = Verdict.OVERLOADED, **more: object) -> ProviderError:
    error = ProviderError("no", verdict=verdict)
    for name, value in more.items():
        setattr(error, name, value)
    return error


class Failing(Provider):
    """Fails as told, one failure a call, then answers; `silent` never does."""

    def __init__(self, *failures: ProviderError, silent: bool = False) -> None:
        self.simulated = True
        self.calls = 0
        self.closed = 0
        self._failures = list(failures)
        self._silent = silent

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        self.calls += 1
        try:
            if self._failures:
                error = self._failures.pop(0)
                if error.after_delta:
                    yield ModelText("half")
                raise error
            yield ModelText("yes")
            if self._silent:
                await asyncio.Event().wait()
            yield DONE
        finally:
            self.closed += 1

    async def count_tokens(self, request: ModelRequest) -> int:
        return 0

    async def models(self) -> tuple[str, ...]:
        return ()

    async def aclose(self) -> None:
        pass


Seen = list[tuple[int, int, float, Verdict]]


async def call(provider: Provider, policy: RetryPolicy, seen: Seen, chance: float = 0.5) -> list[ModelEvent]:
    def on_retry(attempt: int, attempts: int, delay_s: float, error: ProviderError) -> ModelRequest:
        seen.append((attempt, attempts, delay_s, error.verdict))
        return asking("x")

    events = stream_with_retry(provider, asking("x"), policy, on_retry=on_retry, chance=lambda: chance)
    return [event async for event in events]


def never(attempt: int, attempts: int, delay_s: float, error: ProviderError) -> ModelRequest:
    raise AssertionError("nothing to retry")


def test_a_passing_failure_is_waited_out_and_each_wait_is_told():
    seen: Seen = []

    async def main() -> float:
        provider = Failing(failure(), failure(Verdict.TIMEOUT), failure(Verdict.TEMPORARY))
        assert await call(provider, STEADY, seen) == [ModelText("yes"), DONE]
        assert provider.closed == provider.calls == 4
        return clock.monotonic()

    assert run_virtual(main()) == pytest.approx(1 + 2 + 4)
    assert seen == [
        (1, 4, 1.0, Verdict.OVERLOADED),
        (2, 4, 2.0, Verdict.TIMEOUT),
        (3, 4, 4.0, Verdict.TEMPORARY),
    ]


def test_the_last_failure_is_raised_when_no_attempt_is_left():
    seen: Seen = []
    last = failure(Verdict.RATE_LIMIT)

    async def main() -> None:
        provider = Failing(failure(), failure(), failure(), last, failure())
        with pytest.raises(ProviderError) as caught:
            await call(provider, STEADY, seen)
        assert caught.value is last
        assert provider.calls == 4

    run_virtual(main())
    assert len(seen) == 3


@pytest.mark.parametrize(
    "error",
    [
        failure(Verdict.AUTHENTICATION),
        failure(Verdict.INVALID_REQUEST),
        failure(Verdict.BUDGET),
        failure(Verdict.OVERLOADED, after_delta=True),
    ],
    ids=["authentication", "invalid request", "budget", "after a piece"],
)
def test_what_waiting_does_not_help_is_raised_at_once(error: ProviderError):
    seen: Seen = []

    async def main() -> float:
        provider = Failing(error)
        with pytest.raises(ProviderError):
            await call(provider, STEADY, seen)
        assert provider.calls == 1
        return clock.monotonic()

    assert run_virtual(main()) == 0.0
    assert seen == []


def test_the_servers_own_wait_is_kept_up_to_the_cap():
    seen: Seen = []
    errors = failure(Verdict.RATE_LIMIT, retry_after_s=7.5), failure(Verdict.RATE_LIMIT, retry_after_s=86_400.0)
    run_virtual(call(Failing(*errors), STEADY, seen, chance=1.0))
    assert [delay for _, _, delay, _ in seen] == [7.5, 60.0]


def test_cancelling_ends_the_wait():
    async def main() -> float:
        provider = Failing(failure(Verdict.RATE_LIMIT, retry_after_s=50.0))
        task = asyncio.create_task(call(provider, STEADY, []))
        await asyncio.sleep(3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert provider.calls == provider.closed == 1
        return clock.monotonic()

    assert run_virtual(main()) == 3.0


def test_leaving_early_closes_the_providers_stream():
    async def main() -> None:
        provider = Failing(silent=True)
        events = stream_with_retry(provider, asking("x"), STEADY, on_retry=never)
        assert await anext(events) == ModelText("yes")
        await events.aclose()
        assert provider.closed == 1

    run_virtual(main())


backoffs = st.builds(
    Backoff,
    initial_s=st.floats(0, 100),
    multiplier=st.floats(1, 10),
    cap_s=st.floats(0, 1000),
    jitter=st.floats(0, 1),
)


@given(backoffs, st.integers(1, 10_000), st.floats(0, 1))
def test_a_wait_is_never_negative_nor_above_the_cap(backoff: Backoff, failures: int, chance: float):
    assert 0 <= backoff.delay(failures, chance) <= backoff.cap_s


@given(backoffs, st.integers(1, 200), st.floats(0, 1))
def test_waits_never_shrink_as_failures_mount(backoff: Backoff, failures: int, chance: float):
    assert backoff.delay(failures, chance) <= backoff.delay(failures + 1, chance)


@given(
    attempts=st.integers(1, 6),
    verdicts=st.lists(st.sampled_from(list(Verdict)), max_size=8),
    waits=st.lists(st.none() | st.floats(0, 1000), min_size=8, max_size=8),
    chance=st.floats(0, 1),
)
def test_calls_waits_and_time_agree_with_the_rule(
    attempts: int, verdicts: list[Verdict], waits: list[float | None], chance: float
):
    policy = RetryPolicy(attempts=attempts)
    errors = [failure(verdict, retry_after_s=wait) for verdict, wait in zip(verdicts, waits, strict=False)]
    calls, total, ends = 0, 0.0, "done"
    for verdict, wait in zip(verdicts, waits, strict=False):
        calls += 1
        passing = verdict.name in ("RATE_LIMIT", "OVERLOADED", "TIMEOUT", "TEMPORARY")
        if not passing or calls == attempts:
            ends = verdict.name
            break
        drift = 0.8 + 0.4 * chance
        total += min(60.0, min(60.0, 2.0 ** (calls - 1)) * drift) if wait is None else min(wait, 60.0)
    else:
        calls += 1
    seen: Seen = []

    async def main() -> tuple[str, int, float]:
        provider = Failing(*errors)
        try:
            await call(provider, policy, seen, chance)
            end = "done"
        except ProviderError as error:
            end = error.verdict.name
        return end, provider.calls, clock.monotonic()

    end, called, took = run_virtual(main())
    assert (end, called, len(seen)) == (ends, calls, calls - 1)
    assert took == pytest.approx(total)
    assert sum(delay for _, _, delay, _ in seen) == pytest.approx(total)
