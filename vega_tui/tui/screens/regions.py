"""Where everything stands, at any size (LOOK.md §6). Pure: sizes in, rectangles out."""

from dataclasses import dataclass
from typing import Final

from textual.geometry import Region

from vega_tui.commands.context import Pane

WIDE: Final = 100
WAR_ROOM: Final = 160
TALL: Final = 24
PROMPT_ROWS: Final = 8
PANES: Final[tuple[Pane, ...]] = ("fleet", "chat", "inbox", "alerts", "log", "budget", "sessions")
_LEFT: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the layout depends on. Heights are what a part would like to have."""

    columns: int
    rows: int
    tab: str = "fleet"
    prompt_rows: int = 1
    queue_rows: int = 0
    strip: bool = False
    panel_rows: int = 0  # of the card or whatever panel stands above the prompt
    fleet_rows: int = 3
    budget_rows: int = 3
    inbox_rows: int = 3
    alert_rows: int = 2
    detail: bool = False  # one process is looked at: it has the panes' and the prompt's place

    @property
    def tiny(self) -> bool:
        """True where only a list of states fits."""
        return self.columns < 60 or self.rows < 15

    @property
    def one_column(self) -> bool:
        """True where panes are tabs."""
        return self.columns < WIDE

    @property
    def war_room(self) -> bool:
        """True where three columns fit."""
        return self.columns >= WAR_ROOM


def regions(shape: Shape) -> dict[str, Region]:
    """The rectangle of each part that is shown; what is missing isn't."""
    placed: dict[str, Region] = {}
    if shape.detail:
        return _detail(shape)
    bottom = _bottom(shape, placed)
    width = shape.columns
    placed["header"] = Region(0, 0, width, 1)
    if shape.tiny:
        placed["fleet"] = Region(0, 1, width, max(1, bottom - 1))
    elif shape.one_column:
        placed["tabs"] = Region(0, 1, width, 1)
        _one_column(shape, placed, bottom)
    elif shape.war_room:
        _three_columns(shape, placed, 1, bottom - 1)
    else:
        placed["alert_strip"] = Region(0, 1, width, 1)
        _two_columns(shape, placed, 2, bottom - 1)
    return placed


def _detail(shape: Shape) -> dict[str, Region]:
    width, rows = shape.columns, shape.rows
    placed = {"header": Region(0, 0, width, 1), "footer": Region(0, rows - 1, width, 1)}
    placed["tabs" if shape.one_column else "alert_strip"] = Region(0, 1, width, 1)
    panel = min(shape.panel_rows, max(0, rows - 7))
    if panel:
        placed["panel"] = Region(0, rows - 1 - panel, width, panel)
    placed["detail"] = Region(0, 2, width, max(1, rows - 3 - panel))
    return placed


def _bottom(shape: Shape, placed: dict[str, Region]) -> int:
    """Footer, prompt, strip or panel; gives the row the panes must end before."""
    width, row = shape.columns, shape.rows
    tall = row >= TALL
    if tall:
        row -= 1
        placed["footer"] = Region(0, row, width, 1)
    queue = min(shape.queue_rows, 3) if shape.rows >= 20 else 0
    prompt = min(PROMPT_ROWS, shape.prompt_rows, max(1, shape.rows - 10))
    area = max(2 if tall else 1, queue + prompt)
    row -= area
    if queue:
        placed["queue"] = Region(0, row, width, queue)
    placed["prompt"] = Region(0, row + queue, width, area - queue)
    row -= 1
    placed["rule"] = Region(0, row, width, 1)
    if shape.panel_rows:
        # Where only a list of states fits, the question that is being decided has the room.
        panel = min(shape.panel_rows, max(3, row - (2 if shape.tiny else 4)))
        row -= panel
        placed["panel"] = Region(0, row, width, panel)
    elif shape.rows >= 18 and (shape.strip or not shape.one_column):
        row -= 1
        if shape.strip:
            placed["strip"] = Region(0, row, width, 1)
    return row


def _one_column(shape: Shape, placed: dict[str, Region], bottom: int) -> None:
    width, top = shape.columns, 2
    room = max(1, bottom - top)
    if shape.tab == "chat":
        placed["chat"] = Region(1, top, width - 1, room)
    elif shape.tab == "fleet":
        fleet = min(shape.fleet_rows, max(3, room * 3 // 5))
        placed["fleet"] = Region(0, top, width, min(fleet, room))
        left = room - fleet
        if left >= 3:
            placed["chat_title"] = Region(0, top + fleet, width - 1, 1)
            placed["chat"] = Region(1, top + fleet + 1, width - 2, left - 1)
    else:
        placed[shape.tab] = Region(0, top, width, room)


def _two_columns(shape: Shape, placed: dict[str, Region], top: int, bottom: int) -> None:
    _chat(placed, _LEFT + 2, shape.columns - 2, top, bottom)
    column = Region(0, top, _LEFT, max(0, bottom - top))
    if shape.tab in ("inbox", "alerts", "sessions"):
        fleet = min(shape.fleet_rows, max(4, (bottom - top) // 2))
        _stack(placed, column, [("fleet", fleet), (shape.tab, 99)])
    else:
        parts = [("fleet", shape.fleet_rows), ("budget", shape.budget_rows), ("log", 99)]
        _stack(placed, column, parts)


def _three_columns(shape: Shape, placed: dict[str, Region], top: int, bottom: int) -> None:
    left, right = (68, 50) if shape.columns >= 200 else (_LEFT, 44)
    middle = shape.columns - left - right
    height = max(1, bottom - top)
    log = max(6, height // 4) if height >= 16 else 0
    _chat(placed, left + 2, left + middle - 2, top, bottom - log - 1 if log else bottom)
    if log:
        placed["log"] = Region(left + 1, bottom - log, middle - 3, log)
    placed["fleet"] = Region(0, top, left, height)
    third = [("inbox", shape.inbox_rows), ("alerts", shape.alert_rows + 1), ("budget", shape.budget_rows)]
    if shape.tab == "sessions":
        third = [("inbox", min(shape.inbox_rows, 8)), ("sessions", 99)]
    _stack(placed, Region(left + middle, top, right, max(0, bottom - top)), third)


def _chat(placed: dict[str, Region], left: int, right: int, top: int, bottom: int) -> None:
    placed["chat_title"] = Region(left - 1, top, right - left + 1, 1)
    placed["chat"] = Region(left, top + 1, right - left + 1, max(1, bottom - top - 1))


def _stack(placed: dict[str, Region], column: Region, parts: list[tuple[str, int]]) -> None:
    """One below the other, a free row between; who has less than three rows left is not shown."""
    row = column.y
    for name, rows in parts:
        room = column.bottom - row
        if room < 3:
            break
        height = min(rows, room)
        placed[name] = Region(column.x, row, column.width, height)
        row += height + 1
