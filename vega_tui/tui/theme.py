"""Roles become colours here and nowhere else: Palette (styles for painters) and Textual's Theme (for CSS).

Files are read by theme_file.py; the dark palette is built in, so that nothing is read before the first paint.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.color import Color, ColorType
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.theme import Theme

from vega_tui.tui.paint.cells import Span, cell_len, pad
from vega_tui.tui.theme_dark import DARK

ROLES: tuple[str, ...] = tuple(DARK)
ATTRIBUTES = frozenset({"bold", "dim", "italic", "underline", "strike", "reverse"})
ANSI_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
STATE_ROLES: dict[str, str] = {
    "ASK": "ask",
    "FAIL": "fail",
    "WARN": "warn",
    "RSTR": "rstr",
    "run": "run",
    "wait": "wait",
    "PAUS": "paus",
    "done": "done",
    "kill": "kill",
}
_QUIET = frozenset({"faint", "kill"})  # would fall under 4.5:1 on these two grounds
_BRIGHT_GROUNDS = frozenset({"select", "chip"})
_FILLS = frozenset({"ask_fill", "fail_fill", "accent_fill"})


@dataclass(frozen=True, slots=True)
class ThemeSpec:
    """A checked palette: every role has a value (`#RRGGBB`, or the terminal's colour words with attributes)."""

    name: str
    roles: Mapping[str, str]
    dark: bool = True
    ansi: bool = False


DARK_SPEC = ThemeSpec("dark", DARK)


@dataclass(frozen=True, slots=True)
class _Value:
    color: Color | None
    attributes: frozenset[str]


def parse_value(value: str) -> tuple[str, frozenset[str]]:
    """A role's value as (colour word, attributes). Raises ValueError that names the wrong word."""
    words = value.split()
    attributes = frozenset(word for word in words if word in ATTRIBUTES)
    color = " ".join(word for word in words if word not in ATTRIBUTES)
    if color.startswith("#"):
        if len(color) != 7:
            raise ValueError(f"`{color}` is not a colour like #1A2B3C")
        int(color[1:], 16)
    elif color not in ("", "default") and color.removeprefix("bright ") not in ANSI_NAMES:
        raise ValueError(f"`{color}` is not a colour")
    return color or "default", attributes


def _rich_color(word: str) -> Color | None:
    if word == "default":
        return None
    if word.startswith("#"):
        return Color.parse(word)
    number = ANSI_NAMES.index(word.removeprefix("bright ")) + 8 * word.startswith("bright ")
    return Color(word, ColorType.STANDARD, number=number)


class Palette:
    """Style words to terminal styles, cached. One per theme; painters never see a colour.

    Words: a role is the foreground, `on ROLE` the ground, and bold dim italic underline strike reverse.
    Unknown words are a KeyError: a misspelt role must not be a silent default.
    """

    def __init__(self, spec: ThemeSpec = DARK_SPEC, *, no_color: bool = False) -> None:
        self.spec = spec
        self.no_color = no_color
        self._values: dict[str, _Value] = {}
        for role, value in spec.roles.items():
            word, attributes = parse_value(value)
            self._values[role] = _Value(_rich_color(word), attributes)
        self._styles: dict[tuple[str, str], Style] = {}

    def style(self, words: str, ground: str = "") -> Style:
        """The terminal style; `ground` holds where the words name none (empty: `background`)."""
        found = self._styles.get((words, ground))
        if found is None:
            found = self._styles[words, ground] = self._make(words, ground)
        return found

    def strip(self, line: Iterable[Span], width: int, ground: str = "") -> Strip:
        """The line as exactly `width` cells, clipped or filled with the ground."""
        style = self.style
        used = 0
        segments: list[Segment] = []
        for text, words in line:
            if text:
                used += cell_len(text)
                segments.append(Segment(text, style(words, ground)))
        if used < width:
            segments.append(Segment(" " * (width - used), style("", ground)))
        elif used > width:
            return self.strip(pad(list(line), width), width, ground)
        return Strip(segments, width)

    def strips(self, lines: Sequence[Iterable[Span]], width: int, ground: str = "") -> list[Strip]:
        """Several lines as strips."""
        return [self.strip(line, width, ground) for line in lines]

    def marked(self, strip: Strip, start: int, end: int) -> Strip:
        """The strip with the cells from start to end on the ground of marked text."""
        end = min(end, strip.cell_length)
        if start >= end:
            return strip
        ground = self.style("text", "select").bgcolor
        mark = Style(bgcolor=ground) if ground else Style(reverse=True)
        middle = [Segment(text, style + mark if style else mark) for text, style, _ in strip.crop(start, end)]
        return Strip.join([strip.crop(0, start), Strip(middle, end - start), strip.crop(end, strip.cell_length)])

    def _make(self, words: str, ground: str) -> Style:
        role, on, attributes = self._split(words)
        on = on or ground or "background"
        if role in _QUIET and on in _BRIGHT_GROUNDS:
            role = "muted"
        front, back = self._values[role or "text"], self._values[on]
        attributes = attributes | front.attributes | (back.attributes & {"reverse"})
        color, bgcolor = front.color, back.color
        if self.no_color:
            color = bgcolor = None
            if on in _FILLS:
                attributes |= {"reverse", "bold"}
            elif on == "select":
                attributes |= {"reverse"}
            elif role in ("faint", "line", "rest", "com"):
                attributes |= {"dim"}
            attributes &= {"bold", "dim", "reverse"}
        elif self.spec.ansi and role == "warn":
            attributes -= {"bold"}  # bold yellow is ask's bright yellow in many terminals
        return Style(
            color=color,
            bgcolor=bgcolor,
            bold="bold" in attributes or None,
            dim="dim" in attributes or None,
            italic="italic" in attributes or None,
            underline="underline" in attributes or None,
            strike="strike" in attributes or None,
            reverse="reverse" in attributes or None,
        )

    def _split(self, words: str) -> tuple[str, str, frozenset[str]]:
        role = on = ""
        attributes: set[str] = set()
        parts = iter(words.split())
        for word in parts:
            if word == "on":
                on = next(parts)
            elif word in ATTRIBUTES:
                attributes.add(word)
            else:
                role = role or word
        return role, on, frozenset(attributes)


def textual_theme(spec: ThemeSpec) -> Theme:
    """The same palette for Textual's CSS; our roles are variables under their own names."""
    css = {role: _css(value) for role, value in spec.roles.items()}
    if spec.ansi:
        css |= {"select": "ansi_bright_black", "panel": "ansi_default", "chip": "ansi_default"}
    taken = ("accent", "background", "surface", "panel")  # Textual's own names, of which accent means another
    variables = {role: color for role, color in css.items() if role not in taken}
    variables |= {
        "block-cursor-background": css["select"],
        "block-cursor-foreground": css["strong"],
        "block-cursor-blurred-background": css["panel"],
        "input-cursor-background": css["accent_fill"],
        "input-cursor-foreground": css["accent_on"],
        "input-selection-background": css["select"],
        "screen-selection-background": css["select"],
        "footer-background": css["panel"],
        "footer-key-foreground": css["text"],
        "footer-description-foreground": css["muted"],
        "border": css["accent"],
        "border-blurred": css["line"],
        "scrollbar": css["edge"],
        "scrollbar-hover": css["edge"],
        "scrollbar-active": css["accent"],
        "scrollbar-background": css["background"],
        "scrollbar-background-hover": css["background"],
        "scrollbar-background-active": css["background"],
        "scrollbar-corner-color": css["background"],
    }
    return Theme(
        name=f"vega-{spec.name}",
        primary=css["accent"],
        secondary=css["wait"],
        accent=css["ask"],
        success=css["done"],
        warning=css["warn"],
        error=css["fail"],
        background=css["background"],
        surface=css["surface"],
        panel=css["panel"],
        boost=css["select"],
        foreground=css["text"],
        text_alpha=1.0,
        dark=spec.dark,
        variables=variables,
        ansi=spec.ansi,
    )


def _css(value: str) -> str:
    word, _ = parse_value(value)
    return word if word.startswith("#") else "ansi_" + word.replace(" ", "_")


def wants_no_color(environ: Mapping[str, str] = os.environ) -> bool:
    """True where NO_COLOR is set to anything (no-color.org)."""
    return bool(environ.get("NO_COLOR"))
