"""Plain words of a user to the steps of a plan: "list files here, then read README.md".

Lenient on wording, strict on order. A step is a tool call, several at once, or a thought before the next one.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from vega_tui.core.messages import JsonObject

# For each role of an argument, the names that tools give it; the offered schema decides, the first is the default.
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "command": ("command", "cmd"),
    "path": ("path", "file_path", "file", "directory", "dir"),
    "content": ("content", "text", "contents"),
    "old": ("old", "old_text", "old_string", "search", "find"),
    "new": ("new", "new_text", "new_string", "replace", "replacement"),
    "pattern": ("pattern", "query", "regex"),
    "url": ("url", "uri"),
    "agent": ("agent", "name", "to", "process", "path", "target"),
    "name": ("name", "agent", "id"),
    "message": ("message", "question", "text", "prompt", "content"),
    "task": ("task", "prompt", "message", "instructions", "text"),
}


@dataclass(frozen=True)
class Wish:
    """A call wished for: the tool, and its arguments by role."""

    tool: str
    arguments: dict[str, str] = field(default_factory=dict[str, str])

    def input(self, schema: JsonObject | None) -> JsonObject:
        """The arguments under the names that the tool's schema has for them."""
        known: JsonObject = (schema or {}).get("properties") or {}
        fitted: JsonObject = {}
        for role, value in self.arguments.items():
            names = _NAMES[role]
            free = [name for name in names if name in known and name not in fitted]
            if free or not known:
                fitted[free[0] if free else names[0]] = value
        return fitted


@dataclass(frozen=True)
class Step:
    """What one message of the model holds."""

    wishes: tuple[Wish, ...] = ()
    thinking: str = ""


_VERBS: Final = (
    r"list|ls|show|read|open|cat|run|execute|write|create|edit|change|search|grep|find|fetch|get|ask|tell|task|"
    r"have|delegate|spawn|start|think|say|summari[sz]e|report"
)
_POLITE: Final = re.compile(
    r"(?:\s|[-*•]|\d+[.)]|please|now|ok(?:ay)?,?|first,?|next,?|finally,?|and|then|also|can you|could you|"
    r"would you|i want you to|let'?s|,|;)*(?=\s|\w|/)",
    re.IGNORECASE,
)
_SPLIT: Final = re.compile(
    rf"""(?<!\s)(?:(?:\s*[,;.])?\s+(?:and\s+)?then,?\s+(?:please\s+)?(?=(?:{_VERBS})\b)   # … then read …
        |(?:\s*;\s*|[ \t]*\n\s*)(?:[-*•]\s+|\d+[.)]\s+)?(?=(?:{_VERBS})\b)                 # a line or a bullet each
        |\.\s+(?=(?:{_VERBS})\b))                                              # or a sentence each
    """,
    re.IGNORECASE | re.VERBOSE,
)
_QUOTED: Final = re.compile(r'"[^"\n]*"|`[^`\n]*`|```.*?```', re.DOTALL)


def plan(text: str) -> list[Step]:
    """The steps of a text; empty when nothing in it was understood."""
    steps: list[Step] = []
    thinking = ""
    for part in _parts(text):
        step = _step(part)
        if step is None:
            continue
        if step.wishes:
            steps.append(Step(step.wishes, thinking or step.thinking))
            thinking = ""
        else:
            thinking = "\n".join(filter(None, (thinking, step.thinking)))
    if thinking:
        steps.append(Step((), thinking))
    return steps


def _parts(text: str) -> list[str]:
    """`text` cut into steps, quoted passages left whole."""
    quoted: list[str] = []

    def hide(match: re.Match[str]) -> str:
        quoted.append(match[0])
        return f"\0{len(quoted) - 1}\0"

    hidden = _QUOTED.sub(hide, text.strip())
    return [re.sub("\0(\\d+)\0", lambda m: quoted[int(m[1])], part) for part in _SPLIT.split(hidden)]


