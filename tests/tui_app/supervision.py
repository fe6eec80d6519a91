"""What a host tells of the supervisors in the scene: picture 06, and an agent whose supervisor isn't shown."""

from tests.tui_app.scene import WALL, S, SceneFeed, snapshot
from vega_tui.core.errors import NotFound
from vega_tui.core.messages import Observation
from vega_tui.core.records import Entry
from vega_tui.core.words import CallState
from vega_tui.protocol import operations as ops
from vega_tui.protocol.description import BackoffFacts, ChildFacts, Described, SupervisorFacts
from vega_tui.protocol.rows import LifeRow

WORKERS = "root/workers"
_BACKOFF = BackoffFacts(kind="exponential", delays=(1, 2, 4, 8, 16, 30), capped=True, reset_after_s=60)
CHILDREN = (
    ChildFacts(process=f"{WORKERS}/w1", restart="permanent", shutdown_s=5, backoff=_BACKOFF),
    ChildFacts(
        process=f"{WORKERS}/w2", restart="permanent", state="restarting", shutdown_s=5, backoff=_BACKOFF,
        attempt=4, restart_in_s=4, restart_of_s=8,
    ),
)  # fmt: skip
SUPERVISOR = SupervisorFacts(
    path=WORKERS, shown=True, strategy="one_for_one", intensity=5, period_s=60, used=4, total=4,
    restarts_ago_s=(40, 30, 14, 4), restart="permanent", keeps=2,
)  # fmt: skip
TOP = SupervisorFacts(path="root", shown=False, strategy="one_for_one", intensity=5, period_s=60)


def life(number: int, started: float, ended: float | None = None, reason: str = "", text: str = "") -> LifeRow:
    return LifeRow(
        process="w2", incarnation=number, started=WALL - started, ended=None if ended is None else WALL - ended,
        reason=reason, text=text, abnormal=bool(reason),
    )  # fmt: skip


LIVES = (
    life(1, 621, 40, "error loop", "same call 9 times"),
    life(2, 39, 30, "overloaded", "HTTP 529"),
    life(3, 24, 14, "cut off", "no message_stop"),
    life(4, 10, 4, "overloaded", "HTTP 529, 3 retries in 5.2 s"),
)


def described(ref: ops.ProcessRef) -> Described:
    match ref.process:
        case "root/workers":
            return Described(
                process=WORKERS, above=(TOP,), own=SUPERVISOR, children=CHILDREN, traps_exit=True,
                watched_by=("root/planner",), lives=(life(1, 660),),
            )  # fmt: skip
        case "root/workers/w1" | "root/workers/w2":
            child = next(child for child in CHILDREN if child.process == ref.process)
            lives = LIVES if ref.process.endswith("w2") else (life(1, 240),)
            return Described(
                process=ref.process, as_child=child, above=(SUPERVISOR, TOP), siblings=CHILDREN, lives=lives
            )
        case "root/planner":
            child = ChildFacts(process="root/planner", restart="temporary", shutdown_s=5)
            return Described(
                process=ref.process, as_child=child, above=(TOP,), siblings=(child,), lives=(life(1, 540),)
            )
        case _:
            raise NotFound(f"no process {ref.process}")


def page(wanted: ops.EntriesPage) -> ops.Entries:
    def entry(id: str, number: int, **rest: object) -> Entry:
        return Entry(id=id, session=S, process=wanted.process, incarnation=number, turn=14, **rest)  # type: ignore[arg-type]  # fields of Entry

    cut = Observation(text="interrupted", error=True)
    return ops.Entries(
        entries=(
            entry("1", 3, kind="assistant", cost_usd=0.06),
            entry("2", 4, kind="assistant", cost_usd=0.03),
            entry("3", 4, kind="tool_result", tool="bash", state=CallState.INTERRUPTED.value, observation=cut),
        )
    )


def supervised() -> SceneFeed:
    """The scene, with a host that can be asked about it."""
    feed = SceneFeed(snapshot())
    feed.answers = {"process.describe": described, "entries.page": page}
    return feed
