"""Tools by name: the built-in ones, other programs' names for them, and those of third parties."""

import difflib
from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points
from typing import Final

from vega_tui.core.errors import NotFound, UserError
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
    """An immutable set of tools."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools = {tool.name: tool for tool in tools}

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

    def only(self, names: Iterable[str]) -> "Registry":
        """These tools alone, as an agent's blueprint lists them. Raises NotFound for one that isn't there."""
        return Registry(self.get(name) for name in names)

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

    Raises UserError naming the package's entry point that can't be loaded, is no tool, or takes a name twice.
    """
    found = {name: builtin_registry().get(name) for name in builtin_registry().names()}
    for point in entry_points(group=ENTRY_POINTS):
        try:
            loaded: object = point.load()
        except Exception as error:  # someone else's package may raise anything while it is imported
            raise UserError(f"tool {point.name} ({point.value}) can't be loaded: {error}") from error
        if not isinstance(loaded, Tool):
            raise UserError(f"tool {point.name} ({point.value}) is not made with @tool")
        if loaded.name in found:
            raise UserError(f"tool {point.name} ({point.value}): the name {loaded.name} is taken")
        found[loaded.name] = loaded
    for tool in more:
        if tool.name in found:
            raise UserError(f"the name {tool.name} of a tool is taken; give it another")
        found[tool.name] = tool
    return Registry(found.values())
