"""The detail pane: one supervisor and the child that is chosen, side by side where there is room (LOOK.md, picture 06).

Shows a `DetailView`; asking the host for it is detail_loader.py's.
"""

from typing import Final, Protocol

from textual import events

from vega_tui.client.views.detail import DetailView, Keeper
from vega_tui.client.views.fleet import FleetRow
from vega_tui.client.views.prospects import kept_by, name_of, prospects
from vega_tui.core.ids import base_name, parent_path, with_incarnation
from vega_tui.protocol.rows import LifeRow
from vega_tui.tui.face import Face
from vega_tui.tui.paint.cells import Line, clip, pad, shorten, width_of
from vega_tui.tui.panes.detail_paint import Sheet, Situation, head_rule, supervisor_sheet
from vega_tui.tui.panes.lives_paint import Process, process_sheet
from vega_tui.tui.panes.pane import Pane

BOTH_FROM: Final = 100  # columns
_TALL_FROM: Final = 32  # rows
_SELF: Final = -1


class Acts(Protocol):
    """What the pane lets others do."""

    def look(self) -> None:
        """Another process is chosen: there may be something to ask."""
        ...

    def entered(self, path: str) -> None:
        """Enter on a process."""
        ...

    def left(self) -> None:
        """Esc."""
        ...


