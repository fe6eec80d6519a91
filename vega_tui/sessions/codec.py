"""Events as stored rows and back: version per type, upcasters, long tool outputs set apart as blobs.

A row of an unknown type, of a newer version or with a broken body reads as None, never as an exception.
"""

import hashlib
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias, get_args

import msgspec

from vega_tui.core.events import AnyEvent, EntryAdded, Event, ToolFinished
from vega_tui.core.messages import Observation
from vega_tui.sessions.upcasters import UPCASTERS, Upcaster

INLINE_LIMIT: Final = 16 * 1024  # characters of an observation's field; longer ones become blobs
_LONG_FIELDS: Final = ("text", "display", "diff")
_REFERENCE: Final = "$blob"  # where a string should stand, so no text can be taken for a reference

Raw: TypeAlias = dict[str, Any]  # JSON as parsed: this is the border


class Blob(NamedTuple):
    """A long text, compressed, named by the hash of what it holds."""

    hash: str
    bytes: bytes


class StoredEvent(NamedTuple):
    """What the events table keeps of an event."""

    type: str
    version: int
    body: bytes
    blobs: tuple[Blob, ...] = ()


class Codec:
    """Encodes today's events and decodes those of every version so far."""

    def __init__(self, upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS) -> None:
        self._upcasters = upcasters
        self._encoder = msgspec.json.Encoder()
        self._decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
        kinds: tuple[type[Event], ...] = get_args(AnyEvent)
        self._versions = {str(kind.__struct_config__.tag): kind.version for kind in kinds}
        self._tags = {kind: str(kind.__struct_config__.tag) for kind in kinds}

    def encode(self, event: AnyEvent) -> StoredEvent:
        """The row of an event. Text that UTF-8 can't hold (lone surrogates) is kept with `?` in its place."""
        kind = type(event)
        observation = _observation(event)
        if observation is not None and _is_long(observation):
            raw: Raw = msgspec.to_builtins(event)
            blobs = _set_apart(_raw_observation(raw))
            return StoredEvent(self._tags[kind], kind.version, self._bytes(raw), blobs)
        return StoredEvent(self._tags[kind], kind.version, self._bytes(event))

    def decode(
        self, type_: str, version: int, body: bytes, blob: Callable[[str], bytes | None] | None = None
    ) -> AnyEvent | None:
        """The event of a row, or None when it can't be read. `blob` gives the bytes behind a reference."""
        current = self._versions.get(type_)
        if current is None or version > current:
            return None
        try:
            if version == current and blob is None:
                return self._decoder.decode(body)
            raw: Raw = msgspec.json.decode(body)
            for step in range(version, current):
                raw = self._upcasters[type_, step](raw)
            if blob is not None:
                _put_back(_raw_observation(raw), blob)
            # JSON knows lists only; conversion makes them the tuples that the classes declare.
            event: AnyEvent = msgspec.convert(raw, AnyEvent)
        except _UNREADABLE:
            return None
        return event

    def references(self, body: bytes) -> tuple[str, ...]:
        """Hashes of the blobs that a stored body points at; none where the body can't be read."""
        try:
            observation = _raw_observation(msgspec.json.decode(body))
            fields: list[Any] = [observation.get(name) for name in _LONG_FIELDS]
            return tuple(_hash_in(value) for value in fields if _is_reference(value))
        except _UNREADABLE:
            return ()

    def _bytes(self, event: AnyEvent | Raw) -> bytes:
        try:
            return self._encoder.encode(event)
        except UnicodeEncodeError:
            return self._encoder.encode(_clean(msgspec.to_builtins(event)))


def _observation(event: AnyEvent) -> Observation | None:
    if isinstance(event, ToolFinished):
        return event.observation
    if isinstance(event, EntryAdded):
        return event.entry.observation
    return None


def _is_long(observation: Observation) -> bool:
    return max(len(observation.text), len(observation.display), len(observation.diff)) > INLINE_LIMIT


def _raw_observation(raw: Raw) -> Raw:
    return raw.get("entry", raw).get("observation") or {}


# What reading a row of any content can meet: broken JSON, other shapes than expected, too deep a nesting.
_UNREADABLE: Final = (msgspec.MsgspecError, LookupError, ValueError, TypeError, AttributeError, RecursionError)


def _set_apart(observation: Raw) -> tuple[Blob, ...]:
    blobs: dict[str, Blob] = {}
    for name in _LONG_FIELDS:
        text = observation.get(name, "")
        if len(text) > INLINE_LIMIT:
            data = text.encode("utf-8", "replace")
            digest = hashlib.sha256(data).hexdigest()
            blobs[digest] = Blob(digest, zlib.compress(data))
            observation[name] = {_REFERENCE: digest}
    return tuple(blobs.values())


def _put_back(observation: Raw, blob: Callable[[str], bytes | None]) -> None:
    for name in _LONG_FIELDS:
        value: Any = observation.get(name)
        if _is_reference(value):
            data = blob(_hash_in(value))
            observation[name] = "(this output is missing from the store)" if data is None else _inflate(data)


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict)


def _hash_in(reference: Any) -> str:  # Any: parsed JSON
    return str(reference[_REFERENCE])


def _inflate(data: bytes) -> str:
    try:
        return zlib.decompress(data).decode()
    except (zlib.error, UnicodeDecodeError):
        return "(this output is damaged in the store)"


def _clean(value: Any) -> Any:
    # Any: walks parsed JSON of every shape and gives the same shape back.
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value
