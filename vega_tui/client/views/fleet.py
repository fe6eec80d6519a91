"""The fleet: every process of a session (or of all), in tree order, with what it does and costs.

Pure fold; an event costs one row and the chain above it. Which rows are folded away is the pane's own.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from vega_tui.client import format as fmt
from vega_tui.core import events as ev
from vega_tui.core.ids import parent_path
from vega_tui.core.words import ProcessKind
from vega_tui.protocol.process_state import ProcessState
from vega_tui.protocol.rows import ProcessRow, Snapshot

ATTENTION: Final = ("ASK", "FAIL", "WARN", "RSTR", "run", "wait", "PAUS", "done", "kill")
SORTS: Final = ("tree", "attention", "cost", "context", "age")
_RANK: Final = {state: rank for rank, state in enumerate(ATTENTION)}
_MARKS_SHOWN: Final = 5


@dataclass(slots=True, eq=False)
class FleetRow(ProcessState):
    """A process with its place in the tree and the costs below it."""

    key: str = ""
    up: "FleetRow | None" = None
    below: list["FleetRow"] = field(default_factory=list["FleetRow"])  # children, in order of their coming
    subtree_usd: float = 0.0
    subtree_unpriced: bool = False

    @property
    def depth(self) -> int:
        """0 for a row at the top."""
        return len(self.rails)

    @property
    def rails(self) -> tuple[bool, ...]:
        """For each level from the top to this row: True where a later sibling follows (`├`, `│`), else (`└`, ` `)."""
        found: list[bool] = []
        row = self
        while row.up is not None:
            found.append(row.up.below[-1] is not row)
            row = row.up
        return tuple(reversed(found))

    @property
    def _between_lives(self) -> bool:
        """The life that `incarnation` counts has ended, and another one is to come."""
        return self.state == "RSTR" and len(self.lives) < self.incarnation

    @property
    def number(self) -> int:
        """The incarnation that lives, or comes next."""
        return self.incarnation + self._between_lives

    @property
    def life_marks(self) -> tuple[str, ...]:
        """For each of the last lives `died`, or `done` where it ended well; then the present state.

        Empty while there is only one.
        """
        reasons = (*self.lives, self.reason) if self._between_lives else self.lives
        marks = ("done" if reason in ("normal", "shutdown") else "died" for reason in reasons[-(_MARKS_SHOWN - 1) :])
        return (*marks, self.state) if reasons else ()

    @property
    def quiet(self) -> bool:
        """A supervisor below which nobody has done anything yet, nor has anything to do."""
        return self.kind is ProcessKind.SUPERVISOR and bool(self.below) and all(one.idle for one in self.below)

    @property
    def idle(self) -> bool:
        """In its first life, without a task, a turn or a question; of a supervisor also all below it."""
        if self.incarnation > 1 or self.state not in ("wait", "run"):
            return False
        if self.kind is ProcessKind.SUPERVISOR:
            return not self.restarts and all(one.idle for one in self.below)
        return not (self.task or self.turns or self.run or self.asking)

    def shown_state(self, now: float) -> str:
        """Its state word; WARN for a supervisor that has at most one restart left at wall time `now`."""
        if self.kind is ProcessKind.SUPERVISOR and self.state == "run" and self.intensity:
            used = self.restarts_used(now)
            return "WARN" if used and used >= self.intensity - 1 else self.state
        return self.state

    @property
    def context_percent(self) -> int | None:
        """How full the model's window is; None where that is unknown or does not apply."""
        return fmt.ratio_percent(self.context_tokens, self.context_window) if self.context_window else None

    def now_text(self, now: float) -> str:
        """What it does or waits for, with the countdown that stands at wall time `now`."""
        if again := self.again_text(now):
            return f"{self.now} · {again}" if self.now else again
        if self.kind is ProcessKind.SUPERVISOR and not self.ended:
            return f"{self.now} · {self.restarts_text(now)}" if self.intensity else self.now
        return self.now

    def again_text(self, now: float) -> str:
        """`again in 4 s`, while it waits for its next life or try; else empty."""
        at = self.restart_at or (self.retry_at if self.state == "wait" else 0.0)
        if not at:
            return ""
        return f"again in {fmt.countdown(at - now)}" if at > now else "again now"

    def restarts_text(self, now: float) -> str:
        """`4 of 5 in 60 s`: restarts that count now, of how many before it gives up."""
        return f"{self.restarts_used(now)} of {self.intensity} in {self.period_s:g} s"


