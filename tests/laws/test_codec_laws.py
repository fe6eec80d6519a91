from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect as mi

from vega_tui.core import events as ev
from vega_tui.core.events import AnyEvent, Event
from vega_tui.core.messages import Observation
from vega_tui.sessions.codec import INLINE_LIMIT, Codec

CODEC = Codec()
KINDS: tuple[type[Event], ...] = get_args(AnyEvent)
TAGS = [str(kind.__struct_config__.tag) for kind in KINDS]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
INTEGERS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.just("$blob"), inner, max_size=3),
    max_leaves=5,
)
LONG_TEXT = TEXT | st.sampled_from(["…" * INLINE_LIMIT, "…" * (INLINE_LIMIT + 1), "\x00" * (2 * INLINE_LIMIT)])


def nothing(_: str) -> bytes | None:
    return None


def instances(kind: mi.Type) -> st.SearchStrategy[Any]:
    # Any: the strategy's type is known only from the inspected class.
    match kind:
        case mi.StrType():
            return TEXT
        case mi.IntType():
            return INTEGERS
        case mi.FloatType():
            return FLOATS
        case mi.BoolType():
            return st.booleans()
        case mi.NoneType():
            return st.none()
        case mi.AnyType():
            return JSON
        case mi.EnumType():
            return st.sampled_from(list(kind.cls))
        case mi.LiteralType():
            return st.sampled_from(kind.values)
        case mi.DictType():
            return st.dictionaries(instances(kind.key_type), instances(kind.value_type), max_size=3)
        case mi.VarTupleType():
            return st.lists(instances(kind.item_type), max_size=3).map(tuple)
        case mi.UnionType():
            return st.one_of([instances(each) for each in kind.types])
        case mi.StructType():
            fields = {field.name: instances(field.type) for field in kind.fields}
            if kind.cls is Observation:
                fields |= {"text": LONG_TEXT, "display": LONG_TEXT, "diff": LONG_TEXT}
            return st.builds(kind.cls, **fields)
        case _:
            raise AssertionError(f"no strategy for {kind}")


STRATEGIES = {kind: instances(mi.type_info(kind)) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=TAGS)
def test_every_event_comes_back_from_its_row_unchanged(kind: type[Event]) -> None:
    @settings(max_examples=12, deadline=None)
    @given(STRATEGIES[kind])
    def law(event: AnyEvent) -> None:
        stored = CODEC.encode(event)
        blobs = {blob.hash: blob.bytes for blob in stored.blobs}
        assert (stored.type, stored.version) == (kind.__struct_config__.tag, kind.version)
        assert set(CODEC.references(stored.body)) == set(blobs)
        found = CODEC.decode(stored.type, stored.version, stored.body, blobs.get if blobs else None)
        assert found == event
        assert type(found) is kind

    law()


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([*TAGS, "from.tomorrow", ""]),
    st.integers(-1, 3),
    st.binary(max_size=60) | JSON.map(msgspec.json.encode),
    st.booleans(),
)
def test_no_row_makes_the_codec_raise(kind: str, version: int, body: bytes, has_blobs: bool) -> None:
    CODEC.decode(kind, version, body, nothing if has_blobs else None)
    CODEC.references(body)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=20))
def test_any_text_that_python_holds_can_be_stored(text: str) -> None:
    stored = CODEC.encode(ev.LinkDied(peer="p", reason=text))
    found = CODEC.decode(stored.type, stored.version, stored.body)
    assert isinstance(found, ev.LinkDied)
    assert found.reason == text.encode("utf-8", "replace").decode()
