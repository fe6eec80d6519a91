"""OTP's supervisor as a plain synchronous model: the oracle of the laws. Written from supervisor(3) and
supervisor.erl (OTP 25) alone; shares no code with vega_tui.runtime.

Scenarios are plain data, so that the same ones can be run on real Erlang (tests/otp_diff).
"""

from collections import deque
from dataclasses import dataclass, field

ORDERLY = ("normal", "shutdown", "shutdown_x")


@dataclass
class Node:
    """A child spec: a worker, or a supervisor when `strategy` is set."""

    id: str
    restart: str = "permanent"
    significant: bool = False
    strategy: str | None = None
    intensity: int = 1
    period: float = 5.0
    auto: str = "never"
    children: list["Node"] = field(default_factory=list["Node"])

    def walk(self) -> list["Node"]:
        """This node and all below it."""
        return [self, *(node for child in self.children for node in child.walk())]


@dataclass
class Step:
    """One thing that happens: end | wait | fail | terminate | restart | delete."""

    kind: str
    targets: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    """end: (worker, how) of one supervisor, all at once."""
    id: str = ""
    amount: float = 0
    """wait: seconds. fail: how many of the worker's next starts fail."""


class StartFailed(Exception):
    """A worker's init failed, or a supervisor's child did."""


@dataclass
class Child:
    spec: Node
    status: str = "down"  # down | up | restarting
    below: "Sup | None" = None
    life: int = 0
    dead: bool = False
    """Its process has ended, and the supervisor has not read the message yet."""


class Exit(Exception):
    """A supervisor ends itself with shutdown."""


class Sup:
    """One incarnation of a supervisor."""

    def __init__(self, world: "World", node: Node) -> None:
        self.world = world
        self.node = node
        self.children: list[Child] = []
        self.restarts: list[float] = []
        self.queue: deque[tuple[str, Child, int, str]] = deque()

    def start(self) -> None:
        for spec in self.node.children:
            child = Child(spec)
            self.children.append(child)
            try:
                self.start_child(child)
            except StartFailed:
                self.stop_all()
                raise

    def start_child(self, child: Child) -> None:
        world, node = self.world, child.spec
        world.trace.append(f"+{node.id}")
        child.status = "down"
        if node.strategy is None:
            if world.failing.get(node.id, 0) > 0:
                world.failing[node.id] -= 1
                world.trace.append(f"-{node.id}")
                raise StartFailed
        else:
            below = Sup(world, node)
            try:
                below.start()
            except StartFailed:
                world.trace.append(f"-{node.id}")
                raise
            child.below = below
        child.status = "up"
        child.life += 1
        child.dead = False

    def stop_child(self, child: Child) -> None:
        if child.status == "up":
            if child.below is not None:
                child.below.stop_all()
                child.below = None
            if not child.dead:
                self.world.trace.append(f"-{child.spec.id}")
        child.status = "down"

    def stop_all(self) -> None:
        for child in reversed(self.children):
            self.stop_child(child)

    def drop(self, child: Child) -> None:
        """del_child: a temporary child's spec goes with it."""
        child.status, child.below = "down", None
        if child.spec.restart == "temporary":
            self.children.remove(child)

    def run_queue(self) -> None:
        while self.queue:
            kind, child, life, reason = self.queue.popleft()
            if child not in self.children:
                continue
            if kind == "exit" and (child.status != "up" or child.life != life):
                continue  # stopped or replaced since: the message is of a stranger's pid
            if kind == "retry" and child.status != "restarting":
                continue
            if kind == "retry":
                self.restart(child)
            else:
                child.below = None
                self.exited(child, reason)

    def exited(self, child: Child, reason: str) -> None:
        restart = child.spec.restart
        if restart == "permanent" or (restart == "transient" and reason not in ORDERLY):
            self.restart(child)
            return
        self.drop(child)
        if child.spec.significant:
            others = any(c.status != "down" and c.spec.significant for c in self.children if c is not child)
            if self.node.auto == "any_significant" or (self.node.auto == "all_significant" and not others):
                raise Exit

    def restart(self, child: Child) -> None:
        now = self.world.now
        self.restarts = [at for at in [*self.restarts, now] if now <= at + self.node.period]
        if len(self.restarts) > self.node.intensity:
            self.drop(child)
            raise Exit
        child.status = "down"
        if self.node.strategy == "one_for_one":
            group = [child]
        elif self.node.strategy == "one_for_all":
            group = list(self.children)
        else:
            group = self.children[self.children.index(child) :]
        for member in reversed(group):
            self.stop_child(member)
            if member.spec.restart == "temporary":
                # A temporary child never restarts, so it is never the one that failed.
                self.children.remove(member)
                group.remove(member)
        for member in group:
            try:
                self.start_child(member)
            except StartFailed:
                member.status = "restarting"
                self.queue.append(("retry", member, member.life, "start"))
                return


