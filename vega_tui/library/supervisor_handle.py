"""A supervisor of agents as a program sees it."""

from collections.abc import Callable

from vega_tui.core.errors import UserError
from vega_tui.core.ids import child_path
from vega_tui.host.posts import Post
from vega_tui.library.handle import AgentProcess
from vega_tui.library.program import Program
from vega_tui.runtime import ChildCount, ChildInfo, Supervisor


class SupervisorHandle:
    """A supervisor of agents, the same over all its lives. Children are named by their ids."""

    def __init__(self, program: Program, post: Post, find: Callable[[str], AgentProcess]) -> None:
        self._program = program
        self._find = find
        self._post = post

    @property
    def path(self) -> str:
        """Where it stands in the tree."""
        return self._post.path

    @property
    def supervisor(self) -> Supervisor:
        """The runtime's supervisor that runs now. Raises UserError while none does."""
        found = self._program.session.tree.supervisor(self._post)
        if found is None:
            raise UserError(f"supervisor {self.path} is not running")
        return found

    def child(self, child_id: str) -> AgentProcess:
        """The agent with this id. Raises NotFound."""
        return self._find(child_path(self.path, child_id))

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
        await self._program.session.tree.terminate(self.path)
