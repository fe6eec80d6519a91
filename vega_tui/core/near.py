"""Which name a mistyped word may have meant. Light: the command line imports it before anything else."""

from collections.abc import Iterable
from typing import Final

_MOST_EDITS: Final = 2


def near(word: str, names: Iterable[str]) -> str:
    """The name nearest to `word`, or empty where none is near enough to be worth saying."""
    letters = sorted(word.lower())
    scored = sorted((_edits(word.lower(), name.lower()), letters != sorted(name.lower()), name) for name in names)
    return scored[0][2] if scored and scored[0][0] <= min(_MOST_EDITS, len(word) // 3) else ""


def _edits(one: str, other: str) -> int:
    """Letters to add, drop, change or swap with a neighbour to make one word of the other."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        last = rows[-1]
        row = [i]
        for j, letter2 in enumerate(other, 1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != letter2))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == letter2:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
