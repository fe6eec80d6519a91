"""Unified diffs as lines: one column or two halves, line numbers, changed words set off (LOOK.md §7)."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from vega_tui.tui.paint.cells import Line, cell_len, clean, cut, width_of
from vega_tui.tui.paint.glyphs import UNICODE, Glyphs
from vega_tui.tui.paint.syntax import language_of, tint

_NUMBER = 4
_TEXT = 7  # column of the text in a half
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)")
_WORD = re.compile(r"\w+|\s+|.")
_LONGEST = 400  # characters of a line whose words are compared
_LEAST_ALIKE = 0.5  # share of words two lines have in common to be one line that changed
_MOST_PAIRS = 900  # comparisons in one run of changed lines; longer runs are paired by position


@dataclass(frozen=True, slots=True)
class DiffRow:
    """One line of a diff. `changed` are the (start, end) parts of the text that differ from its pair."""

    kind: Literal["same", "add", "rem", "hunk", "file"]
    text: str
    old: int = 0
    new: int = 0
    changed: tuple[tuple[int, int], ...] = ()
    path: str = ""


def parse_diff(diff: str) -> list[DiffRow]:
    """The rows of a unified diff, with numbers, and changed words of lines that were replaced."""
    rows: list[DiffRow] = []
    old = new = 0
    path = ""
    in_hunk = False
    for raw in diff.splitlines():
        if match := _HUNK.match(raw):
            old, new = int(match[1]), int(match[2])
            rows.append(DiffRow("hunk", clean(match[3]), old, new, path=path))
            in_hunk = True
        elif raw.startswith(("diff ", "index ")) or (
            raw.startswith("--- ") and not (in_hunk and old and _is_line(raw))
        ):
            in_hunk = False
        elif raw.startswith("+++ ") and not in_hunk:
            path = _path_of(raw)
            rows.append(DiffRow("file", path, path=path))
        elif not in_hunk or raw.startswith("\\"):
            continue
        elif raw.startswith("+"):
            rows.append(DiffRow("add", clean(raw[1:]), new=new, path=path))
            new += 1
        elif raw.startswith("-"):
            rows.append(DiffRow("rem", clean(raw[1:]), old=old, path=path))
            old += 1
        else:
            rows.append(DiffRow("same", clean(raw[1:]), old, new, path=path))
            old += 1
            new += 1
    return _with_words(rows)


def _is_line(raw: str) -> bool:
    # "--- a/x" opens a file; a removed SQL comment "-- text" in a hunk looks alike but names no path.
    return not re.match(r"--- (?:[ab]/|/dev/null|\S+$|\S+\t)", raw)


def _path_of(raw: str) -> str:
    path = raw[4:].split("\t", maxsplit=1)[0].strip()
    return clean(path[2:] if path.startswith("b/") else path)


def counts(rows: Sequence[DiffRow], signs: Glyphs = UNICODE) -> str:
    """`+12 −9`: lines added and removed."""
    added = sum(row.kind == "add" for row in rows)
    removed = sum(row.kind == "rem" for row in rows)
    return f"+{added} {signs.minus}{removed}"


def _with_words(rows: list[DiffRow]) -> list[DiffRow]:
    out: list[DiffRow] = []
    at = 0
    while at < len(rows):
        removed = _run(rows, at, "rem")
        added = _run(rows, at + len(removed), "add")
        if removed and added:
            out += _paired(removed, added)
            at += len(removed) + len(added)
        else:
            out += removed or [rows[at]]
            at += len(removed) or 1
    return out


def _run(rows: list[DiffRow], at: int, kind: str) -> list[DiffRow]:
    end = at
    while end < len(rows) and rows[end].kind == kind:
        end += 1
    return rows[at:end]


def _paired(removed: list[DiffRow], added: list[DiffRow]) -> list[DiffRow]:
    """Lines that became each other get their changed words; where some did, a line without a pair is all new."""
    pairs = _pairs(removed, added)
    whole = bool(pairs)
    left = [replace(row, changed=_all_of(row.text)) if whole else row for row in removed]
    right = [replace(row, changed=_all_of(row.text)) if whole else row for row in added]
    for one, other in pairs:
        left[one], right[other] = _compare(removed[one], added[other])
    return left + right


def _pairs(removed: list[DiffRow], added: list[DiffRow]) -> list[tuple[int, int]]:
    """Indices of lines that are alike, in order, with the greatest likeness in all."""
    if len(removed) * len(added) > _MOST_PAIRS:
        return [(at, at) for at in range(min(len(removed), len(added)))]
    bags = [[Counter(_WORD.findall(row.text.strip())) for row in rows] for rows in (removed, added)]
    best: list[list[tuple[float, tuple[tuple[int, int], ...]]]] = [[(0.0, ())] * (len(added) + 1)]
    for one, bag in enumerate(bags[0]):
        row: list[tuple[float, tuple[tuple[int, int], ...]]] = [(0.0, ())]
        for other, against in enumerate(bags[1]):
            choice = max(best[one][other + 1], row[other], key=lambda entry: entry[0])
            alike = 2 * (bag & against).total() / max(1, bag.total() + against.total())
            if alike >= _LEAST_ALIKE and best[one][other][0] + alike > choice[0]:
                choice = (best[one][other][0] + alike, (*best[one][other][1], (one, other)))
            row.append(choice)
        best.append(row)
    return list(best[-1][-1][1])


def _all_of(text: str) -> tuple[tuple[int, int], ...]:
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    return ((start, end),) if start < end else ()


def _compare(one: DiffRow, other: DiffRow) -> tuple[DiffRow, DiffRow]:
    if max(len(one.text), len(other.text)) > _LONGEST:
        return one, other
    left, right = _WORD.findall(one.text), _WORD.findall(other.text)
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    removed: list[tuple[int, int]] = []
    added: list[tuple[int, int]] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            removed += _part(left, a, b)
            added += _part(right, c, d)
    return replace(one, changed=tuple(removed)), replace(other, changed=tuple(added))


def _part(words: list[str], start: int, end: int) -> list[tuple[int, int]]:
    before = sum(len(word) for word in words[:start])
    size = sum(len(word) for word in words[start:end])
    return [(before, before + size)] if size else []


def unified_lines(
    diff: str | Sequence[DiffRow], cells: int, *, signs: Glyphs = UNICODE, files: bool = False
) -> list[Line]:
    """The diff in one column; long lines go on below. `files`: with the names of the files."""
    rows = parse_diff(diff) if isinstance(diff, str) else diff
    out: list[Line] = []
    for at, row in enumerate(rows):
        if row.kind == "file":
            if files:
                out.append([(row.text, "strong bold")])
        elif row.kind == "hunk":
            if at and rows[at - 1].kind != "file":
                out.append([(" " * 2 + signs.ellipsis, "faint"), (f"   {row.text}" if row.text else "", "faint")])
        else:
            out += _half(row, row.new or row.old, cells, signs)
    return out


def split_lines(diff: str | Sequence[DiffRow], cells: int, *, signs: Glyphs = UNICODE) -> list[Line]:
    """The diff in two halves, the old text left; rows without a counterpart stand beside an empty one."""
    rows = parse_diff(diff) if isinstance(diff, str) else diff
    left_cells = cells // 2
    right_cells = cells - left_cells - 1
    out: list[Line] = []
    at = 0
    while at < len(rows):
        row = rows[at]
        if row.kind in ("rem", "add"):
            removed = _run(list(rows), at, "rem")
            added = _run(list(rows), at + len(removed), "add")
            for index in range(max(len(removed), len(added))):
                one = removed[index] if index < len(removed) else None
                other = added[index] if index < len(added) else None
                out += _beside(one, other, left_cells, right_cells, signs)
            at += len(removed) + len(added)
            continue
        if row.kind == "same":
            out += _beside(row, row, left_cells, right_cells, signs)
        elif row.kind == "hunk" and at and rows[at - 1].kind != "file":
            out.append([(" " * 2 + signs.ellipsis, "faint"), (f"   {row.text}", "faint")])
        at += 1
    return out


def _beside(one: DiffRow | None, other: DiffRow | None, left: int, right: int, signs: Glyphs) -> list[Line]:
    lines_left = _half(one, one.old, left, signs) if one else []
    lines_right = _half(other, other.new, right, signs) if other else []
    out: list[Line] = []
    for index in range(max(len(lines_left), len(lines_right))):
        a = lines_left[index] if index < len(lines_left) else [(" " * left, "text on panel")]
        b = lines_right[index] if index < len(lines_right) else [(" " * right, "text on panel")]
        out.append([*a, (signs.line, "line"), *b])
    return out


def _half(row: DiffRow, number: int, cells: int, signs: Glyphs) -> list[Line]:
    ground = {"add": " on add_bg", "rem": " on rem_bg"}.get(row.kind, "")
    sign = {"add": "+", "rem": signs.minus}.get(row.kind, " ")
    sign_style = {"add": "add bold", "rem": "rem bold"}.get(row.kind, "muted") + ground
    room = max(1, cells - _TEXT)
    out: list[Line] = []
    for index, part in enumerate(_chop(_tinted(row, ground), room)):
        shown = f"{number:>{_NUMBER}} " if index == 0 else " " * (_NUMBER + 1)
        line: Line = [(shown, "muted" + ground), (f"{sign if index == 0 else ' '} ", sign_style), *part]
        free = cells - width_of(line)
        if free > 0:
            line.append((" " * free, "text" + ground))
        out.append(line)
    return out


def _tinted(row: DiffRow, ground: str) -> Line:
    suffix = row.path.rsplit(".", 1)[-1] if "." in row.path else ""
    spans, _ = tint(row.text, language_of(suffix))
    quiet = row.kind == "same"
    out: Line = []
    at = 0
    strong = {"add": "add bold on add_hi", "rem": "rem bold on rem_hi"}.get(row.kind, "")
    for text, style in spans:
        style = "muted" if quiet and style == "text" else style
        for piece, changed in _marked(text, at, row.changed):
            out.append((piece, strong if changed else style + ground))
        at += len(text)
    return out


def _marked(text: str, at: int, changed: tuple[tuple[int, int], ...]) -> list[tuple[str, bool]]:
    out: list[tuple[str, bool]] = []
    pos = 0
    for start, end in changed:
        start, end = max(start - at, 0), min(end - at, len(text))
        if start >= end:
            continue
        if start > pos:
            out.append((text[pos:start], False))
        out.append((text[start:end], True))
        pos = end
    if pos < len(text):
        out.append((text[pos:], False))
    return out


def _chop(line: Line, cells: int) -> list[Line]:
    """Cut at the width, keeping every space: code is not reflowed."""
    out: list[Line] = [[]]
    used = 0
    for text, style in line:
        while text:
            head, rest = cut(text, cells - used)
            if not head and not out[-1]:
                break  # a wide character in a one-cell column
            if head:
                out[-1].append((head, style))
                used += cell_len(head)
            if rest:
                out.append([])
                used = 0
            text = rest
    return out
