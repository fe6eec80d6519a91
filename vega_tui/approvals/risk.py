"""How much harm a call could do. Pure; a table with reasons, not a promise.

LOW: reads inside the work directory, and asks other agents. HIGH: destroys, publishes, reaches secrets or
files that other programs execute. Everything else is MED. Flags are normalised here, in user rules never.
"""

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from vega_tui.approvals.facts import CallFacts, CommandFacts, RedirectFacts
from vega_tui.approvals.leads import unseen
from vega_tui.approvals.paths import PathUse
from vega_tui.approvals.programs.table import literal, reading_of, readings, scripted, shifted
from vega_tui.approvals.sensitive import is_protected, is_secret
from vega_tui.approvals.wrappers import word_set
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
# Their words name no files.
_NAMELESS: Final = ("echo", "printf", "tr", "expr", "test")


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
    """The risk of one command; of a program or a text that it runs as well, where that can be seen."""
    command = one.command
    if command.opaque:
        return Risk.HIGH, command.opaque
    meant = readings(command)
    values = [literal(word) for word in command.core]
    seen = [words_risk(values[start:]) for start in shifted(values)]
    seen += [(Risk.HIGH, reading.harm) for reading in meant if reading.harm]
    seen += [words_risk(words) for words in scripted(command)]
    if any(is_secret(use) for use in (*one.paths, *one.maybe)):
        seen.append((Risk.HIGH, "may reach secrets"))
    return _readable(one, facts, values) if not (found := worst(seen))[1] else found


def words_risk(words: Sequence[str]) -> Judged:
    """The risk of a program by its name and flags alone."""
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
    if rest and rest[0] in _PUBLISHERS.get(name, ()):
        return Risk.HIGH, f"{name} {rest[0]} can't be taken back"
    return Risk.LOW, ""


def _readable(one: CommandFacts, facts: CallFacts, values: Sequence[str]) -> Judged:
    """LOW when the command is one that only reads, and reads inside the work directory."""
    command = one.command
    if why := acts_of(one, facts.cwd):
        return Risk.MED, why
    own = reading_of(tuple(values), command.piped)
    if not _reads(one, values):
        return Risk.MED, ""
    if _unknown_words(one):
        return Risk.MED, "names that only the run will know"
    if facts.moves:
        return Risk.MED, "changes its directory first"
    if any(not use.inside and _named(use, values[1:], own.texts) for use in one.paths) and values[0] not in _NAMELESS:
        return Risk.MED, "outside the work directory"
    return Risk.LOW, ""


def only_reads(one: CommandFacts, cwd: str) -> bool:
    """Whether the command can't write what its words name, wherever that lies."""
    values = [literal(word) for word in one.command.core]
    return not (one.command.opaque or acts_of(one, cwd) or _unknown_words(one)) and _reads(one, values)


def _reads(one: CommandFacts, values: Sequence[str]) -> bool:
    command = one.command
    plain = bool(values) and "/" not in values[0] and not command.env and not command.exact
    return plain and reading_of(tuple(values), command.piped).free


def _unknown_words(one: CommandFacts) -> bool:
    return any(word.value is None or word.glob for word in one.command.core[1:])


def _named(use: PathUse, words: Sequence[str], texts: Sequence[str]) -> bool:
    """True unless only a pattern or a script, which is no name of a file, looks like this path."""
    rest = list(words)
    for text in texts:
        if text in rest:
            rest.remove(text)  # once: the same word may name a file after it
    return not texts or any(posixpath.basename(use.path) in word for word in rest)


def acts_of(one: CommandFacts, cwd: str) -> str:
    """What the command runs or writes beside its program's purpose, so that no prefix rule covers it; else empty."""
    if one.loads:
        return one.loads
    inside = {use.path for use in one.paths if use.inside}
    for reading in readings(one.command):
        if reading.acts:
            return reading.acts
        elsewhere = [place for place in reading.places if posixpath.normpath(posixpath.join(cwd, place)) not in inside]
        if elsewhere or len(reading.places) > 1:
            return f"works in another folder ({', '.join(reading.places)[:60]})"
    return ""
