"""What the orchestrator is made of: seats from options, teams from specs, announcements, approvals, the spawn tree."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import Context
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Never, TypeAlias, TypedDict, Unpack

import msgspec

from vega_tui.agent.blueprint import Agent
from vega_tui.agent.run import Seat
from vega_tui.approvals.queue import ApprovalQueue
from vega_tui.core.errors import ProcessFailed, StorageError, UserError, VegaError
from vega_tui.core.events import ApprovalRequested
from vega_tui.core.ids import ROOT, child_path, parent_path
from vega_tui.core.messages import Message, Text
from vega_tui.core.ports import Bus
from vega_tui.core.records import Approval
from vega_tui.core.words import Decision, ProcessKind
from vega_tui.host.bus import Item
from vega_tui.host.child_specs import Team
from vega_tui.host.handle import AgentProcess
from vega_tui.host.lifecycle import reason_text, reason_word
from vega_tui.host.outcomes import Status, status_of
from vega_tui.host.posts import Post
from vega_tui.host.session import LiveSession
from vega_tui.runtime import ChildCount, ChildInfo, ChildSpec, Error, ExitReason, Process, Supervisor, SupervisorSpec

if TYPE_CHECKING:
    from vega_tui.host.orchestrator import Orchestrator

log: Final = logging.getLogger(__name__)

Kind: TypeAlias = Literal["started", "completed", "failed"]
Subscriber: TypeAlias = Callable[[AgentProcess, str, Exception | None], object]
Approve: TypeAlias = Callable[[Approval], Awaitable[Decision | bool]]


class SpawnOptions(TypedDict, total=False):
    """What a spawn may say of a process; Orchestrator.spawn explains each."""

    task: str
    name: str
    parent: "AgentProcess | SupervisorHandle | str"
    timeout_s: float
    max_iterations: int
    reason: str
    work_dir: Path | str
    messages: Sequence[Message | tuple[Literal["user", "assistant"], str]]
    context: Context
    history: Literal["keep", "fresh"]
    keep: bool


class AgentStart:
    """What a ChildSpec of an orchestrator's supervisor starts: an agent, with the options of a spawn."""

    def __init__(self, agent: Agent, **options: Unpack[SpawnOptions]) -> None:
        self.agent = agent
        self.options = options

    async def __call__(self, process: Process, *_: object) -> Never:
        """Only an orchestrator can start an agent; a bare runtime has no model."""
        raise UserError(f"{self.agent.name} is an agent: give its spec to Orchestrator.start_supervisor")


def seat_for(session: LiveSession, path: str, agent: Agent, options: SpawnOptions) -> Seat:
    """The place of a new agent, as the options want it. Raises UserError for what doesn't fit."""
    turns, limit = options.get("max_iterations", 0), options.get("timeout_s")
    if turns < 0 or (limit is not None and limit <= 0):
        raise UserError("max_iterations must be 0 or more, timeout_s more than 0")
    for tool in agent.tools:
        session.knows_tool(tool)
    work_dir = options.get("work_dir")
    if work_dir is not None and not Path(work_dir).is_dir():
        raise UserError(f"work_dir {work_dir} is not a folder")
    if turns:
        agent = replace(agent, max_turns=turns)
    seat = session.make_seat(path, agent, options.get("task", ""), "you")
    seat.direct = True
    seat.stays = options.get("keep", True)
    seat.timeout_s = limit
    seat.history = options.get("history", "keep")
    seat.context = options.get("context")
    seat.given = tuple(_message(given) for given in options.get("messages", ()))
    seat.conversation.give(seat.given, 1)
    seat.work_dir = None if work_dir is None else Path(work_dir).resolve()
    if seat.task:
        seat.result = asyncio.get_running_loop().create_future()
    return seat


def _message(given: Message | tuple[Literal["user", "assistant"], str]) -> Message:
    if isinstance(given, Message):
        return given
    role, text = given
    return Message(role, (Text(text=text),))


def plan_team(session: LiveSession, path: str, spec: SupervisorSpec, restart: str = "permanent") -> Team:
    """The supervisor at `path` with all that its spec names. Raises UserError for a child that is no agent."""
    children: list[tuple[Post, ChildSpec] | Team] = []
    for child in spec.children:
        below = child_path(path, child.id)
        if isinstance(child.start, SupervisorSpec):
            children.append(plan_team(session, below, child.start, child.restart.value))
        elif isinstance(child.start, AgentStart):
            start = child.start
            post = Post(session=session.session, path=below, restart=child.restart.value)
            post.seat = seat_for(session, below, start.agent, start.options)
            post.why = start.options.get("reason", "")
            children.append((post, child))
        else:
            raise UserError(f'child "{child.id}": start must be an AgentStart or a SupervisorSpec')
    top = Post(session=session.session, path=path, kind=ProcessKind.SUPERVISOR, restart=restart)
    return Team(top, spec, children)


