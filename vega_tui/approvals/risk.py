"""How much harm a call could do. Pure; a table with reasons, not a promise.

LOW: reads inside the work directory, and asks other agents. HIGH: destroys, publishes, reaches secrets or
files that other programs execute. Everything else is MED. Flags are normalised here, in user rules never.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from vega_tui.approvals.facts import CallFacts, CommandFacts, RedirectFacts
from vega_tui.approvals.leads import unseen
from vega_tui.approvals.paths import PathUse
from vega_tui.approvals.sensitive import is_protected, is_secret
from vega_tui.approvals.wrappers import SHIFTERS, word_set
from vega_tui.core.words import Risk

Judged: TypeAlias = tuple[Risk, str]

_ORDER: Final = {Risk.LOW: 0, Risk.MED: 1, Risk.HIGH: 2}
_DESTROYERS: Final = word_set(
    "sudo doas su dd fdisk parted shred wipefs shutdown reboot halt poweroff init iptables nft passwd useradd "
    "userdel visudo crontab at mount umount swapoff insmod modprobe chroot nsenter systemctl launchctl"
)
_PUBLISHERS: Final[Mapping[str, frozenset[str]]] = {
    "npm": frozenset({"publish", "unpublish"}),
    "pnpm": frozenset({"publish"}),
    "yarn": frozenset({"publish"}),
    "cargo": frozenset({"publish", "yank"}),
    "gem": frozenset({"push", "yank"}),
    "twine": frozenset({"upload"}),
    "docker": frozenset({"push", "system"}),
    "kubectl": frozenset({"delete", "apply", "drain"}),
    "terraform": frozenset({"apply", "destroy"}),
    "gh": frozenset({"release", "secret", "auth"}),
}
_READERS: Final = word_set(
    "ls cat echo pwd head tail grep egrep fgrep wc which type diff cmp stat du df true false basename dirname "
    "realpath readlink uname whoami id cut tr nl tac rev md5sum sha1sum sha256sum sha512sum cksum seq sleep "
    "printf test find sort uniq git cd date : expr comm paste fold od hexdump strings"
)
_GIT_READERS: Final = word_set("status log diff show rev-parse ls-files ls-tree blame describe shortlog")


def worst(judged: Iterable[Judged]) -> Judged:
    """The highest of several, the first of equals; LOW when there are none."""
    return max(judged, key=lambda one: _ORDER[one[0]], default=(Risk.LOW, ""))


def risk_of(facts: CallFacts) -> Judged:
    """The risk of a whole call and the reason in a few words."""
    hidden = [(Risk.HIGH, "holds invisible characters")] if unseen(facts) else []
    return worst([*hidden, _kind_risk(facts)])


def _kind_risk(facts: CallFacts) -> Judged:
    match facts.kind:
        case "agents":
            return Risk.LOW, ""
        case "read":
            return worst(_read_risk(use) for use in facts.paths)
        case "write":
            return worst([(Risk.MED, "changes files"), *(_write_risk(use, facts.cwd) for use in facts.paths)])
        case "fetch":
            return Risk.MED, "reaches the network"
        case "shell":
            parts = [command_risk(one, facts) for one in facts.commands]
            parts += [redirect_risk(one, facts) for one in facts.redirects]
            unknown = [(Risk.HIGH, facts.problem)] if facts.problem else []
            return worst([*unknown, *parts]) if parts or unknown else (Risk.MED, "")
        case _:
            return Risk.MED, ""


def _read_risk(use: PathUse) -> Judged:
    if is_secret(use):
        return Risk.HIGH, "may hold secrets"
    return (Risk.LOW, "") if use.inside else (Risk.MED, "outside the work directory")


def _write_risk(use: PathUse, cwd: str) -> Judged:
    if not use.inside:
        return Risk.HIGH, "writes outside the work directory"
    if is_protected(use, cwd):
        return Risk.HIGH, "protected path"
    return (Risk.HIGH, "may hold secrets") if is_secret(use) else (Risk.MED, "changes files")


def redirect_risk(one: RedirectFacts, facts: CallFacts) -> Judged:
    """The risk of a file that the shell opens."""
    use, verb = one.use, "writes" if one.redirect.writes else "reads"
    if use is None or (facts.moves and not one.redirect.target.text.startswith("/")):
        return Risk.HIGH if one.redirect.writes else Risk.MED, f"{verb} a file that only the run will name"
    if is_harmless_device(use):
        return Risk.LOW, ""
    if use.path.startswith(("/dev/tcp/", "/dev/udp/")):
        return Risk.HIGH, "opens a network connection"
    if not one.redirect.writes:
        return _read_risk(use)
    return _write_risk(use, facts.cwd)


def is_harmless_device(use: PathUse) -> bool:
    """True for /dev/null and the call's own outputs."""
    return use.path in ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/zero", "/dev/stdin")


