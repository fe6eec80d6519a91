"""The rule that `always` would add, and the key under which equal questions are grouped. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from vega_tui.approvals import risk
from vega_tui.approvals.facts import CallFacts, CommandFacts
from vega_tui.approvals.sensitive import is_protected, is_secret
from vega_tui.approvals.wrappers import word_set
from vega_tui.core.words import Risk

# Programs whose first argument says what they do: the rule then holds for that alone.
_VERBS: Final = word_set(
    "git npm pnpm yarn cargo go uv pip docker kubectl make gh poetry rustup brew apt systemctl npx bundle "
    "gradle mvn dotnet deno bun terraform aws gcloud"
)
_INTERPRETERS: Final = word_set("python python3 node ruby perl php bash sh zsh deno bun env xargs sudo ssh")


def suggest_rule(facts: CallFacts, unsettled: Sequence[int] = ()) -> str:
    """The rule text to offer; empty where a remembered yes would be a trap, or one rule can't settle the call.

    `unsettled` are the indices of segments that still ask (commands first, then redirections).
    """
    match facts.kind:
        case "shell":
            return _shell_rule(facts, unsettled)
        case "read" | "write":
            return _path_rule(facts)
        case "fetch":
            return f"{facts.tool}(domain:{facts.host})" if facts.host else ""
        case _:
            return facts.tool


def _shell_rule(facts: CallFacts, unsettled: Sequence[int]) -> str:
    asking = [facts.commands[i] for i in unsettled if i < len(facts.commands)]
    if facts.problem or any(i >= len(facts.commands) for i in unsettled):
        return ""
    rules = {_command_rule(one, facts) for one in asking or facts.commands}
    if len(rules) != 1 or not (pattern := rules.pop()):
        return ""
    return f"{facts.tool}({pattern})"


def _command_rule(one: CommandFacts, facts: CallFacts) -> str:
    command = one.command
    if command.opaque or command.exact or command.env or risk.command_risk(one, facts)[0] is Risk.HIGH:
        return ""
    words = [word.text for word in command.core]
    if not words or not re.fullmatch(r"[A-Za-z0-9_./+-]+", words[0]):
        return ""
    if words[0].rpartition("/")[2] in _INTERPRETERS:  # a prefix would allow any program text
        text = " ".join(words)
        return "" if "*" in text or any(word.value is None for word in command.core) else text
    if words[0] in _VERBS and len(words) > 1:
        return f"{words[0]} {words[1]} *" if re.fullmatch(r"[a-z][a-z0-9:_-]*", words[1]) else ""
    return "" if words[0] in ("rm", "mv", "chmod", "chown", "cd") else f"{words[0]} *"


def _path_rule(facts: CallFacts) -> str:
    if len(facts.paths) != 1:
        return ""
    use = facts.paths[0]
    if is_secret(use) or (facts.kind == "write" and is_protected(use, facts.cwd)):
        return ""
    tool = "edit" if facts.kind == "write" else "read"
    folder = use.target.rpartition("/")[0]
    if not use.inside:
        return f"{tool}(/{use.target})" if facts.kind == "write" or folder in ("", "/") else f"{tool}(/{folder}/**)"
    inner = folder.removeprefix(facts.cwd).strip("/")
    return f"{tool}({inner}/**)" if inner else f"{tool}(**)"


def group_of(facts: CallFacts) -> str:
    """Equal for calls that are the same question: the same tool on the same thing."""
    if facts.kind == "shell":
        return f"{facts.tool} {' '.join(facts.text.split())}"
    if facts.paths:
        return f"{facts.tool} {' '.join(use.target for use in facts.paths)}"
    return f"{facts.tool} {facts.host or sorted(facts.args.items(), key=lambda item: item[0])!r}"
