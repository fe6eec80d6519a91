"""The approval card as a panel: the safety of card_state.py, drawn by card_paint.py, asked of the host by `act`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from vega_tui.core import clock
from vega_tui.core.records import Approval
from vega_tui.protocol.operations import Decide
from vega_tui.tui.face import Face
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.paint.diff import split_lines, unified_lines
from vega_tui.tui.paint.glyphs import Glyphs
from vega_tui.tui.panes.card_paint import card_lines
from vega_tui.tui.panes.card_small import room_enough, small_lines, whole
from vega_tui.tui.panes.card_state import DEAD_S, HOLD_S, Action, CardState, Typed
from vega_tui.tui.panes.panel import Panel

_SPLIT_FROM = 116
_LATER_S = 0.02  # a timer a little after its time finds that the time is over


class CardKeys(Protocol):
    """What the keymap says of cards."""

    def on_card(self, key: str, character: str | None) -> str:
        """Id of the command that a key starts on a card; empty where it starts none."""
        ...

    def card_labels(self) -> Mapping[str, str]:
        """Ids of the card's commands, and the key of each as people read it."""
        ...


class CardAsker(Protocol):
    """Carries out what the card comes to."""

    def decide(self, answer: Decide) -> None:
        """An answer was given."""
        ...

    def put_off(self, approval: str) -> None:
        """A question is left for later."""
        ...

    def typed(self, text: str) -> None:
        """What came was text, and no key."""
        ...


class CardPanel(Panel):
    """Decides one approval after the other."""

    settles = (HOLD_S + _LATER_S, DEAD_S + _LATER_S)

    def __init__(
        self,
        face: Face,
        approval: Approval,
        keys: CardKeys,
        asks: CardAsker,
    ) -> None:
        super().__init__()
        self.face = face
        self.state = CardState(approval=approval, changed=clock.monotonic())
        self._keys = keys
        self._asks = asks
        self._size, self._less, self._is_small = (80, 24), 0, False
        self._diffs: dict[tuple[str, int], list[Line]] = {}

    def rows(self, width: int) -> int:
        return len(self._lines(width, self.face.look.signs, focused=True))

    def paint(self, width: int, signs: Glyphs, *, focused: bool) -> list[Line]:
        if (width, self.height) != self._size:
            self._size = width, self.height
            # What is decided on stands elsewhere now, or not at all.
            self.state = self.state.disarmed(clock.monotonic())
        self._less = 0
        lines = self._lines(width, signs, focused=focused)
        if (over := len(lines) - self.height) > 0:
            self._less = over + 1  # and the count of what is left out
            lines = self._lines(width, signs, focused=focused, less=self._less)
        self._is_small = len(lines) > self.height or not room_enough(width, self.height)
        return self._small(width, signs, focused=focused) if self._is_small else lines

    def key(self, key: str, character: str | None) -> bool:
        before, now = self.state, clock.monotonic()
        command = self._keys.on_card(key, character)
        state, action = before.key(key, character, now, command)
        if state.top > before.top and self._drawn(state) == self._drawn(before):
            state = replace(state, top=before.top)  # the end was shown already
        return self._take(state, action)

    def use(self, command: str) -> None:
        """Do what one of the card's keys does."""
        self._take(*self.state.use(command, clock.monotonic()))

    def paste(self, text: str) -> None:
        self._take(*self.state.paste(text, clock.monotonic()))

    def settle(self) -> None:
        self._take(*self.state.due(clock.monotonic()))

    def _take(self, state: CardState, action: Action) -> bool:
        """Go over to `state` and act; False when the key was none of ours."""
        before, self.state = self.state, state
        if state.armed and not self.fits:
            self.state = state.disarmed(clock.monotonic())
        match action:
            case "leave":
                self.close()
            case "next":
                self._next()
            case "later":
                self._asks.put_off(self.state.approval.id)
                self._next()
            case Typed():
                self._asks.typed(action.text)
            case Decide():
                self._asks.decide(action)
            case "pass" | None:
                pass
        if self.state is not before:
            self.changed()
        return action != "pass"

    def sync(self) -> None:
        """The inbox changed: keep the question that is still there, else show the next, else close."""
        inbox = self.face.views.inbox
        same = inbox.approvals.get(self.state.approval.id)
        following = same or self.face.next_approval
        if following is None:
            self.close()
            return
        self.state = self.state.shown(following, clock.monotonic())
        self.changed()

    def hints(self) -> Sequence[tuple[str, str]]:
        labels = self._keys.card_labels()
        pairs = [("approval.leave", "back to the prompt")]
        pairs += [("approval.next", "next")] if len(self.face.views.inbox) > 1 else []
        own = [(labels[command], words) for command, words in pairs if command in labels]
        return [*own, ("Alt+3", "inbox"), ("F1", "keys")]

    def _next(self) -> None:
        ids = [approval.id for approval in self.face.approvals]
        here = self.state.approval.id
        following = ids[(ids.index(here) + 1) % len(ids)] if here in ids else (ids[0] if ids else "")
        if following and following != here:
            self.state = self.state.shown(self.face.views.inbox.approvals[following], clock.monotonic())
            self.changed()

    def _drawn(self, state: CardState) -> list[Line]:
        return self._lines(self._size[0], self.face.look.signs, focused=True, state=state, less=self._less)

    def _lines(
        self, width: int, signs: Glyphs, *, focused: bool, state: CardState | None = None, less: int = 0
    ) -> list[Line]:
        approval = self.state.approval
        return card_lines(
            state or self.state,
            width,
            place=self._place(),
            now=clock.monotonic(),
            wall=self.face.wall(),
            signs=signs,
            focused=focused,
            diff=self._diff(approval, width - 4, signs),
            less=less,
            labels=self._keys.card_labels(),
        )

    @property
    def fits(self) -> bool:
        """True while the call is on the screen: only then it can be decided."""
        return room_enough(*self._size) and (not self._is_small or self.state.full or whole(self.state, *self._size))

    def _small(self, width: int, signs: Glyphs, *, focused: bool) -> list[Line]:
        return small_lines(
            self.state,
            width,
            self.height,
            place=self._place(),
            wall=self.face.wall(),
            signs=signs,
            live=focused and self.state.live(clock.monotonic()),
            labels=self._keys.card_labels(),
        )

    def _place(self) -> tuple[int, int]:
        ids = [approval.id for approval in self.face.approvals]
        here = self.state.approval.id
        return (ids.index(here) + 1 if here in ids else 1, max(1, len(ids)))

    def _diff(self, approval: Approval, cells: int, signs: Glyphs) -> list[Line]:
        if not approval.diff:
            return []
        found = self._diffs.get((approval.id, cells))
        if found is None:
            draw = split_lines if cells >= _SPLIT_FROM - 4 else unified_lines
            found = self._diffs[approval.id, cells] = draw(approval.diff, cells, signs=signs)
        return found
