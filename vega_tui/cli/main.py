"""Everything the command line can ask for except the screen: finds the command, runs it, turns errors into one line."""

import asyncio
import importlib
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from vega_tui.cli.arguments import PROGRAM, Arguments, parse
from vega_tui.core.exits import Exit

if TYPE_CHECKING:
    from vega_tui.cli.setting import Setting

# Command → module and function: only what is asked for is imported.
_COMMANDS: Final = {
    "print": "print_command.run",
    "ps": "process_commands.ps",
    "kill": "process_commands.act",
    "restart": "process_commands.act",
    "terminate": "process_commands.act",
    "pause": "process_commands.act",
    "resume": "process_commands.act",
    "send": "process_commands.send",
    "approvals list": "process_commands.approvals_list",
    "approvals approve": "process_commands.approve",
    "approvals deny": "process_commands.deny",
    "rules list": "rule_commands.show_list",
    "rules revoke": "rule_commands.revoke",
    "sessions list": "session_commands.show_list",
    "sessions show": "session_commands.show",
    "sessions tree": "session_commands.tree",
    "sessions fork": "session_commands.fork",
    "sessions rename": "session_commands.rename",
    "sessions rm": "session_commands.remove",
    "sessions search": "session_commands.search",
    "host status": "host_commands.status",
    "host start": "host_commands.start",
    "host stop": "host_commands.stop",
    "host logs": "host_commands.logs",
    "doctor": "doctor.run",
    "config show": "settings_command.show",
    "config trust": "settings_command.trust_project",
    "config untrust": "settings_command.untrust_project",
}


def main(argv: Sequence[str]) -> int:
    """Run what `argv` (without the program's name) asks for; gives the exit code. Never raises."""
    try:
        asked = parse(argv)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 2
    if asked.interactive:
        print(f"{PROGRAM}: the screen needs a terminal; for scripts: {PROGRAM} -p 'PROMPT'", file=sys.stderr)
        return 2
    try:
        return _run(asked)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _drop_stdout()  # the reader has seen enough
        return 1
    except Exception as error:
        return _failed(error)


def _run(asked: Arguments) -> int:
    from vega_tui.cli.setting import setting_of

    module, _, function = _COMMANDS[asked.command].partition(".")
    command: Callable[[Setting], Awaitable[Exit]] = getattr(importlib.import_module(f"vega_tui.cli.{module}"), function)

    async def run() -> Exit:
        return await command(setting_of(asked))

    return int(asyncio.run(run()))


def _drop_stdout() -> None:
    """What Python would still flush at its end has nowhere to go: it would fail there once more, and loudly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _failed(error: Exception) -> int:
    """One line on stderr and the exit code of the error; the traceback of what is nobody's mistake goes to a log."""
    from vega_tui.core.errors import HostError, LimitReached, PolicyDenied, VegaError

    error = _first(error)
    if isinstance(error, VegaError):
        print(f"{PROGRAM}: {' '.join(str(error).split())}", file=sys.stderr)
    elif isinstance(error, OSError):
        if error.filename is None:
            _drop_stdout()
        print(f"{PROGRAM}: {error.filename or 'stdout'}: {error.strerror or error}", file=sys.stderr)
    else:
        print(
            f"{PROGRAM}: a bug: {type(error).__name__}: {' '.join(str(error).split())}{_kept(error)}", file=sys.stderr
        )
    match error:
        case HostError():
            return Exit.HOST
        case LimitReached():
            return Exit.BUDGET
        case PolicyDenied():
            return Exit.DENIED
        case _:
            return Exit.ERROR


def _first(error: Exception) -> Exception:
    """What a task group's failure came from: an error of ours, where there is one."""
    from vega_tui.core.errors import VegaError

    leaves = list(_leaves(error))
    return next((leaf for leaf in leaves if isinstance(leaf, VegaError)), leaves[0])


def _leaves(error: Exception) -> Iterator[Exception]:
    inner: tuple[Exception, ...] = getattr(error, "exceptions", ())
    if not inner:
        yield error
    for each in inner:
        yield from _leaves(each)


def _kept(error: Exception) -> str:
    """Where the traceback went, to be said; empty where it can't be kept."""
    import traceback

    from vega_tui.core.home import Home
    from vega_tui.core.secrecy import cleaned

    log = Home().log.with_name("cli.log")
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(cleaned("".join(traceback.format_exception(error))))
    except OSError:
        return ""
    return f"; please report it with {log}"
