"""The rules of files that hold for work in one folder, as the files are now: an edit counts from the next call on."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from vega_tui.approvals.rules import Rule
from vega_tui.approvals.rules_file import load_rules, project_rules
from vega_tui.core import clock
from vega_tui.core.errors import UserError
from vega_tui.core.home import Home
from vega_tui.core.project import CONFIG, RULES, project_of, read_project, standing, trust_file

log: Final = logging.getLogger(__name__)

_TICK_NS: Final = 100_000_000  # two writes this close may carry the same time
_Seen: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class FileRules:
    """What the files say. `broken`: why they can't be read as they are; then what they allowed is gone."""

    rules: tuple[Rule, ...] = ()
    broken: str = ""


class RuleBook:
    """Looks at the files before each judgement, and reads what has changed. Raises UserError only when it is made."""

    def __init__(self, home: Home, cwd: Path) -> None:
        self._home = home
        self._cwd = cwd
        self._seen = self._look()
        self._mine = load_rules(home.rules, "your")
        self._theirs: tuple[Rule, ...] = ()
        self._folder: Path | None = None
        self._take_project()
        self._said = FileRules((*self._mine, *self._theirs))

    def now(self) -> FileRules:
        """The rules that hold now."""
        seen = self._look()
        if seen != self._seen:
            self._seen = seen
            self._said = self._read()
        return self._said

    def _read(self) -> FileRules:
        broken = ""
        try:
            self._mine = load_rules(self._home.rules, "your")
        except UserError as error:
            broken = str(error)
            self._mine = _strict(self._mine)
        try:
            self._take_project()
        except UserError as error:
            broken = broken or str(error)
            self._theirs = _strict(self._theirs)
        if broken:
            log.warning("rules can't be read, so every call asks: %s", broken)
            everything = Rule("ask", "*", "", f"a file that can't be read: {broken}", "*")
            return FileRules((*_strict(self._mine), *self._theirs, everything), broken)
        return FileRules((*self._mine, *self._theirs))

    def _take_project(self) -> None:
        folder = project_of(self._cwd, self._home)
        if folder is None:
            # Gone, and maybe not by the person: what it forbade in this session stays forbidden.
            self._theirs = _strict(self._theirs)
            return
        project = read_project(folder)
        found = standing(self._home, project)
        if found == "trusted":
            self._theirs = project_rules(project)
        elif found == "changed" and folder == self._folder:
            self._theirs = _strict(self._theirs)
        else:
            self._theirs = ()
        self._folder = folder

    def _look(self) -> _Seen:
        """What tells one state of the files from another."""
        folder = project_of(self._cwd, self._home)
        paths = [self._home.rules, trust_file(self._home)]
        if folder is not None:
            paths += [folder / ".vega", folder / ".vega" / CONFIG, folder / ".vega" / RULES]
        return (folder, *(_stamp(path) for path in paths))


def _strict(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule.effect != "allow")


def _stamp(path: Path) -> _Seen:
    try:
        found, link = path.stat(), path.lstat()
    except OSError as error:
        return (error.errno,)
    fresh = abs(clock.wall() * 1e9 - found.st_mtime_ns) < _TICK_NS
    settled = clock.monotonic() if fresh else 0.0  # just written: look again next time
    return (found.st_ino, found.st_dev, found.st_size, found.st_mtime_ns, found.st_ctime_ns, link.st_ino, settled)
