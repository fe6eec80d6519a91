"""Random supervision trees and what happens to them, for the laws and for the comparison with real Erlang."""

from collections.abc import Iterator
from itertools import count
from random import Random

from tests.laws.otp_model import Node, Step

STRATEGIES = ("one_for_one", "one_for_all", "rest_for_one")
RESTARTS = ("permanent", "permanent", "transient", "temporary")
ENDS = ("normal", "shutdown", "shutdown_x", "boom", "boom", "boom", "kill")
SECONDS = (0.5, 1.0, 2.0, 5.0)


def tree(random: Random, *, max_depth: int = 3) -> Node:
    """A supervisor with up to four children, some of them supervisors."""
    return _supervisor(random, "root", count(1), max_depth, top=True)


def _supervisor(random: Random, name: str, numbers: Iterator[int], depth: int, *, top: bool = False) -> Node:
    auto = random.choice(("never", "never", "any_significant", "all_significant"))
    node = Node(
        id=name,
        restart=random.choice(RESTARTS),
        strategy=random.choice(STRATEGIES),
        intensity=random.choice((0, 1, 2, 3, 5)),
        period=random.choice((1.0, 2.0, 5.0)),
        auto=auto,
    )
    for _ in range(random.randint(1, 4)):
        if depth > 1 and random.random() < 0.3:
            child = _supervisor(random, f"s{next(numbers)}", numbers, depth - 1)
        else:
            child = Node(id=f"w{next(numbers)}", restart=random.choice(RESTARTS))
        child.significant = auto != "never" and child.restart != "permanent" and random.random() < 0.5
        node.children.append(child)
    if top:
        node.restart = "temporary"
    return node


def steps(random: Random, root: Node, length: int) -> list[Step]:
    """What happens: mostly ends of workers, some at the same moment; failing starts; requests; time."""
    nodes = root.walk()
    sups = [node for node in nodes if any(child.strategy is None for child in node.children)]
    others = [node.id for node in nodes if node is not root]
    workers = [node.id for node in nodes if node.strategy is None]
    found: list[Step] = []
    for _ in range(length):
        chance = random.random()
        if chance < 0.6 and sups:
            candidates = [c.id for c in random.choice(sups).children if c.strategy is None]
            chosen = random.sample(candidates, random.randint(1, min(3, len(candidates))))
            found.append(Step("end", targets=[(worker, random.choice(ENDS)) for worker in chosen]))
        elif chance < 0.75:
            found.append(Step("wait", amount=random.choice(SECONDS)))
        elif chance < 0.83 and workers:
            found.append(Step("fail", id=random.choice(workers), amount=random.randint(1, 3)))
        else:
            kind = random.choice(("terminate", "restart", "delete"))
            found.append(Step(kind, id=random.choice(others)))
    return found
