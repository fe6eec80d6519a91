"""The header: which session and branch, its mode and chips, how full its context is, what it cost."""

from vega_tui.client import format as fmt
from vega_tui.core import events as ev
from vega_tui.core.ids import MAIN, ROOT
from vega_tui.core.words import Mode
from vega_tui.protocol.rows import SessionRow, Snapshot
from vega_tui.protocol.session_state import created_row, session_after


class HeaderView:
    """One session's row, kept fresh. `dirty` is taken and cleared by the pane."""

    def __init__(self, read_only: bool = False) -> None:
        self.session: SessionRow | None = None
        self.read_only = read_only
        self.asks = 0
        self.context_tokens = 0
        self.context_window = 0
        self.dirty = True
        self._asking: set[str] = set()

    @property
    def name(self) -> str:
        """The session's name, or empty before there is one."""
        return self.session.name if self.session else ""

    @property
    def branch(self) -> str:
        """The root process's active branch."""
        return self.session.branch if self.session else MAIN

    @property
    def mode(self) -> Mode:
        """What is decided without asking."""
        return self.session.mode if self.session else Mode.MANUAL

    @property
    def chips(self) -> tuple[str, ...]:
        """Chips in their order: mode, SIMULATED, READ ONLY, n ASK."""
        mode = "YOLO" if self.mode is Mode.YOLO else self.mode.value
        simulated = ("SIMULATED",) if self.session and self.session.simulated else ()
        read_only = ("READ ONLY",) if self.read_only else ()
        asks = (f"{fmt.count(self.asks)} ASK",) if self.asks else ()
        return (mode, *simulated, *read_only, *asks)

    @property
    def context_percent(self) -> int | None:
        """How full the root's window is; None where that is unknown."""
        return fmt.ratio_percent(self.context_tokens, self.context_window) if self.context_window else None

    def load(self, snapshot: Snapshot) -> None:
        """Begin again from a snapshot."""
        self.session = snapshot.session
        self._asking = {approval.id for approval in snapshot.approvals}
        self.asks = len(self._asking)
        self.context_tokens = self.context_window = 0
        for row in snapshot.processes:
            if row.path == ROOT:
                self.context_tokens, self.context_window = row.context_tokens, row.context_window
        self.dirty = True

    def apply(self, event: ev.AnyEvent) -> None:
        """Fold one event."""
        changed = self._fold(event)
        match event:
            case ev.ProcessSpawned(process="root"):
                self.context_window = event.context_tokens
            case ev.TurnFinished(process="root") if event.context_tokens:
                self.context_tokens = event.context_tokens
            case ev.ApprovalRequested():
                self._asking.add(event.approval.id)
            case ev.ApprovalDecided() | ev.ApprovalExpired() | ev.ApprovalWithdrawn():
                self._asking.discard(event.approval)
            case _:
                if not changed:
                    return
        self.asks = len(self._asking)
        self.dirty = True

    def _fold(self, event: ev.AnyEvent) -> bool:
        """The session's own row; True when it changed."""
        before = self.session
        if isinstance(event, ev.SessionCreated):
            self.session = created_row(event)
        elif before is not None:
            self.session = session_after(before, event)
        return self.session is not before
