"""What may stand above the prompt: a card, a list to choose from, a line to write. Never over the chat's tail.

`BottomPanel` is the one widget; what it shows is a `Panel`, a plain object with keys and lines.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from textual import events

from vega_tui.tui.face import Face
from vega_tui.tui.line_edit import LineEdit
from vega_tui.tui.paint.cells import Line, clean, shorten, spread, wrap
from vega_tui.tui.paint.glyphs import Glyphs
from vega_tui.tui.paint.meters import keycap, title_rule
from vega_tui.tui.panes.pane import Pane

_LIST_ROWS = 12


class Panel:
    """One thing that stands there. `close` is set by the widget when it opens."""

    settles: Sequence[float] = ()  # seconds after a change at which `settle` is called
    height = 24  # rows it has; set by the widget before it is painted

    def __init__(self) -> None:
        self.close: Callable[[], None] = lambda: None
        self.changed: Callable[[], None] = lambda: None

    def rows(self, width: int) -> int:
        """Rows it needs."""
        raise NotImplementedError

    def paint(self, width: int, signs: Glyphs, *, focused: bool) -> list[Line]:
        """Its lines."""
        raise NotImplementedError

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; False lets it go on to the screen."""
        raise NotImplementedError

    def paste(self, text: str) -> None:
        """Take pasted text; by default it is nothing's."""

    def settle(self) -> None:
        """Some time passed without a key. It is painted again afterwards."""

    def click(self, row: int) -> None:
        """Take a click on one of its rows."""

    def hints(self) -> Sequence[tuple[str, str]]:
        """The footer while it has focus."""
        return [("Esc", "back to the prompt")]


@dataclass(frozen=True, slots=True)
class Choice:
    """A row of a list: what is chosen, how it reads, what stands at its right."""

    key: str
    label: str
    note: str = ""
    reason: str = ""  # why it can't be chosen now


