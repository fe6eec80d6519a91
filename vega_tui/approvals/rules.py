"""Rules as text: `bash(git *)`, `edit(src/**)`, `mcp__github__get_*`. Parsing, and what they match.

Semantics: reference formats §2.1. Tool names are compared without regard to case, and the names that other
programs use are taken for ours.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from vega_tui.approvals.glob import host_glob, path_glob, text_glob
from vega_tui.core.errors import UserError

Effect: TypeAlias = Literal["allow", "ask", "deny"]

_RULE = re.compile(r"\s*(?P<tool>[A-Za-z0-9_.*:-]+)\s*(?:\((?P<pattern>.*)\))?\s*", re.S)
_FOREIGN: Final[Mapping[str, str]] = {
    "multiedit": "edit",
    "notebookedit": "edit",
    "glob": "list",
    "ls": "list",
    "webfetch": "fetch",
    "agent": "task",
    "exec": "bash",
    "run_command": "bash",
    "read_file": "read",
    "write_file": "write",
    "list_files": "list",
    "delegate": "ask",
}
_STARS: Final = re.compile(r"(?<!\\)\*+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a policy. An empty pattern means every use of the tool."""

    effect: Effect
    tool: str
    pattern: str
    origin: str  # whose it is, for people: "your rule 2"
    text: str
    root: str = ""  # folder that `/p` patterns start at; empty: the work directory

    def covers(self, tool: str, family: str = "") -> bool:
        """True when the rule speaks of this tool, or of the family it is of, whatever its pattern says."""
        if self.tool in (tool, family):
            return True
        if self.tool.startswith("mcp__") and self.tool.count("__") == 1:
            return tool.startswith(self.tool.rstrip("*") + ("" if "*" in self.tool else "__"))
        return "*" in self.tool and wildcard(self.tool, tool)


def parse_rule(text: str, effect: Effect, origin: str, root: str = "") -> Rule:
    """The rule that `text` writes. Raises UserError for what is no rule, or may not be an allow rule."""
    found = _RULE.fullmatch(text)
    if found is None or (found["pattern"] is not None and not found["pattern"].strip()):
        raise UserError(f"{origin}: {text!r} is not a rule; write tool or tool(pattern), as in bash(git *)")
    tool = found["tool"].lower()
    tool = _FOREIGN.get(tool, tool)
    pattern = (found["pattern"] or "").strip()
    if effect == "allow" and "*" in tool and not re.match(r"mcp__[a-z0-9_.-]+?__", tool):
        raise UserError(f"{origin}: {text!r} would allow tools that nobody named; name the tool, or mcp__server__*")
    return Rule(effect, tool, "" if pattern in ("*", "**") else pattern, origin, text.strip(), root)


def exactly(text: str) -> str:
    """The pattern that fits this text and no other: its stars are written `\\*`."""
    return text.replace("*", r"\*")


def literal_text(pattern: str) -> str | None:
    """The one text that a pattern fits; None when it fits more."""
    return None if _STARS.search(pattern) else pattern.replace(r"\*", "*")


def wildcard(pattern: str, text: str) -> bool:
    """True when `text` as a whole fits `pattern`, where `*` stands for any text, and `\\*` for itself."""
    return text_glob(pattern).fits(text)


def command_matches(pattern: str, text: str) -> bool:
    """True when a command's text fits: exact, `git *` or `git:*` with a word boundary, `ls*` without one."""
    if not pattern:
        return True
    if pattern.endswith((":*", " *")):
        head = pattern[:-2]
        return wildcard(head, text) or wildcard(head + " *", text)
    return wildcard(pattern, text)


def path_matches(pattern: str, path: str, *, cwd: str, home: str, root: str, anywhere: bool) -> bool:
    """True when an absolute path fits a gitignore-like pattern, or lies below a folder that does.

    `anywhere` is for deny and ask: relative patterns then count at any depth, not only from `cwd`.
    """
    if not pattern:
        return True
    if pattern.startswith("//"):
        full = pattern[1:]
    elif pattern.startswith("~/"):
        full = f"{home}/{pattern[2:]}"
    elif pattern.startswith("/"):
        full = f"{root or cwd}{pattern}"
    else:
        relative = pattern.removeprefix("./")
        if anywhere:
            full = f"/**/{relative}"
        else:
            full = f"{cwd}/**/{relative}" if "/" not in relative.rstrip("/") else f"{cwd}/{relative}"
    if full.endswith("/."):  # the folder itself, and nothing below it
        return full[:-2] == path or (full == "/." and path == "/")
    return path_glob(full.rstrip("/")).fits(path)


def host_matches(pattern: str, host: str) -> bool:
    """True when a host fits `domain:…`: `*.x.com` is any depth below x.com, another `*` stays between dots."""
    kind, _, wanted = pattern.partition(":")
    host, wanted = host.lower().rstrip("."), wanted.strip().lower().rstrip(".")
    if kind != "domain" or not wanted:
        return False
    if wanted == "*":
        return True
    if wanted.startswith("*."):
        return host.endswith(wanted[1:]) and len(host) > len(wanted) - 1
    return host_glob(wanted).fits(host)
