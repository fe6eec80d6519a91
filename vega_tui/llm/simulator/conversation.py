"""A request as the simulated model sees it: who it is, what was said last, what its tools came to."""

import json
from dataclasses import dataclass

from vega_tui.core.messages import JsonObject
from vega_tui.llm.simulator.check import merged


@dataclass(frozen=True)
class Result:
    """What a call came to."""

    tool: str
    text: str
    error: bool


@dataclass(frozen=True)
class Conversation:
    """The part of a request that decides the answer.

    `turn` counts the model's own messages since the last text of the user, `results` what its calls since then
    came to: so the same request gets the same answer, after a restart too.
    """

    model: str
    system: str
    user: str
    turn: int
    results: tuple[Result, ...]
    tools: dict[str, JsonObject]  # name → input schema
    batches: int  # tool batches done since the last text

    @property
    def last_result(self) -> str:
        return self.results[-1].text if self.results else ""


def read(body: JsonObject) -> Conversation:
    """The conversation of a request that `check.complaint` let pass."""
    messages = merged(body["messages"])
    start, user = _last_user_text(messages)
    since = messages[start + 1 :]
    calls: dict[str, str] = {
        block["id"]: block["name"]
        for message in messages
        for block in message["content"]
        if block.get("type") == "tool_use"
    }
    results = tuple(
        Result(calls.get(block["tool_use_id"], "?"), plain(block.get("content")), bool(block.get("is_error")))
        for message in since
        for block in message["content"]
        if block.get("type") == "tool_result"
    )
    tools: list[JsonObject] = body.get("tools") or []
    return Conversation(
        model=body["model"],
        system=plain(body.get("system")),
        user=user,
        turn=sum(message["role"] == "assistant" for message in since),
        results=results,
        tools={tool["name"]: tool["input_schema"] for tool in tools},
        batches=sum(
            message["role"] == "user" and any(b.get("type") == "tool_result" for b in message["content"])
            for message in since
        ),
    )


def _last_user_text(messages: list[JsonObject]) -> tuple[int, str]:
    for at in range(len(messages) - 1, -1, -1):
        if messages[at]["role"] == "user":
            # The last block: what stands before it was said earlier and got no answer.
            said = [block for block in messages[at]["content"] if block.get("type") == "text"]
            if said and (text := plain(said[-1:]).strip()):
                return at, text
    return 0, ""


def plain(content: object) -> str:
    """The text of a string, of a list of blocks, or of nothing."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return json.dumps(content)
    blocks: list[JsonObject] = content  # pyright: ignore[reportUnknownVariableType]  JSON of a request
    return "\n".join(str(block.get("text", "")) for block in blocks if block.get("type") == "text")
