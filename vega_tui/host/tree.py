"""One session's processes: the supervisor of its root, a supervisor per parent for its children, and their posts.

A parent's children have a supervisor of their own, so that a crash loop among them never takes the parent down; and
each of them that is restarted has one around itself, so that it takes no sibling down either. Who wants a shared
fate declares a supervisor.
"""

import asyncio
from typing import Final

import msgspec

from vega_tui.agent.body import Interrupt, Wake
from vega_tui.agent.seat import Seat
from vega_tui.agent.surroundings import Surroundings
from vega_tui.core.errors import NotFound, ToolError, UserError
from vega_tui.core.events import ProcessSpawned, ProcessTerminated
from vega_tui.core.ids import ROOT, base_name, is_within, parent_path
from vega_tui.core.words import ProcessKind
from vega_tui.host.child_specs import BACKOFF, INTENSITY, PERIOD_S, Team, agent_child, apart, hidden_post, team_child
from vega_tui.host.posts import Post
from vega_tui.llm.prices import context_window
from vega_tui.runtime import (
    INFINITY,
    CallFailed,
    ChildNotFound,
    ChildRunning,
    ChildSpec,
    Pid,
    Restart,
    StartError,
    Supervision,
    Supervisions,
    Supervisor,
    SupervisorSpec,
    System,
)

MAX_LIVING: Final = 100  # processes of one session
MAX_DEPTH: Final = 6


class TooMany(ToolError):
    """As many processes live as may."""

    code = "too_many"


