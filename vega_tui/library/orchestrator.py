"""The library's front door: a host inside this program, one session, and its agents as objects."""

import asyncio
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self, Unpack

from vega_tui.agent.blueprint import Agent
from vega_tui.approvals.rules import Rule
from vega_tui.core.config import key_from
from vega_tui.core.environment import command_environment
from vega_tui.core.errors import HostError, LimitReached, NotFound, VegaError
from vega_tui.core.home import Home
from vega_tui.core.ids import ROOT, base_name, clean_name
from vega_tui.core.provider_settings import ProviderSettings
from vega_tui.core.secrecy import environment
from vega_tui.core.words import Mode
from vega_tui.host.bus import Item
from vega_tui.host.groups import SharedBoard
from vega_tui.host.host import Host
from vega_tui.host.posts import Post
from vega_tui.host.services import Services
from vega_tui.host.session import LiveSession, Origin
from vega_tui.host.tree import TooMany
from vega_tui.library.announcer import Announcer
from vega_tui.library.approval_desk import ApprovalDesk, Approve
from vega_tui.library.handle import AgentProcess
from vega_tui.library.options import SpawnOptions, plan_team, seat_for
from vega_tui.library.outcomes import Status
from vega_tui.library.program import Program
from vega_tui.library.spawn_tree import SpawnNode, spawn_tree
from vega_tui.library.supervisor_handle import SupervisorHandle
from vega_tui.protocol.operations import SessionOpen
from vega_tui.runtime import Exited, NameTaken, Restart, RuntimeEvent, Started, Supervision, SupervisorSpec, System
from vega_tui.tools.tool import Tool

CLOSE_S: Final = 10.0


class MaxProcesses(LimitReached):
    """As many processes live as this orchestrator may have. Those that have ended don't count."""

    code = "max_processes"


