"""The rules that `always` would add: one as narrow as what was seen, and a wider one to choose. Pure.

Also the key under which equal questions are grouped.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vega_tui.approvals import risk
from vega_tui.approvals.breadth import is_runner, names_ourselves, too_wide
from vega_tui.approvals.facts import CallFacts, CommandFacts
from vega_tui.approvals.programs.git_options import VERBS
from vega_tui.approvals.programs.table import unclear
from vega_tui.approvals.rules import exactly, parse_rule
from vega_tui.approvals.sensitive import is_protected, is_secret
from vega_tui.approvals.shell import joined
from vega_tui.approvals.wrappers import word_set
from vega_tui.core.errors import UserError
from vega_tui.core.words import Risk


@dataclass(frozen=True, slots=True)
class Offer:
    """Rule texts to offer; empty where a remembered yes would be a trap, or one rule can't settle the call."""

    rule: str = ""  # covers what was seen and nothing else
    wider: str = ""  # covers more, and is shown so


_NONE: Final = Offer()
_NEVER: Final = word_set("rm rmdir mv chmod chown cd")
# Programs whose first argument says what they do, and those of git's verbs that change no settings.
_VERBS: Final = word_set("git cargo go kubectl docker")
_NARROW_VERBS: Final = word_set("clone config remote submodule bisect maintenance update-ref worktree")


def suggest_rule(facts: CallFacts, unsettled: Sequence[int] = ()) -> Offer:
    """What to offer for a call. `unsettled` are the segments that still ask (commands first, then redirections)."""
    match facts.kind:
        case "shell":
            return _shell_offer(facts, unsettled)
        case "read" | "write":
            return _path_offer(facts)
        case "fetch":
            return Offer(f"{facts.tool}(domain:{facts.host})") if facts.host else _NONE
        case _:
            return Offer(facts.tool)


def _shell_offer(facts: CallFacts, unsettled: Sequence[int]) -> Offer:
    asking = [facts.commands[i] for i in unsettled if i < len(facts.commands)]
    if facts.problem or any(i >= len(facts.commands) for i in unsettled):
        return _NONE
    offers = {_command_offer(one, facts) for one in asking or facts.commands}
    return offers.pop() if len(offers) == 1 else _NONE


def _command_offer(one: CommandFacts, facts: CallFacts) -> Offer:
    command = one.command
    if command.opaque or command.exact or command.env or risk.command_risk(one, facts)[0] is Risk.HIGH:
        return _NONE
    if not command.core or any(word.value is None for word in command.core) or unclear(command):
        return _NONE  # the same text may mean another thing next time
    if command.name in _NEVER:
        return _NONE
    acts = risk.acts_of(one, facts.cwd)
    text = command.text if acts else joined(command.core)
    narrow = _checked(facts, exactly(text))
    if not narrow or names_ourselves(text):
        return _NONE
    return Offer(narrow, "" if acts else _checked(facts, _wider([word.text for word in command.core])))


def _wider(words: Sequence[str]) -> str:
    """The program with whatever follows, its verb kept where it has one; empty where that could be anything."""
    program = words[0]
    if program in _VERBS and len(words) > 1:
        plain = re.fullmatch(r"[a-z][a-z0-9-]*", words[1])
        known = program != "git" or (words[1] in VERBS and words[1] not in _NARROW_VERBS)
        return f"{program} {words[1]} *" if plain and known else ""
    return "" if is_runner(program) else f"{program} *"


def _path_offer(facts: CallFacts) -> Offer:
    if len(facts.paths) != 1:
        return _NONE
    use = facts.paths[0]
    if is_secret(use) or (facts.kind == "write" and is_protected(use, facts.cwd)):
        return _NONE
    family = "edit" if facts.kind == "write" else "read"
    folder, _, name = use.target.rpartition("/")
    if facts.tool == "list":
        return Offer(_checked(facts, f"/{use.target.rstrip('/')}/."))
    if facts.tool == "grep":  # it reads all that lies below
        return Offer(_checked(facts, f"/{use.target}"))
    if re.search(r"[*?]", use.target):
        return _NONE
    if not use.inside:
        wider = f"/{folder}/**" if facts.kind == "read" and folder else ""
        return Offer(_checked(facts, f"/{use.target}", family), _checked(facts, wider, family))
    inner = folder.removeprefix(facts.cwd).strip("/")
    whole_home = f"{facts.home}/".startswith(facts.cwd.rstrip("/") + "/")
    wider = f"{inner}/**" if inner else "" if whole_home else "**"
    return Offer(_checked(facts, f"{inner}/{name}", family), _checked(facts, wider, family))


def _checked(facts: CallFacts, pattern: str, tool: str = "") -> str:
    """The rule with this pattern; empty where it would be too wide, or would not be read back as it is meant."""
    if not pattern:
        return ""
    text = f"{tool or facts.tool}({pattern})"
    try:
        rule = parse_rule(text, "allow", "offered")
    except UserError:
        return ""
    meant = "" if pattern in ("*", "**") else pattern
    return "" if rule.pattern != meant or too_wide(rule, facts.home) else text


def group_of(facts: CallFacts) -> str:
    """Equal for calls that are the same question: the same tool on the same thing."""
    if facts.kind == "shell":
        return f"{facts.tool} {' '.join(facts.text.split())}"
    if facts.paths:
        return f"{facts.tool} {' '.join(use.target for use in facts.paths)}"
    return f"{facts.tool} {facts.host or sorted(facts.args.items(), key=lambda item: item[0])!r}"
