"""git: the verb behind its global options, and the many words that make it run or write something.

Aliases can't hide git's own verbs, so a verb of git's is what it says; any other may be an alias for anything.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from vega_tui.approvals.programs.git_options import (
    GLOBAL_FLAGS,
    HARMLESS_KEYS,
    READERS,
    RUNNING_OPTIONS,
    STRATEGIES,
    VERBS,
    Running,
)
from vega_tui.approvals.programs.reading import Reader, Reading, before_end, letter, named
from vega_tui.approvals.wrappers import word_set

_HELPER: Final = re.compile(r"[A-Za-z0-9][\w+.-]*::")  # `ext::sh -c …`: git starts git-remote-ext
NETWORK: Final = ("clone", "fetch", "pull", "push", "ls-remote", "remote", "archive", "submodule")


def _read(args: Sequence[str], piped: bool) -> Reading:
    front = _Front(args)
    if front.opaque:
        return Reading(opaque=front.opaque, acts=front.opaque)
    if not front.rest:
        return Reading(free=not front.acts, acts=front.acts)
    verb, rest = front.rest[0], front.rest[1:]
    said = ("git " + " ".join(front.rest),) if front.dropped else ()
    plain = said[0] if said and not front.acts else ""
    acts, scripts, opaque = front.acts, front.scripts, ""
    if verb not in VERBS:
        opaque = f"git {verb} may be an alias that runs anything"
        acts = acts or opaque
    else:
        own, more = _acts(verb, rest)
        acts, scripts = acts or own, (*scripts, *more)
    free = not acts and verb in READERS and _only_reads(verb, rest)
    return Reading(
        free=free, acts=acts, harm=_harm(verb, rest), opaque=opaque, said=said, plain=plain, scripts=scripts,
        places=tuple(front.places),
    )  # fmt: skip


class _Front:
    """The options before the verb: what is left behind them, what they do, and where they go."""

    def __init__(self, args: Sequence[str]) -> None:
        self.acts = self.opaque = ""
        self.places: list[str] = []
        self.scripts: tuple[str, ...] = ()
        self.rest = list(args)
        self.dropped = False
        while self.rest and self._option(self.rest[0]):
            self.dropped = True
        if self.rest and not re.fullmatch(r"[a-z][a-z0-9-]*", self.rest[0]):
            # Also an option that nobody knows: it could take the next word for its value, and hide the verb.
            self.opaque = f"nobody can tell git's command behind {self.rest[0][:40]}"

    def _option(self, word: str) -> bool:
        name, equals, value = word.partition("=")
        if word in GLOBAL_FLAGS:
            self._take(1)
        elif word == "-C":
            self.places += self._take(2)[1:]
        elif word == "-c":
            self._set("".join(self._take(2)[1:]))
        elif name in ("--git-dir", "--work-tree"):
            value = value if equals else "".join(self._take(2)[1:])
            if equals:
                self._take(1)
            if value != (".git" if name == "--git-dir" else "."):
                self.acts = f"works on another repository ({value})"
        elif name == "--exec-path" and equals:
            self._take(1)
            self.acts = "runs git's own programs from another folder"
        elif name in ("--namespace", "--super-prefix", "--attr-source", "--config-env"):
            self._take(1 if equals else 2)
            self.acts = f"sets {name}"
        elif word in ("-p", "--paginate"):
            self._take(1)
            self.acts = "runs a pager"
        elif word == "--bare":
            self._take(1)
            self.acts = "takes the folder for a bare repository"
        else:
            return False
        return True

    def _take(self, count: int) -> list[str]:
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def _set(self, setting: str) -> None:
        key, _, value = setting.partition("=")
        if key.lower() in HARMLESS_KEYS or (key.lower() == "core.pager" and value == "cat"):
            return
        self.acts = f"sets {key}, which can make git run something"
        self.scripts = (*self.scripts, value.removeprefix("!"))


def _acts(verb: str, rest: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """What a verb's words make it run or write, and the texts among them that a shell would get."""
    words = before_end(rest)
    for rule in (*RUNNING_OPTIONS.get(verb, ()), *RUNNING_OPTIONS[""]):
        for at, word in enumerate(words):
            found = named(word, *rule.names) or (rule.letters and not _glued(verb, word) and letter(word, rule.letters))
            if found:
                return f"{rule.why} ({word.partition('=')[0]})", _value(rule, words, at)
    special = _SPECIAL.get(verb)
    if special and (why := special(rest)):
        return why, _stepped(rest)
    if verb in NETWORK and (why := _remote(verb, rest)):
        return why, ()
    if verb in STRATEGIES and (why := _strategy(words)):
        return why, ()
    return "", ()


def _stepped(rest: Sequence[str]) -> tuple[str, ...]:
    """What `bisect run` and `submodule foreach` would run."""
    for verb in ("run", "foreach"):
        if verb in rest:
            behind = list(rest[list(rest).index(verb) + 1 :])
            while behind and behind[0].startswith("-"):
                del behind[0]
            return (" ".join(behind),)
    return ()


