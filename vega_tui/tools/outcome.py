"""What became of the calls of one turn."""

from dataclasses import dataclass

from vega_tui.core.messages import Observation
from vega_tui.core.words import CallState


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What one call of a batch came to."""

    observation: Observation
    state: CallState
    duration_s: float = 0.0


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """Outcomes in call order. `stop`: the operator denied a call and wants the process to end."""

    outcomes: tuple[CallOutcome, ...]
    stop: bool = False


def not_run(text: str) -> CallOutcome:
    """The end of a call that did not run; `text` is what the model is told."""
    return CallOutcome(Observation(text=text, error=True, synthetic=True), CallState.BLOCKED)
