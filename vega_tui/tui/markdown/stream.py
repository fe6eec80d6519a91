"""Markdown that is still being written: closed blocks are lines for good, only the open one is parsed again.

Cost per added text is bounded whatever the length: finished blocks leave the source, a fence's lines are
frozen one by one, a long paragraph is cut without a trace. Whole texts go the same way, so that a message
looks the same streamed and loaded.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vega_tui.tui.markdown.blocks import Layout, groups, parser
from vega_tui.tui.markdown.inline import inline_spans
from vega_tui.tui.paint.cells import Line, wrap
from vega_tui.tui.paint.glyphs import UNICODE, Glyphs
from vega_tui.tui.paint.syntax import Language, language_of

if TYPE_CHECKING:
    from markdown_it.token import Token

CUT_FROM = 800
_OPENING = re.compile(r" {0,3}(`{3,}|~{3,})([^\n]*)$")
_CHUNK = 20_000  # characters of a whole text that are parsed at once


class MarkdownStream:
    """Lines of a growing Markdown text at one width. `lines` = `frozen` (never change) + open ones."""

    def __init__(self, cells: int, signs: Glyphs = UNICODE) -> None:
        self.layout = Layout(cells, signs)
        self.frozen: list[Line] = []
        self._open: list[Line] = []
        self._source: str = ""
        self._fence: _Fence | None = None
        self._in_paragraph = False  # the whole lines of the source end in a paragraph
        self._carry: Line = []  # unfinished last line of a paragraph that was cut

    @property
    def lines(self) -> list[Line]:
        """All lines so far."""
        return self.frozen + self._open

    @property
    def open_lines(self) -> list[Line]:
        """The lines that more text may still change."""
        return self._open

    def __len__(self) -> int:
        return len(self.frozen) + len(self._open)

    def feed(self, text: str) -> None:
        """More text. Lines already in `frozen` stay as they are."""
        for at in range(0, len(text), _CHUNK):
            more = text[at : at + _CHUNK]
            self._source += more
            if "\n" in more:
                self._step()  # only a whole line can end a block
            elif self._fence is None and (self._in_paragraph or "\n" not in self._source):
                self._cut_paragraph()
        self._show_open()

    def _step(self) -> None:
        while True:
            if self._fence is not None:
                if not self._feed_fence(self._fence):
                    return
            elif not self._close_blocks():
                return

    def _close_blocks(self) -> bool:
        """Freeze every block that whole lines have ended. True where a fence was opened: go on in it."""
        end = self._source.rfind("\n") + 1
        if not end:
            self._cut_paragraph()
            return False
        whole = self._source[:end]
        found = groups(parser().parse(whole))
        self._in_paragraph = False
        if not found:
            return False
        lines = whole.split("\n")
        last = found[-1][0]
        start = last.map[0] if last.map else 0
        for group in found[:-1]:
            self._freeze(group)
        opening = _OPENING.match(lines[start]) if last.type == "fence" and last.level == 0 else None
        if opening:
            head = sum(len(line) + 1 for line in lines[: start + 1])
            self._source = self._source[head:]
            self._separate()
            info = opening[2].strip().split()
            indent = len(lines[start]) - len(lines[start].lstrip(" "))
            self._fence = _Fence(opening[1], language_of(info[0]) if info else None, indent)
            return True
        if last.type == "paragraph_open" and last.map and whole.endswith("\n\n") and last.map[1] < len(lines):
            self._freeze(found[-1])
            self._source = self._source[end:]
            return False
        self._source = self._source[sum(len(line) + 1 for line in lines[:start]) :]
        self._in_paragraph = last.type == "paragraph_open"
        if self._in_paragraph:
            self._cut_paragraph()
        return False

    def _freeze(self, group: Sequence["Token"]) -> None:
        cells = self.layout.cells
        if self._carry and group[0].type == "paragraph_open":
            spans = inline_spans(group[1].children or [])
            self.frozen += wrap([*self._carry, (" ", "text"), *spans], cells)
            self._carry = []
            return
        self._separate()
        self.frozen += self.layout.block(group, cells)

    def _separate(self) -> None:
        if self._carry:
            self.frozen.append(self._carry)
            self._carry = []
        if self.frozen and self.frozen[-1]:
            self.frozen.append([])

    def _cut_paragraph(self) -> None:
        """Freeze the beginning of a very long paragraph, at a space where no mark is open."""
        while len(self._source) > CUT_FROM and (at := _balanced_space(self._source, CUT_FROM)):
            spans = self._spans(self._source[:at])
            if spans is None:
                return
            if not self._carry:
                self._separate()
            lines = wrap([*self._carry, (" ", "text"), *spans] if self._carry else spans, self.layout.cells)
            self.frozen += lines[:-1]
            self._carry = lines[-1]
            self._source = self._source[at + 1 :]

    def _spans(self, source: str) -> Line | None:
        found = groups(parser().parse(source))
        if len(found) != 1 or found[0][0].type != "paragraph_open":
            return None
        return inline_spans(found[0][1].children or [])

    def _feed_fence(self, fence: "_Fence") -> bool:
        """Freeze the fence's whole lines. True when it ended and more text follows."""
        while (end := self._source.find("\n")) >= 0:
            line, self._source = self._source[:end], self._source[end + 1 :]
            if fence.closes(line):
                self._fence = None
                return True
            self.frozen += fence.lines(line, self.layout)
        return False

    def _show_open(self) -> None:
        self._open = []
        if self._fence is not None:
            if self._source and not self._fence.may_close(self._source):
                state = self._fence.state
                self._open = self._fence.lines(self._source, self.layout)
                self._fence.state = state
            return
        found = groups(parser().parse(self._source)) if self._source.strip() else []
        if not found:
            self._open = [self._carry] if self._carry else []
            return
        continued = bool(self._carry) and found[0][0].type == "paragraph_open"
        if continued:
            spans = inline_spans(found[0][1].children or [])
            self._open = wrap([*self._carry, (" ", "text"), *spans], self.layout.cells)
        else:
            self._open = [self._carry, []] if self._carry else []
            if not self._open and self.frozen and self.frozen[-1]:
                self._open = [[]]
            self._open += self.layout.block(found[0], self.layout.cells)
        for group in found[1:]:
            self._open += [[], *self.layout.block(group, self.layout.cells)]


