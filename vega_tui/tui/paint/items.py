"""What a transcript shows, as plain data: one frozen struct per kind of entry on the lifeline.

Whoever folds events makes these; lifeline.py paints them. Texts are raw: cleaning is the painter's work.
"""

from typing import Literal, TypeAlias

import msgspec

from vega_tui.tui.paint.cells import Line

ToolState: TypeAlias = Literal["wait", "run", "ask", "ok", "fail", "denied", "expired", "interrupted", "kill"]
LifeKind: TypeAlias = Literal["died", "backed_off", "took_over", "gave_up", "done", "paused", "killed", "handed"]
Fold: TypeAlias = Literal["hidden", "line", "full"]


class UserItem(msgspec.Struct, frozen=True):
    """Something said to the process: by you (`author="you"`, accent rail) or by another process."""

    key: str
    text: str
    author: str = "you"
    time: str = ""
    note: str = ""  # how it came: "steer", "task", "after this turn"


class AssistantItem(msgspec.Struct, frozen=True):
    """The model's Markdown. `open`: still being written, more may come by `extend_open_text`."""

    key: str
    markdown: str
    name: str = ""  # empty: no head row, as after a group of calls
    model: str = ""
    time: str = ""
    open: bool = False
    tail: str = ""  # "412 tokens · 6 s", at the end of the last line while open
    interrupted: bool = False
    lost: bool = False  # head glyph of a life that ended: "#2 died of timeout"
    note: str = ""  # right of the head instead of the time


class ThinkingItem(msgspec.Struct, frozen=True):
    """A model's thinking. `fold` None follows the transcript's setting (^T)."""

    key: str
    text: str
    seconds: float | None = None
    tokens: int | None = None
    open: bool = False
    fold: Fold | None = None


class ToolItem(msgspec.Struct, frozen=True):
    """One tool call. `lines` is its output so far; `total_lines` counts also what is not here.

    `argument` may be spans, to set off the asking segment of a compound command. `fold` None follows the
    transcript's setting (^O).
    """

    key: str
    state: ToolState
    tool: str
    argument: str | Line = ""
    fact: str = ""
    time: str = ""
    lines: tuple[str, ...] = ()
    total_lines: int | None = None
    diff: str = ""
    path: str = ""  # process the call belongs to where it is nested: "tester#3"
    hint: str | Line = ""  # first hanging line: why it failed, what the child does, "asked for …"
    hint_fact: str = ""  # right end of the hint's row: "HIGH"
    folded: bool | None = None


class LifeItem(msgspec.Struct, frozen=True):
    """A turn in the process's life: a death, a backoff, a take-over, an end."""

    key: str
    kind: LifeKind
    text: str  # "#2 died", "backed off 2 s", "#3 took over"
    detail: str = ""  # "timeout after 14m 02s", "at turn 14"
    fact: str = ""  # "lost nothing"


class RetryItem(msgspec.Struct, frozen=True):
    """A model call that is tried again."""

    key: str
    model: str  # or what its server said
    text: str  # "retry 2 of 3"
    wait: str = ""  # "in 4 s"


class SummaryItem(msgspec.Struct, frozen=True):
    """A part of the conversation that was condensed."""

    key: str
    text: str  # "summary of turns 1–3, context 63 % to 18 %"
    body: str = ""
    folded: bool = True


class SystemItem(msgspec.Struct, frozen=True):
    """A note of ours: what was copied, loaded, changed."""

    key: str
    text: str
    style: str = "faint"
    fact: str = ""


Item: TypeAlias = UserItem | AssistantItem | ThinkingItem | ToolItem | LifeItem | RetryItem | SummaryItem | SystemItem
