"""The approval card's safety and steps (DESIGN.md §8), as a pure state machine: keys and time in, actions out.

A card never takes focus by itself. Once it has it, decision keys are dead for 500 ms after it appears or changes,
until typing that began then has paused, and what a step would send is only ever sent by that step's own key.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

import msgspec

from vega_tui.core.messages import JsonObject
from vega_tui.core.records import Approval
from vega_tui.core.words import Decision
from vega_tui.protocol.operations import Decide
from vega_tui.tui.line_edit import LineEdit

DEAD_S: Final = 0.5
BURST_S: Final = 0.3
QUIET_S: Final = 0.8
PAGE_ROWS: Final = 5
SCOPES: Final = ("session", "project", "user")
Step: TypeAlias = Literal["choose", "always", "edit", "feedback"]
Action: TypeAlias = Decide | Literal["leave", "next", "later"] | None
_ONE_TEXT: Final = {"bash": "command"}


def may_take_focus(*, prompt_text: str, since_key_s: float) -> bool:
    """True when opening a card by Tab can't eat what is being typed."""
    return not prompt_text and since_key_s >= QUIET_S


@dataclass(frozen=True, slots=True, kw_only=True)
class CardState:
    """One card as it stands. `changed` is the monotonic time its content last changed."""

    approval: Approval
    changed: float
    step: Step = "choose"
    line: LineEdit = field(default_factory=LineEdit)
    scope: int = 0
    on_scope: bool = False
    full: bool = False
    top: int = 0  # in the full view, the first line shown
    explained: bool = False
    args: JsonObject | None = None
    complaint: str = ""

    def live(self, now: float) -> bool:
        """True once decision keys may be pressed."""
        return now - self.changed >= DEAD_S

    def shown(self, approval: Approval, now: float) -> "CardState":
        """The card after the inbox changed: the same question keeps its step, another starts afresh."""
        if approval == self.approval:
            return self
        if approval.id == self.approval.id:
            return replace(self, approval=approval, changed=now)
        return CardState(approval=approval, changed=now)

    def paste(self, text: str) -> "CardState":
        """A paste never decides: it is text where text is asked for, and nothing elsewhere."""
        if self.step == "choose" or self.on_scope:
            return self
        return replace(self, line=self.line.insert(text), complaint="")

    def key(self, key: str, character: str | None, now: float) -> tuple["CardState", Action]:
        """The card after a key, and what is to be done."""
        if self.step == "choose":
            return self._choose(character if character and character.isprintable() else key, now)
        if key == "escape":
            return replace(self, step="choose", line=LineEdit(), complaint="", changed=now), None
        if key == "enter":
            return self._enter(now)
        if self.step == "always":
            return self._always(key, character), None
        edited = self.line.key(key, character)
        return (replace(self, line=edited, complaint="") if edited else self), None

    def _choose(self, key: str, now: float) -> tuple["CardState", Action]:
        match key:
            case "escape":
                return self, "leave"
            case "tab" | "shift+tab":
                return self, "next"
            case "z":
                return self, "later"
            case "v":
                return replace(self, full=not self.full, top=0), None
            case "up" | "down" | "pageup" | "pagedown" if self.full:
                step = {"up": -1, "down": 1, "pageup": -PAGE_ROWS, "pagedown": PAGE_ROWS}[key]
                return replace(self, top=max(0, self.top + step)), None
            case "x":
                return replace(self, explained=not self.explained), None
            case _ if self.live(now):
                state, action = self._decide(key, now)
                # The card stands until the host has heard: a second press is no second answer.
                return (state if action is None else replace(state, changed=now)), action
            case _:
                # Whoever typed too early may be typing a sentence: its later letters must not decide either.
                return replace(self, changed=max(self.changed, now + BURST_S - DEAD_S)), None

    def _decide(self, key: str, now: float) -> tuple["CardState", Action]:
        match key:
            case "y":
                return self, self.decide(Decision.ONCE)
            case "s":
                return self, self.decide(Decision.SESSION)
            case "n":
                return self, self.decide(Decision.DENY)
            case "K":
                return self, self.decide(Decision.DENY_STOP)
            case "a" if self.approval.rule:
                rule = LineEdit.of(self.approval.rule)
                return replace(self, step="always", line=rule, scope=0, on_scope=False, changed=now), None
            case "e":
                return replace(self, step="edit", line=LineEdit.of(editable(self.approval))), None
            case "f":
                return replace(self, step="feedback", line=LineEdit()), None
            case _:
                return self, None

    def _always(self, key: str, character: str | None) -> "CardState":
        if key in ("tab", "shift+tab", "up", "down"):
            return replace(self, on_scope=not self.on_scope)
        if self.on_scope:
            step = {"left": -1, "right": 1}.get(key, 0)
            return replace(self, scope=(self.scope + step) % len(SCOPES))
        edited = self.line.key(key, character)
        return replace(self, line=edited, complaint="") if edited else self

    def _enter(self, now: float) -> tuple["CardState", Action]:
        text = self.line.text.strip()
        match self.step:
            case "always" if not self.live(now):
                return self, None
            case "always":
                if not text:
                    return replace(self, complaint="a rule can't be empty"), None
                rule = Decide(
                    approval=self.approval.id,
                    decision=Decision.ALWAYS,
                    rule=text,
                    scope=SCOPES[self.scope],
                    args=self.args,
                )
                return self, rule
            case "feedback":
                return self, Decide(approval=self.approval.id, decision=Decision.DENY, feedback=text)
            case _:
                args, complaint = edited_args(self.approval, self.line.text)
                if args is None:
                    return replace(self, complaint=complaint), None
                return replace(self, step="choose", args=args, line=LineEdit(), changed=now, complaint=""), None

    def decide(self, decision: Decision) -> Decide:
        """The answer as the host takes it; edited arguments go only with a yes."""
        allowed = decision in (Decision.ONCE, Decision.SESSION)
        return Decide(approval=self.approval.id, decision=decision, args=self.args if allowed else None)


def editable(approval: Approval) -> str:
    """What `e` edits: the command alone where that is all there is, else all arguments as JSON."""
    name = _ONE_TEXT.get(approval.tool)
    if name and isinstance(approval.args.get(name), str):
        return str(approval.args[name])
    return json.dumps(approval.args, ensure_ascii=False)


def edited_args(approval: Approval, text: str) -> tuple[JsonObject | None, str]:
    """The arguments that `text` means, or what is wrong with it."""
    name = _ONE_TEXT.get(approval.tool)
    if name and isinstance(approval.args.get(name), str):
        return ({**approval.args, name: text}, "") if text.strip() else (None, "the command can't be empty")
    try:
        return msgspec.json.decode(text, type=JsonObject), ""
    except msgspec.DecodeError as error:
        return None, f"not one JSON object: {error}"
