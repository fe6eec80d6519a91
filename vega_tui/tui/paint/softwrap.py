"""Where the rows of an edited text begin and end, and which index stands at a column. The text stays as it is."""

from vega_tui.tui.paint.cells import cell_len, clean, pieces


def shown(text: str) -> str:
    """A part of the text as the screen shows it."""
    return clean(text.replace("\n", ""))


def soft_rows(text: str, room: int) -> list[tuple[int, int]]:
    """(start, end) of each row: broken after spaces where possible; the end includes a line feed."""
    rows: list[tuple[int, int]] = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        at, used, space = start, 0, start
        row = start
        for piece, _ in pieces(line):
            size = cell_len(clean(piece))
            if used + size > (room if piece == " " else room - 1):  # a blank may hang over
                cut_at = space if space > row else at
                rows.append((row, cut_at))
                used = cell_len(clean(text[cut_at:at]))
                row = cut_at
            at += len(piece)
            used += size
            if piece == " ":
                space = at
        rows.append((row, min(end + 1, len(text)) if end < len(text) else end))
        start = end + 1
    return rows


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
