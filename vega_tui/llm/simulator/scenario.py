"""Scripted conversations for the simulated model: which reply, with which fault, when.

The format, every key explained, is scenario_example.yaml beside this file. Pure but for reading a file.
"""

import re
from collections import Counter
from pathlib import Path

import msgspec

from vega_tui.core.errors import UserError
from vega_tui.core.messages import JsonObject
from vega_tui.llm.simulator.conversation import Conversation
from vega_tui.llm.simulator.reply import Call, Fault, Reply


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a reply fits."""

    system: str = ""
    user: str = ""
    tag: str = ""
    result: str = ""
    model: str = ""
    turn: int | None = None

    def fits(self, seen: Conversation) -> bool:
        """True when all that is named here is so."""
        searched = (
            (self.system, seen.system),
            (self.user, seen.user),
            (self.result, seen.last_result),
            (self.model, seen.model),
        )
        return (
            (self.turn is None or self.turn == seen.turn)
            and all(not wanted or re.search(wanted, said, re.I | re.S) for wanted, said in searched)
            and (not self.tag or f"#{self.tag}" in re.findall(r"#[\w-]+", f"{seen.user} {seen.system}"))
        )


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One scripted reply."""

    when: When = When()
    times: int | None = None
    think: str = ""
    redacted: str = ""
    say: str = ""
    calls: tuple[Call, ...] = ()
    fault: Fault | None = None
    words_per_s: float | None = None
    first_word_s: float | None = None
    stop_reason: str = ""
    steps: tuple["Line", ...] = ()


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Scripted replies in the order they are tried."""

    replies: tuple[Line, ...] = ()
    words_per_s: float | None = None


def make_scenario(spec: JsonObject) -> Scenario:
    """A scenario from plain data. Raises UserError naming the place of what is wrong."""
    try:
        made = msgspec.convert(spec, Scenario)
    except msgspec.ValidationError as error:
        raise UserError(f"scenario: {error}") from error
    for line in made.replies:
        if any(step.when != When() or step.steps for step in line.steps):
            raise UserError("scenario: a step has no `when` and no `steps` of its own")
        for pattern in (line.when.system, line.when.user, line.when.result, line.when.model):
            try:
                re.compile(pattern)
            except re.error as error:
                raise UserError(f"scenario: {pattern!r} is not a regular expression: {error}") from error
    return made


def load_scenario(path: Path) -> Scenario:
    """A scenario from a YAML file. Raises UserError naming the file and what is wrong."""
    import yaml

    try:
        return make_scenario(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UserError(f"{path}: can't be read ({error.strerror}); name a scenario file") from error
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


class Playing:
    """A scenario under way: counts what was given."""

    def __init__(self, scenario: Scenario) -> None:
        self._lines = [line for reply in scenario.replies for line in _unfold(reply)]
        self._words_per_s = scenario.words_per_s
        self._given: Counter[int] = Counter()
        self._failed: Counter[int] = Counter()

    def reply(self, seen: Conversation) -> Reply | None:
        """The first reply that fits and is not used up; a reply that fails is not used up by that."""
        for at, line in enumerate(self._lines):
            used_up = line.times is not None and self._given[at] >= line.times
            if not used_up and line.when.fits(seen):
                return self._give(at, line, seen)
        return None

    def _give(self, at: int, line: Line, seen: Conversation) -> Reply:
        fault = line.fault
        if fault is not None and fault.times is not None:
            if self._failed[at] < fault.times:
                self._failed[at] += 1
            else:
                fault = None
        if fault is None or fault.times is None:
            self._given[at] += 1
        return Reply(
            text=line.say.replace("{result}", seen.last_result).replace("{user}", seen.user),
            thinking=line.think,
            redacted=line.redacted,
            calls=line.calls,
            stop_reason=line.stop_reason,
            fault=fault,
            words_per_s=self._words_per_s if line.words_per_s is None else line.words_per_s,
            first_word_s=line.first_word_s,
        )


def _unfold(line: Line) -> list[Line]:
    """A line of steps as its replies, one for each turn."""
    if not line.steps:
        return [line]
    replace = msgspec.structs.replace
    return [replace(step, when=replace(line.when, turn=turn)) for turn, step in enumerate(line.steps)]
