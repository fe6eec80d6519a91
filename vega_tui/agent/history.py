"""Entries → messages of the Messages API. Pure. Every call gets its result in the message that follows it."""

from collections.abc import Iterable
from typing import Final

from vega_tui.core.messages import AnyBlock, Message, Text, ToolResult, ToolUse
from vega_tui.core.records import Entry

LOST_RESULT: Final = "Interrupted: the outcome of this call is unknown. It was not run again."


def to_messages(entries: Iterable[Entry]) -> tuple[Message, ...]:
    """Messages that begin with the user; a call without a result gets one that says so."""
    messages: list[Message] = []
    pending: list[AnyBlock] = []  # of the user message being built
    open_calls: dict[str, None] = {}  # in call order

    def close_user() -> None:
        results = [block for block in pending if isinstance(block, ToolResult)]
        known = {block.tool_use_id for block in results}
        lost = [ToolResult(tool_use_id=c, content=LOST_RESULT, is_error=True) for c in open_calls if c not in known]
        said = [block for block in pending if isinstance(block, Text)]
        content = (*results, *lost, *said)  # results come first in the message, or the API refuses it
        if content:
            messages.append(Message("user", content))
        pending.clear()
        open_calls.clear()

    for entry in entries:
        if entry.kind == "user":
            if any(isinstance(block, Text) for block in pending):
                close_user()  # what got no answer stays a message of its own, and the newer one is the last
            pending.extend(block for block in entry.content if not isinstance(block, Text) or block.text)
        elif entry.kind == "tool_result" and entry.observation is not None:
            if entry.call in open_calls:
                text = entry.observation.text or "(no output)"
                pending.append(ToolResult(tool_use_id=entry.call, content=text, is_error=entry.observation.error))
        elif entry.kind == "summary":
            pending.append(Text(text=entry.note))
        elif entry.kind == "assistant":
            content = tuple(block for block in entry.content if not isinstance(block, Text) or block.text.strip())
            if not content:
                continue
            close_user()
            if not messages:
                continue  # an answer to nothing can't begin a conversation
            if messages[-1].role == "assistant":
                messages[-1] = Message("assistant", (*messages[-1].content, *content))
            else:
                messages.append(Message("assistant", content))
            open_calls.update((block.id, None) for block in content if isinstance(block, ToolUse))
    close_user()
    return tuple(messages)
