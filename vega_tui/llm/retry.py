"""When a failed model call is tried again, and after how long. Pure: no clock, no chance of its own."""

import msgspec

from vega_tui.core.errors import ProviderError


class Backoff(msgspec.Struct, frozen=True, kw_only=True):
    """Waits that grow: `initial_s · multiplier^(n-1)`, ± `jitter` of it, never above `cap_s`."""

    initial_s: float = 1.0
    multiplier: float = 2.0
    cap_s: float = 60.0
    jitter: float = 0.2

    def delay(self, failures: int, chance: float) -> float:
        """The wait after so many failures in a row (from 1). `chance` in 0…1 picks the jitter; 0.5 is none."""
        # Past 64 doublings any wait is at its cap: the exponent is bounded so that the power can't overflow.
        plain = min(self.cap_s, self.initial_s * self.multiplier ** min(failures - 1, 64))
        return min(self.cap_s, max(0.0, plain * (1 + self.jitter * (2 * chance - 1))))


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How often a call is tried in all, and the waits between."""

    attempts: int = 4
    backoff: Backoff = Backoff()

    def delay_for(self, attempt: int, error: ProviderError, chance: float = 0.5) -> float | None:
        """The wait before the next attempt, after this one (from 1) failed; None: don't try again.

        A server's own `retry-after` is kept to, up to the cap. Nothing is retried once text was received.
        """
        if attempt >= self.attempts or error.after_delta or not error.verdict.retryable:
            return None
        if error.retry_after_s is not None:
            return min(error.retry_after_s, self.backoff.cap_s)
        return self.backoff.delay(attempt, chance)
