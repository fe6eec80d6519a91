"""What the panes of one screen share: the feed and its views, the look, and a few things that are only on screen."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import msgspec

from vega_tui.client.feed import FeedState, Outage
from vega_tui.client.views.fleet import FleetView
from vega_tui.client.views.view_set import ViewSet
from vega_tui.core import clock
from vega_tui.core.ids import base_name
from vega_tui.core.records import Approval
from vega_tui.protocol import operations as ops
from vega_tui.protocol.operations import Operation
from vega_tui.protocol.rows import SessionRow
from vega_tui.tui.look import Look
from vega_tui.tui.startup import FaceOptions

P = TypeVar("P", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)


class FeedLike(Protocol):
    """The part of client.feed.Feed that the screen uses; a test gives views without a host."""

    state: FeedState
    views: ViewSet
    session: str
    seq: int
    outage: Outage | None

    @property
    def session_row(self) -> SessionRow | None:
        """The open session."""
        ...

    async def call(self, op: Operation[P, R], params: P, timeout_s: float = 30.0) -> R:
        """Ask the host."""
        ...

    async def show(self, process: str, session: str = "") -> None:
        """Show another process's transcript."""
        ...

    async def older(self) -> bool:
        """Read an older page."""
        ...

    def another(self, opening: ops.SessionOpen) -> "FeedLike":
        """A feed of another session, to be opened."""
        ...

    def reconnect(self) -> None:
        """Try to come back now."""
        ...

    async def open(self) -> None:
        """Connect and load."""
        ...

    async def close(self) -> None:
        """Leave."""
        ...


class Face:
    """One screen's shared state. Panes read it; only the screen and the app change it."""

    def __init__(
        self, feed: FeedLike, look: Look, options: FaceOptions, *, wall: Callable[[], float] = clock.wall
    ) -> None:
        self.feed = feed
        self.look = look
        self.options = options
        self.wall = wall
        self.later: set[str] = set()  # approvals put off with `z`: they wait, but behind the others
        self.tab = "fleet"
        self.one_column = False
        self.tiny = False
        self.note = ""  # a short word of ours, shown on the prompt's rule for a while

    @property
    def views(self) -> ViewSet:
        """What is known."""
        return self.feed.views

    @property
    def fleet(self) -> FleetView:
        """The processes."""
        return self.views.fleet

    @property
    def lost(self) -> bool:
        """True while what is shown may be old."""
        return self.feed.state in (FeedState.LOST, FeedState.FAILED)

    @property
    def approvals(self) -> list[Approval]:
        """Those that wait, in the order they are to be decided; put off ones last."""
        ordered = self.views.inbox.ordered
        if not self.later:
            return ordered
        return sorted(ordered, key=lambda approval: approval.id in self.later)

    @property
    def next_approval(self) -> Approval | None:
        """The one that F5 opens."""
        approvals = self.approvals
        return approvals[0] if approvals else None

    @property
    def to(self) -> str:
        """The name of the process that the prompt talks to."""
        return base_name(self.views.chat.process)

    @property
    def working(self) -> bool:
        """True while the process shown is in a run, so that Enter steers."""
        return bool(self.views.chat.state.run)
