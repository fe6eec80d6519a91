"""Markdown source to wrapped lines, block by block. Parsing is markdown-it's; this file only lays out.

Left out on purpose: HTML (shown as text), setext headings and link references (a later line would change
what is already on the screen, or in scrollback).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from vega_tui.tui.markdown.inline import inline_spans
from vega_tui.tui.markdown.table import table_lines
from vega_tui.tui.paint.cells import Line, clean, cut, wrap
from vega_tui.tui.paint.glyphs import UNICODE, Glyphs
from vega_tui.tui.paint.syntax import Language, language_of, tint

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

CODE_INDENT = 2
_LEAST = 4  # cells below which nesting indents no further


@lru_cache(1)
def parser() -> "MarkdownIt":
    """The one parser; imported on first use, after the first paint."""
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    return made.disable(["html_block", "html_inline", "lheading", "reference", "entity"])


class Layout:
    """Lays tokens out in `cells` columns."""

    def __init__(self, cells: int, signs: Glyphs = UNICODE) -> None:
        self.cells = max(4, cells)
        self.signs = signs

    def blocks(self, tokens: Sequence["Token"], cells: int | None = None, base: str = "text") -> list[Line]:
        """All blocks of one level, a blank line between them."""
        cells = self.cells if cells is None else cells
        out: list[Line] = []
        for group in groups(tokens):
            lines = self.block(group, cells, base)
            if out and lines:
                out.append([])
            out += lines
        return out

    def block(self, tokens: Sequence["Token"], cells: int, base: str = "text") -> list[Line]:
        """The lines of one block, given as its tokens from opening to closing."""
        first = tokens[0]
        match first.type:
            case "paragraph_open":
                return wrap(inline_spans(tokens[1].children or [], base), cells)
            case "heading_open":
                style = "strong bold" if first.tag in ("h1", "h2", "h3") else "text bold"
                return wrap(inline_spans(tokens[1].children or [], style), cells)
            case "fence" | "code_block":
                return self.code(first.content, first.info if first.type == "fence" else "", cells)
            case "hr":
                return [[(self.signs.rule * cells, "line")]]
            case "bullet_list_open" | "ordered_list_open":
                return self.listing(tokens, cells, base)
            case "blockquote_open":
                if cells < _LEAST + 2:  # nested too deep for this width: no further indent
                    return self.blocks(tokens[1:-1], cells, "muted")
                inner = self.blocks(tokens[1:-1], cells - 2, "muted")
                return [[(self.signs.line, "edge"), (" ", ""), *line] for line in inner]
            case "table_open":
                return self.table(tokens, cells)
            case _:
                return wrap([(clean(first.content), base)], cells) if first.content else []

    def code(self, source: str, info: str, cells: int) -> list[Line]:
        """A block of code on its ground, cut at the width, nothing reflowed."""
        language = language_of(info.split(maxsplit=1)[0]) if info.split() else None
        state = ""
        out: list[Line] = []
        for text in source.removesuffix("\n").split("\n"):
            lines, state = self.code_line(text, language, state, cells)
            out += lines
        return out

    def code_line(self, text: str, language: Language | None, state: str, cells: int) -> tuple[list[Line], str]:
        """One line of code as one or more lines, and the tint state after it."""
        spans, state = tint(clean(text), language, state)
        indent = min(CODE_INDENT, cells - 2)
        room = cells - indent
        rows: list[Line] = [[]]
        used = 0
        for part, style in spans:
            while part:
                head, rest = cut(part, room - used)
                if not head and not rows[-1]:
                    head, rest = part[0], part[1:]
                if head:
                    rows[-1].append((head, f"{style} on surface"))
                    used = sum(len(piece) for piece, _ in rows[-1]) if head.isascii() else used + _cells(head)
                if rest:
                    rows.append([])
                    used = 0
                part = rest
        out: list[Line] = []
        for row in rows:
            free = room - sum(_cells(piece) for piece, _ in row)
            line: Line = [(" " * indent, "text on surface"), *row]
            out.append([*line, (" " * free, "text on surface")] if free > 0 else line)
        return out, state

    def listing(self, tokens: Sequence["Token"], cells: int, base: str) -> list[Line]:
        """A list with its items' marks hanging: numbers in accent, boxes for tasks."""
        ordered = tokens[0].type == "ordered_list_open"
        items = [group for group in groups(tokens[1:-1]) if group[0].type == "list_item_open"]
        start = int(str(tokens[0].attrGet("start") or 1)) if ordered else 0
        loose = any(
            not token.hidden
            for item in items
            for token in item
            if token.type == "paragraph_open" and token.level == item[0].level + 1
        )
        size = len(str(start + len(items) - 1)) + 2 if ordered else 2
        out: list[Line] = []
        for at, item in enumerate(items):
            mark = f"{start + at:<{size}}" if ordered else f"{self.signs.bullet} "
            style = "accent" if ordered else "faint"
            body = list(item[1:-1])
            done = _task(body)
            if done is not None:
                mark, style = (f"{self.signs.box_done} ", "done") if done else (f"{self.signs.box} ", "muted")
            if cells - len(mark) < _LEAST:
                mark = ""
            inner = cells - len(mark)
            lines = self._item(body, inner, base, loose=loose)
            if loose and out:
                out.append([])
            for index, line in enumerate(lines or [[]]):
                out.append(
                    [(mark, style) if index == 0 else (" " * len(mark), ""), *line] if line or index == 0 else []
                )
        return out

    def _item(self, tokens: Sequence["Token"], cells: int, base: str, *, loose: bool) -> list[Line]:
        out: list[Line] = []
        for group in groups(tokens):
            lines = self.block(group, cells, base)
            if out and lines and (loose or group[0].type == "fence"):
                out.append([])
            out += lines
        return out

    def table(self, tokens: Sequence["Token"], cells: int) -> list[Line]:
        """A table with its columns aligned as the source says."""
        rows: list[list[Line]] = []
        aligns: list[str] = []
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type in ("th_open", "td_open") and len(rows) == 1:
                aligns.append(str(token.attrGet("style") or "").removeprefix("text-align:"))
            elif token.type == "inline":
                rows[-1].append(inline_spans(token.children or [], "text"))
        if rows and cells < 3 * len(rows[0]):  # more columns than the width can hold: one line per cell
            return [line for row in rows for cell in row for line in wrap(cell, cells)]
        return table_lines(rows[0], rows[1:], aligns, cells, self.signs) if rows else []


def groups(tokens: Sequence["Token"]) -> list[Sequence["Token"]]:
    """The tokens of one level, split into whole blocks."""
    out: list[Sequence[Token]] = []
    depth = start = 0
    for at, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            out.append(tokens[start : at + 1])
            start = at + 1
    return out


def _task(tokens: list["Token"]) -> bool | None:
    """Takes `[ ] ` or `[x] ` off an item's text and says whether it is done; None: not a task."""
    if len(tokens) < 2 or tokens[1].type != "inline" or not tokens[1].children:
        return None
    first = tokens[1].children[0]
    if first.type != "text" or first.content[:4].lower() not in ("[ ] ", "[x] "):
        return None
    done = first.content[1] != " "
    first.content = first.content[4:]
    return done


def _cells(text: str) -> int:
    from vega_tui.tui.paint.cells import cell_len

    return cell_len(text)