def _glued(verb: str, word: str) -> bool:
    """True for short options whose value is glued to them and may hold any letter."""
    return word.startswith({"rebase": ("-X", "-s", "-C"), "clone": ("-b", "-o", "-j")}.get(verb, ("-m", "-S")))


def _value(rule: Running, words: Sequence[str], at: int) -> tuple[str, ...]:
    if not rule.script:
        return ()
    _, equals, value = words[at].partition("=")
    if found := letter(words[at], rule.letters):
        value = words[at].partition(found)[2]
        equals = value
    return (value if equals else words[at + 1] if at + 1 < len(words) else "",)


def _strategy(words: Sequence[str]) -> str:
    """Another merge strategy than git's own is a program git-merge-NAME."""
    for at, word in enumerate(words):
        name = ""
        if word in ("-s", "--strategy"):
            name = words[at + 1] if at + 1 < len(words) else ""
        elif word.startswith("-s") and len(word) > 2:
            name = word[2:]
        elif named(word, "--strategy") and not word.startswith("--strategy-option"):
            name = word.partition("=")[2]
        if name and name not in ("ort", "recursive", "resolve", "octopus", "ours", "subtree"):
            return f"runs git-merge-{name}"
    return ""


def _remote(verb: str, rest: Sequence[str]) -> str:
    operands = [word for word in rest if not word.startswith("-")]
    for word in operands:
        if _HELPER.match(word):
            return f"starts a remote helper ({word.partition('::')[0]}::)"
        local = word.startswith(("/", "./", "../", "~", "file:")) or word in (".", "..")
        if local and not (verb == "clone" and operands.index(word) > 0) and verb not in ("archive", "submodule"):
            return f"takes {word} for a repository, whose own configuration could run something"
    return ""


def _config(rest: Sequence[str]) -> str:
    operands = [word for word in rest if not word.startswith("-")]
    flags = {word.partition("=")[0] for word in rest if word.startswith("-")}
    asks = bool(flags & _GETTERS) or operands[:1] in (["get"], ["list"])
    if flags <= _GETTERS | _SHOWING and (asks or (len(operands) == 1 and operands[0] not in _SETTERS)):
        return ""
    return "changes git's configuration"


_GETTERS: Final = word_set("--get --get-all --get-regexp --get-urlmatch --list -l")
_SHOWING: Final = word_set(
    "--global --local --system --worktree --show-origin --show-scope --name-only -z --null --bool --int --path --type "
    "--default --includes --no-includes --all --regexp --fixed-value"
)
_SETTERS: Final = ("set", "unset", "edit", "rename-section", "remove-section")


def _bisect(rest: Sequence[str]) -> str:
    return "runs a program at every step" if rest and rest[0] in ("run", "visualize", "view") else ""


def _submodule(rest: Sequence[str]) -> str:
    verbs = [word for word in rest if not word.startswith("-")]
    if verbs and verbs[0] not in ("status", "summary"):
        return "works in repositories inside this one, with their configuration and hooks"
    return ""


def _bundle(rest: Sequence[str]) -> str:
    return "writes the file it names" if rest and rest[0] == "create" else ""


def _maintenance(rest: Sequence[str]) -> str:
    return "" if rest and rest[0] == "run" else "starts something of its own from time to time"


_SPECIAL: Final = {
    "config": _config,
    "bisect": _bisect,
    "submodule": _submodule,
    "bundle": _bundle,
    "maintenance": _maintenance,
}


def _only_reads(verb: str, rest: Sequence[str]) -> bool:
    known = READERS[verb]
    for word in before_end(rest):
        name = word.partition("=")[0]
        if name in ("--no-ext-diff", "--no-textconv"):
            continue
        if name.startswith("--") and name.removeprefix("--no-").removeprefix("--") not in known:
            return False
        if "%G" in word:  # asks gpg for signatures
            return False
    return True


def _harm(verb: str, rest: Sequence[str]) -> str:
    flags = {word for word in rest if word.startswith("-")}
    letters = {each for flag in flags if not flag.startswith("--") for each in flag[1:]}
    operands = {word for word in rest if not word.startswith("-")}
    forced = "f" in letters or any(flag.startswith(("--force", "--mirror", "--delete")) for flag in flags)
    dangers: Mapping[str, bool] = {
        "push": forced or "d" in letters or any(word.startswith(("+", ":")) for word in operands),
        "reset": "--hard" in flags,
        "clean": forced,
        "branch": "D" in letters or forced,
        "checkout": forced or bool({"--", "."} & set(rest)),
        "restore": bool(operands) and "--staged" not in flags,
        "stash": bool(operands & {"drop", "clear"}),
        "filter-branch": True,
        "config": bool(flags & {"--global", "--system"}),
    }
    return f"git {verb} that loses work or history" if dangers.get(verb) else ""


PROGRAMS: Final[Mapping[str, Reader]] = {"git": _read}
