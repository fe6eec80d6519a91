"""The 400s of the Messages API, so that what passes here passes there."""

from typing import Final

from vega_tui.core.messages import JsonObject

_FIELDS: Final = (
    "model max_tokens messages system tools tool_choice stop_sequences stream thinking output_config metadata "
    "cache_control container diagnostics inference_geo service_tier speed user_profile_id"
)
_TOP_LEVEL: Final = frozenset(_FIELDS.split())
_SAMPLING: Final = frozenset({"temperature", "top_p", "top_k"})
_SAMPLING_VERSIONS: Final = frozenset({"2023-01-01", "2023-06-01"})
_USER_BLOCKS: Final = frozenset({"text", "image", "document", "tool_result", "search_result"})
_ASSISTANT_BLOCKS: Final = frozenset({"text", "thinking", "redacted_thinking", "tool_use"})


def complaint(body: JsonObject, version: str, *, counting: bool = False) -> str | None:
    """What the API would answer 400 to, in one line; None when it would take the request."""
    known = _TOP_LEVEL | _SAMPLING if version in _SAMPLING_VERSIONS else _TOP_LEVEL
    for name in body:
        if name not in known:
            return f"{name}: Extra inputs are not permitted"
    if not isinstance(body.get("model"), str) or not body["model"]:
        return "model: Field required"
    limit = body.get("max_tokens")
    if not counting and (not isinstance(limit, int) or limit < 0):
        return "max_tokens: Field required"
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return "messages: at least one message is required"
    return _tools_complaint(body.get("tools")) or _messages_complaint(merged(body["messages"]))


def merged(messages: list[JsonObject]) -> list[JsonObject]:
    """Messages with their content as blocks, neighbours of one role joined, as the API takes them."""
    joined: list[JsonObject] = []
    for message in messages:
        content = message.get("content")
        blocks: list[JsonObject] = (
            [{"type": "text", "text": content}] if isinstance(content, str) else list(content or [])
        )
        if joined and joined[-1]["role"] == message.get("role"):
            joined[-1]["content"] = joined[-1]["content"] + blocks
        else:
            joined.append({"role": message.get("role"), "content": blocks})
    return joined


def _tools_complaint(tools: list[JsonObject] | None) -> str | None:
    names: set[str] = set()
    for at, tool in enumerate(tools or []):
        name = tool.get("name")
        if not isinstance(name, str) or not isinstance(tool.get("input_schema"), dict):
            return f"tools.{at}: name and input_schema are required"
        if name in names:
            return "tools: Tool names must be unique."
        names.add(name)
    return None


def _messages_complaint(messages: list[JsonObject]) -> str | None:
    asked: list[str] = []
    for at, message in enumerate(messages):
        role, blocks = message["role"], message["content"]
        if role == "system":
            if any(block.get("type") != "text" for block in blocks):
                return f"messages.{at}: system messages take text only"
            continue
        if role not in ("user", "assistant"):
            return f"messages.{at}.role: Input should be 'user' or 'assistant'"
        found = _blocks_complaint(at, role, blocks) or _results_complaint(at, role, blocks, asked)
        if found:
            return found
        asked = [block["id"] for block in blocks if block["type"] == "tool_use"]
    if messages[-1]["role"] == "assistant":
        return "This model does not support assistant message prefill. The conversation must end with a user message."
    return None


def _blocks_complaint(at: int, role: str, blocks: list[JsonObject]) -> str | None:
    if not blocks:
        return f"messages.{at}: all messages must have non-empty content"
    allowed = _USER_BLOCKS if role == "user" else _ASSISTANT_BLOCKS
    for n, block in enumerate(blocks):
        where, kind = f"messages.{at}.content.{n}", block.get("type")
        if kind not in allowed:
            return f"{where}.type: {kind!r} is not allowed in a message of role {role!r}"
        if kind == "text" and not str(block.get("text", "")).strip():
            return f"{where}.text: text content blocks must contain non-whitespace text"
        if kind == "text" and role == "user" and block.get("citations"):
            return f"{where}.citations: Extra inputs are not permitted"
        if kind == "tool_use" and not (
            isinstance(block.get("id"), str) and isinstance(block.get("input"), dict) and block.get("name")
        ):
            return f"{where}: tool_use needs id, name and input"
        if kind == "thinking" and not block.get("signature"):
            return f"{where}.signature: Field required"
    return None


def _results_complaint(at: int, role: str, blocks: list[JsonObject], asked: list[str]) -> str | None:
    answered = [block.get("tool_use_id") for block in blocks if block["type"] == "tool_result"]
    for n, call in enumerate(answered):
        if blocks[n]["type"] != "tool_result":
            return f"messages.{at}: `tool_result` blocks must come first in the message"
        if call not in asked:
            return f"messages.{at}.content.{n}: unexpected `tool_use_id` found in `tool_result` blocks: {call}"
    missing = [call for call in asked if call not in answered]
    if missing:
        return (
            f"messages.{at - 1}: `tool_use` ids were found without `tool_result` blocks immediately after: "
            + ", ".join(missing)
        )
    return None
