"""Where the rows of an edited text begin and end, and which index stands at a column. The text stays as it is."""

from functools import lru_cache

from vega_tui.tui.paint.cells import cell_len, clean, pieces


def shown(text: str) -> str:
    """A part of the text as the screen shows it."""
    return clean(text.replace("\n", ""))


def soft_rows(text: str, room: int) -> list[tuple[int, int]]:
    """(start, end) of each row: broken after spaces where possible; the end includes a line feed."""
    rows: list[tuple[int, int]] = []
    start = 0
    for line in text.split("\n"):
        broken = _line_rows(line, room)
        rows += [(start + row, start + end) for row, end in broken[:-1]]
        end = start + len(line)
        rows.append((start + broken[-1][0], min(end + 1, len(text))))
        start = end + 1
    return rows


@lru_cache(4096)
def _line_rows(line: str, room: int) -> tuple[tuple[int, int], ...]:
    # Kept per line: a key in a pasted file of thousands of lines wraps the one it changed.
    if line.isascii() and line.isprintable():
        return _plain_rows(line, room)
    rows: list[tuple[int, int]] = []
    at = used = row = space = 0
    for piece, _ in pieces(line):
        size = cell_len(clean(piece))
        if used + size > (room if piece == " " else room - 1):  # a blank may hang over
            end = space if space > row else at
            rows.append((row, end))
            used = cell_len(clean(line[end:at]))
            row = end
        at += len(piece)
        used += size
        if piece == " ":
            space = at
    rows.append((row, len(line)))
    return tuple(rows)


def _plain_rows(line: str, room: int) -> tuple[tuple[int, int], ...]:
    rows: list[tuple[int, int]] = []
    row = 0
    while len(line) - row > room - 1:
        if len(line) - row == room and line[-1] == " ":
            break
        end = row + room - 1
        if line[end] == " ":
            end += 1
        else:
            space = line.rfind(" ", row, end) + 1
            end = space if space > row else end
        rows.append((row, end))
        row = end
    rows.append((row, len(line)))
    return tuple(rows)


def index_at(text: str, row: tuple[int, int], column: int, *, last: bool) -> int:
    """The index in a row (start, end) that stands at or before a column; `last`: it is the text's last row."""
    start, end = row
    if not last and end > start:
        end -= 1  # before the line feed, or the last character of a wrapped row
    at, used = start, 0
    for piece, _ in pieces(text[start:end]):
        size = cell_len(clean(piece))
        if used + size > column:
            break
        used += size
        at += len(piece)
    return at
