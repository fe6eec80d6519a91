"""Posts → what the runtime starts: child specs whose bodies are agents, and supervisors with all their children."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from vega_tui.agent.body import AgentBody
from vega_tui.agent.surroundings import Surroundings
from vega_tui.core.errors import NotFound
from vega_tui.core.ids import ROOT
from vega_tui.core.words import ProcessKind
from vega_tui.host.posts import Post
from vega_tui.runtime import AutoShutdown, Backoff, ChildSpec, Process, Restart, Supervisions, SupervisorSpec

SHUTDOWN_S: Final = 5.0
INTENSITY: Final = 5
PERIOD_S: Final = 60.0
BACKOFF: Final = Backoff(initial_s=0.5, factor=2.0, max_s=30.0, jitter=0.1, reset_after_s=60.0)


@dataclass(frozen=True, slots=True)
class Team:
    """A supervisor and all it is to start: agents by their posts and specs, further teams by theirs."""

    post: Post
    spec: SupervisorSpec
    children: "Sequence[tuple[Post, ChildSpec] | Team]" = field(default=())

    def all(self) -> list[tuple[Post, SupervisorSpec | None]]:
        """Its own post and all below it, parents first; supervisors with their flags."""
        found: list[tuple[Post, SupervisorSpec | None]] = [(self.post, self.spec)]
        for child in self.children:
            found.extend(child.all() if isinstance(child, Team) else [(child[0], None)])
        return found


def agent_child(
    around: Surroundings, supervisions: Supervisions, post: Post, restart: Restart, backoff: Backoff = BACKOFF
) -> ChildSpec:
    """The spec of one agent as its post says; with a supervisor of its own around it under `restart` supervision."""
    spec = replace(member(around, post, backoff)[1], restart=restart)
    if post.supervision is None:
        return spec
    wrapped = supervisions.supervised(replace(spec, backoff=None), post.supervision)
    if not isinstance(wrapped.start, SupervisorSpec):
        return wrapped
    hidden = hidden_post(post.session, post.path)
    return replace(wrapped, start=replace(wrapped.start, label=hidden), label=hidden)


def apart(spec: ChildSpec, post: Post) -> ChildSpec:
    """The spec with a supervisor of its own around it, so that its failures use up no sibling's restarts.

    One that is never restarted, or has its own supervisor already, stays as it is.
    """
    if spec.restart is Restart.TEMPORARY or isinstance(spec.start, SupervisorSpec):
        return spec
    ends = spec.restart is Restart.TRANSIENT
    hidden = hidden_post(post.session, post.path)
    own = SupervisorSpec(
        intensity=INTENSITY,
        period_s=PERIOD_S,
        auto_shutdown=AutoShutdown.ANY_SIGNIFICANT if ends else AutoShutdown.NEVER,
        children=(replace(spec, significant=ends),),
        label=hidden,
    )
    return ChildSpec(id=spec.id, start=own, restart=Restart.TEMPORARY, label=hidden)


def member(around: Surroundings, post: Post, backoff: Backoff = BACKOFF) -> tuple[Post, ChildSpec]:
    """An agent of a team, restarted as its post says."""
    spec = ChildSpec(
        id=post.path,
        start=_body(around, post),
        restart=Restart(post.restart),
        shutdown_s=SHUTDOWN_S,
        backoff=backoff,
        label=post,
    )
    return post, spec


def team_child(around: Surroundings, team: Team) -> ChildSpec:
    """The spec of a supervisor with all its children in it, so that a restart of it brings them back."""
    children = [
        team_child(around, child)
        if isinstance(child, Team)
        else replace(child[1], id=child[0].path, start=_body(around, child[0]), label=child[0])
        for child in team.children
    ]
    spec = replace(team.spec, children=children, label=team.post)
    return ChildSpec(id=team.post.path, start=spec, restart=Restart(team.post.restart), label=team.post)


def hidden_post(session: str, path: str) -> Post:
    """The label of a supervisor that isn't shown."""
    return Post(session=session, path=path, kind=ProcessKind.SUPERVISOR, visible=False)


def _body(around: Surroundings, post: Post) -> "_AgentStart":
    if post.seat is None:
        raise NotFound(f"{post.path} is not an agent")
    return _AgentStart(around, post)


@dataclass(frozen=True, slots=True)
class _AgentStart:
    around: Surroundings
    post: Post

    async def __call__(self, process: Process) -> None:
        seat = self.post.seat
        if seat is not None:
            await AgentBody(self.around, seat, attended=seat.path == ROOT)(process)
