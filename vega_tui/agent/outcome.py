"""How a run ended."""

from dataclasses import dataclass

from vega_tui.core.words import RunStatus, StopReason, status_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """How a run ended. `error` is set when it failed; `stop`: the process is to end with it."""

    reason: StopReason
    text: str = ""
    error: Exception | None = None
    stop: bool = False

    @property
    def status(self) -> RunStatus:
        """The status that agrees with the reason."""
        return status_of(self.reason)