class DetailPane(Pane, can_focus=True):
    """Keys: up and down choose a child or a life, left and right (or Tab) the half, Enter opens, Esc goes back."""

    def __init__(self, face: Face, id: str) -> None:
        super().__init__(face, id)
        self.acts: Acts | None = None
        self._right = False  # the half that has the keys
        self._life = 0  # incarnation that is looked at; 0: the newest that tells something
        self._top = 0
        self._page = 10

    @property
    def view(self) -> DetailView:
        """What is shown."""
        return self.face.views.detail

    @property
    def selected(self) -> str:
        """Path of the process that keys act on."""
        return self.view.chosen

    def row_of(self, path: str) -> FleetRow | None:
        """Its row in the fleet."""
        return self.face.fleet.row(path, self.face.feed.session)

    def opened(self) -> None:
        """Something else is shown: begin at its top, in its first half."""
        self._right, self._life, self._top = False, 0, 0
        self.repaint()

    def sync(self) -> None:
        """Paint again when an answer came."""
        if self.view.dirty:
            self.view.dirty = False
            self.repaint()

    # --- painting ---------------------------------------------------------------------------------------

    def paint(self, width: int, height: int) -> list[Line]:
        self._page = max(1, height - 4)
        keeper = self.view.keeper
        if keeper is None:
            return self._nothing(width)
        rows = height - 1
        if width < BOTH_FROM:
            head, sheet = self._right_half(width, rows) if self._right else self._left_half(keeper, width, rows)
            return self._noted([head, *self._cut(sheet, rows, width)], width, height)
        left = max(51, min(68, width * 2 // 5 + 4))
        right = width - left - 2
        left_head, left_sheet = self._left_half(keeper, left, rows)
        right_head, right_sheet = self._right_half(right, rows)
        lefts = [left_head, *self._cut(left_sheet, rows, left)]
        rights = [right_head, *self._cut(right_sheet, rows, right)]
        divider = (self.look.signs.line, "line")
        lines: list[Line] = []
        for at in range(height):
            one = lefts[at] if at < len(lefts) else []
            other = rights[at] if at < len(rights) else []
            lines.append([*pad(one, left), divider, (" ", ""), *clip(other, right)])
        return self._noted(lines, width, height)

    def _nothing(self, width: int) -> list[Line]:
        path = self.view.path
        head = head_rule(
            parent_path(path), base_name(path), "", width - 1, focused=self.has_focus, signs=self.look.signs
        )
        return [head, [], [("  ", ""), (self.view.gone or "Asking the host.", "muted")]]

    def _noted(self, lines: list[Line], width: int, height: int) -> list[Line]:
        """A short word of ours stands in the last row: the prompt's rule, where it stands else, is hidden."""
        if not self.face.note:
            return lines
        kept = [*lines[: height - 1], *([[]] * (height - 1 - len(lines)))]
        return [*kept, [("  ", ""), (shorten(self.face.note, width - 4), "text")]]

    def _cut(self, sheet: Sheet, rows: int, width: int) -> list[Line]:
        """The rows of a sheet that fit, its cursor among them; marks where the chosen row is."""
        mine = self._right == (sheet.rows.count(_SELF) == 0)
        cursor = self._cursor(sheet)
        top = 0
        if mine and len(sheet.lines) > rows:
            top = max(0, min(self._top, len(sheet.lines) - rows))
        chosen = [at for at, row in enumerate(sheet.rows) if row is not None and row == cursor]
        lines = sheet.lines[top : top + rows]
        for at in chosen:
            if top <= at < top + rows:
                sign = (self.look.signs.bar, "accent" if self.has_focus and mine else "edge")
                ground = "select" if self.has_focus and mine else "panel"
                lines[at - top] = _barred(lines[at - top], sign, ground, width - 1)
        return lines

    def _cursor(self, sheet: Sheet) -> int:
        if sheet.rows.count(_SELF):
            return self._child_at()
        return self._shown_life()

    def _left_half(self, keeper: Keeper, width: int, rows: int) -> tuple[Line, Sheet]:
        view, now, facts = self.view, self.face.wall(), keeper.facts
        path = facts.path if facts.shown else view.path
        focused = self.has_focus and not self._right
        above = " › ".join(parent_path(path).split("/")) if facts.shown else ""
        name = base_name(path) if facts.shown else kept_by(facts)
        head = head_rule(above, name, "supervisor", width - 1, focused=focused, signs=self.look.signs)
        child = keeper.child(view.chosen)
        row = self.row_of(view.chosen)
        lives = view.lives
        steps = ()
        if child is not None and row is not None and lives:
            left = view.restart_left(view.chosen, now)
            ran = now - lives[-1].started if lives[-1].ended is None else 0.0
            life, left_s = lives[-1].incarnation, left[0] if left else None
            steps = prospects(keeper, child, life=life, ran_s=ran, left_s=left_s, now=now)
        situation = Situation(
            keeper=keeper,
            now=now,
            row=self.row_of(path) if facts.shown else None,
            told=view.answer(path) if facts.shown else None,
            children=[self.row_of(one.process) for one in keeper.children],
            chosen=child,
            steps=steps,
        )
        return head, supervisor_sheet(situation, width - 1, tall=rows >= _TALL_FROM, signs=self.look.signs)

    def _right_half(self, width: int, rows: int) -> tuple[Line, Sheet]:
        view, now, keeper = self.view, self.face.wall(), self.view.keeper
        path, row = view.chosen, self.row_of(view.chosen)
        told = view.answer(path)
        child = told.as_child if told is not None else None
        number = row.number if row is not None else 1
        keeping = told.above[0] if told is not None and told.above else None
        what = "" if keeping is None else f"of {name_of(keeping)}" if keeping.shown else name_of(keeping)
        what = f"{what}  {child.restart}" if child is not None else what
        focused = self.has_focus and self._right
        head = head_rule(
            "", with_incarnation(base_name(path), number), what, width - 1, focused=focused, signs=self.look.signs
        )
        period = keeper.facts.period_s if keeper is not None else None
        shown = self._shown_life()
        process = Process(
            path=path,
            now=now,
            row=row,
            child=child,
            keeper="" if keeping is None else f"under {base_name(keeping.path)}" if keeping.path else "the session",
            left=view.restart_left(path, now),
            lives=view.lives,
            chosen=shown,
            rest=view.rest_of(shown),
            waiting=len(self.face.views.queue.waiting(path)),
            span_s=max(60.0, period or 60.0),
        )
        return head, process_sheet(process, width - 1, rows, tall=rows >= _TALL_FROM, signs=self.look.signs)

    # --- the cursor -------------------------------------------------------------------------------------

    def _children(self) -> list[str]:
        keeper = self.view.keeper
        return [child.process for child in keeper.children] if keeper is not None else []

    def _child_at(self) -> int:
        children = self._children()
        return children.index(self.view.chosen) if self.view.chosen in children else _SELF

    def _shown_life(self) -> int:
        """The life that is looked at: the chosen one, else the newest."""
        lives: tuple[LifeRow, ...] = self.view.lives
        if any(life.incarnation == self._life for life in lives):
            return self._life
        return lives[-1].incarnation if lives else 0

    def _move(self, by: int) -> None:
        if self._right:
            numbers = [life.incarnation for life in self.view.lives]
            if numbers:
                at = numbers.index(self._shown_life()) + by
                self._life = numbers[max(0, min(len(numbers) - 1, at))]
        else:
            children, facts = self._children(), self.view.keeper
            first = _SELF if facts is not None and facts.facts.path == self.view.path and facts.facts.shown else 0
            at = max(first, min(len(children) - 1, self._child_at() + by))
            self.view.choose(children[at] if 0 <= at < len(children) else self.view.path)
            self._life = 0
            if self.acts is not None:
                self.acts.look()
        self.repaint()

    def next_half(self) -> None:
        """The keys go to the other half."""
        self._right, self._top = not self._right, 0
        self.repaint()

    def on_key(self, event: events.Key) -> None:
        key = event.key
        match key:
            case "down" | "j" | "up":
                self._move(-1 if key == "up" else 1)
            case "home" | "end":
                self._move(-(1 << 30) if key == "home" else 1 << 30)
            case "right" | "left":
                if self._right != (key == "right"):
                    self.next_half()
            case "pagedown" | "pageup":
                self._top = max(0, self._top + (self._page if key == "pagedown" else -self._page))
                self.repaint()
            case "enter":
                if self.acts is not None:
                    self.acts.entered(self.view.chosen)
            case "escape":
                if self.acts is not None:
                    self.acts.left()
            case _:
                return
        event.stop()


def _barred(line: Line, bar: tuple[str, str], ground: str, cells: int) -> Line:
    """A chosen row: the bar in its first cell, and the ground over all of it."""
    text, style = line[0] if line else (" ", "")
    full: Line = [bar, (text[1:], style), *line[1:]]
    full.append((" " * max(0, cells - width_of(full)), ""))
    return [(words, style if " on " in f" {style}" else f"{style} on {ground}".strip()) for words, style in full]
