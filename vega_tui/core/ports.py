"""The seams between rooms: what an agent needs of a model, a bus and a clock, and nothing more."""

from collections.abc import AsyncGenerator
from typing import Protocol, TypeAlias

import msgspec

from vega_tui.core.events import AnyDelta, AnyEvent
from vega_tui.core.messages import AnyBlock, JsonObject, Message, Usage
from vega_tui.core.provider_settings import ProviderSettings


class Bus(Protocol):
    """Where facts go. One owner of the order: what is published first is stored and seen first."""

    def publish(self, event: AnyEvent) -> None:
        """Take a durable fact. Never awaits; it is stored and fanned out in order soon after."""
        ...

    def delta(self, delta: AnyDelta) -> None:
        """Take passing text; it keeps its place among the events, and is dropped where nobody watches."""
        ...

    async def flush(self) -> None:
        """Wait until everything published before is stored. Raises StorageError when it can't be."""
        ...


class ToolSchema(msgspec.Struct, frozen=True, kw_only=True):
    """A tool as the model is told of it."""

    name: str
    description: str
    input_schema: JsonObject


class ModelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a model. History is ours and always sent whole."""

    model: str
    messages: tuple[Message, ...]
    system: str = ""
    tools: tuple[ToolSchema, ...] = ()
    max_tokens: int = 8192
    temperature: float | None = None  # sent only when set, with the version header that still takes it


class ModelText(msgspec.Struct, frozen=True):
    """The next piece of the answer."""

    text: str


class ModelThinking(msgspec.Struct, frozen=True):
    """The next piece of thinking."""

    text: str


class ModelToolArgs(msgspec.Struct, frozen=True):
    """A call begins (`partial` empty) or its arguments go on."""

    call: str
    tool: str
    partial: str


class ModelUsage(msgspec.Struct, frozen=True):
    """What the server has counted so far of this answer; a later one replaces it.

    An empty one comes first, when the request is sent: from there on the call may cost.
    """

    usage: Usage


class ModelSealed(msgspec.Struct, frozen=True):
    """Output that nobody can read came: so many bytes of sealed thinking."""

    size: int


class ModelDone(msgspec.Struct, frozen=True, kw_only=True):
    """The whole message, once `message_stop` came. `bad_calls` maps a call id to why its JSON didn't parse."""

    content: tuple[AnyBlock, ...]
    stop_reason: str
    usage: Usage
    model: str = ""
    bad_calls: dict[str, str] = {}


ModelEvent: TypeAlias = ModelText | ModelThinking | ModelToolArgs | ModelUsage | ModelSealed | ModelDone


class Provider(Protocol):
    """A model's server. One per session's settings; calls may run side by side."""

    simulated: bool

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Pieces and counts, then exactly one ModelDone.

        Raises ProviderError for every fault, a stream without its end included; never retries by itself.
        Cancelling closes the connection.
        """
        ...

    async def count_tokens(self, request: ModelRequest) -> int:
        """Tokens of the prompt, as the server counts them."""
        ...

    async def models(self) -> tuple[str, ...]:
        """Ids of the models the server offers."""
        ...

    def settings(self) -> ProviderSettings | None:
        """What another process makes the same one from; None: it can be called from here only."""
        return None

    async def warm(self) -> None:
        """Do ahead what the first call would have to wait for."""

    async def aclose(self) -> None:
        """Close connections; idempotent."""
        ...
