"""Tools by name: the built-in ones, other programs' names for them, and those of third parties."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Final

from vega_tui.core.errors import NotFound, UserError
from vega_tui.core.plugins import each_plugin
from vega_tui.core.ports import ToolSchema
from vega_tui.tools.tool import Tool

ENTRY_POINTS: Final = "vega_tui.tools"
ALIASES: Final[Mapping[str, str]] = {
    "exec": "bash",
    "run_command": "bash",
    "read_file": "read",
    "write_file": "write",
    "edit_file": "edit",
    "list_files": "list",
    "delegate": "ask",
}


class Registry:
    """An immutable set of tools. `problems`: a line for each of another package that was left out."""

    def __init__(self, tools: Iterable[Tool], problems: tuple[str, ...] = ()) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self.problems = problems

    def get(self, name: str) -> Tool:
        """The tool called `name`, by its own name or an alias. Raises NotFound naming what is near."""
        found = self._tools.get(name) or self._tools.get(ALIASES.get(name.lower(), name.lower()))
        if found is None:
            near = difflib.get_close_matches(name.lower(), self._tools, n=3, cutoff=0.5)
            offer = f"did you mean {' or '.join(near)}" if near else f"there are {', '.join(self._tools)}"
            raise NotFound(f"no tool is called {name[:80]!r}; {offer or 'there are none'}")
        return found

    def names(self) -> tuple[str, ...]:
        """Names in the order they were given."""
        return tuple(self._tools)

    def only(self, names: Iterable[str] | None) -> "Registry":
        """These tools alone, as an agent's blueprint lists them; None: all. Raises NotFound for one not there."""
        return self if names is None else Registry(self.get(name) for name in names)

    def schemas(self) -> tuple[ToolSchema, ...]:
        """The tools as a model is told of them."""
        return tuple(tool.schema for tool in self._tools.values())


def builtin_registry() -> Registry:
    """bash read write edit list grep fetch ask task spawn."""
    from vega_tui.tools.builtins import agents, bash, edit, fetch, grep, listing, read, write

    return Registry(
        [
            bash.bash, read.read, write.write, edit.edit, listing.list_, grep.grep, fetch.fetch,
            agents.ask, agents.task, agents.spawn,
        ]
    )  # fmt: skip


def full_registry(more: Iterable[Tool] = ()) -> Registry:
    """The built-in tools, those that installed packages offer as entry points `vega_tui.tools`, and `more`.

    A package's tool that can't be loaded, is no tool, or takes a name twice is left out and named in `problems`.
    Raises UserError where one of `more` takes a name twice.
    """
    builtin = builtin_registry()
    found = {name: builtin.get(name) for name in builtin.names()}

    def take(offered: object) -> None:
        if not isinstance(offered, Tool):
            raise UserError("it is not made with @tool")
        if offered.name in found:
            raise UserError(f"the name {offered.name} is taken")
        found[offered.name] = offered

    problems = each_plugin(ENTRY_POINTS, take)
    for tool in more:
        if tool.name in found:
            raise UserError(f"the name {tool.name} of a tool is taken; give it another")
        found[tool.name] = tool
    return Registry(found.values(), problems)
