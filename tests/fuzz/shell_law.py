"""The law: of a line that is allowed, bash runs nothing that would not have been allowed by itself."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.fuzz.bash_oracle import Oracle, Ran
from tests.fuzz.shell_lines import line
from vega_tui.approvals.facts import CallFacts, facts_of
from vega_tui.approvals.policy import decide
from vega_tui.approvals.rules import Rule, parse_rule
from vega_tui.approvals.shell_simple import RESERVED
from vega_tui.core.words import Mode

WORK, HOME = Path("/nowhere/work"), Path("/nowhere/home")
PREFIXES = [
    "cat",
    "echo",
    "ls",
    "printf",
    "read",
    "test",
    "set",
    "export",
    "declare",
    "unset",
    "wait",
    "getopts",
    "hash",
    "jobs",
]


@dataclass(slots=True)
class Setting:
    """A mode with rules, and what the law found in it."""

    name: str
    mode: Mode
    rules: tuple[Rule, ...]
    lines: int = 0
    allowed: int = 0
    ran: int = 0  # allowed lines of which bash ran something
    holes: list[str] = field(default_factory=list[str])
    known: dict[tuple[str, ...], bool] = field(default_factory=dict[tuple[str, ...], bool])

    def allows(self, facts: CallFacts) -> bool:
        """True when nobody is asked."""
        return decide(facts, self.mode, self.rules).verdict == "allow"

    def broken(self, facts: CallFacts, ran: Ran) -> bool:
        """True when bash did for an allowed line what is not allowed by itself."""
        return any(not self._allowed_alone(words) for words in ran.programs) or self._writes_more(facts, ran)

    def _allowed_alone(self, words: tuple[str, ...]) -> bool:
        if words not in self.known:
            # The program must be allowed; its arguments may hold what the line's own words stood for.
            said = [quoted(word) for word in words]
            self.known[words] = self.allows(read(" ".join(said))) or self.allows(read(said[0]))
        return self.known[words]

    def _writes_more(self, facts: CallFacts, ran: Ran) -> bool:
        if self.mode is Mode.YOLO:
            return False
        named = {one.redirect.target.value for one in facts.redirects if one.redirect.writes}
        return any(name not in named for name in ran.files)


def quoted(word: str) -> str:
    """The word as a line names it by itself; bare where that is the same, as rules know it so."""
    if re.fullmatch(r"[\w./-]+", word) and word not in RESERVED:
        return word
    if re.search(r"[\x01-\x1f\x7f]", word):
        return "$'" + "".join(f"\\x{ord(c):02x}" if ord(c) < 0x80 else c for c in word) + "'"
    return "'" + word.replace("'", "'\\''") + "'"


def settings() -> list[Setting]:
    """The modes, each with rules as people have them."""
    allow = [parse_rule(f"bash({name} *)", "allow", "your rule") for name in PREFIXES]
    deny = [parse_rule(f"bash({name} *)", "deny", "your rule") for name in ("rm", "c1", "c2", "c3", "c4")]
    return [
        Setting("manual", Mode.MANUAL, tuple(allow)),
        Setting("edits", Mode.EDITS, tuple(allow[:3])),
        Setting("auto", Mode.AUTO, ()),
        Setting("auto with rules", Mode.AUTO, tuple(allow)),
        Setting("bash allowed, some denied", Mode.MANUAL, (parse_rule("bash", "allow", "your rule"), *deny)),
        Setting("yolo, some denied", Mode.YOLO, tuple(deny)),
    ]


def read(text: str) -> CallFacts:
    """The facts of a shell call."""
    return facts_of("bash", "shell", {"command": text}, cwd=WORK, home=HOME)


def lines(seed: int, count: int) -> list[str]:
    """The same lines for the same seed."""
    random = Random(seed)
    return [text for _ in range(count) if "\0" not in (text := line(random)) and not re.search(r"[89]", text)]


def check(texts: Sequence[str], judges: Iterable[Setting], oracle: Oracle) -> None:
    """Count the lines in every setting and keep the holes."""
    waiting: list[tuple[str, CallFacts, list[Setting]]] = []
    for text in texts:
        facts = read(text)
        free = [judge for judge in judges if judge.allows(facts)]
        for judge in judges:
            judge.lines += 1
        if free:
            waiting.append((text, facts, free))
    for (text, facts, free), ran in zip(waiting, oracle.run([w[0] for w in waiting]), strict=True):
        for judge in free:
            judge.allowed += 1
            judge.ran += bool(ran.programs)
            if judge.broken(facts, ran):
                judge.holes.append(text)


def minimised(text: str, judge: Setting, oracle: Oracle) -> str:
    """The hole with all taken out that it does not need."""
    size = max(1, len(text) // 2)
    while size:
        shorter = [text[:at] + text[at + size :] for at in range(0, len(text), size)]
        free = [(one, facts) for one in shorter if judge.allows(facts := read(one))]
        told = oracle.run([one for one, _ in free])
        smaller = next((one for (one, facts), ran in zip(free, told, strict=True) if judge.broken(facts, ran)), None)
        if smaller is None:
            size //= 2
        else:
            text = smaller
            size = min(size, max(1, len(text) // 2))
    return text