def _step(part: str) -> Step | None:
    polite = _POLITE.match(part)
    said = part[polite.end() :].strip() if polite else part.strip()
    for pattern, make in _FORMS:
        found = pattern.fullmatch(said)
        if found:
            return make(found)
    return None


def _bare(text: str) -> str:
    """Without the quotes, and the full stop, around it."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'`":
        return text[1:-1]
    if text.startswith("`") and "`" in text[1:]:
        return text[1 : text.index("`", 1)]
    return text


def _file(text: str) -> str:
    return _bare(re.sub(r"^(?:the\s+)?(?:files?\s+)?@?", "", text.strip(), flags=re.I).rstrip(" .!?,")) or "."


def _lines(text: str) -> str:
    text = text.strip("\n ")
    fenced = re.fullmatch(r"```[^\n]*\n(.*?)\n?```", text, re.DOTALL)
    return (fenced[1] + "\n") if fenced else _bare(text)


def _one(tool: str, **arguments: str) -> Step:
    return Step((Wish(tool, arguments),))


def _spawn(found: re.Match[str]) -> Step:
    count = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}.get(
        found["n"].lower(), int(found["n"]) if found["n"].isdigit() else 1
    )
    stem = re.sub(r"s$", "", found["what"].lower())
    task = _bare(found["task"])
    names = [f"{stem}-{n}" for n in range(1, max(1, min(count, 50)) + 1)]
    return Step(tuple(Wish("spawn", {"name": name, "task": task}) for name in names))


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


_Make: TypeAlias = Callable[[re.Match[str]], Step]
_PATH: Final = r"(?P<path>\"[^\"]+\"|`[^`]+`|\S+)"
_WHO: Final = r"(?:the )?(?!(?:me|us|you|an?|the|it|some|no)\b)(?P<who>[\w./#:-]*\w)"

_FORMS: Final[tuple[tuple[re.Pattern[str], _Make], ...]] = (
    (
        _form(
            r"(?:list|show|ls|what)(?: me)?(?: all)?(?: the)?(?: files| directory)?(?: are)? ?(?:here|in (?:this|the "
            r"current) (?:directory|folder|dir)|in here)?[.!?]*"
        ),
        lambda _: _one("bash", command="ls -la"),
    ),
    (_form(r"(?P<command>ls -.+)"), lambda m: _one("bash", command=m["command"])),
    (_form(r"run (?:the |all (?:the )?)?tests?[.!?]*"), lambda _: _one("bash", command="make test")),
    (
        _form(rf"(?:list|ls)(?: me)?(?: all)?(?: the)?(?: files)?(?: (?:in|of|under|from))? {_PATH}[.!?]*"),
        lambda m: _one("list", path=_file(m["path"])),
    ),
    (
        _form(r"(?:run|execute)(?: the)?(?: command)?:? (?P<command>.+)"),
        lambda m: _one("bash", command=_bare(re.sub(r"(?<=\w)[.?]$", "", m["command"]))),
    ),
    (
        _form(
            r"(?:write|create)(?: the| a)?(?: file)? (?P<path>\S+?)(?::|\s+with(?: the)?(?: content| text)?:?)"
            r"\s*(?P<content>.+)"
        ),
        lambda m: _one("write", path=_bare(m["path"]), content=_lines(m["content"])),
    ),
    (
        _form(r"(?:edit|change)(?: the)?(?: file)? (?P<path>\S+?):? replace (?P<old>.+?) (?:with|by) (?P<new>.+)"),
        lambda m: _one("edit", path=_bare(m["path"]), old=_lines(m["old"]), new=_lines(m["new"])),
    ),
    (
        _form(r"(?:search|grep|find)(?: in)? (?P<path>[\w./-]+) for (?P<pattern>.+?)[.!?]?"),
        lambda m: _one("grep", pattern=_bare(m["pattern"]), path=_file(m["path"])),
    ),
    (
        _form(r"find (?P<pattern>\"[^\"]+\"|`[^`]+`|.+?) (?:in|under) (?P<path>\S+?)[.!?]?"),
        lambda m: _one("grep", pattern=_bare(m["pattern"]), path=_file(m["path"])),
    ),
    (
        _form(r"(?:search|grep)(?: for)? (?P<pattern>\"[^\"]+\"|`[^`]+`|.+?)(?: (?:in|under) (?P<path>\S+?))?[.!?]?"),
        lambda m: _one("grep", pattern=_bare(m["pattern"]), path=_file(m["path"] or ".")),
    ),
    (_form(r"(?:fetch|get|open) (?P<url>https?://\S+).*"), lambda m: _one("fetch", url=m["url"].rstrip(".,"))),
    (
        _form(rf"(?:ask|tell) {_WHO}(?: to|:|,)? (?P<message>.+)"),
        lambda m: _one("ask", agent=m["who"], message=_bare(m["message"])),
    ),
    (
        _form(
            r"(?:spawn|start) (?P<n>\d+|an?|one|two|three|four|five) (?P<what>[a-z][\w-]*?)"
            r"(?: agents?)?(?: to|:|,) (?P<task>.+)"
        ),
        _spawn,
    ),
    (
        _form(rf"(?:task|delegate to) {_WHO}(?: to|:|,)? (?P<task>.+)"),
        lambda m: _one("task", name=m["who"], task=_bare(m["task"])),
    ),
    (_form(rf"have {_WHO} (?P<task>.+)"), lambda m: _one("task", name=m["who"], task=_bare(m["task"]))),
    (_form(r"think(?: about| through| of)?:? (?P<what>.+)"), lambda m: Step((), _thought(m["what"]))),
    (
        _form(r"(?:open|show)(?: me)?(?: the)?(?: file)? (?P<path>\S*[./]\S*)"),
        lambda m: _one("read", path=_file(m["path"])),
    ),
    (
        _form(rf"(?:read|cat)(?: me)?(?: the)?(?: file)? {_PATH}(?:,? and .+)?[.!?]?"),
        lambda m: _one("read", path=_file(m["path"])),
    ),
)


def _thought(what: str) -> str:
    what = what.strip(" .!?")
    return (
        f"The question is about {what}. What do I know, and what would change my mind? "
        f"First the plain reading of {what}, then the cases at its edges, then what a careful person would check. "
        "Nothing here needs a tool, so a short answer will do."
    )


@dataclass(frozen=True)
class Script:
    """An exact line that benches and tests use; the same words as other simulated servers take."""

    kind: str
    number: int = 0
    rate: int = 0
    times: int = 1
    word: str = ""
    arguments: str = ""


_MakeScript: TypeAlias = Callable[[re.Match[str]], Script]

_SCRIPTS: Final[tuple[tuple[re.Pattern[str], _MakeScript], ...]] = (
    (
        re.compile(r"stream (\d+) at (\d+)(?: tag (\w+))?"),
        lambda m: Script("stream", int(m[1]), rate=int(m[2]), word=m[3] or ""),
    ),
    (re.compile(r"tool (\S+) (\{.*\})"), lambda m: Script("tool", word=m[1], arguments=m[2])),
    (re.compile(r"fail (\d+)(?: times (\d+))?"), lambda m: Script("fail", int(m[1]), times=int(m[2] or 1))),
    (re.compile(r"cut (\d+)"), lambda m: Script("cut", int(m[1]))),
    (re.compile(r"stall"), lambda _: Script("stall")),
    (re.compile(r"code (\d+)"), lambda m: Script("code", int(m[1]))),
)


def script(text: str) -> Script | None:
    """The last line of a text that is a script, if one is."""
    for line in reversed(text.strip().splitlines()):
        for pattern, make in _SCRIPTS:
            found = pattern.fullmatch(line.strip())
            if found:
                return make(found)
    return None


def script_input(arguments: str) -> JsonObject | None:
    """The arguments of a scripted call; None where they are not a JSON object."""
    try:
        parsed = json.loads(arguments)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None  # pyright: ignore[reportUnknownVariableType]  JSON
