"""The transcript's text at one width: items, their heights, their lines. No widget, no scrolling.

Heights are estimated until an item is looked at, so that ten thousand messages open at once; only an open
message keeps its Markdown stream. Positions are (item, line), never y: estimates may change above a reader.
"""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from itertools import accumulate

from msgspec.structs import replace

from vega_tui.tui.markdown.stream import MarkdownStream, markdown_lines
from vega_tui.tui.paint.cells import Line, clean
from vega_tui.tui.paint.glyphs import UNICODE, Glyphs
from vega_tui.tui.paint.items import AssistantItem, Fold, Item, SummaryItem, ThinkingItem, ToolItem, UserItem
from vega_tui.tui.paint.lifeline import (
    assistant_head,
    assistant_tail,
    blank,
    gap_before,
    item_lines,
    railed,
    text_width,
)

_KEPT = 200  # laid out items that are not on the screen


class _Closed:
    """An item whose lines are all there."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    def line(self, at: int) -> Line:
        return self._lines[at]

    def settled(self, at: int) -> bool:
        """True where the line can't change any more while the view lives."""
        return True


class _Writing:
    """A message being written: frozen lines by index, the rest made new after each addition."""

    def __init__(self, item: AssistantItem, head: list[Line], width: int, signs: Glyphs) -> None:
        self.item = item
        self._head = head
        self._width = width
        self._signs = signs
        self.stream = MarkdownStream(text_width(width), signs)
        self.stream.feed(item.markdown)
        self.renew()

    def renew(self) -> None:
        frozen, rest = self.stream.frozen, self.stream.open_lines
        self._fixed = len(frozen)
        if not rest and frozen:
            self._fixed -= 1
            rest = [frozen[-1]]
        tail = assistant_tail(list(rest), self.item, self._width, self._signs)
        self._tail = railed(tail, self._signs.line, "line")

    @property
    def fixed_rows(self) -> int:
        """Rows that no addition changes."""
        return len(self._head) + self._fixed

    def __len__(self) -> int:
        return self.fixed_rows + len(self._tail)

    def line(self, at: int) -> Line:
        if at < len(self._head):
            return self._head[at]
        at -= len(self._head)
        if at < self._fixed:
            return [(self._signs.line, "line"), (" ", ""), *self.stream.frozen[at]]
        return self._tail[at - self._fixed]

    def settled(self, at: int) -> bool:
        return at < self.fixed_rows