class FleetView:
    """Rows by key, and their order.

    The key is the process's path; where all sessions are shown (`session` empty), `session:path`.
    """

    def __init__(self, session: str = "") -> None:
        self.session = session
        self.rows: dict[str, FleetRow] = {}
        self.order: list[FleetRow] = []
        self.sort = "tree"
        self._now = 0.0  # when the last event was
        self.counts: Counter[str] = Counter()  # rows by state word
        self.dirty: set[str] = set()  # keys whose row looks different; the pane takes and clears
        self.reordered = True  # rows came, went or moved; the pane takes and clears

    def key(self, session: str, path: str) -> str:
        """The key of a process in this view."""
        return path if self.session else f"{session}:{path}"

    def row(self, path: str, session: str = "") -> FleetRow | None:
        """The row of a process."""
        return self.rows.get(self.key(session, path))

    def load(self, snapshot: Snapshot) -> None:
        """Begin again from a snapshot."""
        self.rows.clear()
        self.order.clear()
        self.counts.clear()
        self.dirty.clear()
        for process in snapshot.processes:
            self._load_row(process)
        for row in self.rows.values():  # a supervisor's restarts are those of its children
            above = self.row(row.supervisor, row.session) if row.supervisor and row.restarts else None
            if above is not None:
                own = (then for then in row.restarts if then >= above.started)
                above.restarts = tuple(sorted({*above.restarts, *own}))
        for call in snapshot.calls:
            if found := self.row(call.process, call.session):
                found.open_call(call)
        for approval in snapshot.approvals:
            if found := self.row(approval.process, approval.session):
                found.ask(approval)
        self.resort()

    def apply(self, event: ev.AnyEvent) -> None:
        """Fold one event."""
        self._now = max(self._now, event.ts)
        if isinstance(event, ev.SessionRemoved):
            self._remove_session(event.session)
            return
        row = self.row(event.process, event.session) if event.process else None
        if row is None:
            if not isinstance(event, ev.ProcessSpawned):
                return
            row = self._new_row(event.session, event.process)
            row.parent, row.supervisor = event.parent, event.supervisor
            self._hang(row)
            self._insert(row)
            self.counts[row.state] += 1
        state, cost, unpriced = row.state, row.cost_usd, row.unpriced
        if not row.apply(event):
            return
        if row.state != state:
            self.counts[state] -= 1
            self.counts[row.state] += 1
        self.dirty.add(row.key)
        if row.cost_usd != cost or row.unpriced != unpriced:
            self._roll_up(row, row.cost_usd - cost)
        if isinstance(event, ev.ProcessRestarting):
            self._count_for_supervisor(row, event)

    def resort(self, sort: str = "") -> None:
        """Put rows in order again, by one of SORTS; without a word by the present one."""
        self.sort = sort or self.sort
        rows = list(self._walk())
        match self.sort:
            case "attention":
                rows.sort(key=lambda row: (_RANK.get(row.shown_state(self._now), len(ATTENTION)), row.since))
            case "cost":
                rows.sort(key=lambda row: -row.subtree_usd)
            case "context":
                rows.sort(key=lambda row: -(row.context_percent or 0))
            case "age":
                rows.sort(key=lambda row: row.started)
            case _:
                pass
        self.order = rows
        self.reordered = True

    def subtree(self, row: FleetRow) -> list[FleetRow]:
        """`row` and all below it, in tree order."""
        return list(_descend(row))

    def _walk(self) -> Iterator[FleetRow]:
        for row in self.rows.values():
            if row.up is None:
                yield from _descend(row)

    def _new_row(self, session: str, path: str) -> FleetRow:
        row = FleetRow(session=session, path=path, key=self.key(session, path))
        self.rows[row.key] = row
        return row

    def _load_row(self, process: ProcessRow) -> None:
        row = self._new_row(process.session, process.path)
        row.load(process)
        self._hang(row)
        self.counts[row.state] += 1
        self._roll_up(row, row.cost_usd)

    def _hang(self, row: FleetRow) -> None:
        """Under its parent in the path, else its supervisor, else who spawned it; after what hangs there."""
        for path in (parent_path(row.path), row.supervisor, row.parent):
            up = self.row(path, row.session) if path and path != row.path else None
            if up is not None:
                row.up = up
                up.below.append(row)
                return

    def _insert(self, row: FleetRow) -> None:
        """Into the order: in the tree after the last of its older siblings' subtrees, else at the end."""
        self.reordered = True
        if row.up is None or self.sort != "tree":
            self.order.append(row)
            return
        last = row.up
        if len(row.up.below) > 1:
            last = row.up.below[-2]
            while last.below:
                last = last.below[-1]
        self.order.insert(_rindex(self.order, last) + 1, row)

    def _roll_up(self, row: FleetRow, cost: float) -> None:
        above: FleetRow | None = row
        while above is not None:
            above.subtree_usd += cost
            above.subtree_unpriced = above.subtree_unpriced or row.unpriced
            self.dirty.add(above.key)
            above = above.up

    def _count_for_supervisor(self, row: FleetRow, event: ev.ProcessRestarting) -> None:
        supervisor = self.row(row.supervisor, row.session) if row.supervisor else None
        if supervisor is not None:
            supervisor.intensity, supervisor.period_s = event.intensity, event.period_s
            supervisor.count_restart(event.ts)
            self.dirty.add(supervisor.key)

    def _remove_session(self, session: str) -> None:
        gone = [row for row in self.rows.values() if row.session == session]
        for row in gone:
            del self.rows[row.key]
            self.counts[row.state] -= 1
        self.order = [row for row in self.order if row.session != session]
        self.reordered = True


def _descend(row: FleetRow) -> Iterator[FleetRow]:
    stack = [row]
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(top.below))


def _rindex(rows: list[FleetRow], row: FleetRow) -> int:
    """Where `row` stands, looked for from the end: what is new belongs near what was new before."""
    for index in range(len(rows) - 1, -1, -1):
        if rows[index] is row:
            return index
    raise LookupError(row.key)
