"""The approval card as a panel: the safety of card_state.py, drawn by card_paint.py, asked of the host by `act`."""

from collections.abc import Callable, Sequence

from vega_tui.core import clock
from vega_tui.core.records import Approval
from vega_tui.protocol.operations import Decide
from vega_tui.tui.face import Face
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.paint.diff import split_lines, unified_lines
from vega_tui.tui.paint.glyphs import Glyphs
from vega_tui.tui.panes.card_paint import card_lines
from vega_tui.tui.panes.card_state import DEAD_S, CardState
from vega_tui.tui.panes.panel import Panel

_SPLIT_FROM = 116
_KEYS = 2  # rows of keys, which stay whatever the height


class CardPanel(Panel):
    """Decides one approval after the other. `decide` is given each answer, `put_off` each id that `z` skips."""

    settles_s = DEAD_S + 0.02

    def __init__(
        self,
        face: Face,
        approval: Approval,
        *,
        decide: Callable[[Decide], None],
        put_off: Callable[[str], None],
    ) -> None:
        super().__init__()
        self.face = face
        self.state = CardState(approval=approval, changed=clock.monotonic())
        self._decide = decide
        self._put_off = put_off
        self._width, self._less = 80, 0
        self._diffs: dict[tuple[str, int], list[Line]] = {}

    def rows(self, width: int) -> int:
        return len(self._lines(width, self.face.look.signs, focused=True))

    def paint(self, width: int, signs: Glyphs, *, focused: bool) -> list[Line]:
        self._width, self._less = width, 0
        lines = self._lines(width, signs, focused=focused)
        if (over := len(lines) - self.height) > 0:
            self._less = over + 1  # and the count of what is left out
            lines = self._lines(width, signs, focused=focused, less=self._less)
        return lines if len(lines) <= self.height else [*lines[: self.height - _KEYS], *lines[-_KEYS:]]

    def key(self, key: str, character: str | None) -> bool:
        before = self.state
        self.state, action = self.state.key(key, character, clock.monotonic())
        match action:
            case "leave":
                self.close()
            case "next":
                self._next()
            case "later":
                self._put_off(self.state.approval.id)
                self._next()
            case Decide():
                self._decide(action)
            case None:
                pass
        if self.state.top > before.top and self._drawn(self.state) == self._drawn(before):
            self.state = before  # the end was shown already
        if self.state is not before:
            self.changed()
        return action is not None or self.state is not before or (character is not None and len(character) == 1)

    def paste(self, text: str) -> None:
        self.state = self.state.paste(text)
        self.changed()

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
        more = [("Tab", "next")] if len(self.face.views.inbox) > 1 else []
        return [("Esc", "back to the prompt"), *more, ("Alt+3", "inbox"), ("F1", "keys")]

    def _next(self) -> None:
        ids = [approval.id for approval in self.face.approvals]
        here = self.state.approval.id
        following = ids[(ids.index(here) + 1) % len(ids)] if here in ids else (ids[0] if ids else "")
        if following and following != here:
            self.state = self.state.shown(self.face.views.inbox.approvals[following], clock.monotonic())
            self.changed()

    def _drawn(self, state: CardState) -> list[Line]:
        return self._lines(self._width, self.face.look.signs, focused=True, state=state, less=self._less)

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