class ListPanel(Panel):
    """Choose one by arrows or by writing parts of its name."""

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        pick: Callable[[str], None],
        *,
        note: str = "",
        chosen: str = "",
        preview: Callable[[str], None] | None = None,
        cancel: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self.title = title
        self.note = note
        self._choices = list(choices)
        self._pick = pick
        self._preview = preview
        self._cancel = cancel
        self._filter = LineEdit()
        self._shown = self._choices
        self._at = next((at for at, choice in enumerate(self._shown) if choice.key == chosen), 0)
        self._top = 0

    def rows(self, width: int) -> int:
        return 2 + max(1, min(_LIST_ROWS, len(self._choices)))

    def paint(self, width: int, signs: Glyphs, *, focused: bool) -> list[Line]:
        lines: list[Line] = [
            title_rule(self.title, width - 1, note=self.note, focused=focused, signs=signs),
            [("  ", ""), (f"{signs.prompt} ", "accent"), *self._filter.line(focused=focused)],
        ]
        if not self._shown:
            text = f'Nothing matches "{self._filter.text}". Esc clears the filter.'
            return [*lines, [("  ", ""), (text if self._filter.text else "Nothing to choose.", "muted")]]
        self._top = max(0, min(self._top, self._at), self._at - _LIST_ROWS + 1)
        for at in range(self._top, min(len(self._shown), self._top + _LIST_ROWS)):
            choice = self._shown[at]
            chosen = at == self._at
            style = "faint strike" if choice.reason else "strong bold" if chosen else "text"
            bar = (signs.bar, "accent") if chosen else (" ", "")
            left: Line = [bar, (" ", ""), (clean(shorten(choice.label, width * 2 // 3)), style)]
            note = choice.reason or choice.note
            row = spread(left, [(clean(shorten(note, max(8, width // 2))), "faint")] if note else [], width - 2, gap=2)
            lines.append([(text, f"{words} on select" if chosen else words) for text, words in row])
        return lines

    def key(self, key: str, character: str | None) -> bool:
        match key:
            case "escape" if self._filter.text:
                self._set_filter(LineEdit())
            case "escape":
                self.close()
                if self._cancel:
                    self._cancel()
            case "up" | "shift+tab":
                self._move(-1)
            case "down" | "tab":
                self._move(1)
            case "pageup" | "pagedown":
                self._move(-_LIST_ROWS if key == "pageup" else _LIST_ROWS)
            case "enter":
                self._take()
            case _:
                edited = self._filter.key(key, character)
                if edited is None:
                    return False
                self._set_filter(edited)
        return True

    def paste(self, text: str) -> None:
        self._set_filter(self._filter.insert(text))

    def click(self, row: int) -> None:
        at = self._top + row - 2
        if 0 <= at < len(self._shown):
            self._at = at
            self._take()

    def hints(self) -> Sequence[tuple[str, str]]:
        return [("Enter", "choose"), ("↑↓", "move"), ("Esc", "back to the prompt")]

    def _take(self) -> None:
        if self._shown and not self._shown[self._at].reason:
            key = self._shown[self._at].key
            self.close()
            self._pick(key)

    def _move(self, by: int) -> None:
        if self._shown:
            self._at = max(0, min(len(self._shown) - 1, self._at + by))
            if self._preview:
                self._preview(self._shown[self._at].key)
        self.changed()

    def _set_filter(self, edited: LineEdit) -> None:
        self._filter = edited
        scored = [(fuzzy(edited.text, choice.label), at) for at, choice in enumerate(self._choices)]
        kept = sorted((-score, at) for score, at in scored if score > 0)
        self._shown = [self._choices[at] for _, at in kept]
        self._at = 0
        self.changed()


def fuzzy(wanted: str, text: str) -> int:
    """How well `wanted`'s letters are found in order in `text`: 0 not at all, more for runs and word beginnings."""
    wanted, text = wanted.casefold().replace(" ", ""), text.casefold()
    if not wanted:
        return 1
    score, at, run = 1, 0, 0
    for letter in wanted:
        found = text.find(letter, at)
        if found < 0:
            return 0
        run = run + 1 if found == at and at else 1
        begins = found == 0 or not text[found - 1].isalnum()
        score += run * 2 + (4 if begins else 0)
        at = found + 1
    return score


class TextPanel(Panel):
    """Write one line; Enter takes it."""

    def __init__(self, title: str, take: Callable[[str], None], *, text: str = "", note: str = "") -> None:
        super().__init__()
        self.title = title
        self.note = note
        self._take = take
        self._line = LineEdit.of(text)

    def rows(self, width: int) -> int:
        return 3

    def paint(self, width: int, signs: Glyphs, *, focused: bool) -> list[Line]:
        body = wrap(self._line.line(focused=focused), max(8, width - 6))
        return [
            title_rule(self.title, width - 1, note=self.note, focused=focused, signs=signs),
            [("  ", ""), (f"{signs.prompt} ", "accent"), *body[-1]],
        ]

    def key(self, key: str, character: str | None) -> bool:
        if key == "escape":
            self.close()
            return True
        if key == "enter":
            text = self._line.text.strip()
            if text:
                self.close()
                self._take(text)
            return True
        edited = self._line.key(key, character)
        if edited is None:
            return False
        self._line = edited
        self.changed()
        return True

    def paste(self, text: str) -> None:
        self._line = self._line.insert(text)
        self.changed()

    def hints(self) -> Sequence[tuple[str, str]]:
        return [("Enter", "take it"), ("Esc", "back to the prompt")]


class KeysPanel(Panel):
    """A question that one key answers, or a page of keys that any key closes."""

    def __init__(
        self, title: str, lines: Sequence[Line], answers: Sequence[tuple[str, str, Callable[[], None]]] = ()
    ) -> None:
        super().__init__()
        self.title = title
        self._body = list(lines)
        self._answers = list(answers)
        self._top = 0

    def rows(self, width: int) -> int:
        return min(20, 1 + len(self._body) + (2 if self._answers else 0))

    def paint(self, width: int, signs: Glyphs, *, focused: bool) -> list[Line]:
        room = self.rows(width) - 1
        self._top = max(0, min(self._top, len(self._body) - room))
        lines = [title_rule(self.title, width - 1, focused=focused, signs=signs), *self._body[self._top :][:room]]
        if self._answers:
            row: Line = [("  ", "")]
            for key, text, _ in self._answers:
                row += [*keycap(key, text), ("   ", "")]
            lines += [[], row]
        return lines

    def key(self, key: str, character: str | None) -> bool:
        pressed = character if character and character.isprintable() else key
        for wanted, _, act in self._answers:
            if pressed in (wanted, wanted.lower()):
                self.close()
                act()
                return True
        if not self._answers and key in ("down", "up", "pagedown", "pageup", "j", "k"):
            self._top += {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": 10, "pageup": -10}[key]
            self._top = max(0, self._top)
            self.changed()
            return True
        if key in ("escape", "q", "f1", "question_mark", "enter") or not self._answers:
            self.close()
        return True


class BottomPanel(Pane, can_focus=True):
    """Shows one panel at a time, or none."""

    ground = "surface"
    fades = False

    def __init__(
        self, face: Face, left: Callable[[], None], resized: Callable[[], None], stray: Callable[[str], None]
    ) -> None:
        super().__init__(face, "panel")
        self.panel: Panel | None = None
        self._stray = stray
        self._left = left
        self._resized = resized

    def open(self, panel: Panel) -> None:
        """Show `panel` in place of what is there."""
        self.panel = panel
        panel.close = self.shut
        panel.changed = self._changed
        self._changed()

    def _changed(self) -> None:
        self._resized()
        self.repaint()
        for seconds in self.panel.settles if self.panel is not None else ():
            self.set_timer(seconds, partial(self._silence, self.panel))

    def _silence(self, panel: Panel | None) -> None:
        # Keys that were read by now come first: they are in the app's queue, then in ours.
        self.app.call_later(self.call_later, self._settle, panel)  # pyright: ignore[reportUnknownMemberType]  # open type

    def _settle(self, panel: Panel | None) -> None:
        if panel is not None and panel is self.panel:
            panel.settle()
            self.repaint()

    def shut(self) -> None:
        """Show nothing."""
        if self.panel is not None:
            self.panel = None
            self._left()
            self._resized()

    def wanted_rows(self, width: int) -> int:
        """Its height; 0 while there is nothing."""
        return self.panel.rows(width) if self.panel else 0

    def paint(self, width: int, height: int) -> list[Line]:
        if self.panel is None:
            return []
        self.panel.height = height
        return self.panel.paint(width, self.look.signs, focused=self.has_focus)

    def on_key(self, event: events.Key) -> None:
        if self.panel is None:
            # Of one read with the key that closed the panel: text must not be lost, and sends nothing.
            if text := "\n" if event.key in ("enter", "ctrl+j") else event.character if event.is_printable else "":
                event.stop()
                self._stray(text)
        elif self.panel.key(event.key, event.character if event.is_printable else None):
            event.stop()
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        if self.panel is None:
            self._stray(event.text)
        else:
            self.panel.paste(event.text)

    def on_click(self, event: events.Click) -> None:
        self.focus()
        if self.panel is not None:
            self.panel.click(event.y)
