"""What the chat shows before anything was said: Vega and its four stars, and lines to try (picture 07a)."""

from typing import Final

from vega_tui.tui.paint.cells import Line, spread
from vega_tui.tui.paint.glyphs import Glyphs

TRIES: Final = (
    ("list files", "one tool call"),
    ("run pytest -q", "asks you first"),
    ("spawn 3 workers to count lines", "a small team"),
    ("/demo", "crashes, restarts, a capped budget"),
)
# (row, column): `*` is Vega, `o` one of the four, the rest are dust along the lines between them.
_SKY: Final = (
    (0, 18, "*"), (1, 21, "."), (2, 24, "o"), (2, 27, "."), (3, 25, "."), (3, 29, "."), (3, 32, "o"), (4, 25, "."),
    (4, 33, "."), (5, 26, "."), (5, 33, "."), (6, 27, "."), (6, 34, "."), (7, 27, "."), (7, 35, "."), (8, 28, "o"),
    (8, 31, "."), (8, 35, "."), (9, 33, "."), (9, 36, "o"),
)  # fmt: skip


def first_lines(width: int, height: int, *, simulated: bool, model: str, signs: Glyphs) -> list[Line]:
    """The whole view; the sky is left out where it does not fit."""
    lines: list[Line] = []
    words = _words(width, simulated=simulated, model=model, signs=signs)
    if height >= len(words) + 15 and width >= 48:
        lines += [[], [], *_sky(signs), [], []]
    elif height > len(words) + 1:
        lines.append([])
    return [[(signs.open, "line"), (" ", ""), *line] for line in [*lines, *words]]


def _sky(signs: Glyphs) -> list[Line]:
    rows: list[Line] = []
    for row in range(10):
        line: Line = []
        at = 0
        for _, column, kind in [star for star in _SKY if star[0] == row]:
            sign, style = {"*": (signs.mark, "accent"), "o": (signs.bullet, "text")}.get(kind, (signs.star, "faint"))
            line += [(" " * (column - at), ""), (sign, style)]
            at = column + 1
        rows.append(line)
    return rows


def _words(width: int, *, simulated: bool, model: str, signs: Glyphs) -> list[Line]:
    room = min(62, width - 4)
    lines: list[Line] = [[("Ask for something, or watch a team work.", "strong bold")], []]
    if simulated:
        lines += [
            [("No API key is set, so a ", "muted"), ("simulated", "accent"), (" model answers. It is a real", "muted")],
            [("server on this machine: tools run, approvals ask, crashes", "muted")],
            [("restart. Only the thinking is pretended.", "muted")],
            [],
        ]
    else:
        lines += [
            [(model or "The model", "accent"), (" answers. What a call needs, you are asked first.", "muted")],
            [],
        ]
    for text, note in TRIES if simulated else TRIES[:1]:
        lines.append(spread([(f"{signs.prompt} ", "accent"), (text, "strong")], [(note, "faint")], room, gap=2))
    lines.append([("  ", ""), (signs.down, "text"), (" picks one", "faint")])
    if simulated:
        key = f"export ANTHROPIC_API_KEY={signs.ellipsis}"
        lines += [[], [("For a real model: ", "faint"), (key, "text"), (" then ", "faint"), ("/model", "text")]]
    return lines