def command_risk(one: CommandFacts, facts: CallFacts) -> Judged:
    """The risk of one command; of a program it runs as well, where that can be seen."""
    command = one.command
    if command.opaque:
        return Risk.HIGH, command.opaque
    values = [word.value if word.value is not None else word.text for word in command.core]
    seen = [_words_risk(values[start:]) for start in shifted(values)]
    if any(is_secret(use) for use in (*one.paths, *one.maybe)):
        seen.append((Risk.HIGH, "may reach secrets"))
    return _readable(one, facts, values) if not (found := worst(seen))[1] else found


def shifted(values: Sequence[str]) -> list[int]:
    """Where a program's name may stand: at the start, and after programs that run others."""
    if values and values[0].rpartition("/")[2] in SHIFTERS:
        return list(range(len(values)))
    return [0] if values else []


def _words_risk(words: Sequence[str]) -> Judged:
    if not words:
        return Risk.LOW, ""
    name, rest = words[0].rpartition("/")[2], list(words[1:])
    flags = {w for w in rest if w.startswith("-")}
    letters = {letter for flag in flags if not flag.startswith("--") for letter in flag[1:]}
    if name in _DESTROYERS or name.startswith("mkfs"):
        return Risk.HIGH, f"{name} changes the system"
    if name in ("rm", "rmdir", "unlink"):
        if letters & set("rRf") or flags & {"--recursive", "--force"}:
            return Risk.HIGH, "deletes without asking"
        return Risk.MED, "deletes files"
    if name in ("chmod", "chown", "chgrp") and ("R" in letters or "--recursive" in flags):
        return Risk.HIGH, f"{name} on a whole tree"
    if name == "find" and "-delete" in flags:
        return Risk.HIGH, "deletes what it finds"
    if name == "git":
        return _git_risk(rest, flags, letters)
    if rest and rest[0] in _PUBLISHERS.get(name, ()):
        return Risk.HIGH, f"{name} {rest[0]} can't be taken back"
    return Risk.LOW, ""


def _git_risk(rest: Sequence[str], flags: set[str], letters: set[str]) -> Judged:
    verbs = {word for word in rest if not word.startswith("-")}
    forced = "f" in letters or any(flag.startswith(("--force", "--mirror", "--delete")) for flag in flags)
    dangers = (
        ("push", forced or "d" in letters or any(word.startswith(("+", ":")) for word in rest)),
        ("reset", "--hard" in flags),
        ("clean", forced),
        ("branch", "D" in letters or forced),
        ("checkout", forced or "--" in rest or "." in rest),
        ("stash", bool(verbs & {"drop", "clear"})),
        ("filter-branch", True),
        ("config", "--global" in flags or "--system" in flags),
    )
    for verb, dangerous in dangers:
        if verb in verbs and dangerous:
            return Risk.HIGH, f"git {verb} that loses work or history"
    return Risk.LOW, ""


def _readable(one: CommandFacts, facts: CallFacts, values: Sequence[str]) -> Judged:
    """LOW when the command is one that only reads, and reads inside the work directory."""
    command = one.command
    name = values[0] if values else ""
    reads = name in _READERS and not command.env and not command.exact and _only_reads(name, values[1:])
    if not reads:
        return Risk.MED, ""
    if any(word.value is None or word.glob for word in command.core[1:]):
        return Risk.MED, "names that only the run will know"
    if facts.moves:
        return Risk.MED, "changes its directory first"
    if any(not use.inside for use in one.paths) and name not in ("echo", "printf", "tr", "expr", "test"):
        return Risk.MED, "outside the work directory"
    return Risk.LOW, ""


def _only_reads(name: str, rest: Sequence[str]) -> bool:
    check: Callable[[Sequence[str]], bool] | None = _WRITING_FLAGS.get(name)
    return check is None or not check(rest)


def _starts(*prefixes: str) -> Callable[[Sequence[str]], bool]:
    return lambda rest: any(word.startswith(prefixes) for word in rest)


def _recursive(rest: Sequence[str]) -> bool:
    """Would open files that nobody named, secrets among them."""
    return any(word.startswith(("--r", "--de")) or re.match(r"-[a-zA-Z]*[rR]", word) for word in rest)


def _git_writes(rest: Sequence[str]) -> bool:
    if not rest or rest[0] not in _GIT_READERS:
        return True
    return any(word.startswith(("--ou", "--e", "--t", "-O", "--open")) for word in rest[1:])


# Options that make a reading program write, run something, or set something.
_WRITING_FLAGS: Final[Mapping[str, Callable[[Sequence[str]], bool]]] = {
    "git": _git_writes,
    "find": _starts("-exec", "-ok", "-delete", "-fprint", "-fls"),
    "sort": lambda rest: any(w.startswith(("--o", "--c", "--f", "-T")) or re.match(r"-[a-zA-Z]*o", w) for w in rest),
    "uniq": lambda rest: sum(not word.startswith("-") for word in rest) > 1,
    "date": lambda rest: any(not w.startswith(("+", "-u", "-I", "-R")) for w in rest),
    "grep": _recursive,
    "egrep": _recursive,
    "fgrep": _recursive,
    "diff": _recursive,
    "printf": _starts("-v"),
    "test": _starts("-v", "-R"),
}
