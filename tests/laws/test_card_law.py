"""Laws of the card's keys: 10,000 random interleavings of keys, pastes, requests and silence, against an oracle.

The oracle knows only times: a decision may come from a key that stood alone, half a second after anything else and
with nothing behind it, on a card that stood as long and still stands.
"""

import random
from dataclasses import dataclass, field
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tui_app.scene import approval, edit_approval
from vega_tui.commands.builtins.decide import COMMANDS
from vega_tui.core.records import Approval
from vega_tui.protocol.operations import Decide
from vega_tui.tui.panes.card_state import DEAD_S, HOLD_S, SAME_READ_S, Action, CardState, Typed

_KEYS: Final = {key.key: command.id for command in COMMANDS for key in command.parsed_keys() if key.context == "card"}
_ALPHABET: Final = [*"ysnfaeKzvx", *"poit 1", "enter", "ctrl+j", "escape", "tab", "up", "f1", "backspace"]
_GAPS: Final = (0.0, 0.01, 0.049, 0.051, 0.1, 0.25, 0.299, 0.301, 0.45, 0.499, 0.501, 0.7, 1.0, 3.0)
_TEXT: Final = "abcdefghijklmnopqrstuvwxyzKY 1.\n"


@dataclass
class Screen:
    """The card as the panel drives it: timers fire when their time is over and no key is waiting."""

    asks: list[Approval]
    now: float = 1000.0
    presses: list[float] = field(default_factory=list)
    shown_at: float = 1000.0
    decided: list[tuple[Decide, float, float]] = field(default_factory=list)
    prompt: str = ""
    state: CardState | None = None

    def __post_init__(self) -> None:
        self.state = CardState(approval=self.asks[0], changed=self.now)

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        if self.state is not None and self.state.armed and self.state.armed.at + HOLD_S + 1e-6 <= end:
            pressed = self.state.armed.at
            self.now = pressed + HOLD_S + 1e-6
            self.state, action = self.state.due(self.now)
            if isinstance(action, Decide):
                self.decided.append((action, pressed, self.shown_at))
                self.asks = [*self.asks[1:], self.asks[0]]
                self.show(self.asks[0])
        self.now = end

    def show(self, wanted: Approval) -> None:
        if self.state is not None and wanted != self.state.approval:
            self.state, self.shown_at = self.state.shown(wanted, self.now), self.now

    def press(self, key: str) -> None:
        if self.state is None:
            self.prompt += key if len(key) == 1 else "\n" if key in ("enter", "ctrl+j") else ""
        else:
            self.take(*self.state.key(key, key if len(key) == 1 else None, self.now, _KEYS.get(key, "")))
        self.presses.append(self.now)

    def take(self, state: CardState, action: Action) -> None:
        self.state = state
        assert not isinstance(action, Decide), "a key itself decides nothing"
        if isinstance(action, Typed):
            self.prompt += action.text
            self.state = None
        elif action == "leave":
            self.state = None
        elif action in ("next", "later"):
            self.asks = [*self.asks[1:], self.asks[0]]
            self.show(self.asks[0])


def two() -> list[Approval]:
    return [approval(), edit_approval()]


def check(screen: Screen) -> None:
    for _, pressed, shown_at in screen.decided:
        assert pressed - shown_at >= DEAD_S - 1e-9
        around = [other - pressed for other in screen.presses]
        assert not [gap for gap in around if 0 < gap < HOLD_S], "something followed"
        assert around.count(0.0) == 1, "it came in one read with others"
        assert not [gap for gap in around if -SAME_READ_S + 1e-9 < gap < 0], "fingers are slower"


def test_ten_thousand_random_interleavings_decide_only_by_keys_that_stood_alone() -> None:
    chance = random.Random(613)
    decided = 0
    for _ in range(10_000):
        screen = Screen(two())
        for _ in range(chance.randrange(3, 14)):
            screen.wait(chance.choice(_GAPS))
            match chance.randrange(12):
                case 0:
                    screen.asks = [approval(id=f"a{chance.random()}"), *screen.asks]
                    screen.show(screen.asks[0])
                case 1 if screen.state is not None:
                    screen.state = screen.state.disarmed(screen.now)
                case 2 if screen.state is not None:
                    screen.take(*screen.state.paste("y\n", screen.now))
                    screen.presses.append(screen.now)
                case _:
                    screen.press(chance.choice(_ALPHABET))
        screen.wait(5.0)
        check(screen)
        decided += len(screen.decided)
    assert decided > 400, "the law must see decisions"


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(_TEXT, min_size=2, max_size=30).filter(lambda text: len(text.strip("\n")) > 1),
    gaps=st.lists(st.floats(0, HOLD_S - 0.01), min_size=30, max_size=30),
    before=st.floats(0, 3),
)
def test_a_text_typed_without_a_rest_decides_nothing_and_is_in_the_prompt_whole(
    text: str, gaps: list[float], before: float
) -> None:
    screen = Screen(two())
    screen.wait(before)
    for char, gap in zip(text, gaps, strict=False):
        screen.press("enter" if char == "\n" else char)
        screen.wait(gap)
    screen.wait(5.0)
    assert screen.decided == []
    assert screen.prompt.replace("\n", "") == text.replace("\n", "")
