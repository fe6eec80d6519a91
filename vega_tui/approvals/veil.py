"""Which files of a tree a call may not see though it may read the tree: each judged as if it were read by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from vega_tui.approvals.facts import CallFacts
from vega_tui.approvals.modes import freedom
from vega_tui.approvals.rules import Rule, path_matches
from vega_tui.approvals.sensitive import folded
from vega_tui.core.words import Mode


@dataclass(slots=True)
class Veil:
    """The rules that hold below a call's folders. Counts what it hid, names it to nobody."""

    cwd: str
    home: str
    alias: str = ""  # the work directory as named, where that is a link
    rules: tuple[Rule, ...] = ()
    hidden: int = 0
    _inodes: set[int] = field(default_factory=set[int])

    def hides(self, path: str, inode: int = 0) -> bool:
        """True for a real path that a rule denies or asks about, and for another name of one that was hidden."""
        found = bool(self.rules) and (inode in self._inodes or self._fits(path))
        if found:
            self.note(inode)
        return found

    def note(self, inode: int) -> None:
        """Count something that was left out."""
        self.hidden += 1
        if inode:
            self._inodes.add(inode)

    def twin(self, inode: int) -> bool:
        """True for a file that was left out under another name."""
        return inode in self._inodes

    def _fits(self, path: str) -> bool:
        names = [path]
        if self.alias and path.startswith(f"{self.cwd}/"):
            names.append(self.alias + path[len(self.cwd) :])
        cwd, home = folded(self.cwd), folded(self.home)
        return any(
            path_matches(folded(r.pattern), folded(name), cwd=cwd, home=home, root=folded(r.root), anywhere=True)
            for r in self.rules
            for name in names
        )


def veil(facts: CallFacts, mode: Mode, rules: Sequence[Rule], named: str = "") -> Veil:
    """What holds below the folders of a call that may run; `named` is the work directory as it was named."""
    strict = [
        rule for rule in rules
        if rule.effect != "allow" and rule.pattern and (rule.covers(facts.tool, facts.family) or rule.covers("read"))
        and not (rule.effect == "ask" and freedom(mode).everything)
    ]  # fmt: skip
    found = Veil(facts.cwd, facts.home, named if named != facts.cwd else "", tuple(strict))
    # Who was asked about the folder itself, and said yes, meant what is in it.
    asked = {
        rule.text for rule in strict if rule.effect == "ask"
        and any(Veil(facts.cwd, facts.home, found.alias, (rule,)).hides(use.target) for use in facts.paths)
    }  # fmt: skip
    found.rules = tuple(rule for rule in strict if rule.effect == "deny" or rule.text not in asked)
    return found
