"""What the runtime itself puts into mailboxes, and the identities in it: Pid, Ref, ExitSignal, Down."""

import msgspec

from vega_tui.runtime.reasons import ExitReason


class Pid:
    """A process's identity. Never reused; equal only to itself; outlives the process."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    def __repr__(self) -> str:
        return f"<{self.number}>"


Target = Pid | str
"""Where a message goes: a pid, or a registered name."""


class Ref:
    """One monitor's identity."""

    __slots__ = ()


class ExitSignal(msgspec.Struct, frozen=True):
    """{'EXIT', Pid, Reason}: a link broke, or exit(pid, reason) was sent, and this process traps exits."""

    sender: Pid | None
    reason: ExitReason


class Down(msgspec.Struct, frozen=True):
    """{'DOWN', Ref, process, Object, Reason}: the monitored process ended. `name` if monitored by name."""

    ref: Ref
    pid: Pid | None
    reason: ExitReason
    name: str | None = None


EXIT = ExitSignal
DOWN = Down
