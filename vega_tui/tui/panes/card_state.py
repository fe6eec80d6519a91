"""The safety of the approval card as a pure machine: keys and the time they came in, the next state and act out.

A key that decides only **arms**: `due` carries it out when nothing followed for `HOLD_S`. What follows closer is
typing: it takes the decision back and goes to the prompt. After a change, a decision or any letter the card is dead
for `DEAD_S`. Which key means which command says the keymap; this file knows commands only.
"""

from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from vega_tui.core.messages import JsonObject
from vega_tui.core.records import Approval
from vega_tui.core.words import Decision
from vega_tui.protocol.operations import Decide
from vega_tui.tui.line_edit import LineEdit
from vega_tui.tui.panes.card_args import editable, edited_args

HOLD_S: Final = 0.3
DEAD_S: Final = 0.5
QUIET_S: Final = 0.8
SAME_READ_S: Final = 0.05  # keys closer than this were not pressed by fingers
PAGE_ROWS: Final = 5
SCOPES: Final = ("session", "project", "user")
Step: TypeAlias = Literal["choose", "always", "edit", "feedback"]
Place: TypeAlias = Literal["rule", "covers", "scope"]  # of the step `always`: what Tab goes to
# The steps that lead to a decision are armed like one: their letters begin words too.
DECIDES: Final = {
    "approval.once": Decision.ONCE,
    "approval.session": Decision.SESSION,
    "approval.deny": Decision.DENY,
    "approval.deny_stop": Decision.DENY_STOP,
}
STEPS: Final[dict[str, Step]] = {
    "approval.always": "always",
    "approval.edit": "edit",
    "approval.deny_saying": "feedback",
}
ENTERS: Final = frozenset({"enter", "ctrl+j"})  # the second is a line feed that was pasted without brackets
_ENTER: Final = "enter"
_MOVES: Final = {"up": -1, "down": 1, "pageup": -PAGE_ROWS, "pagedown": PAGE_ROWS}
_OURS: Final = frozenset({"escape", "enter", "tab", "shift+tab", "backspace", "left", "right", "home", "end", *_MOVES})


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed over the card; it belongs into the prompt."""

    text: str


@dataclass(frozen=True, slots=True)
class Armed:
    """A decision that waits for silence: the command (or Enter), and when its key came."""

    command: str
    at: float


Action: TypeAlias = Decide | Typed | Literal["leave", "next", "later", "pass"] | None


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
    place: Place = "rule"
    full: bool = False
    top: int = 0  # in the full view, the first line shown
    explained: bool = False
    args: JsonObject | None = None
    complaint: str = ""
    armed: Armed | None = None
    typed: str = ""  # letters that came one behind the other up to now, in case they are a sentence
    last: float = float("-inf")  # when the last of them came
    heard: float = float("-inf")  # when the last key of any kind came

    def live(self, now: float) -> bool:
        """True once decision keys may be pressed; Enter on a second step minds only the change of the card."""
        if self.step != "choose":
            return self.step == "edit" or now - self.changed >= DEAD_S
        return now - max(self.changed, self.last) >= DEAD_S and now - self.heard >= SAME_READ_S

    def shown(self, approval: Approval, now: float) -> "CardState":
        """The card after the inbox changed: the same question keeps its step, another starts afresh.

        Nothing stays armed: it was meant for what stood there before.
        """
        if approval == self.approval:
            return self
        if approval.id == self.approval.id:
            return replace(self, approval=approval, changed=now, armed=None)
        return CardState(approval=approval, changed=now, typed=self.typed, last=self.last, heard=self.heard)

    def disarmed(self, now: float) -> "CardState":
        """The card with what was armed taken back."""
        return self if self.armed is None else replace(self, armed=None, changed=now)

    def paste(self, text: str, now: float) -> tuple["CardState", Action]:
        """A paste never decides: it is text where text is asked for, else the prompt's."""
        if self.step == "choose":
            return self._handed(text)
        state = self.disarmed(now)
        if self.place != "rule":
            return state, None
        return replace(state, line=self.line.insert(text), complaint="", last=now), None

    def due(self, now: float) -> tuple["CardState", Action]:
        """Carry out what is armed, if nothing followed it for long enough."""
        armed = self.armed
        if armed is None or now - armed.at < HOLD_S:
            return self, None
        # The card stands until the host has heard, and is dead until then: a second press is no second answer.
        calm = replace(self, armed=None, typed="", changed=now)
        if armed.command == _ENTER:
            return calm, self._entered()
        if decision := DECIDES.get(armed.command):
            return calm, self.decide(decision)
        return calm.stepped(STEPS[armed.command]), None

    def key(self, key: str, character: str | None, now: float, command: str = "") -> tuple["CardState", Action]:
        """The card after a key, and what is to be done. `command` is what the keymap says it starts on a card."""
        text = "\n" if key in ENTERS else character if character and character.isprintable() else ""
        if self.step != "choose":
            return self._in_step(key, character, text, now)
        follows = bool(self.typed) and (self.armed is not None or now - self.last < HOLD_S)
        state = self._heard(text, now)
        if text and (follows or (text != "\n" and not command)):
            return state._handed("")
        if self.armed is not None:
            return replace(state.disarmed(now), typed=""), None if text or key in _OURS or command else "pass"
        if command:
            return state._used(command, now, live=self.live(now))
        if self.full and key in _MOVES:
            return replace(state, top=max(0, self.top + _MOVES[key])), None
        return state, None if text else "pass"

    def use(self, command: str, now: float) -> tuple["CardState", Action]:
        """The card after a command; one that decides is armed, and only on a card that is live."""
        return self._used(command, now, live=self.live(now))

    def decide(self, decision: Decision) -> Decide:
        """The answer as the host takes it; edited arguments go only with a yes."""
        return Decide(approval=self.approval.id, decision=decision, args=None if decision.denies else self.args)

    def stepped(self, step: Step) -> "CardState":
        """The card on its second step."""
        match step:
            case "always":
                return replace(self, step=step, line=LineEdit.of(self.approval.rule), scope=0, place="rule")
            case "edit":
                return replace(self, step=step, line=LineEdit.of(editable(self.approval)))
            case _:
                return replace(self, step=step, line=LineEdit())

    # --- steps ------------------------------------------------------------------------------------------

    def _used(self, command: str, now: float, *, live: bool) -> tuple["CardState", Action]:
        match command:
            case "approval.leave":
                return self, "leave"
            case "approval.next":
                return self, "next"
            case "approval.later":
                return self, "later"
            case "approval.view":
                return replace(self, full=not self.full, top=0), None
            case "approval.explain":
                return replace(self, explained=not self.explained), None
            case "approval.always" if not self.approval.rule:
                return self, None
            case _ if command in DECIDES or command in STEPS:
                return (replace(self, armed=Armed(command, now)), None) if live else (self, None)
            case _:
                return self, "pass"

    def _heard(self, text: str, now: float) -> "CardState":
        """The card that has noted a letter; letters after a rest begin anew."""
        if not text:
            return replace(self, heard=now)
        goes_on = self.armed is not None or not now - self.last >= DEAD_S
        return replace(self, typed=(self.typed if goes_on else "") + text, last=now, heard=now)

    def _handed(self, text: str) -> tuple["CardState", Action]:
        """All that was typed leaves for the prompt."""
        return replace(self, armed=None, typed=""), Typed((self.typed + text).strip("\n"))

    def _in_step(self, key: str, character: str | None, text: str, now: float) -> tuple["CardState", Action]:
        if self.armed is not None and text in ("", "\n"):
            return self.disarmed(now), None
        state = self.disarmed(now)
        match key:
            case "escape":
                return replace(state, step="choose", line=LineEdit(), complaint="", changed=now), None
            case "enter":
                return state._enter(now), None
            case "tab" | "shift+tab" | "up" | "down" if self.step == "always":
                return state._moved(-1 if key in ("shift+tab", "up") else 1), None
            case _ if self.place != "rule":
                return replace(
                    state._chosen({"left": -1, "right": 1}.get(key, 0)), last=now if text else self.last
                ), None
            case _:
                edited = self.line.key(key, character)
                if edited is None:
                    return state, "pass"
                return replace(state, line=edited, complaint="", last=now if text else self.last), None

    @property
    def wide(self) -> bool:
        """True while the rule that stands there is the wider one that is offered."""
        return bool(self.approval.wider) and self.line.text == self.approval.wider

    def _moved(self, by: int) -> "CardState":
        places: tuple[Place, ...] = ("rule", "covers", "scope") if self.approval.wider else ("rule", "scope")
        return replace(self, place=places[(places.index(self.place) + by) % len(places)])

    def _chosen(self, by: int) -> "CardState":
        if self.place == "scope":
            return replace(self, scope=(self.scope + by) % len(SCOPES))
        rule = self.approval.rule if self.wide else self.approval.wider
        return replace(self, line=LineEdit.of(rule), complaint="") if by else self

    def _enter(self, now: float) -> "CardState":
        text = self.line.text.strip()
        if self.step == "edit":
            args, complaint = edited_args(self.approval, self.line.text)
            if args is None:
                return replace(self, complaint=complaint)
            return replace(self, step="choose", args=args, line=LineEdit(), changed=now, complaint="")
        if not self.live(now) or now - self.last < SAME_READ_S:
            return self
        if self.step == "always" and not text:
            return replace(self, complaint="a rule can't be empty")
        return replace(self, armed=Armed(_ENTER, now))

    def _entered(self) -> Decide:
        text = self.line.text.strip()
        if self.step == "feedback":
            return Decide(approval=self.approval.id, decision=Decision.DENY, feedback=text)
        scope = SCOPES[self.scope]
        return Decide(approval=self.approval.id, decision=Decision.ALWAYS, rule=text, scope=scope, args=self.args)
