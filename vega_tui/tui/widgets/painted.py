"""The base of our widgets: rows of strips straight to the compositor, no layout, no style cache, no children.

`paint_now` is the priority paint: a key's effect goes to the terminal at once instead of waiting up to two
frames of the screen's timer. It calls Textual's private compositor (pinned; tests/tui/test_textual_private_api).
"""

import asyncio
from collections.abc import Callable
from typing import Self

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from vega_tui.core import clock
from vega_tui.tui.look import Look


class Painted(Widget):
    """A widget that paints each row itself by `paint_row`."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Painted { scrollbar-size: 0 0; overflow: hidden hidden; }
    """

    def __init__(self, look: Look | None = None, *, id: str | None = None, classes: str | None = None) -> None:
        self._kept: list[Strip | None] = []  # before Textual's own start, which may call refresh
        self._kept_size = (0, 0)
        super().__init__(id=id, classes=classes)
        self._look = look or Look()

    @property
    def look(self) -> Look:
        """Palette and signs in use."""
        return self._look

    @look.setter
    def look(self, look: Look) -> None:
        self._look = look
        self.look_changed()
        if self.is_attached:
            self.refresh()

    def look_changed(self) -> None:
        """Called when palette or signs changed: throw away what was painted with the old ones."""

    def paint_row(self, y: int) -> Strip:
        """The widget's row `y` as a strip of the widget's full width."""
        raise NotImplementedError

    def render_lines(self, crop: Region) -> list[Strip]:
        """The rows of `crop`. Skips Textual's style cache: all our rows are complete.

        Textual asks for every row of a widget even when one is dirty, so rows are kept until refreshed.
        """
        size = self.size
        if (size.width, size.height) != self._kept_size:
            self._kept_size = (size.width, size.height)
            self._kept = [None] * size.height
        kept = self._kept
        strips: list[Strip] = []
        for y in crop.line_range:
            strip = kept[y] if y < len(kept) else self.paint_row(y)
            if strip is None:
                strip = kept[y] = self.paint_row(y)
            strips.append(strip)
        left, right = crop.column_span
        if left == 0 and right >= size.width:
            return strips
        return [strip.crop(left, right) for strip in strips]

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """As Textual's, and forgets the rows that were kept."""
        if not regions:
            self._kept = [None] * len(self._kept)
        for region in regions:
            for y in region.line_range:
                if y < len(self._kept):
                    self._kept[y] = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def refresh_rows(self, start: int, end: int) -> None:
        """Paint rows start..end-1 again with the next frame."""
        if start < end and self.is_attached:
            self.refresh(Region(0, start, self.size.width, end - start))

    def paint_now(self) -> None:
        """Write what is dirty here to the terminal without waiting for the screen's timer."""
        if not self.is_attached:
            return
        screen = self.screen
        batched = self.app._batch_count  # pyright: ignore[reportUnknownMemberType]  # App's result type is open
        if batched or not screen.is_current or screen._layout_required:
            return  # sizes are about to change, or others paint: the normal way
        screen._compositor.update_widgets({self})
        screen._compositor_refresh()


class Pace:
    """Calls `flush` at most `rate` times a second; the first call after a rest is immediate. Closed by `stop`."""

    def __init__(self, flush: Callable[[], None], rate: float) -> None:
        self._flush = flush
        self._every = 1.0 / rate
        self._last = float("-inf")
        self._handle: asyncio.TimerHandle | None = None

    def poke(self) -> None:
        """There is something to flush."""
        if self._handle is not None:
            return
        wait = self._last + self._every - clock.monotonic()
        if wait <= 0:
            self._run()
        else:
            self._handle = asyncio.get_running_loop().call_later(wait, self._run)

    def stop(self) -> None:
        """Forget what is scheduled."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _run(self) -> None:
        self._handle = None
        self._last = clock.monotonic()
        self._flush()
