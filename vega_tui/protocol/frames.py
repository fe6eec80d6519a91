"""Frames: newline-delimited JSON, JSON-RPC 2.0 shaped. Requests, replies, and notifications from the host.

Notifications: `event` (a durable event), `delta` (passing text), `notice` (a word about the host itself).
"""

from typing import Any, Final, TypeVar

import msgspec

from vega_tui.core.errors import (
    BugError,
    HostError,
    LimitReached,
    NotFound,
    PolicyDenied,
    StorageError,
    UserError,
    VegaError,
)
from vega_tui.core.events import AnyDelta, AnyEvent

PROTOCOL_VERSION: Final = 1
MAX_FRAME_BYTES: Final = 64 * 1024 * 1024  # one line; a longer one is a broken or hostile peer

S = TypeVar("S")


class FrameError(msgspec.Struct, frozen=True, omit_defaults=True):
    """The `error` member of a reply. `data` is the code of the error class (core/errors.py)."""

    code: int
    message: str
    data: str = "error"


class Frame(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Any frame. A request has id and method, a reply id and result or error, a notification only a method."""

    id: int | None = None
    method: str | None = None
    params: msgspec.Raw = msgspec.Raw()
    result: msgspec.Raw = msgspec.Raw()
    error: FrameError | None = None


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A word about the host itself: `stopping`, `storage` (can't be written), `storage_back`."""

    kind: str
    text: str = ""


_encoder = msgspec.json.Encoder()
_frame_decoder = msgspec.json.Decoder(Frame)
_event_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_delta_decoder: msgspec.json.Decoder[AnyDelta] = msgspec.json.Decoder(AnyDelta)

_ERROR_CLASSES: Final[dict[str, type[VegaError]]] = {
    cls.code: cls
    for cls in (VegaError, UserError, NotFound, PolicyDenied, LimitReached, StorageError, HostError, BugError)
}


def encode_request(request_id: int, method: str, params: msgspec.Struct) -> bytes:
    """One line that asks for an operation."""
    return b'{"jsonrpc":"2.0","id":%d,"method":"%s","params":%s}\n' % (
        request_id,
        method.encode(),
        _encoder.encode(params),
    )


def encode_result(request_id: int, result: msgspec.Struct) -> bytes:
    """One line that answers."""
    return b'{"jsonrpc":"2.0","id":%d,"result":%s}\n' % (request_id, _encoder.encode(result))


def encode_error(request_id: int, error: Exception) -> bytes:
    """One line that refuses; anything that is not ours becomes a bug report in one line."""
    if isinstance(error, VegaError):
        body = FrameError(code=-32000, message=str(error), data=error.code)
    else:
        body = FrameError(code=-32603, message=f"{type(error).__name__}: {error}", data="bug")
    return b'{"jsonrpc":"2.0","id":%d,"error":%s}\n' % (request_id, _encoder.encode(body))


def encode_notification(method: str, params: msgspec.Struct) -> bytes:
    """One line that tells."""
    return b'{"jsonrpc":"2.0","method":"%s","params":%s}\n' % (method.encode(), _encoder.encode(params))


def decode_frame(line: bytes) -> Frame:
    """Raises HostError on a line that is no frame."""
    try:
        return _frame_decoder.decode(line)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise HostError(f"a frame could not be read ({error}); the two sides may differ in version") from error


def decode_as(raw: msgspec.Raw, kind: type[S]) -> S:
    """The typed body of a frame. Raises UserError naming the field that is wrong."""
    try:
        return msgspec.json.decode(bytes(raw) or b"{}", type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise UserError(f"{kind.__name__}: {error}") from error


def decode_event(raw: msgspec.Raw) -> AnyEvent:
    """The event of an `event` notification."""
    return _event_decoder.decode(raw)


def decode_delta(raw: msgspec.Raw) -> AnyDelta:
    """The delta of a `delta` notification."""
    return _delta_decoder.decode(raw)


def error_from(frame_error: FrameError) -> VegaError:
    """The error a reply stands for, as the class the host raised."""
    return _ERROR_CLASSES.get(frame_error.data, VegaError)(frame_error.message)


def to_builtins(value: msgspec.Struct) -> Any:  # a border: plain JSON values for --json output
    """`value` as plain JSON values."""
    return msgspec.to_builtins(value)
