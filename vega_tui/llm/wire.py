"""The Messages API on the wire: our requests to JSON, its stream events to our blocks. No network here."""

from typing import Any, TypeAlias

import msgspec

from vega_tui.core.messages import (
    AnyBlock,
    JsonObject,
    Message,
    RedactedThinking,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Usage,
)
from vega_tui.core.ports import (
    ModelEvent,
    ModelRequest,
    ModelSealed,
    ModelText,
    ModelThinking,
    ModelToolArgs,
    ModelUsage,
)

# The SDK's parameters are nested TypedDicts of each block's kind; we hand it plain JSON.
JsonParams: TypeAlias = dict[str, Any]

# The newest API version refuses sampling parameters; this one still takes them.
SAMPLING_VERSION = "2023-06-01"
_CACHED: JsonObject = {"type": "ephemeral"}
_KEPT_RAW = 2_000


def prompt_params(request: ModelRequest) -> JsonParams:
    """What `messages.create` and `count_tokens` both take.

    The system prompt, the last tool and the last user block carry cache marks, so that a long conversation is
    read from the server's cache up to its newest message.
    """
    params: JsonParams = {"model": request.model, "messages": _messages(request.messages)}
    if request.system.strip():
        params["system"] = [{"type": "text", "text": request.system, "cache_control": _CACHED}]
    if request.tools:
        tools = [
            {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}
            for tool in request.tools
        ]
        tools[-1]["cache_control"] = _CACHED
        params["tools"] = tools
    return params


def stream_params(request: ModelRequest) -> JsonParams:
    """What the streamed `messages.create` takes; sampling goes beside the version that still knows it."""
    params = prompt_params(request) | {"max_tokens": request.max_tokens, "stream": True}
    if request.temperature is not None:
        params["extra_body"] = {"temperature": request.temperature}
        params["extra_headers"] = {"anthropic-version": SAMPLING_VERSION}
    return params


def _messages(messages: tuple[Message, ...]) -> list[JsonParams]:
    sent: list[JsonParams] = []
    for message in messages:
        blocks = [block for block in map(_block, message.content) if block is not None]
        if blocks:
            sent.append({"role": message.role, "content": blocks})
    for message in reversed(sent):
        if message["role"] == "user":
            message["content"][-1]["cache_control"] = _CACHED
            break
    return sent


def _block(block: AnyBlock) -> JsonParams | None:
    """None for what the API refuses: blank text, and thinking that no server signed."""
    match block:
        case Text():
            return {"type": "text", "text": block.text} if block.text.strip() else None
        case Thinking():
            if not block.signature:
                return None
            return {"type": "thinking", "thinking": block.thinking, "signature": block.signature}
        case RedactedThinking():
            return {"type": "redacted_thinking", "data": block.data}
        case ToolUse():
            return {"type": "tool_use", "id": block.id, "name": block.name, "input": block.input}
        case ToolResult():
            sent: JsonParams = {
                "type": "tool_result",
                "tool_use_id": block.tool_use_id,
                "content": block.content,
            }
            return sent | {"is_error": True} if block.is_error else sent


