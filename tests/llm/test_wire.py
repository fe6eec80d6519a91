"""The counts of a stream, as the API sends them: each event's are those of the whole message so far."""

import json

import pytest

from vega_tui.core.messages import JsonObject, Usage
from vega_tui.llm.wire import Reading, decode_event


def counted(*usages: JsonObject) -> Usage:
    """What is counted of a message whose events say this."""
    reading = Reading()
    first, *later = usages
    reading.feed(decode_event(json.dumps({"type": "message_start", "message": {"model": "m", "usage": first}})))
    for usage in later:
        reading.feed(decode_event(json.dumps({"type": "message_delta", "delta": {}, "usage": usage})))
    return reading.usage()


@pytest.mark.parametrize(
    ("later", "usage"),
    [
        ([{"output_tokens": 15}], Usage(25, 15, 3, 2)),
        ([{"output_tokens": 15}, {"output_tokens": 40}], Usage(25, 40, 3, 2)),
        ([{"input_tokens": 25, "output_tokens": 15, "cache_read_input_tokens": 3}], Usage(25, 15, 3, 2)),
        ([{"input_tokens": 30, "output_tokens": 15, "cache_creation_input_tokens": 0}], Usage(30, 15, 3, 0)),
        ([{"input_tokens": None, "output_tokens": 15}], Usage(25, 15, 3, 2)),
        ([], Usage(25, 1, 3, 2)),
    ],
    ids=["once", "twice", "all again", "corrected", "left out", "never"],
)
def test_a_later_count_stands_in_the_place_of_an_earlier_one(later: list[JsonObject], usage: Usage) -> None:
    first: JsonObject = {
        "input_tokens": 25, "output_tokens": 1, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 2
    }  # fmt: skip
    assert counted(first, *later) == usage
