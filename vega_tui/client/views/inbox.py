"""The inbox: calls that wait for a person, the riskiest first, then the oldest."""

from typing import Final

from vega_tui.core import events as ev
from vega_tui.core.records import Approval
from vega_tui.core.words import Risk
from vega_tui.protocol.rows import Snapshot

_RANK: Final = {Risk.HIGH: 0, Risk.MED: 1, Risk.LOW: 2}


class InboxView:
    """Pending questions. `dirty` is taken and cleared by the pane."""

    def __init__(self) -> None:
        self.approvals: dict[str, Approval] = {}
        self.dirty = True
        self._ordered: list[Approval] | None = None

    def __len__(self) -> int:
        return len(self.approvals)

    @property
    def ordered(self) -> list[Approval]:
        """Highest risk first, then oldest. Not to be changed."""
        if self._ordered is None:
            self._ordered = sorted(self.approvals.values(), key=lambda a: (_RANK[a.risk], a.created, a.id))
        return self._ordered

    @property
    def first(self) -> Approval | None:
        """The one that F5 opens and the strip shows."""
        return self.ordered[0] if self.approvals else None

    def position(self, approval: str) -> tuple[int, int]:
        """`1 of 2` as (1, 2); (0, n) for one that no longer waits."""
        ids = [one.id for one in self.ordered]
        return (ids.index(approval) + 1 if approval in self.approvals else 0, len(ids))

    def after(self, approval: str) -> Approval | None:
        """The one that comes next, round and round; None when no other waits."""
        ordered = self.ordered
        ids = [one.id for one in ordered]
        if approval not in self.approvals:
            return self.first
        following = ordered[(ids.index(approval) + 1) % len(ordered)]
        return following if following.id != approval else None

    def alike(self, approval: Approval) -> list[Approval]:
        """Those that one answer could settle with it, itself included; of HIGH risk only itself."""
        if not approval.group or approval.risk is Risk.HIGH:
            return [approval]
        return [one for one in self.ordered if one.group == approval.group and one.risk is not Risk.HIGH]

    def load(self, snapshot: Snapshot) -> None:
        """Begin again from a snapshot."""
        self.approvals = {approval.id: approval for approval in snapshot.approvals}
        self._touch()

    def apply(self, event: ev.AnyEvent) -> None:
        """Fold one event."""
        match event:
            case ev.ApprovalRequested():
                self.approvals[event.approval.id] = event.approval
            case ev.ApprovalDecided() | ev.ApprovalExpired() | ev.ApprovalWithdrawn():
                if self.approvals.pop(event.approval, None) is None:
                    return
            case ev.SessionRemoved():
                self.approvals = {key: one for key, one in self.approvals.items() if one.session != event.session}
            case _:
                return
        self._touch()

    def _touch(self) -> None:
        self._ordered = None
        self.dirty = True
