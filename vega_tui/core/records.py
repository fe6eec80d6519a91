"""Durable records that events carry and projections keep: entries, approvals, alerts. Plain data only."""

from typing import Literal, TypeAlias

import msgspec

from vega_tui.core.messages import AnyBlock, JsonObject, Observation, Usage
from vega_tui.core.words import ApprovalState, Risk, Severity

EntryKind: TypeAlias = Literal["user", "assistant", "tool_result", "label", "summary", "system"]


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One immutable step of a conversation. `parent` chains it; the empty parent is a beginning.

    user: `content` is what was said, `author` who said it ("you" or a process path), `mode` how it came.
    assistant: `content` is the model's message as it came (text, thinking, calls), to be replayed unchanged.
    tool_result: `call`, `tool` and `observation`; the model sees `observation.text`.
    system, label, summary: `note`; `mark` says what kind of system note it is.
    """

    id: str
    session: str
    process: str
    kind: EntryKind
    parent: str = ""
    ts: float = 0.0
    run: str = ""
    turn: int = 0
    incarnation: int = 1
    content: tuple[AnyBlock, ...] = ()
    author: str = ""
    mode: str = ""
    input: str = ""  # id of the input that became this entry
    model: str = ""
    usage: Usage | None = None
    cost_usd: float | None = None  # None: the model's price is unknown
    stop_reason: str = ""  # the Messages API's, for assistant entries
    interrupted: bool = False
    call: str = ""
    tool: str = ""
    observation: Observation | None = None
    state: str = ""  # a tool result's CallState
    duration_s: float = 0.0
    note: str = ""
    mark: str = ""  # a system entry's kind: error, died, took_over, interrupted, info


class Segment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a call that is judged by itself, as one command of a compound."""

    text: str
    verdict: Literal["allow", "ask", "deny"]
    rule: str = ""  # the rule's text, empty: none covers it
    origin: str = ""  # whose rule: "your rule 2", "project rule 4", "mode edits", "default is ask"
    why: str = ""


class Approval(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question to the operator, stored before it is shown."""

    id: str
    session: str
    process: str
    incarnation: int = 1
    run: str = ""
    call: str
    tool: str
    args: JsonObject  # as they would run: after hooks
    summary: str  # the call in one visible line (core/visible.py): the command, the path
    risk: Risk = Risk.MED
    why: str = ""  # why it asks, one line
    says: str = ""  # the process's last sentence
    segments: tuple[Segment, ...] = ()
    cwd: str = ""
    leads: tuple[str, ...] = ()  # where links in it really lead: `notes → /etc/passwd`
    diff: str = ""  # unified diff of what an edit would do
    rule: str = ""  # the rule text that `always` would add, as narrow as the call; empty: none can be offered
    wider: str = ""  # one that covers more, to be chosen and shown as that
    group: str = ""  # equal for calls that one answer could settle
    created: float = 0.0
    state: ApprovalState = ApprovalState.PENDING
    decision: str = ""
    decided_by: str = ""
    decided: float = 0.0
    feedback: str = ""


class Alert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A warning that stays until it is acknowledged; one per process and kind, counted when it comes again."""

    id: str
    session: str
    process: str
    kind: str  # restarted, gave_up, run_failed, interrupted, budget, …
    severity: Severity
    message: str
    count: int = 1
    first: float = 0.0
    last: float = 0.0
    acknowledged: bool = False
