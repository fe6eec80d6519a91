"""What git would run beside a command's words: settings of the repositories it works in, and those it reaches."""

import os

from vega_tui.approvals.git_repository import other_repository, starts
from vega_tui.approvals.operands import Looker
from vega_tui.approvals.programs.git import NETWORK
from vega_tui.approvals.programs.table import literal, readings, scripted, shifted
from vega_tui.approvals.shell import Command


def loads(command: Command, looker: Looker) -> str:
    """Why the command could start what a repository names; empty where it is none of git's, or can't."""
    calls = [words for words in _calls(command) if _is_git(words[0])]
    if not calls:
        return ""
    if looker.lost:
        return f"{looker.lost}, and nobody can tell whose configuration git takes"
    places = [place for reading in readings(command) for place in reading.places]
    bases = [looker.places.root, *(base.root for base in looker.bases)]
    folders = dict.fromkeys(os.path.join(base, place) for base in bases for place in ("", *places))  # noqa: PTH118
    for folder in folders:
        if why := starts(folder):
            return why
        for words in calls:
            verb = next((at for at, word in enumerate(words) if word in NETWORK), 0)
            if verb and (other := other_repository(folder, list(words[verb + 1 :]))):
                return f"takes {other[:60]} for a repository, whose own configuration could run something"
    return ""


def _calls(command: Command) -> list[tuple[str, ...]]:
    """The command's words from everywhere a program's name may stand, and those of the texts it gives to a shell."""
    values = tuple(literal(word) for word in command.core)
    found = [values[start:] for start in shifted(values)]
    return [words for words in (*found, *scripted(command)) if words]


def _is_git(name: str) -> bool:
    name = name.rpartition("/")[2]
    return name in ("git", "gitk", "tig") or name.startswith("git-")