class Document:
    """Items and where their lines are."""

    def __init__(self, width: int = 66, signs: Glyphs = UNICODE) -> None:
        self.width = width
        self.signs = signs
        self.thinking: Fold = "line"
        self.tools_open = False
        self.items: list[Item] = []
        self._index: dict[str, int] = {}
        self._heights: list[int] = []
        self._measured: list[bool] = []
        self._offsets: list[int] = [0]
        self._views: OrderedDict[int, _Closed] = OrderedDict()
        self._writing: dict[int, _Writing] = {}
        self._pending: dict[int, list[str]] = {}

    def __len__(self) -> int:
        return len(self.items)

    def index(self, key: str) -> int | None:
        """Where the item of that key stands."""
        return self._index.get(key)

    def set_items(self, items: Sequence[Item]) -> None:
        """Replace everything. Keys must differ."""
        self.items = list(items)
        self._index = {item.key: at for at, item in enumerate(self.items)}
        self._pending.clear()
        self.reflow()

    def reflow(self, width: int | None = None, signs: Glyphs | None = None) -> None:
        """Forget all layout, as after a resize, a theme with other signs, or another fold."""
        self.flush_text()
        self.width = width or self.width
        self.signs = signs or self.signs
        self._views.clear()
        self._writing.clear()
        cells = text_width(self.width)
        self._heights = [self._estimate(item, cells) for item in self.items]
        self._measured = [False] * len(self.items)
        self._offsets = [0]

    def append(self, item: Item) -> None:
        """One more at the end."""
        self._index[item.key] = len(self.items)
        self.items.append(item)
        self._heights.append(self._estimate(item, text_width(self.width)))
        self._measured.append(False)

    def drop_last(self) -> None:
        """Take the last one away: what only holds for now stands at the end."""
        at = len(self.items) - 1
        self._forget(at)
        self._cut_offsets(at)
        self._index.pop(self.items.pop().key, None)
        self._heights.pop()
        self._measured.pop()
        self._pending.pop(at, None)

    def update(self, at: int, item: Item) -> None:
        """Another state of the item. A message that was open and is now closed keeps its lines' work."""
        old = self.items[at]
        self.items[at] = item
        self._index.pop(old.key, None)
        self._index[item.key] = at
        writing = self._writing.get(at)
        text = "".join(self._pending.pop(at, ()))
        if writing is not None and isinstance(item, AssistantItem) and item.open:
            before = writing.item
            if item.markdown == before.markdown + text and item.name == before.name:
                writing.stream.feed(text)
                writing.item = item
                writing.renew()
                self._set_height(at, len(writing))
                return
        self._forget(at)
        self._heights[at] = self._estimate(item, text_width(self.width))
        self._cut_offsets(at)
        if at + 1 < len(self.items):
            self._forget(at + 1)  # its gap depends on this one

    def extend(self, at: int, text: str) -> None:
        """More text of an open message; costs nothing until `flush_text`."""
        self._pending.setdefault(at, []).append(text)

    def flush_text(self) -> dict[int, int]:
        """Take in what `extend` brought: per item the first of its lines that may have changed."""
        changed: dict[int, int] = {}
        for at, parts in self._pending.items():
            text = "".join(parts)
            item = self.items[at] = _longer(self.items[at], text)
            writing = self._writing.get(at)
            if writing is None or not isinstance(item, AssistantItem):
                changed[at] = 0
                self._forget(at)
                continue
            changed[at] = writing.fixed_rows
            writing.stream.feed(text)
            writing.item = item
            writing.renew()
            self._set_height(at, len(writing))
        self._pending.clear()
        return changed

    def height(self, at: int) -> int:
        """The item's exact number of lines, gap above included; lays it out if need be."""
        if not self._measured[at]:
            self._view(at)
        return self._heights[at]

    def line(self, at: int, line: int) -> Line:
        """One line of an item, beginning with the rail's cell."""
        return self._view(at).line(line)

    def settled(self, at: int, line: int) -> bool:
        """True where that line of the item stays as it is until the item is updated."""
        return self._view(at).settled(line)

    def total(self) -> int:
        """Lines of all items; estimated where they were not looked at."""
        return self.offset(len(self.items))

    def offset(self, at: int) -> int:
        """Lines above an item."""
        have = len(self._offsets) - 1
        if at > have:
            more = accumulate(self._heights[have:], initial=self._offsets[-1])
            next(more)
            self._offsets.extend(more)
        return self._offsets[at]

    def locate(self, y: int) -> tuple[int, int]:
        """The (item, line) at a line number counted from the top."""
        if not self.items:
            return 0, 0
        y = max(0, min(y, self.total() - 1))
        at = min(bisect_right(self._offsets, y) - 1, len(self.items) - 1)
        return at, y - self._offsets[at]

    def step(self, at: int, line: int, by: int) -> tuple[int, int]:
        """The position `by` lines further (or back), stopped at the ends."""
        if not self.items:
            return 0, 0
        line += by
        while line < 0 and at > 0:
            at -= 1
            line += self.height(at)
        while line >= self.height(at) and at + 1 < len(self.items):
            line -= self.height(at)
            at += 1
        return at, max(0, min(line, self.height(at) - 1))

    def _view(self, at: int) -> _Closed | _Writing:
        if (writing := self._writing.get(at)) is not None:
            return writing
        view = self._views.get(at)
        if view is not None:
            self._views.move_to_end(at)
            return view
        made = self._lay_out(at)
        if isinstance(made, _Writing):
            self._writing[at] = made
        else:
            self._views[at] = made
            while len(self._views) > _KEPT:
                self._views.popitem(last=False)
        self._set_height(at, len(made))
        return made

    def _lay_out(self, at: int) -> _Closed | _Writing:
        item = self.items[at]
        gap = [blank(self.signs)] * gap_before(item, self._previous(at))
        if isinstance(item, AssistantItem):
            head = gap + assistant_head(item, self.width, self.signs)
            if item.open:
                return _Writing(item, head, self.width, self.signs)
            body = markdown_lines(item.markdown, text_width(self.width), self.signs)
            body = assistant_tail(body, item, self.width, self.signs)
            return _Closed(head + railed(body, self.signs.line, "line"))
        lines = item_lines(item, self.width, self.signs, thinking=self.thinking, tools_open=self.tools_open)
        return _Closed(gap + lines if lines else [])

    def _previous(self, at: int) -> Item | None:
        while at > 0:
            at -= 1
            item = self.items[at]
            if not (isinstance(item, ThinkingItem) and (item.fold or self.thinking) == "hidden"):
                return item
        return None

    def _forget(self, at: int) -> None:
        self._views.pop(at, None)
        self._writing.pop(at, None)
        self._measured[at] = False

    def _set_height(self, at: int, height: int) -> None:
        self._measured[at] = True
        if self._heights[at] != height:
            self._heights[at] = height
            self._cut_offsets(at)

    def _cut_offsets(self, at: int) -> None:
        del self._offsets[at + 1 :]

    def _estimate(self, item: Item, cells: int) -> int:
        match item:
            case UserItem(text=text):
                return 2 + _estimated(text, cells)
            case AssistantItem(markdown=text):
                return (2 if item.name else 1) + _estimated(text, cells)
            case ThinkingItem():
                return 0 if (item.fold or self.thinking) == "hidden" else 2
            case ToolItem():
                return 1 + (1 if item.hint else 0) + min(3, len(item.lines))
            case _:
                return 1


def _estimated(text: str, cells: int) -> int:
    return text.count("\n") + 1 + len(text) // (cells + 8)


def _longer(item: Item, text: str) -> Item:
    match item:
        case AssistantItem():
            return replace(item, markdown=item.markdown + text)
        case ThinkingItem():
            return replace(item, text=item.text + text)
        case _:
            return item


def item_text(item: Item) -> str:
    """What `y` copies: the source of a message, a call with its output."""
    match item:
        case UserItem(text=text) | ThinkingItem(text=text):
            return text
        case AssistantItem(markdown=text):
            return text
        case ToolItem():
            argument = item.argument if isinstance(item.argument, str) else "".join(t for t, _ in item.argument)
            return "\n".join(part for part in (f"{item.tool} {argument}".strip(), item.diff, *item.lines) if part)
        case SummaryItem():
            return item.body or item.text
        case _:
            return clean(item.text)
