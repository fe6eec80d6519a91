"""Puts the processes of a session that is loaded back in their places.

Supervisors and permanent agents are started again, the others stand as ended until someone speaks to them.
"""

import msgspec

from vega_tui.agent.blueprint import Agent
from vega_tui.agent.seat import Seat
from vega_tui.core.ids import MAIN, ROOT
from vega_tui.core.words import ProcessKind
from vega_tui.host.child_specs import Team, member
from vega_tui.host.posts import Post
from vega_tui.host.recovery import INTERRUPTED
from vega_tui.host.session import LiveSession
from vega_tui.protocol.rows import InputRow
from vega_tui.runtime import INFINITY, ChildSpec, Restart, Strategy, SupervisorSpec
from vega_tui.sessions.rows import ProcessRow
from vega_tui.sessions.store import Store


class Restoring:
    """One session's load. `inputs`: what its processes have not heard yet."""

    def __init__(self, session: LiveSession, store: Store, processes: list[ProcessRow], inputs: list[InputRow]) -> None:
        self._session = session
        self._store = store
        self._processes = processes
        self._inputs = inputs

    async def run(self) -> None:
        """Parents before children, as they were first spawned; a supervisor with all below it at once."""
        for process in self._processes:
            if process.supervisor:
                continue  # its supervisor's team has it
            if process.kind is ProcessKind.SUPERVISOR:
                await self._session.tree.start_team(await self._team(process))
            elif process.path == ROOT:
                await self._session.tree.start_root(await self._seat(process), lives_before=_lives_before(process))
            elif process.restart == Restart.PERMANENT:
                seat = await self._seat(process)
                await self._session.tree.start_agent(seat, Restart.PERMANENT, lives_before=_lives_before(process))
            else:
                self._session.tree.posts[process.path] = await self._post(process)

    async def _team(self, top: ProcessRow) -> Team:
        children: list[tuple[Post, ChildSpec] | Team] = []
        for process in self._processes:
            if process.supervisor != top.path:
                continue
            if process.kind is ProcessKind.SUPERVISOR:
                children.append(await self._team(process))
            elif process.restart == Restart.PERMANENT:
                children.append(member(self._session, await self._post(process)))
            else:
                self._session.tree.posts[process.path] = await self._post(process)
        spec = SupervisorSpec(
            strategy=Strategy(top.strategy),
            intensity=top.intensity if top.intensity >= 0 else INFINITY,
            period_s=top.period_s,
        )
        return Team(await self._post(top), spec, children)

    async def _post(self, process: ProcessRow) -> Post:
        return Post(
            session=self._session.session,
            path=process.path,
            kind=process.kind,
            seat=None if process.kind is ProcessKind.SUPERVISOR else await self._seat(process),
            restart=process.restart,
            lives_before=_lives_before(process),
        )

    async def _seat(self, process: ProcessRow) -> Seat:
        branches = await self._store.branches(self._session.session, process.path)
        active = next((branch for branch in branches if branch.active), branches[0] if branches else None)
        seat = self._session.restored_seat(
            process.path,
            _blueprint(process),
            branch=active.name if active else MAIN,
            head=active.head if active else "",
            inputs=[row for row in self._inputs if row.process == process.path],
        )
        if process.restart == Restart.PERMANENT and process.path != ROOT:
            seat.stays = True
            seat.task = process.task
            seat.task_done = process.reason != INTERRUPTED
        return seat


def _lives_before(process: ProcessRow) -> int:
    """A life that ended in order with its host goes on; one that was cut off is followed by a next."""
    return process.incarnation if process.abnormal else process.incarnation - 1


def _blueprint(process: ProcessRow) -> Agent:
    if not process.blueprint:
        return Agent(name=process.agent)
    return msgspec.json.decode(process.blueprint, type=Agent)