class _Fence:
    def __init__(self, mark: str, language: Language | None, indent: int) -> None:
        self.language = language
        self.state = ""
        self.indent = indent
        self._mark = mark
        self._closing = re.compile(rf" {{0,3}}{re.escape(mark[0])}{{{len(mark)},}}[ \t]*$")

    def closes(self, line: str) -> bool:
        return self._closing.match(line) is not None

    def may_close(self, text: str) -> bool:
        """True for the beginning of a closing line, which is not shown as code first."""
        stripped = text.strip(" ")
        return bool(stripped) and set(stripped) == {self._mark[0]}

    def lines(self, text: str, layout: Layout) -> list[Line]:
        taken = min(self.indent, len(text) - len(text.lstrip(" ")))
        lines, self.state = layout.code_line(text[taken:], self.language, self.state, layout.cells)
        return lines


def _balanced_space(source: str, start: int) -> int:
    """First space at or after `start` with no emphasis, code or bracket open before it; 0: none.

    A letter must follow: `# x` or `1. x` would begin a block once it stands alone.
    """
    at = source.find(" ", start)
    tries = 0
    while 0 < at < len(source) - 1 and tries < 50:
        before = source[:at]
        if (
            source[at + 1].isalpha()
            and before.count("`") % 2 == 0
            and before.count("*") % 2 == 0
            and before.count("_") % 2 == 0
            and before.count("~~") % 2 == 0
            and before.count("[") <= before.count("]")
            and before.count("(") <= before.count(")")
        ):
            return at
        at = source.find(" ", at + 1)
        tries += 1
    return 0


def markdown_lines(source: str, cells: int, signs: Glyphs = UNICODE) -> list[Line]:
    """A whole text's lines at a width."""
    stream = MarkdownStream(cells, signs)
    stream.feed(source)
    return stream.lines
