"""The first frame, written before anything is imported: where the app's own first frame will put the same things.

Colours come from a tiny file that the app keeps (`run/skeleton`), else from the dark palette.
"""

import os

DARK = {
    "background": "#0D1017",
    "panel": "#192130",
    "surface": "#131923",
    "strong": "#F5F8FD",
    "text": "#D3DAE6",
    "muted": "#A1ACC0",
    "faint": "#7F8BA3",
    "accent": "#8FBEFF",
    "accent_on": "#08121F",
    "line": "#28324A",
}
RESET = "\x1b[0m"


class Colours:
    """SGR sequences for roles, in what the terminal can show: 24 bits, or none at all."""

    def __init__(self, palette: dict[str, str], *, plain: bool) -> None:
        self._palette = palette
        self._plain = plain

    def on(self, ground: str, role: str = "text", *, bold: bool = False) -> str:
        """Begin `role` on `ground`."""
        weight = ";1" if bold else ""
        if self._plain:
            return f"\x1b[0{weight}m"
        return f"\x1b[0{weight};38;2;{self._rgb(role)};48;2;{self._rgb(ground)}m"

    def cursor(self) -> str:
        """Begin the cursor's block."""
        if self._plain:
            return "\x1b[0;7m"
        return f"\x1b[0;38;2;{self._rgb('accent_on')};48;2;{self._rgb('accent')}m"

    def _rgb(self, role: str) -> str:
        value = self._palette.get(role, "").lstrip("#")
        try:
            number = int(value, 16)
        except ValueError:
            number = int(DARK[role][1:], 16)
        return f"{number >> 16 & 255};{number >> 8 & 255};{number & 255}"


def palette(path: str) -> dict[str, str]:
    """The colours of the last theme, one `role #rrggbb` a line; the dark ones when there is no such file."""
    found = dict(DARK)
    try:
        with open(path, encoding="utf-8") as file:
            for line in file.read(4000).splitlines():
                role, _, value = line.partition(" ")
                if role in DARK and len(value) == 7:
                    found[role] = value
    except (OSError, UnicodeDecodeError):
        pass
    return found


def plain_colours(environ: "os._Environ[str] | dict[str, str]") -> bool:
    """True when the terminal shows fewer than 24 bits of colour, or the person wants none."""
    return bool(environ.get("NO_COLOR")) or environ.get("COLORTERM", "").lower() not in ("truecolor", "24bit")


def prompt_row(rows: int) -> int:
    """The row, from 0, that the prompt's text starts in."""
    return max(0, rows - (3 if rows >= 24 else 1))


def frame(columns: int, rows: int, colours: Colours) -> str:
    """The whole first frame, cursor block included."""
    back = colours.on("background")
    out = ["\x1b[?25l", back, "\x1b[2J\x1b[H"]
    head = colours.on("panel", "accent") + " ✦ " + colours.on("panel", "strong", bold=True) + "vega"
    out += [_at(0), head, colours.on("panel"), " " * max(0, columns - 7)]
    if columns >= 100:
        out += [_at(1), colours.on("surface"), " " * columns]
        left, right = (50, columns) if columns < 160 else (68, 150)
        out += [_at(2, 1), _title("Fleet", left - 1, colours), _at(2, left + 2)]
        out += [_title("Chat root", right - left - 4, colours)]
    out += [_at(prompt_row(rows) - 1), _rule(columns, colours), echo("", columns, rows, colours)]
    if rows >= 24:
        out += [_at(rows - 1), colours.on("panel"), " " * columns]
    return "".join([*out, RESET])


def echo(text: str, columns: int, rows: int, colours: Colours) -> str:
    """The prompt's row with `text`, its end in view."""
    shown = text.rpartition("\n")[2]
    room = max(1, columns - 6)
    while shown and cells(shown) > room:
        shown = shown[1:]
    row = _at(prompt_row(rows)) + colours.on("background") + "\x1b[2K" + colours.on("background", "accent") + "  › "
    body = colours.on("background", "strong") + shown + colours.cursor()
    if shown:
        return row + body + " " + RESET
    hint = "Message root"
    return row + body + hint[0] + colours.on("background", "faint") + hint[1:] + RESET


def cells(text: str) -> int:
    """Roughly how many cells `text` takes; the app measures exactly."""
    return sum(2 if ord(sign) >= 0x1100 else 1 for sign in text)


def _title(name: str, width: int, colours: Colours) -> str:
    rule = "─" * max(0, width - len(name) - 1)
    return colours.on("background", "strong", bold=True) + name + colours.on("background", "line") + " " + rule


def _rule(columns: int, colours: Colours) -> str:
    blue = colours.on("background", "accent")
    name = colours.on("background", "muted") + " to " + colours.on("background", "strong", bold=True) + "root "
    return blue + "━━" + name + blue + "━" * max(0, columns - 11)


def _at(row: int, column: int = 0) -> str:
    return f"\x1b[{row + 1};{column + 1}H"