class Orchestrator:
    """`async with Orchestrator() as orch`: agents as supervised processes, in this program.

    Provider: what is given, else ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL, else the simulated model. home: a
    temporary one unless given. approve: asked for what neither mode nor rules settle; without it the answer is no.
    tools: offered beside the built-in ones; agents name them. persist: keep the session in the home.

    Raises HostError when another host has the home.
    """

    def __init__(
        self,
        *,
        home: Path | None = None,
        api_key: str = "",
        base_url: str = "",
        model: str = "",
        cwd: Path | None = None,
        mode: Mode = Mode.MANUAL,
        rules: Iterable[Rule] = (),
        approve: Approve | None = None,
        tools: Iterable[Tool] = (),
        max_processes: int = 100,
        max_budget_usd: float | None = None,
        persist: bool = True,
        env: Mapping[str, str] | None = None,
    ) -> None:
        environ = environment() if env is None else env
        given = bool(api_key or base_url)
        self._provider = ProviderSettings(
            api_key=api_key if given else key_from(environ),
            base_url=base_url if given else environ.get("ANTHROPIC_BASE_URL", ""),
        )
        self._home, self._env, self._tools = home, command_environment(environ), tuple(tools)
        self._wanted = SessionOpen(
            model=model, mode=mode, budget_usd=max_budget_usd, ephemeral=not persist, name="library"
        )
        self._cwd = (cwd or Path.cwd()).resolve()
        self._rules, self._approve = tuple(rules), approve
        self.max_processes = max_processes
        self._stack = AsyncExitStack()
        self._processes: dict[str, AgentProcess] = {}
        self._names: dict[str, str] = {}
        self._open = False
        self.announcer = Announcer()
        self.session: LiveSession
        self.services: Services
        self._program: Program

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.shutdown()
        finally:
            await self._stack.aclose()

    async def _start(self) -> None:
        home = self._home or Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="vega-")))
        host = await self._stack.enter_async_context(Host(Home(home), tools=self._tools, alone=False))
        self.services = host.services
        self.session = await host.directory.open(
            self._wanted, Origin(self._env, self._provider), str(self._cwd), can_ask=self._approve is not None
        )
        self._program = Program(self.session, self.services)
        self.session.permissions.also(self._rules)
        self.session.tree.max_living = self.max_processes + 1  # the session's own root is not the program's
        self._group = await self._stack.enter_async_context(asyncio.TaskGroup())
        self._desk = desk = ApprovalDesk(self._group, self.services.approvals, self._approve)
        host.listeners.append(desk.on_item)
        host.listeners.append(self._on_item)
        self._stack.callback(host.listeners.clear)
        self._stack.callback(self.system.add_listener(self._on_runtime))
        self._group.create_task(self.announcer.run(self.services.bus))
        self._open = True

    @property
    def system(self) -> System:
        """The runtime that all processes of this program's host run in."""
        return self.services.system

    # --- starting ------------------------------------------------------------------------------------------

    async def spawn(
        self, agent: Agent, *, supervision: Supervision | None = None, **options: Unpack[SpawnOptions]
    ) -> AgentProcess:
        """Start an agent. Without `supervision` it is never started again by itself.

        task: what it begins with at once (see `result()`); keep=False: it completes with that, instead of waiting
        for more. name: to be found by; parent: a process or supervisor it stands below. timeout_s: for each life,
        then it fails with `timeout`. max_iterations: turns of one run. reason: why it was spawned, for people.
        work_dir: else the session's. messages: the conversation it begins with. context: contextvars that its tools
        see. history: whether a restarted life goes on with its conversation ("keep") or starts over ("fresh").

        Raises MaxProcesses, NameTaken, NotFound for the parent, UserError for what doesn't fit.
        """
        return await self._spawn(agent, Restart.TEMPORARY, supervision, options)

    async def spawn_supervised(
        self, agent: Agent, restart: Restart = Restart.PERMANENT, **options: Unpack[SpawnOptions]
    ) -> AgentProcess:
        """Start an agent as an OTP child of its parent's supervisor: restarted after the exits that `restart` says."""
        return await self._spawn(agent, restart, None, options)

    async def start_supervisor(
        self, spec: SupervisorSpec, *, name: str = "", parent: "AgentProcess | SupervisorHandle | str" = ""
    ) -> SupervisorHandle:
        """Start a supervisor whose children are agents (`ChildSpec(start=AgentStart(agent, …))`) and supervisors.

        All start in order or none does. It is a permanent child: past its intensity it ends, with all its children,
        and is started again with them.
        """
        self._check_open()
        called = clean_name(name or spec.name or "supervisor")
        path = self.session.tree.free_path(self._path_of(parent), called)
        team = plan_team(self.session, path, spec)
        try:
            await self.session.tree.start_team(team)
        except TooMany as error:
            raise MaxProcesses(str(error)) from error
        self._names[called] = path
        return SupervisorHandle(self._program, team.post, self.get)

    async def _spawn(
        self, agent: Agent, restart: Restart, supervision: Supervision | None, options: SpawnOptions
    ) -> AgentProcess:
        self._check_open()
        name = options.get("name", "")
        self._check_name(name)
        parent = self._path_of(options.get("parent", ""))
        try:
            self.session.tree.check_room()
            path = self.session.tree.free_path(parent, clean_name(name or agent.name))
            seat = seat_for(self.session, path, agent, options)
            post = await self.session.tree.start_agent(
                seat, restart, supervision=supervision, why=options.get("reason", "")
            )
        except TooMany as error:
            raise MaxProcesses(
                f"{self.max_processes} processes live already; stop one, or raise max_processes"
            ) from error
        process = self._processes[path] = self._processes.get(path) or AgentProcess(
            self._program, post, name or base_name(path)
        )
        if name:
            self._names[name] = path
        await self.services.bus.flush()
        return process

    def _check_open(self) -> None:
        if not self._open:
            raise HostError("this orchestrator is not open: use `async with Orchestrator() as orch`")

    def _check_name(self, name: str) -> None:
        holder = self._names.get(name)
        if not name or holder is None:
            return
        post = self.session.tree.posts[holder]
        if post.pid is not None:
            raise NameTaken(name, post.pid)

    def _path_of(self, parent: "AgentProcess | SupervisorHandle | str") -> str:
        if isinstance(parent, AgentProcess | SupervisorHandle):
            return parent.path
        return self._find(parent).path if parent else ROOT

    # --- finding -------------------------------------------------------------------------------------------

    def get(self, name: str) -> AgentProcess:
        """The process with this name or path, living or not. Raises NotFound."""
        post = self._find(name)
        if post.seat is None:
            raise NotFound(f"{post.path} is a supervisor, not an agent")
        return self._handle(post)

    def list(self) -> Sequence[AgentProcess]:
        """The processes that live, in the order they were first started."""
        return [
            self._handle(post) for post in self.session.tree.living() if post.seat is not None and post.path != ROOT
        ]

    async def kill(self, name: str) -> None:
        """End a process at once. Raises NotFound, UserError when it is down."""
        await self.get(name).kill()

    def spawn_tree(self) -> tuple[SpawnNode, ...]:
        """All processes, below their parents, in the order they were first started."""
        return spawn_tree(self.session.tree.posts, self._handle)

    def _find(self, name: str) -> Post:
        return self.session.tree.post(self._names.get(name, name))

    def _handle(self, post: Post) -> AgentProcess:
        known = self._processes.get(post.path)
        if known is None:
            known = self._processes[post.path] = AgentProcess(self._program, post, base_name(post.path))
        return known

    # --- groups --------------------------------------------------------------------------------------------

    def join(self, group: str, process: AgentProcess | str, *, create: bool = True) -> bool:
        """Let a process join a group, by default a new one; False if it was in. It stays in over its restarts."""
        return self.session.groups.join(group, self._path_of(process), create=create)

    def leave(self, group: str, process: AgentProcess | str) -> bool:
        """Let a process leave a group; False if it was not in. Raises GroupNotFound."""
        return self.session.groups.leave(group, self._path_of(process))

    def members(self, group: str) -> Sequence[AgentProcess]:
        """Who is in a group and lives. Raises GroupNotFound."""
        return [self._handle(self.session.tree.posts[path]) for path in self.session.groups.members(group)]

    def groups(self) -> Sequence[str]:
        """All groups."""
        return self.session.groups.names()

    def delete_group(self, group: str) -> None:
        """Drop an empty group and its board. Raises GroupNotFound, GroupNotEmpty."""
        self.session.groups.delete(group)

    def board(self, group: str) -> SharedBoard:
        """The group's board: versioned JSON values that are kept with the session. Makes the group if need be."""
        return self.session.groups.board(group)

    async def broadcast(self, group: str, text: str, timeout_s: float | None = None) -> dict[str, str | VegaError]:
        """Say something to all of a group at once; by path, each one's answer or the error it failed with."""
        return await self.session.groups.broadcast(group, lambda path: self.get(path).send(text), timeout_s)

    # --- following -----------------------------------------------------------------------------------------

    def on_started(self, callback: Callable[[AgentProcess], object]) -> None:
        """Call (and await) back after each start of a process. Callbacks of all kinds are called one by one, in order.

        What one raises is logged and stops nobody else.
        """
        self.announcer.subscribe("started", lambda process, _text, _error: callback(process))

    def on_completed(self, callback: Callable[[AgentProcess, str], object]) -> None:
        """The same after each normal end, with its last words."""
        self.announcer.subscribe("completed", lambda process, text, _: callback(process, text))

    def on_failed(self, callback: Callable[[AgentProcess, Exception], object]) -> None:
        """The same after each failure, also of a life that is restarted."""
        self.announcer.subscribe("failed", lambda process, _, error: error and callback(process, error))

    def _on_item(self, item: Item) -> None:
        if item.session != self.session.session:
            return
        process = self._processes.get(item.process)
        if process is not None:
            process.note(item)
        self._program.told(item)

    def _on_runtime(self, event: RuntimeEvent) -> None:
        post = event.label
        if not isinstance(post, Post) or post.session != self.session.session:
            return
        if isinstance(event, Started | Exited) and post.seat is not None and post.path != ROOT:
            process = self._handle(post)
            if isinstance(event, Started):
                process.begun()
                self.announcer.started(process)
            else:
                self.announcer.ended(process, event.reason)
                self._group.create_task(process.settle())
        elif isinstance(event, Exited):
            for child in self.session.tree.posts.values():
                if child.supervisor is event.pid and child.seat is not None:
                    self._group.create_task(self._handle(child).settle())

    # --- the end -------------------------------------------------------------------------------------------

    async def shutdown(self, deadline_s: float = CLOSE_S) -> None:
        """Stop all processes in reverse order; what is left at the deadline is killed. Idempotent."""
        if not self._open:
            return
        self._open = False
        stopping = self._group.create_task(self.session.tree.stop())
        done, _ = await asyncio.wait([stopping], timeout=deadline_s)
        while not done:
            for post in reversed(self.session.tree.living()):
                if post.pid is not None:
                    self.system.kill(post.pid)
            done, _ = await asyncio.wait([stopping], timeout=0.1)
        for process in self._processes.values():
            if process.status is not Status.RUNNING:
                process.ended()
        self._desk.close()
        self.announcer.close()
        await self.services.bus.flush()
