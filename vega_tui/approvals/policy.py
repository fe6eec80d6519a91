"""Decides a call: allowed, asked or denied. A pure function of the call's facts, the mode and the rules.

deny > ask > allow, whatever is more specific; every command of a compound must be allowed by itself; what
can't be read asks. Source: DESIGN.md §8, reference formats §2.
"""

import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from vega_tui.approvals import risk
from vega_tui.approvals.facts import CallFacts, CommandFacts, RedirectFacts
from vega_tui.approvals.modes import freedom
from vega_tui.approvals.paths import PathUse
from vega_tui.approvals.programs.table import literal, read_all, readings, scripted, shifted, unclear
from vega_tui.approvals.rules import Effect, Rule, command_matches, host_matches, literal_text, path_matches
from vega_tui.approvals.sensitive import folded, is_protected, is_secret, names_secret
from vega_tui.approvals.shell import Command, joined
from vega_tui.approvals.suggest import Offer, group_of, suggest_rule
from vega_tui.approvals.unknown_words import could_be, could_be_option
from vega_tui.approvals.wrappers import SAFE_ENV
from vega_tui.core.records import Segment
from vega_tui.core.web_address import without_port
from vega_tui.core.words import Mode, Risk

Verdict: TypeAlias = Literal["allow", "ask", "deny"]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a policy says of a call, and all that a person needs to see why."""

    verdict: Verdict
    risk: Risk
    why: str
    segments: tuple[Segment, ...] = ()
    rule: str = ""  # the rule text that `always` would add, as narrow as the call; empty: none can be offered
    wider: str = ""  # one that covers more
    group: str = ""  # equal for calls that one answer could settle


def decide(facts: CallFacts, mode: Mode, rules: Sequence[Rule]) -> Ruling:
    """The ruling on one call. `rules` are all that hold: yours, the project's, the session's grants."""
    level, reason = risk.risk_of(facts)
    counted = [rule for rule in rules if rule.effect != "allow" or freedom(mode).allow_rules]
    mine = [rule for rule in counted if _speaks_of(rule, facts)]
    segments = tuple(_judge_shell(facts, mode, mine) if facts.kind == "shell" else [_judge(facts, mode, mine)])
    verdict: Verdict = "allow"
    for wanted in ("deny", "ask"):
        if any(segment.verdict == wanted for segment in segments):
            verdict = wanted
            break
    decisive = next((segment for segment in segments if segment.verdict == verdict), None)
    why = "" if decisive is None else decisive.why
    if verdict == "ask" and reason and reason not in why:
        why = f"{why}; {reason}" if why else reason
    unsettled = [i for i, segment in enumerate(segments) if segment.verdict == "ask"]
    offer = suggest_rule(facts, unsettled) if verdict == "ask" else Offer()
    return Ruling(verdict, level, why, segments, offer.rule, offer.wider, group_of(facts))


def _speaks_of(rule: Rule, facts: CallFacts) -> bool:
    # In a command line, rules on files speak of redirections and of files that words name.
    on_files = facts.kind == "shell" and (rule.covers("edit") or rule.covers("read"))
    return on_files or rule.covers(facts.tool, facts.family)


def _first(rules: Iterable[Rule], effect: Effect) -> Rule | None:
    return next((rule for rule in rules if rule.effect == effect), None)


def _segment(text: str, verdict: Verdict, rule: Rule | None, origin: str = "", why: str = "") -> Segment:
    if rule is None:
        return Segment(text=text, verdict=verdict, origin=origin or "default is ask", why=why)
    said = {"deny": "denied by", "ask": "asked for by", "allow": "allowed by"}[verdict]
    return Segment(
        text=text, verdict=verdict, rule=rule.text, origin=rule.origin, why=why or f"{said} {rule.origin}: {rule.text}"
    )


# --- calls of other tools ----------------------------------------------------------------------------------


def _judge(facts: CallFacts, mode: Mode, rules: Sequence[Rule]) -> Segment:
    text = ", ".join(use.path for use in facts.paths) or facts.host or facts.tool
    denies = [rule for rule in rules if rule.effect != "allow" and _touches(rule, facts)]
    if deny := _first(denies, "deny"):
        return _segment(text, "deny", deny)
    if freedom(mode).everything:
        return _segment(text, "allow", None, f"mode {mode}")
    if ask := _first(denies, "ask"):
        return _segment(text, "ask", ask)
    guarded = facts.kind == "write" and any(is_protected(use, facts.cwd) for use in facts.paths)
    if guarded:
        return _segment(text, "ask", None, why="protected path: never allowed beforehand")
    if allow := next((rule for rule in rules if rule.effect == "allow" and _allows(rule, facts)), None):
        return _segment(text, "allow", allow)
    if _mode_allows(facts, mode):
        return _segment(text, "allow", None, f"mode {mode}")
    outside = facts.paths and not all(use.inside for use in facts.paths)
    return _segment(text, "ask", None, why="outside the work directory" if outside else "no rule covers it")


def _mode_allows(facts: CallFacts, mode: Mode) -> bool:
    free, inside = freedom(mode), bool(facts.paths) and all(use.inside for use in facts.paths)
    match facts.kind:
        case "agents":
            return "agents" in free.kinds
        case "read" | "write":
            return facts.kind in free.kinds and inside and not any(is_secret(use) for use in facts.paths)
        case _:
            return free.low_risk and risk.risk_of(facts)[0] is Risk.LOW


def _touches(rule: Rule, facts: CallFacts) -> bool:
    """A deny or ask rule speaks when any part of the call fits it, by either name of a path."""
    if not rule.pattern:
        return True
    if facts.kind in ("read", "write"):
        return any(_fits(rule, s, facts, anywhere=True) for use in facts.paths for s in use.names)
    return _fits_argument(rule, facts)


def _allows(rule: Rule, facts: CallFacts) -> bool:
    """An allow rule must cover every path, by both names; without a pattern, only the work directory."""
    if facts.kind in ("read", "write"):
        return bool(facts.paths) and all(_allows_path(rule, use, facts) for use in facts.paths)
    return not rule.pattern or _fits_argument(rule, facts)


def _allows_path(rule: Rule, use: PathUse, facts: CallFacts) -> bool:
    if is_secret(use) and not names_secret(rule.pattern):
        return False
    if not rule.pattern:
        return use.inside
    return all(_fits(rule, spelling, facts, anywhere=False) for spelling in use.spellings)


def _fits(rule: Rule, path: str, facts: CallFacts, *, anywhere: bool) -> bool:
    """Deny and ask rules fit in any case of letters and any form of accents, as some disks have it."""
    pattern, cwd, home, root = rule.pattern, facts.cwd, facts.home, rule.root
    if anywhere:
        pattern, path, cwd, home, root = map(folded, (pattern, path, cwd, home, root))
    return path_matches(pattern, path, cwd=cwd, home=home, root=root, anywhere=anywhere)


def _fits_argument(rule: Rule, facts: CallFacts) -> bool:
    if facts.kind == "fetch" and rule.pattern.startswith("domain:"):
        # A yes names the port with the host; what asks or denies holds for every port of it.
        names = (facts.host,) if rule.effect == "allow" else (facts.host, without_port(facts.host))
        return any(host_matches(rule.pattern, name) for name in names)
    name, colon, wanted = rule.pattern.partition(":")
    if colon and rule.effect != "allow" and isinstance(value := facts.args.get(name), str | int | float | bool):
        return command_matches(wanted.strip(), str(value).lower() if isinstance(value, bool) else str(value))
    if facts.kind == "agents":
        return command_matches(rule.pattern, str(facts.args.get("agent") or facts.args.get("to") or ""))
    return False


# --- command lines -----------------------------------------------------------------------------------------


def _judge_shell(facts: CallFacts, mode: Mode, rules: Sequence[Rule]) -> list[Segment]:
    own = [rule for rule in rules if rule.covers(facts.tool, facts.family)]
    every = [rule for rule in own if not rule.pattern]
    if deny := _first(every, "deny"):
        return [_segment(facts.text, "deny", deny)]
    # Without a pattern (`deny: [edit]`) such a rule hides the tool; it can't mean every command.
    on_files = [rule for rule in rules if rule.effect != "allow" and rule.pattern and rule not in own]
    parts = [_judge_command(one, facts, mode, own, on_files) for one in facts.commands]
    parts += [_judge_redirect(one, facts, mode, rules) for one in facts.redirects]
    unclear = facts.problem or ("" if parts else "runs nothing that could be judged")
    if not unclear or any(part.verdict == "deny" for part in parts):
        return parts
    # Nobody can say that no deny rule is met, so where there are any even yolo, and a rule for all of bash, asks.
    free = not _first(rules, "deny")
    if free and freedom(mode).everything:
        return [_segment(facts.text, "allow", None, f"mode {mode}")]
    ruled = any(rule.effect != "allow" and rule.pattern for rule in rules)
    if free and not ruled and not _first(every, "ask") and (allow := _first(every, "allow")):
        return [*parts, _segment(facts.text, "allow", allow)]
    return [*parts, _segment(facts.text, "ask", None, why=unclear)]


def _judge_command(
    one: CommandFacts, facts: CallFacts, mode: Mode, own: Sequence[Rule], on_files: Sequence[Rule]
) -> Segment:
    command, text = one.command, one.command.text
    said = _spellings(command)
    strict = [rule for rule in own if rule.effect != "allow" and any(command_matches(rule.pattern, s) for s in said)]
    strict += [rule for rule in on_files if _names_file(rule, one, facts)]
    if deny := _first(strict, "deny"):
        return _segment(text, "deny", deny)
    denies, asks = ([rule for rule in on_files if rule.effect == effect] for effect in ("deny", "ask"))
    if (doubtful := _could_read(one, denies, facts)) is not None:  # nobody can say that it is not met
        return doubtful
    hidden = bool(unclear(command) and (_first(own, "deny") or denies))
    hidden = hidden or any(rule.effect == "deny" and could_be(rule.pattern, command.core) for rule in own)
    if freedom(mode).everything and not hidden:
        return _segment(text, "allow", None, f"mode {mode}")
    if ask := _first(strict, "ask"):
        return _segment(text, "ask", ask)
    if (doubtful := _could_read(one, asks, facts)) is not None:
        return doubtful
    level, reason = risk.command_risk(one, facts)
    guarded = any(is_protected(use, facts.cwd) for use in (*one.paths, *one.maybe))
    if guarded and not risk.only_reads(one, facts.cwd):
        return _segment(text, "ask", None, why="may write a protected path: never allowed beforehand")
    secret = any(is_secret(use) for use in (*one.paths, *one.maybe))
    blind = bool(one.unclear) and one.dumps
    allows = [r for r in own if r.effect == "allow" and (r.pattern or not hidden)]
    allows = [rule for rule in allows if _allows_command(rule, one, facts.cwd)]
    allows = [rule for rule in allows if not secret or names_secret(rule.pattern) or _exact(rule)]
    if allow := next((rule for rule in allows if not blind or not rule.pattern or _exact(rule)), None):
        return _segment(text, "allow", allow)
    if blind and not command.opaque:
        return _segment(text, "ask", None, why=f"{one.unclear}, which may hold secrets")
    if freedom(mode).low_risk and level is Risk.LOW:
        return _segment(text, "allow", None, "mode auto")
    return _segment(text, "ask", None, why=unclear(command) or reason or "no rule covers it")


def _spellings(command: Command) -> set[str]:
    """Every text under which a deny or ask rule may know a command: with and without wrappers, path, quotes."""
    found: set[str] = {command.text}
    for words in (command.words, command.core):
        values = [literal(word) for word in words]
        for start in shifted(values):
            rest = values[start:]
            found.add(" ".join(rest))
            found.add(" ".join([rest[0].rpartition("/")[2], *rest[1:]]))
            found.add(joined(words[start:]))
    for reading in readings(command):
        found.update((*reading.said, " ".join(reading.behind)))
    for words in scripted(command):
        found.update((" ".join(words), *(said for reading in read_all(words) for said in reading.said)))
    return found - {""}


def _allows_command(rule: Rule, one: CommandFacts, cwd: str) -> bool:
    command = one.command
    if not rule.pattern:
        return True
    if command.exact or risk.acts_of(one, cwd) or _hides_options(one, cwd):
        return literal_text(rule.pattern) == command.text
    if command_matches(rule.pattern, command.text) and not command.env:
        return True
    name = command.core[0]
    if set(command.env) - SAFE_ENV or name.value != name.text:  # a quoted program name is no plain spelling
        return literal_text(rule.pattern) == command.text
    plain = readings(command)[0].plain
    return any(command_matches(rule.pattern, said) for said in (joined(command.core), plain) if said)


def _hides_options(one: CommandFacts, cwd: str) -> bool:
    """True when the program is one whose options run or write, and nobody can tell which it is given."""
    here = (posixpath.basename(use.path) for use in one.maybe if posixpath.dirname(use.path) == cwd)
    return could_be_option(one.command.core, here)


def _names_file(rule: Rule, one: CommandFacts, facts: CallFacts) -> bool:
    return any(_fits(rule, s, facts, anywhere=True) for use in one.paths for s in use.names)


def _could_read(one: CommandFacts, rules: Sequence[Rule], facts: CallFacts) -> Segment | None:
    """The question to put where a command may open what one of these rules forbids, and nobody can tell."""
    for rule in rules:
        if fitting := next((u for u in one.maybe if any(_fits(rule, s, facts, anywhere=True) for s in u.names)), None):
            return _doubt(one, rule, f"may reach {fitting.path}")
    reading = next((rule for rule in rules if rule.covers("read")), None)
    return _doubt(one, reading, one.unclear) if reading is not None and one.unclear else None


def _doubt(one: CommandFacts, rule: Rule, why: str) -> Segment:
    return _segment(one.command.text, "ask", rule, why=f"{why}; {rule.origin} says {rule.effect}: {rule.text}")


def _exact(rule: Rule) -> bool:
    return bool(rule.pattern) and literal_text(rule.pattern) is not None


def _judge_redirect(one: RedirectFacts, facts: CallFacts, mode: Mode, rules: Sequence[Rule]) -> Segment:
    writes, use = one.redirect.writes, one.use
    text = f"{'>' if writes else '<'} {one.redirect.target.text}"
    family = [rule for rule in rules if rule.covers("edit" if writes else "read")]
    if not writes:  # what may not be read may not be fed to a command either
        family = [rule for rule in family if rule.effect != "ask" or rule.pattern]
    denies = [rule for rule in rules if rule.covers("read") and rule.effect == "deny" and rule.pattern] + family
    strict = [
        rule for rule in denies
        if rule.effect != "allow" and use is not None
        and any(not rule.pattern or _fits(rule, s, facts, anywhere=True) for s in use.names)
    ]  # fmt: skip
    if use is not None and risk.is_harmless_device(use) and freedom(mode).allow_rules:
        return _segment(text, "allow", None, "harmless")
    if deny := _first(strict, "deny"):
        return _segment(text, "deny", deny)
    unknown = use is None or (facts.moves and not one.redirect.target.text.startswith("/"))
    if freedom(mode).everything and not (unknown and any(rule.effect == "deny" for rule in family)):
        return _segment(text, "allow", None, f"mode {mode}")
    if ask := _first(strict, "ask"):
        return _segment(text, "ask", ask)
    level, reason = risk.redirect_risk(one, facts)
    if use is None or unknown:
        return _segment(text, "ask", None, why=reason)
    if writes and is_protected(use, facts.cwd):
        return _segment(text, "ask", None, why="protected path: never allowed beforehand")
    if allow := next((r for r in family if r.effect == "allow" and _allows_path(r, use, facts)), None):
        return _segment(text, "allow", allow)
    free = level is Risk.LOW if not writes else (use.inside and level is not Risk.HIGH)
    if free and ("write" if writes else "read") in freedom(mode).kinds:
        return _segment(text, "allow", None, f"mode {mode}")
    return _segment(text, "ask", None, why=reason or "no rule covers it")
