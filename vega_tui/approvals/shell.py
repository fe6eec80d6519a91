"""Takes a bash command line apart into every command that it would run. Judges nothing; runs nothing.

A reader of our own for the part of bash that is beyond doubt: what it doesn't know makes the whole line
unjudgeable, so a hole in our reading asks instead of passing. Tokens: shell_words; grammar: shell_grammar.
"""

import re
from dataclasses import dataclass
from typing import Final

from vega_tui.approvals.shell_found import MAX_COMMANDS, Command, Found, Redirect, joined
from vega_tui.approvals.shell_grammar import Line

__all__ = ["MAX_COMMANDS", "MAX_LENGTH", "Command", "Parsed", "Redirect", "joined", "segments"]

MAX_LENGTH: Final = 10_000


@dataclass(frozen=True, slots=True)
class Parsed:
    """All commands of a line, however deep, and the files its redirections open."""

    commands: tuple[Command, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    problem: str = ""  # why the line as a whole can't be judged; empty: it can

    @property
    def moves(self) -> bool:
        """True when the line changes its directory, so that relative paths mean something else after it."""
        return any(command.name in ("cd", "pushd", "popd") for command in self.commands)


def segments(command: str) -> Parsed:
    """Every command that `command` would run: in pipes, lists, substitutions, functions, heredocs to shells."""
    if len(command) > MAX_LENGTH:
        return Parsed(problem=f"longer than {MAX_LENGTH} characters")
    if "\0" in command:
        return Parsed(problem="holds a null byte")
    # Some are signs of bash's own within its strings, others are blanks to some systems' bash and not to others'.
    if odd := re.search(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\x85\xa0\ud800-\udfff]", command):
        return Parsed(problem=f"holds the control character {ord(odd[0]):#04x}")
    found = Found(lambda text, depth, found: Line(text, depth, found).whole())
    found.read(command, depth=0)
    problem = found.problem
    if len(found.commands) + len(found.redirects) > MAX_COMMANDS:
        problem = f"more than {MAX_COMMANDS} commands"
    return Parsed(tuple(found.commands[:MAX_COMMANDS]), tuple(found.redirects[:MAX_COMMANDS]), problem)
