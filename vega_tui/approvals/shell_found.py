"""The commands that were found in a line, and what each of them would run in turn. Judges nothing."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from vega_tui.approvals.shell_builtins import evaluates, steers_the_shell
from vega_tui.approvals.shell_scripts import inner_script, is_fed
from vega_tui.approvals.shell_words import Unreadable
from vega_tui.approvals.wrappers import CARRIERS, EVALUATORS, SHELLS, SHIFTERS, Word, strip_wrappers

MAX_COMMANDS: Final = 100  # nobody reads more than that, and judging them must not hold up the host


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command. `core` is what is left behind harmless wrappers such as `timeout 5`."""

    text: str
    words: tuple[Word, ...]
    core: tuple[Word, ...]
    env: tuple[str, ...] = ()  # names of variables set in front of it
    piped: bool = False  # its input is the output of another command
    exact: bool = False  # runs another program by itself: only a rule with the whole text can allow it
    opaque: str = ""  # why nobody can tell what it runs; empty: one can

    @property
    def name(self) -> str:
        """The program as written, behind wrappers; empty when it isn't literal."""
        return (self.core[0].value or "") if self.core else ""


@dataclass(frozen=True, slots=True)
class Redirect:
    """A file that the shell itself opens."""

    target: Word
    writes: bool


def joined(words: Iterable[Word]) -> str:
    """The words as written, one blank between them."""
    return " ".join(word.text for word in words)


@dataclass(slots=True)
class Found:
    """What the reading of one line, and of the texts within it, has collected."""

    reader: "Callable[[str, int, Found], None]"
    commands: list[Command] = field(default_factory=list[Command])
    redirects: list[Redirect] = field(default_factory=list[Redirect])
    problem: str = ""

    def enough(self) -> None:
        """Stop the reading of a line that holds more than anybody reads."""
        if len(self.commands) + len(self.redirects) > MAX_COMMANDS:
            raise Unreadable(f"more than {MAX_COMMANDS} commands")

    def note(self, why: str) -> None:
        self.problem = self.problem or why

    def read(self, text: str, depth: int) -> None:
        """Read a text as a script. What is wrong with it is noted; what was found until then stays."""
        self.enough()
        if depth > 4:
            self.note("shells nested too deep")
            return
        try:
            self.reader(text, depth, self)
        except Unreadable as error:
            self.note(str(error))

    def looked_into(self, found: Command, depth: int) -> Command:
        """The command with what can be told of programs that it runs in turn."""
        core, unclear = strip_wrappers(found.words)
        found = replace(found, core=core)
        if unclear:
            return replace(found, exact=True, opaque=unclear)
        name = found.name.rpartition("/")[2]
        if not name or core[0].glob or re.search(r"\s", name):
            return replace(found, exact=True, opaque="the program's name is not literal")
        if name in EVALUATORS:
            if name == "eval" and all(word.value is not None for word in core):
                self.read(" ".join(word.value or "" for word in core[1:]), depth + 1)
            return replace(found, exact=True, opaque=f"{name} runs text as a command")
        if evaluates(core):
            return replace(found, exact=True, opaque=f"{name} may run what stands in its arguments")
        if shell := shell_in(found):
            script, why = inner_script(shell)
            if script:
                self.read(script, depth + 1)
            elif not why and (found.piped or is_fed(shell)):
                why = f"{shell[0].value} runs what it is fed"
            if why:
                return replace(found, exact=True, opaque=why)
        finds = name == "find" and any((w.value or "$")[:5] in ("-exec", "-ok", "-okdi", "-dele") for w in core)
        return replace(found, exact=name in CARRIERS or finds or steers_the_shell(core))

    def feed(self, start: int) -> None:
        """The commands from `start` on stand in a group that is fed by a pipe or a file."""
        for index, one in enumerate(self.commands[start:], start):
            fed = replace(one, piped=True)
            if (shell := shell_in(one)) and not one.opaque and not inner_script(shell)[0]:
                fed = replace(fed, exact=True, opaque=f"{shell[0].value} runs what it is fed")
            self.commands[index] = fed


def shell_in(found: Command) -> tuple[Word, ...]:
    """The words from a shell's name on, where the command starts one; empty when it doesn't."""
    shifts = found.name.rpartition("/")[2] in SHIFTERS
    for index, word in enumerate(found.core if shifts else found.core[:1]):
        if (word.value or "").rpartition("/")[2] in SHELLS:
            return found.core[index:]
    return ()