class WireUsage(msgspec.Struct):
    """Token counts; a later event's numbers replace an earlier one's."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None


class WireMessage(msgspec.Struct):
    """The head of a reply."""

    model: str | None = None
    usage: WireUsage | None = None


class WireBlock(msgspec.Struct):
    """How a content block starts."""

    type: str
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = msgspec.Raw()


class WireDelta(msgspec.Struct):
    """How a content block, or the message, goes on."""

    type: str | None = None
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    partial_json: str | None = None
    stop_reason: str | None = None


class WireError(msgspec.Struct):
    """An error said inside the stream."""

    type: str = "api_error"
    message: str = ""


class WireEvent(msgspec.Struct):
    """Any event of the stream; unknown fields and kinds pass."""

    type: str
    index: int = 0
    message: WireMessage | None = None
    content_block: WireBlock | None = None
    delta: WireDelta | None = None
    usage: WireUsage | None = None
    error: WireError | None = None


decode_event = msgspec.json.Decoder(WireEvent).decode


class _OpenBlock:
    __slots__ = ("parts", "signature", "start")

    def __init__(self, start: WireBlock) -> None:
        self.start = start
        self.parts: list[str] = []
        self.signature = start.signature or ""


class Reading:
    """One streamed reply as it is read: feed events in, take pieces out, and the whole at the end."""

    def __init__(self) -> None:
        self.stop_reason = ""
        self.finished = False  # message_stop came
        self.model = ""
        self.bad_calls: dict[str, str] = {}
        self._usage: dict[str, int] = {}
        self._blocks: dict[int, _OpenBlock] = {}

    def feed(self, event: WireEvent) -> ModelEvent | None:
        """The piece this event carries, if any."""
        match event.type:
            case "content_block_delta":
                return self._delta(event)
            case "content_block_start":
                return self._start(event)
            case "message_start":
                if event.message is not None:
                    self.model = event.message.model or ""
                    return self._count(event.message.usage)
            case "message_delta":
                if event.delta is not None and event.delta.stop_reason:
                    self.stop_reason = event.delta.stop_reason
                return self._count(event.usage)
            case "message_stop":
                self.finished = True
            case _:
                pass  # ping, content_block_stop, and kinds a newer server may add
        return None

    def _start(self, event: WireEvent) -> ModelEvent | None:
        start = event.content_block
        if start is None:
            return None
        opened = self._blocks[event.index] = _OpenBlock(start)
        if start.type == "tool_use":
            return ModelToolArgs(start.id or "", start.name or "", "")
        said = start.text or start.thinking
        if start.data:
            return ModelSealed(len(start.data))
        if not said:
            return None
        opened.parts.append(said)
        return ModelText(said) if start.type == "text" else ModelThinking(said)

    def _delta(self, event: WireEvent) -> ModelEvent | None:
        delta, opened = event.delta, self._blocks.get(event.index)
        if delta is None or opened is None:
            return None
        if delta.text:
            opened.parts.append(delta.text)
            return ModelText(delta.text)
        if delta.thinking:
            opened.parts.append(delta.thinking)
            return ModelThinking(delta.thinking)
        if delta.partial_json:
            opened.parts.append(delta.partial_json)
            return ModelToolArgs(opened.start.id or "", opened.start.name or "", delta.partial_json)
        if delta.signature:
            opened.signature += delta.signature
            if not opened.parts:  # thinking that is not shown: what was thought is sealed in its signature
                return ModelSealed(len(delta.signature))
        return None

    def _count(self, usage: WireUsage | None) -> ModelEvent | None:
        if usage is None:
            return None
        for field in usage.__struct_fields__:
            count: int | None = getattr(usage, field)
            if count is not None:
                self._usage[field] = count
        return ModelUsage(self.usage())

    def usage(self) -> Usage:
        """Tokens as counted so far."""
        return Usage(
            input_tokens=self._usage.get("input_tokens", 0),
            output_tokens=self._usage.get("output_tokens", 0),
            cache_read_tokens=self._usage.get("cache_read_input_tokens", 0),
            cache_write_tokens=self._usage.get("cache_creation_input_tokens", 0),
        )

    def content(self) -> tuple[AnyBlock, ...]:
        """The blocks, calls parsed. A call whose JSON is broken has an empty input and a line in `bad_calls`."""
        blocks = (self._block(self._blocks[index]) for index in sorted(self._blocks))
        return tuple(block for block in blocks if block is not None)

    def _block(self, opened: _OpenBlock) -> AnyBlock | None:
        start, said = opened.start, "".join(opened.parts)
        match start.type:
            case "text":
                return Text(text=said) if said else None
            case "thinking":
                return Thinking(thinking=said, signature=opened.signature)
            case "redacted_thinking":
                return RedactedThinking(data=start.data or "")
            case "tool_use":
                call = start.id or ""
                return ToolUse(id=call, name=start.name or "", input=self._arguments(call, said, start.input))
            case _:
                return None

    def _arguments(self, call: str, said: str, at_start: msgspec.Raw) -> JsonObject:
        raw = said or bytes(at_start).decode() or "{}"
        try:
            return msgspec.json.decode(raw, type=JsonObject)
        except msgspec.ValidationError:
            self.bad_calls[call] = f"the arguments are JSON but not an object: {raw[:_KEPT_RAW]}"
        except msgspec.DecodeError as error:
            self.bad_calls[call] = f"the arguments are not valid JSON ({error}): {raw[:_KEPT_RAW]}"
        return {}
