"""Who started whom: the processes of a program as a forest."""

from collections.abc import Callable, Mapping

import msgspec

from vega_tui.core.ids import ROOT, parent_path
from vega_tui.host.posts import Post
from vega_tui.library.handle import AgentProcess


class SpawnNode(msgspec.Struct, frozen=True, kw_only=True):
    """A process and what was started below it. `depth` is 0 for what the program itself started."""

    path: str
    agent: str
    task: str
    status: str
    depth: int
    reason: str
    started: float
    children: "tuple[SpawnNode, ...]" = ()


def spawn_tree(posts: Mapping[str, Post], handle: Callable[[Post], AgentProcess]) -> tuple[SpawnNode, ...]:
    """The posts as a forest. The session's own root is left out."""
    below: dict[str, list[Post]] = {}
    for post in posts.values():
        if post.path != ROOT:
            below.setdefault(parent_path(post.path), []).append(post)

    def node(post: Post, depth: int) -> SpawnNode:
        seat = post.seat
        status = handle(post).status.value if seat else "running" if post.pid else "stopped"
        return SpawnNode(
            path=post.path,
            agent=seat.agent.name if seat else "",
            task=seat.task if seat else "",
            status=status,
            depth=depth,
            reason=post.why,
            started=post.started,
            children=tuple(node(child, depth + 1) for child in below.get(post.path, ())),
        )

    return tuple(node(post, 0) for post in below.get(ROOT, ()))