class ProcessTree:
    """Starts, finds and ends a session's processes."""

    def __init__(self, around: Surroundings, system: System, sessions: Supervisor, supervisions: Supervisions) -> None:
        self.max_living = MAX_LIVING
        self.backoff = BACKOFF  # of agents that are not restarted as their `supervision` says
        self._around = around
        self._system = system
        self._sessions = sessions
        self._supervisions = supervisions
        self._own: Supervisor | None = None
        self._groups: dict[str, Supervisor] = {}  # by path: each parent's hidden one
        self._starting = asyncio.Lock()
        self._promised: set[str] = set()  # free paths given out; several may be asked for before one is started
        self.posts: dict[str, Post] = {}

    @property
    def _id(self) -> str:
        return self._around.session

    # --- starting ------------------------------------------------------------------------------------------

    async def start_root(self, seat: Seat, *, lives_before: int = 0) -> None:
        """Start the session's own supervisor and under it the root agent, permanent, attended by a person."""
        async with self._starting:
            post = Post(session=self._id, path=seat.path, seat=seat, restart="permanent", lives_before=lives_before)
            self._announce(post)
            await self._start_own()
            await self._start(self._own_supervisor(), post, Restart.PERMANENT)

    async def start_agent(
        self,
        seat: Seat,
        restart: Restart,
        *,
        lives_before: int = 0,
        supervision: Supervision | None = None,
        why: str = "",
    ) -> Post:
        """Start an agent below its parent. Raises ToolError at a limit, UserError when its supervisor has ended."""
        async with self._starting:
            self._check_limits(seat.path)
            supervisor = await self._group_for(parent_path(seat.path))
            post = Post(
                session=self._id,
                path=seat.path,
                seat=seat,
                restart=restart.value,
                lives_before=lives_before,
                supervision=supervision,
                why=why,
            )
            self._announce(post)
            await self._start(supervisor, post, restart)
            return post

    async def start_team(self, team: Team) -> None:
        """Start a supervisor with its children, in order; all of them or none.

        Raises ToolError at a limit, UserError when a child could not be started: those before it are stopped.
        """
        async with self._starting:
            self.check_room(len(team.all()))
            for post, _ in team.all():
                self._check_limits(post.path)
            parent = await self._group_for(parent_path(team.post.path))
            spec = team_child(self._around, team)
            for post, flags in team.all():
                self._announce(post, flags)
            try:
                await parent.start_child(spec)
            except (CallFailed, StartError) as error:
                raise UserError(f"{team.post.path} could not be started: {error}") from error

    def free_path(self, parent: str, name: str) -> str:
        """`parent/name`, with a number behind it when that path was used before in this session."""
        path = f"{parent}/{name}"
        number = 2
        while path in self.posts or path in self._promised:
            path = f"{parent}/{name}-{number}"
            number += 1
        self._promised.add(path)
        return path

    def _announce(self, post: Post, flags: SupervisorSpec | None = None) -> None:
        seat = post.seat
        model = self._around.model(seat.agent) if seat else ""
        self.posts[post.path] = post
        parent = parent_path(post.path)
        above = self.posts.get(parent)
        self._around.bus.publish(
            ProcessSpawned(
                session=self._id,
                process=post.path,
                kind=post.kind,
                parent=parent,
                supervisor=parent if above is not None and above.kind is ProcessKind.SUPERVISOR else "",
                agent=seat.agent.name if seat else "",
                model=model,
                task=seat.task if seat else "",
                why=post.why,
                restart=Restart(post.restart).value,
                strategy=flags.strategy.value if flags else "",
                intensity=_whole(flags.intensity) if flags else 0,
                period_s=flags.period_s if flags else 0.0,
                context_tokens=context_window(model) if model else 0,
                blueprint=msgspec.to_builtins(seat.agent) if seat else {},
            )
        )

    async def _start(self, supervisor: Supervisor, post: Post, restart: Restart) -> None:
        if post.seat is not None and restart is Restart.PERMANENT:
            post.seat.stays = True
        spec = agent_child(self._around, self._supervisions, post, restart, self.backoff)
        if post.path != ROOT and supervisor is self._groups.get(parent_path(post.path)):
            spec = apart(spec, post)
        post.supervisor = post.outer = supervisor.pid
        post.child_id = post.path
        try:
            await supervisor.start_child(spec)
        except (CallFailed, StartError) as error:
            raise UserError(f"{post.path} could not be started: {error}") from error

    async def _start_own(self) -> None:
        if self._own is not None and self._system.is_alive(self._own.pid):
            return
        hidden = hidden_post(self._id, "")
        spec = SupervisorSpec(intensity=INTENSITY, period_s=PERIOD_S, label=hidden)
        await self._sessions.start_child(ChildSpec(id=self._id, start=spec, restart=Restart.TEMPORARY, label=hidden))
        self._own = self._sessions.supervisor_of(self._id)
        self._groups.clear()

    def _own_supervisor(self) -> Supervisor:
        if self._own is None or not self._system.is_alive(self._own.pid):
            raise UserError(f"session {self._id} is not running; open it again")
        return self._own

    async def _group_for(self, parent: str) -> Supervisor:
        """The supervisor of `parent`'s children, started when it isn't there."""
        post = self.posts.get(parent)
        if post is not None and post.kind is ProcessKind.SUPERVISOR:
            shown = self.supervisor(post)
            if shown is None:
                raise UserError(f"supervisor {parent} has ended; restart it first")
            return shown
        group = self._groups.get(parent)
        if group is not None and self._system.is_alive(group.pid):
            return group
        hidden = hidden_post(self._id, parent)
        spec = SupervisorSpec(intensity=INTENSITY, period_s=PERIOD_S, label=hidden)
        child = ChildSpec(id=f"children of {parent}", start=spec, restart=Restart.TEMPORARY, label=hidden)
        await self._own_supervisor().start_child(child)
        started = self._own_supervisor().supervisor_of(child.id)
        if started is None:
            raise UserError(f"the supervisor of {parent} ended as it started")
        self._groups[parent] = started
        return started

    def check_room(self, wanted: int = 1) -> None:
        """Raise TooMany when so many more processes may not live."""
        if len(self.living()) + wanted > self.max_living:
            raise TooMany(f"{self.max_living} processes live in this session already, which is the limit")

    def _check_limits(self, path: str) -> None:
        if path.count("/") >= MAX_DEPTH:
            raise ToolError(f"{path} would be {MAX_DEPTH + 1} levels deep; the limit is {MAX_DEPTH}")
        self.check_room()

    # --- finding -------------------------------------------------------------------------------------------

    def post(self, path: str) -> Post:
        """The post at `path`, also given without `root/` or with `#n`. Raises NotFound."""
        plain = path.partition("#")[0].strip("/")
        for candidate in (plain, f"{ROOT}/{plain}"):
            if candidate in self.posts:
                return self.posts[candidate]
        named = [post for post in self.posts.values() if base_name(post.path) == plain]
        if len(named) == 1:
            return named[0]
        if named:
            raise UserError(f"{plain} could be {', '.join(post.path for post in named)}; give the whole path")
        known = ", ".join(sorted(self.posts)) or "none"
        raise NotFound(f"no process {path} in this session; there are: {known}")

    def pid(self, path: str) -> Pid | None:
        """Who holds the post now, None while nobody does."""
        return self.post(path).pid

    def living(self) -> list[Post]:
        """Posts that are held now."""
        return [post for post in self.posts.values() if post.pid is not None]

    def below(self, path: str) -> list[Post]:
        """The post and all below it, deepest last."""
        return [post for post in self.posts.values() if is_within(post.path, path)]

    # --- acting --------------------------------------------------------------------------------------------

    def wake(self, path: str) -> bool:
        """Tell the agent to look at its inputs. False when nobody holds the post."""
        return self._tell(path, Wake())

    def interrupt(self, path: str) -> bool:
        """End the run that is under way, not the process. False when nobody holds the post."""
        return self._tell(path, Interrupt())

    def kill(self, path: str) -> None:
        """Exit signal `kill`; the supervisor then decides. Raises UserError when it is down."""
        post = self.post(path)
        if post.pid is None:
            raise UserError(f"{post.path} is not running")
        self._system.kill(post.pid)

    async def terminate(self, path: str) -> None:
        """Stop it in order and keep it down (supervisor:terminate_child/2)."""
        post = self.post(path)
        # A supervisor of its own goes with its child.
        outer = None if post.outer is None else self._system.supervisor(post.outer)
        supervisor = outer or self._supervisor_of(post)
        try:
            await supervisor.terminate_child(post.child_id)
        except ChildNotFound:
            raise UserError(f"{post.path} has ended already") from None
        self._call_off(supervisor)

    def _call_off(self, supervisor: Supervisor) -> None:
        """Tell that restarts which were due under a supervisor are not any more, with those they would take along."""
        children = supervisor.which_children()
        if any(child.restarting_in_s is not None for child in children):
            return
        for child in children:
            post = child.label
            if isinstance(post, Post) and post.restarting and child.pid is None:
                post.restarting = False
                self._around.bus.publish(ProcessTerminated(session=self._id, process=post.path))

    async def restart(self, path: str) -> None:
        """Start it anew: at once when it waits in a backoff or is down, after stopping it when it runs."""
        post = self.post(path)
        async with self._starting:
            if post.path == ROOT and (self._own is None or not self._system.is_alive(self._own.pid)):
                await self._start_own()
                await self._restart_gone(self._own_supervisor(), post)
                return
            supervisor = self._living_supervisor(post)
            if supervisor is None:
                await self._restart_gone(await self._group_for(parent_path(post.path)), post)
                return
            try:
                if post.pid is not None:
                    await supervisor.terminate_child(post.child_id)
                await supervisor.restart_child(post.child_id)
            except ChildRunning:
                return
            except ChildNotFound:  # a temporary child leaves no spec behind
                await self._restart_gone(supervisor, post)

    async def _restart_gone(self, supervisor: Supervisor, post: Post) -> None:
        """Fill a post whose child spec is gone; its lives are counted on."""
        if post.kind is ProcessKind.SUPERVISOR:
            raise UserError(f"supervisor {post.path} has ended with its children; open the session again")
        post.lives_before = max(post.lives_before + 1, post.life)
        await self._start(supervisor, post, Restart(post.restart))

    async def stop(self) -> None:
        """Stop all in reverse start order, each within its time, then killed."""
        own, self._own = self._own, None
        if own is not None and self._system.is_alive(own.pid):
            await own.stop()
        self._groups.clear()

    def supervisor(self, post: Post) -> Supervisor | None:
        """The supervisor that holds this post, None while nobody does."""
        return None if post.pid is None else self._system.supervisor(post.pid)

    def _living_supervisor(self, post: Post) -> Supervisor | None:
        return None if post.supervisor is None else self._system.supervisor(post.supervisor)

    def _supervisor_of(self, post: Post) -> Supervisor:
        supervisor = self._living_supervisor(post)
        if supervisor is None:
            raise UserError(f"the supervisor of {post.path} has ended; restart {post.path} first")
        return supervisor

    def _tell(self, path: str, message: Wake | Interrupt) -> bool:
        pid = self.pid(path)
        if pid is None:
            return False
        self._system.send(pid, message)
        return True


def _whole(intensity: float) -> int:
    """An intensity as events have it: -1 stands for no limit."""
    return -1 if intensity == INFINITY else int(intensity)
