"""The header: which session and branch, its mode and chips, how full its context is, what it cost."""

import msgspec

from vega_tui.client import format as fmt
from vega_tui.core import events as ev
from vega_tui.core.ids import MAIN, ROOT
from vega_tui.core.words import Mode
from vega_tui.protocol.rows import SessionRow, Snapshot


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
        match event:
            case ev.SessionCreated():
                self._create(event)
            case ev.SessionChanged():
                self._change(event)
            case ev.BranchMoved(active=True, process="root" | ""):
                self._set(branch=event.branch)
            case ev.ProcessSpawned(process="root"):
                self.context_window = event.context_tokens
            case ev.TurnFinished():
                self._count(event)
            case ev.ApprovalRequested():
                self._asking.add(event.approval.id)
            case ev.ApprovalDecided() | ev.ApprovalExpired() | ev.ApprovalWithdrawn():
                self._asking.discard(event.approval)
            case _:
                return
        self.asks = len(self._asking)
        self.dirty = True

    def _create(self, event: ev.SessionCreated) -> None:
        self.session = SessionRow(
            id=event.session,
            name=event.name,
            cwd=event.cwd,
            model=event.model,
            mode=event.mode,
            agent=event.agent,
            budget_usd=event.budget_usd,
            max_turns=event.max_turns,
            simulated=event.simulated,
            ephemeral=event.ephemeral,
            created=event.ts,
        )

    def _change(self, event: ev.SessionChanged) -> None:
        if event.name is not None:
            self._set(name=event.name)
        if event.mode is not None:
            self._set(mode=event.mode)
        if event.model is not None:
            self._set(model=event.model)
        if event.simulated is not None:
            self._set(simulated=event.simulated)
        if event.budget_usd is not None:
            self._set(budget_usd=event.budget_usd if event.budget_usd >= 0 else None)

    def _count(self, event: ev.TurnFinished) -> None:
        if event.process == ROOT and event.context_tokens:
            self.context_tokens = event.context_tokens
        if self.session is None:
            return
        usage = self.session.usage + event.usage
        if event.cost_usd is None:
            self._set(unpriced=True, usage=usage)
        else:
            self._set(cost_usd=self.session.cost_usd + event.cost_usd, usage=usage)

    def _set(self, **changes: object) -> None:
        if self.session is not None:
            self.session = msgspec.structs.replace(self.session, **changes)
