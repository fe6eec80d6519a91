"""Money: what is spent and held of the cap, how fast, by whom, and today."""

from collections import deque
from typing import Final

from vega_tui.core import events as ev
from vega_tui.protocol.rows import Snapshot
from vega_tui.protocol.session_state import cap_after

WINDOW_S: Final = 180.0
_SHORTEST_S: Final = 20.0  # a first call is no rate yet: it is spread over at least this


class BudgetView:
    """Figures of one session (or of all). `dirty` is taken and cleared by the pane."""

    def __init__(self) -> None:
        self.cap_usd: float | None = None
        self.spent_usd = 0.0
        self.unpriced = False
        self.today_usd = 0.0
        self.by_child: dict[str, float] = {}  # path of a child of the root -> what its whole subtree spent
        self.dirty = True
        self._holds: dict[str, float] = {}
        self._held_before = 0.0  # of holds that a snapshot only summed up
        self._spends: deque[tuple[float, float]] = deque()
        self._since = 0.0

    @property
    def held_usd(self) -> float:
        """Reserved for calls in flight."""
        return sum(self._holds.values()) + self._held_before

    @property
    def used_percent(self) -> int | None:
        """Spent of the cap; None without a cap."""
        return int(self.spent_usd * 100 / self.cap_usd + 1e-9) if self.cap_usd else None

    def burn_per_minute(self, now: float) -> float:
        """Dollars a minute over the last three minutes that this view has seen."""
        while self._spends and now - self._spends[0][0] > WINDOW_S:
            self._spends.popleft()
        if not self._spends:
            return 0.0
        seen_s = min(WINDOW_S, max(_SHORTEST_S, now - self._since))
        return sum(cost for _, cost in self._spends) * 60.0 / seen_s

    def cap_in_s(self, now: float) -> float | None:
        """Seconds until the cap at the present rate; None without a cap or a rate."""
        burn = self.burn_per_minute(now)
        if self.cap_usd is None or burn <= 0:
            return None
        return max(0.0, (self.cap_usd - self.spent_usd) / burn * 60.0)

    def load(self, snapshot: Snapshot) -> None:
        """Begin again from a snapshot; the rate begins anew with the next call."""
        session = snapshot.session
        self.cap_usd = session.budget_usd if session else None
        rows = snapshot.processes
        self.spent_usd = session.cost_usd if session else sum(row.cost_usd for row in rows)
        self.unpriced = session.unpriced if session else any(row.unpriced for row in rows)
        self.today_usd = snapshot.today_usd
        self.by_child = {}
        for row in rows:
            self._count_child(row.path, row.cost_usd)
        self._holds = dict(snapshot.holds)
        self._held_before = 0.0 if snapshot.holds else snapshot.held_usd
        self._spends.clear()
        self._since = 0.0
        self.dirty = True

    def apply(self, event: ev.AnyEvent) -> None:
        """Fold one event."""
        match event:
            case ev.SessionCreated():
                self.cap_usd = event.budget_usd
            case ev.SessionChanged():
                self.cap_usd = cap_after(self.cap_usd, event)
            case ev.TurnFinished():
                self._spend(event)
            case ev.BudgetReserved():
                self._holds[event.hold] = event.amount_usd
            case ev.BudgetSettled():
                if self._holds.pop(event.hold, None) is None:
                    self._held_before = 0.0
            case _:
                return
        self.dirty = True

    def _spend(self, event: ev.TurnFinished) -> None:
        if event.cost_usd is None:
            self.unpriced = True
            return
        self.spent_usd += event.cost_usd
        self.today_usd += event.cost_usd
        self._since = self._since or event.ts
        self._spends.append((event.ts, event.cost_usd))
        self._count_child(event.process, event.cost_usd)

    def _count_child(self, path: str, cost: float) -> None:
        parts = path.split("/", 2)
        if len(parts) > 1 and cost:
            child = f"{parts[0]}/{parts[1]}"
            self.by_child[child] = self.by_child.get(child, 0.0) + cost
