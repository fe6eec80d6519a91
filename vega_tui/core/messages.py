"""What is said between a process and its model, in the Messages API's words; plain data only."""

from typing import Any, Literal, TypeAlias

import msgspec

# Arguments of a tool call are JSON that only the tool's schema types: this is the border.
JsonObject: TypeAlias = dict[str, Any]
# What agents write on a board is theirs to shape: any JSON.
JsonValue: TypeAlias = Any


class Block(msgspec.Struct, frozen=True, tag_field="type", kw_only=True):
    """One content block of a message."""


class Text(Block, frozen=True, kw_only=True, tag="text"):
    """Plain text, Markdown by habit."""

    text: str


class Thinking(Block, frozen=True, kw_only=True, tag="thinking"):
    """A model's thinking; replayed to the same provider with its signature."""

    thinking: str
    signature: str = ""


class RedactedThinking(Block, frozen=True, kw_only=True, tag="redacted_thinking"):
    """Thinking that the provider sealed; replayed as it came."""

    data: str


class ToolUse(Block, frozen=True, kw_only=True, tag="tool_use"):
    """A call the model proposes."""

    id: str
    name: str
    input: JsonObject


class ToolResult(Block, frozen=True, kw_only=True, tag="tool_result"):
    """What a call came to, for the model."""

    tool_use_id: str
    content: str
    is_error: bool = False


AnyBlock: TypeAlias = Text | Thinking | RedactedThinking | ToolUse | ToolResult


class Message(msgspec.Struct, frozen=True):
    """One message of a conversation."""

    role: Literal["user", "assistant"]
    content: tuple[AnyBlock, ...]


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tokens of one or more calls. `input_tokens` excludes what the cache held or took."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_read_tokens + other.cache_read_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
        )

    @property
    def prompt_tokens(self) -> int:
        """All tokens the model read: fresh, cached and newly cached."""
        return self.input_tokens + self.cache_read_tokens + self.cache_write_tokens


class Observation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tool's result: `text` for the model, `display` for the operator (empty: the same text)."""

    text: str
    display: str = ""
    fact: str = ""  # one or two nouns for a card's right side: "214 lines", "exit 1", "+12 −9"
    diff: str = ""  # unified diff, for tools that change files
    details: JsonObject = {}
    error: bool = False
    synthetic: bool = False  # written by us, not by the tool: denied, interrupted, unknown tool
    redacted: bool = False
    truncated: bool = False


def text_of(blocks: tuple[AnyBlock, ...]) -> str:
    """The text blocks joined, without thinking and calls."""
    return "".join(block.text for block in blocks if isinstance(block, Text))