class World:
    """The whole tree: steps in, trace out."""

    def __init__(self, root: Node) -> None:
        self.root_node = root
        self.trace: list[str] = []
        self.failing: dict[str, int] = {}
        self.now = 0.0
        self.root: Sup | None = Sup(self, root)
        self.root.start()

    def sups(self, sup: Sup | None = None) -> list[Sup]:
        """All running supervisors, from the root."""
        sup = sup or self.root
        if sup is None:
            return []
        below = [child.below for child in sup.children if child.below is not None]
        return [sup, *(each for one in below for each in self.sups(one))]

    def running(self) -> list[str]:
        """Ids of everything that runs."""
        ids = [child.spec.id for sup in self.sups() for child in sup.children if child.status == "up"]
        return sorted(ids)

    def step(self, step: Step) -> list[str]:
        """Let it happen; the trace of it."""
        self.trace = []
        if step.kind == "wait":
            self.now += step.amount
        elif step.kind == "fail":
            self.failing[step.id] = int(step.amount)
        elif step.kind == "end":
            self._end(step.targets)
        else:
            self._by_hand(step.kind, step.id)
        return self.trace

    def _find(self, child_id: str) -> tuple[Sup, Child] | None:
        for sup in self.sups():
            for child in sup.children:
                if child.spec.id == child_id:
                    return sup, child
        return None

    def _end(self, targets: list[tuple[str, str]]) -> None:
        hit: Sup | None = None
        for worker, how in targets:
            found = self._find(worker)
            if found is None or found[1].status != "up" or found[1].dead:
                continue
            hit, child = found
            self.trace.append(f"-{worker}")
            child.dead = True
            hit.queue.append(("exit", child, child.life, how))
        if hit is not None:
            self._settle(hit)

    def _settle(self, sup: Sup) -> None:
        try:
            sup.run_queue()
        except Exit:
            sup.stop_all()
            self._sup_ended(sup)

    def _sup_ended(self, sup: Sup) -> None:
        self.trace.append(f"-{sup.node.id}")
        if sup is self.root:
            self.root = None
            return
        for above in self.sups():
            for child in above.children:
                if child.below is sup:
                    child.dead = True
                    above.queue.append(("exit", child, child.life, "shutdown"))
                    child.below = None
                    self._settle(above)
                    return

    def _by_hand(self, kind: str, child_id: str) -> None:
        parents = [node for node in self.root_node.walk() if any(c.id == child_id for c in node.children)]
        sup = next((each for each in self.sups() if each.node is parents[0]), None)
        if sup is None:
            return
        found = self._find(child_id)
        if found is None:
            self.trace.append("not_found")
            return
        child = found[1]
        if kind == "terminate":
            sup.stop_child(child)
            sup.drop(child)
            self.trace.append("ok")
        elif child.status == "up":
            self.trace.append("running")
        elif kind == "delete":
            sup.children.remove(child)
            self.trace.append("ok")
        else:
            try:
                sup.start_child(child)
                self.trace.append("ok")
            except StartFailed:
                self.trace.append("start_failed")
