import msgspec
import pytest

from vega_tui.core import events as ev
from vega_tui.core.messages import JsonObject, Observation
from vega_tui.core.words import CallState
from vega_tui.sessions.codec import INLINE_LIMIT, Codec


def _peer_was_called_other(raw: JsonObject) -> JsonObject:
    return {**{key: value for key, value in raw.items() if key != "other"}, "peer": raw["other"]}


OLD_ROW = msgspec.json.encode({"type": "link.died", "seq": 7, "other": "root/w1", "reason": "killed"})


def test_a_row_of_an_older_version_is_raised_to_todays() -> None:
    codec = Codec({("link.died", 0): _peer_was_called_other})
    assert codec.decode("link.died", 0, OLD_ROW) == ev.LinkDied(seq=7, peer="root/w1", reason="killed")


def test_an_older_version_goes_through_every_step_up() -> None:
    def it_was_once_a_list(raw: JsonObject) -> JsonObject:
        return {**raw, "other": raw["other"][0]}

    codec = Codec({("link.died", -1): it_was_once_a_list, ("link.died", 0): _peer_was_called_other})
    body = msgspec.json.encode({"type": "link.died", "other": ["root/w2"], "reason": "r"})
    assert codec.decode("link.died", -1, body) == ev.LinkDied(peer="root/w2", reason="r")


@pytest.mark.parametrize(
    ("kind", "version", "body"),
    [
        ("from.tomorrow", 1, b"{}"),
        ("link.died", 2, OLD_ROW),
        ("link.died", 0, OLD_ROW),  # nothing raises it
        ("link.died", 1, b"{"),
        ("link.died", 1, b'{"type":"link.died","peer":1,"reason":"r"}'),
    ],
)
def test_a_row_that_cannot_be_read_is_none(kind: str, version: int, body: bytes) -> None:
    assert Codec().decode(kind, version, body) is None


def test_only_output_over_the_limit_is_set_apart() -> None:
    codec = Codec()

    def stored(text: str) -> int:
        seen = Observation(text=text, display=text, details={"$blob": "mine"})
        return len(codec.encode(ev.ToolFinished(call="c", tool="t", state=CallState.OK, observation=seen)).blobs)

    assert stored("x" * INLINE_LIMIT) == 0
    assert stored("x" * (INLINE_LIMIT + 1)) == 1


def test_an_output_whose_blob_is_gone_or_damaged_says_so() -> None:
    codec = Codec()
    seen = Observation(text="x" * (INLINE_LIMIT + 1))
    row = codec.encode(ev.ToolFinished(call="c", tool="t", state=CallState.OK, observation=seen))
    for blobs, expected in (({}, "missing"), ({row.blobs[0].hash: b"not zlib"}, "damaged")):
        event = codec.decode(row.type, row.version, row.body, blobs.get)
        assert isinstance(event, ev.ToolFinished)
        assert expected in event.observation.text
