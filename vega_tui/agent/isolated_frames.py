"""What a host and an isolated agent's process say to each other: one JSON line each, over a socket pair."""

from typing import Final, TypeAlias

import msgspec

from vega_tui.core.messages import AnyBlock, JsonObject, JsonValue, Observation, Usage
from vega_tui.core.ports import ModelRequest
from vega_tui.core.provider_settings import ProviderSettings

MAX_LINE: Final = 256 * 1024 * 1024


class Frame(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="is"):
    """Base of all: `id` says which call it belongs to."""

    id: int


# --- from the host -----------------------------------------------------------------------------------------


class Ask(Frame, frozen=True, kw_only=True, tag="ask"):
    """Ask the model."""

    provider: ProviderSettings
    simulated: bool
    request: ModelRequest


class Call(Frame, frozen=True, kw_only=True, tag="call"):
    """Run a tool that was validated, judged and allowed."""

    tool: str
    source: str  # `module:name`, or `file.py:name` of the main program
    args: JsonObject
    session: str
    process: str
    incarnation: int
    run: str
    turn: int
    call: str
    cwd: str
    home: str
    env: dict[str, str]
    allowed: tuple[str, ...] = ()
    approved: bool = False


class Cancel(Frame, frozen=True, kw_only=True, tag="cancel"):
    """Stop a call. It is answered with `cancelled` once it has ended."""


class Answered(Frame, frozen=True, kw_only=True, tag="answered"):
    """What another agent answered to `Delegated`; `error` is a ToolError's text."""

    value: JsonValue = None
    error: str = ""


FromHost: TypeAlias = Ask | Call | Cancel | Answered


# --- from the isolated process -----------------------------------------------------------------------------


class Said(Frame, frozen=True, kw_only=True, tag="said"):
    """A piece of an answer."""

    text: str


class Thought(Frame, frozen=True, kw_only=True, tag="thought"):
    """A piece of thinking."""

    text: str


class Args(Frame, frozen=True, kw_only=True, tag="args"):
    """A piece of a call's arguments."""

    call: str
    tool: str
    partial: str


class Counted(Frame, frozen=True, kw_only=True, tag="counted"):
    """What the model's server has counted so far."""

    usage: Usage


class Sealed(Frame, frozen=True, kw_only=True, tag="sealed"):
    """Output that nobody can read came: so many bytes."""

    size: int


class Done(Frame, frozen=True, kw_only=True, tag="done"):
    """The model's whole message."""

    content: tuple[AnyBlock, ...]
    stop_reason: str
    usage: Usage
    model: str
    bad_calls: dict[str, str] = {}


class Emitted(Frame, frozen=True, kw_only=True, tag="emitted"):
    """A piece of a tool's output."""

    text: str


class Observed(Frame, frozen=True, kw_only=True, tag="observed"):
    """A tool's result."""

    observation: Observation


class Failed(Frame, frozen=True, kw_only=True, tag="failed"):
    """The call failed; `verdict` and what follows it are a model's."""

    text: str
    kind: str = ""  # a tool's: the error's class, empty for a ToolError
    verdict: str = ""
    status: int | None = None
    retry_after_s: float | None = None
    after_delta: bool = False
    unbilled: bool = False


class Cancelled(Frame, frozen=True, kw_only=True, tag="cancelled"):
    """The call was stopped and nothing of it runs any more."""


class Delegated(Frame, frozen=True, kw_only=True, tag="delegated"):
    """A tool asks for another agent: `method` of its Delegate."""

    ticket: int
    method: str
    args: tuple[str, ...]


FromChild: TypeAlias = (
    Said | Thought | Args | Counted | Sealed | Done | Emitted | Observed | Failed | Cancelled | Delegated
)
LAST: Final = (Done, Observed, Failed, Cancelled)

from_host: Final = msgspec.json.Decoder(FromHost)
from_child: Final = msgspec.json.Decoder(FromChild)
_encoder: Final = msgspec.json.Encoder()


def line(frame: Frame) -> bytes:
    """The frame as it is sent."""
    return _encoder.encode(frame) + b"\n"
