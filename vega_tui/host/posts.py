"""What the runtime's processes are to us: a post is given to the runtime as a label and comes back in events."""

from dataclasses import dataclass, field

from vega_tui.agent.seat import Seat
from vega_tui.core.words import ProcessKind
from vega_tui.runtime import ExitReason, Pid, Supervision


@dataclass(slots=True, eq=False)
class Post:
    """A place in a session's tree, whoever holds it now.

    `visible` False: a supervisor that only keeps a parent's children apart and is not shown.
    `lives_before`: incarnations under earlier hosts, which the runtime doesn't know of.
    `supervision`: its own supervisor's settings, where it has one; that supervisor is a child of `outer`.
    """

    session: str
    path: str
    kind: ProcessKind = ProcessKind.AGENT
    visible: bool = True
    seat: Seat | None = None
    restart: str = "temporary"
    supervisor: Pid | None = None
    child_id: str = ""
    lives_before: int = 0
    pid: Pid | None = field(default=None)
    supervision: Supervision | None = None
    outer: Pid | None = None
    why: str = ""
    life: int = 0  # the newest incarnation
    started: float = 0.0
    reason: ExitReason | None = None  # of the newest end
    stopping: bool = False
    restarting: bool = False
    gave_up: str = ""  # a supervisor that is ending because of it: how many restarts

    def incarnation(self, runtime_incarnation: int) -> int:
        """The number of a life, counted over all hosts."""
        return self.lives_before + runtime_incarnation
