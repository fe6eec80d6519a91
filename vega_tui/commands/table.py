"""The one table of commands: found in this package's builtins and under the entry points `vega_tui.commands`."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from typing import Any, Final

from vega_tui.commands import builtins
from vega_tui.commands.command import GROUPS, Command
from vega_tui.commands.context import CommandContext
from vega_tui.core.errors import BugError, NotFound, UserError, VegaError
from vega_tui.core.near import near
from vega_tui.core.plugins import each_plugin

ENTRY_POINTS: Final = "vega_tui.commands"


class CommandTable:
    """Commands by id and by slash word. `problems` says which plugins could not be taken, and why."""

    def __init__(self, commands: Iterable[Command]) -> None:
        self.by_id: dict[str, Command] = {}
        self.by_slash: dict[str, Command] = {}
        self.problems: tuple[str, ...] = ()
        for command in sorted(commands, key=lambda command: GROUPS.index(command.group)):
            self.add(command)

    def add(self, command: Command) -> None:
        """Raises BugError where its id or one of its words is taken already; then nothing of it is added."""
        if command.id in self.by_id:
            raise BugError(f"two commands are called {command.id}")
        for word in command.slash:
            if word in self.by_slash:
                raise BugError(f"/{word} is both {self.by_slash[word].id} and {command.id}")
        self.by_id[command.id] = command
        self.by_slash.update(dict.fromkeys(command.slash, command))

    def __iter__(self) -> Iterator[Command]:
        return iter(self.by_id.values())

    def parse_slash(self, line: str) -> tuple[Command, str]:
        """The command of `/word arguments`, and the arguments. Raises NotFound with the nearest word."""
        word, _, args = line.removeprefix("/").strip().partition(" ")
        command = self.by_slash.get(word.lower())
        if command is None:
            nearest = near(word, self.by_slash)
            raise NotFound(f"no command /{word}; " + (f"did you mean /{nearest}?" if nearest else "/help lists them"))
        return command, args.strip()

    def completions(self, beginning: str) -> list[tuple[str, Command]]:
        """Slash words that begin so, each with its command; a command is listed by its first fitting word only."""
        found: dict[str, tuple[str, Command]] = {}
        for word, command in self.by_slash.items():
            if word.startswith(beginning.lower()) and command.id not in found:
                found[command.id] = (word, command)
        return sorted(found.values(), key=lambda pair: pair[0])

    async def run(self, command: Command, ctx: CommandContext, args: str = "") -> bool:
        """Run it, or say in one line why not. True when it ran to its end.

        Errors of ours become a notice; anything else is a bug and goes up.
        """
        why = command.why_not(ctx)
        if why is not None:
            title = command.title.rstrip("…")
            ctx.notify(f"Can't {title[:1].lower()}{title[1:]}: {why}.", "warning")
            return False
        try:
            await command.run(ctx, args)
        except UserError as error:
            ctx.notify(str(error), "warning")
            return False
        except VegaError as error:
            ctx.notify(str(error), "error")
            return False
        return True


def load_table(*, plugins: bool = True) -> CommandTable:
    """All commands there are. A plugin's module has a `COMMANDS` tuple as ours do; a broken one is left out."""
    table = CommandTable(_ours())

    def take(module: Any) -> None:  # whatever a package's entry point leads to
        commands: tuple[Command, ...] = module.COMMANDS
        CommandTable((*table, *commands))  # a plugin that doesn't fit as a whole adds nothing
        for command in commands:
            table.add(command)

    if plugins:
        table.problems = each_plugin(ENTRY_POINTS, take)
    return table


def _ours() -> Iterable[Command]:
    for module in pkgutil.iter_modules(builtins.__path__, builtins.__name__ + "."):
        commands: tuple[Command, ...] = importlib.import_module(module.name).COMMANDS
        yield from commands
