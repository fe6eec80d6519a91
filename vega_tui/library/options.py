"""What a spawn may say of a process, and what it makes of that: seats from options, teams from specs."""

import asyncio
from collections.abc import Sequence
from contextvars import Context
from dataclasses import replace
from pathlib import Path
from typing import Literal, Never, TypedDict, Unpack

from vega_tui.agent.blueprint import Agent
from vega_tui.agent.seat import Seat
from vega_tui.core.errors import UserError
from vega_tui.core.ids import child_path
from vega_tui.core.messages import Message, Text
from vega_tui.core.words import ProcessKind
from vega_tui.host.child_specs import Team
from vega_tui.host.posts import Post
from vega_tui.host.session import LiveSession
from vega_tui.library.handle import AgentProcess
from vega_tui.library.supervisor_handle import SupervisorHandle
from vega_tui.runtime import ChildSpec, Process, SupervisorSpec


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
    for tool in agent.tools or ():
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