class SupervisorHandle:
    """A supervisor of agents, the same over all its lives. Children are named by their ids."""

    def __init__(self, orchestrator: "Orchestrator", post: Post) -> None:
        self._orchestrator = orchestrator
        self._post = post

    @property
    def path(self) -> str:
        """Where it stands in the tree."""
        return self._post.path

    @property
    def supervisor(self) -> Supervisor:
        """The runtime's supervisor that runs now. Raises UserError while none does."""
        found = self._orchestrator.session.tree.supervisor(self._post)
        if found is None:
            raise UserError(f"supervisor {self.path} is not running")
        return found

    def child(self, child_id: str) -> AgentProcess:
        """The agent with this id. Raises NotFound."""
        return self._orchestrator.get(child_path(self.path, child_id))

    def which_children(self) -> list[ChildInfo]:
        """The children as they are now, last started first."""
        return self.supervisor.which_children()

    def count_children(self) -> ChildCount:
        """How many specs, living children, supervisors and workers there are now."""
        return self.supervisor.count_children()

    async def terminate_child(self, child_id: str) -> None:
        """Stop a child and keep it down."""
        await self.supervisor.terminate_child(child_path(self.path, child_id))

    async def restart_child(self, child_id: str) -> None:
        """Start a stopped child again."""
        await self.supervisor.restart_child(child_path(self.path, child_id))

    async def delete_child(self, child_id: str) -> None:
        """Drop a stopped child's spec."""
        await self.supervisor.delete_child(child_path(self.path, child_id))

    async def stop(self) -> None:
        """Stop it and all below it, in reverse order, and keep it down."""
        await self._orchestrator.session.tree.terminate(self.path)


class Announcer:
    """Calls back about starts and ends: one by one, in order, each once what it tells is stored."""

    def __init__(self) -> None:
        self._subscribers: list[tuple[Kind, Subscriber]] = []
        self._queue: asyncio.Queue[tuple[Kind, AgentProcess, str, Exception | None] | None] = asyncio.Queue()

    def subscribe(self, kind: Kind, subscriber: Subscriber) -> None:
        """Tell this one too, from now on."""
        self._subscribers.append((kind, subscriber))

    def started(self, process: AgentProcess) -> None:
        """A life has begun."""
        self._queue.put_nowait(("started", process, "", None))

    def ended(self, process: AgentProcess, reason: ExitReason) -> None:
        """A life has ended. A stop that was asked for is neither completion nor failure."""
        match status_of(reason):
            case Status.COMPLETED:
                self._queue.put_nowait(("completed", process, process.last_words, None))
            case Status.FAILED | Status.KILLED | Status.TIMEOUT:
                self._queue.put_nowait(("failed", process, "", _error_of(process.path, reason)))
            case _:
                pass

    def close(self) -> None:
        """Let `run` end after what is queued."""
        self._queue.put_nowait(None)

    async def run(self, bus: Bus) -> None:
        """Call back until closed."""
        while (news := await self._queue.get()) is not None:
            kind, process, text, error = news
            try:
                await bus.flush()
            except StorageError as trouble:
                log.error("told before it is stored: %s", trouble)
            for wanted, subscriber in self._subscribers:
                if wanted == kind:
                    await _isolated(subscriber, process, text, error)


async def _isolated(subscriber: Subscriber, process: AgentProcess, text: str, error: Exception | None) -> None:
    try:
        given = subscriber(process, text, error)
        if inspect.isawaitable(given):
            await given
    except Exception:  # the border to the program's own code: one bad subscriber must not silence the others
        log.exception("a callback about %s raised", process.path)


def _error_of(path: str, reason: ExitReason) -> Exception:
    if isinstance(reason, Error) and isinstance(reason.exception, VegaError):
        return reason.exception
    failed = ProcessFailed(path, reason_text(reason) or reason_word(reason))
    failed.__cause__ = reason.exception if isinstance(reason, Error) else None
    return failed


class ApprovalDesk:
    """Lets the program's callback answer questions, side by side. Without a callback the host says no by itself."""

    def __init__(self, group: asyncio.TaskGroup, queue: ApprovalQueue, approve: Approve | None) -> None:
        self._group = group
        self._queue = queue
        self._approve = approve
        self._asking: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        """Stop waiting for answers: what was asked is withdrawn with its runs."""
        for task in self._asking:
            task.cancel()

    def on_item(self, item: Item) -> None:
        """Answer a question that has just been stored."""
        if isinstance(item, ApprovalRequested) and self._approve is not None:
            task = self._group.create_task(self._answer(item.approval, self._approve))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _answer(self, approval: Approval, approve: Approve) -> None:
        feedback = ""
        try:
            answer = await approve(approval)
        except Exception as error:  # the program's own code: what it could not decide is a no
            log.exception("approve raised")
            answer, feedback = Decision.DENY, f"the approve callback failed: {type(error).__name__}: {error}"
        if isinstance(answer, bool):
            answer = Decision.ONCE if answer else Decision.DENY
        try:
            self._queue.decide(approval.id, answer, "program", feedback=feedback)
        except UserError as error:  # settled meanwhile, by another face or by the end of the run
            log.info("%s", error)


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
