import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import pytest

from tests.llm.talk import asking, collect, done, simulated
from vega_tui.core.errors import ProviderError, Verdict
from vega_tui.core.messages import JsonObject, text_of
from vega_tui.core.ports import ModelEvent, ModelRequest, ModelText, ModelUsage
from vega_tui.llm.anthropic_provider import AnthropicProvider
from vega_tui.llm.simulator import make_scenario

KEY = "sk-secret-0123456789"


async def fails(provider: AnthropicProvider, request: ModelRequest) -> tuple[ProviderError, list[ModelEvent]]:
    pieces: list[ModelEvent] = []
    with pytest.raises(ProviderError) as caught:
        async for piece in provider.stream(request):
            if not isinstance(piece, ModelUsage):
                pieces.append(piece)
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value, pieces


async def scripted_failure(fault: JsonObject, say: str = "one two three four", timeout_s: float = 20.0):
    script = make_scenario({"replies": [{"say": say, "fault": fault}]})
    async with simulated(script, api_key=KEY, read_timeout_s=timeout_s) as (_, provider):
        return await fails(provider, asking("hello"))


@pytest.mark.parametrize(
    ("status", "verdict", "words"),
    [
        (400, Verdict.INVALID_REQUEST, "refused the request"),
        (402, Verdict.BUDGET, "spending limit"),
        (403, Verdict.AUTHENTICATION, "doesn't allow this key"),
        (408, Verdict.TIMEOUT, "took too long"),
        (409, Verdict.TEMPORARY, "failed"),
        (413, Verdict.INVALID_REQUEST, "compact the session"),
        (422, Verdict.INVALID_REQUEST, "refused the request"),
        (429, Verdict.RATE_LIMIT, "limits the rate"),
        (500, Verdict.TEMPORARY, "failed"),
        (502, Verdict.TEMPORARY, "failed"),
        (503, Verdict.OVERLOADED, "overloaded"),
        (504, Verdict.TIMEOUT, "took too long"),
        (529, Verdict.OVERLOADED, "overloaded"),
    ],
)
async def test_a_status_has_its_verdict_and_one_line(status: int, verdict: Verdict, words: str):
    error, pieces = await scripted_failure({"kind": "status", "status": status, "message": "because\nof this"})
    assert (error.verdict, error.status, error.after_delta, pieces) == (verdict, status, False, [])
    assert error.unbilled
    assert words in str(error)
    assert f"({status})" in str(error)
    assert "because of this" in str(error)


@pytest.mark.parametrize("wait", [0.0, 3.0, 86_400.0])
async def test_the_servers_wait_is_told(wait: float):
    error, _ = await scripted_failure({"kind": "status", "status": 429, "retry_after_s": wait})
    assert error.retry_after_s == wait


@pytest.mark.parametrize("others", [{}, {"retry_after_s": 3}])
async def test_the_servers_wait_in_milliseconds_goes_before_the_one_in_seconds(others: JsonObject):
    error, _ = await scripted_failure({"kind": "status", "status": 429, "retry_after_ms": 2500, **others})
    assert error.retry_after_s == 2.5


async def test_a_spending_limit_is_no_rate_limit():
    fault: JsonObject = {"kind": "status", "status": 429, "code": "enforced_spend_limit_reached"}
    error, _ = await scripted_failure(fault)
    assert error.verdict is Verdict.BUDGET
    error, _ = await scripted_failure(fault | {"retry_after_s": 5})
    assert error.verdict is Verdict.RATE_LIMIT


async def test_a_bad_key_names_the_setting_and_never_the_key():
    bad = "sk-bad-0123456789"
    async with simulated(api_key=bad) as (simulator, provider):
        with pytest.raises(ProviderError, match="ANTHROPIC_API_KEY") as caught:
            await collect(provider, asking("hello"))
        assert simulator.url in str(caught.value)
    assert caught.value.verdict is Verdict.AUTHENTICATION
    assert bad not in str(caught.value)


async def test_a_key_that_the_server_repeats_is_taken_out():
    fault: JsonObject = {"kind": "status", "status": 403, "message": f"key {KEY} is for reading only"}
    error, _ = await scripted_failure(fault)
    assert "key (key) is for reading only" in str(error)
    error, _ = await scripted_failure({"kind": "error_event", "message": f"bad {KEY}"})
    assert "bad (key)" in str(error)


async def test_an_unknown_model_is_named():
    async with simulated() as (_, provider):
        error, _ = await fails(provider, ModelRequest(model="missing-7", messages=asking("hello").messages))
    assert "'missing-7'" in str(error)
    assert error.verdict is Verdict.INVALID_REQUEST


async def test_an_unreachable_server_is_named():
    async with simulated() as (simulator, provider):
        url = simulator.url
        await simulator.aclose()
        error, _ = await fails(provider, asking("hello"))
    assert url in str(error)
    assert "can't reach" in str(error)
    assert "refused" in str(error)
    assert error.unbilled
    assert error.verdict is Verdict.TEMPORARY


async def test_a_connection_closed_without_an_answer_may_be_retried():
    error, _ = await scripted_failure({"kind": "drop"})
    assert (error.verdict, error.after_delta, error.unbilled) == (Verdict.TEMPORARY, False, False)


async def test_a_server_that_never_answers_is_a_timeout():
    error, _ = await scripted_failure({"kind": "silent"}, timeout_s=0.05)
    assert (error.verdict, error.after_delta) == (Verdict.TIMEOUT, False)
    assert "said nothing for 0.05 s" in str(error)


async def test_a_stalled_stream_is_a_timeout_after_what_was_said():
    error, pieces = await scripted_failure({"kind": "stall", "after": 2}, timeout_s=0.1)
    assert pieces == [ModelText("one"), ModelText(" two")]
    assert (error.verdict, error.after_delta) == (Verdict.TIMEOUT, True)


@pytest.mark.parametrize("after", [0, 2])
@pytest.mark.parametrize("kind", ["cut", "eof"])
async def test_a_stream_without_its_end_is_a_failure(kind: str, after: int):
    error, pieces = await scripted_failure({"kind": kind, "after": after})
    assert pieces == [ModelText("one"), ModelText(" two")][:after]
    assert (error.verdict, error.after_delta) == (Verdict.TEMPORARY, after > 0)
    assert "cut off" in str(error)


async def test_a_reply_that_ends_before_message_stop_is_a_failure_though_all_was_said():
    error, pieces = await scripted_failure({"kind": "eof", "after": 99})
    assert len(pieces) == 4
    assert error.after_delta


async def test_an_event_that_is_no_json_is_a_failure():
    error, pieces = await scripted_failure({"kind": "bad_event", "after": 1})
    assert pieces == [ModelText("one")]
    assert (error.verdict, error.after_delta) == (Verdict.TEMPORARY, True)
    assert "can't be read" in str(error)


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [
        ("overloaded_error", Verdict.OVERLOADED),
        ("rate_limit_error", Verdict.RATE_LIMIT),
        ("api_error", Verdict.TEMPORARY),
        ("timeout_error", Verdict.TIMEOUT),
        ("invalid_request_error", Verdict.INVALID_REQUEST),
        ("authentication_error", Verdict.AUTHENTICATION),
        ("billing_error", Verdict.BUDGET),
        ("something_new", Verdict.TEMPORARY),
    ],
)
@pytest.mark.parametrize("after", [0, 1])
async def test_an_error_inside_the_stream_is_judged_by_its_type(kind: str, verdict: Verdict, after: int):
    error, _ = await scripted_failure({"kind": "error_event", "type": kind, "after": after})
    assert (error.verdict, error.after_delta) == (verdict, after > 0)


async def test_after_a_failure_the_provider_serves_the_next_call():
    script = make_scenario({"replies": [{"say": "fine", "fault": {"kind": "cut", "after": 1, "times": 1}}]})
    async with simulated(script) as (_, provider):
        await fails(provider, asking("hello"))
        assert text_of((await done(provider, asking("hello"))).content) == "fine"


# What other servers and proxies send, byte for byte.

GOOD: tuple[JsonObject, ...] = (
    {"type": "message_start", "message": {"model": "m", "usage": {"input_tokens": 7}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "grün 🦊"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 3}},
    {"type": "message_stop"},
)


def sse(events: Sequence[JsonObject], end: str = "\n", *, named: bool = True) -> bytes:
    lines = [
        (f"event: {event['type']}{end}" if named else "") + f"data: {json.dumps(event, ensure_ascii=False)}{end}"
        for event in events
    ]
    return "".join(line + end for line in lines).encode()


@asynccontextmanager
async def server_of(*chunks: bytes, kind: str = "text/event-stream") -> AsyncGenerator[AnthropicProvider, None]:
    """A server that answers anything with these bytes, its reply ended by closing the connection."""
    taken: list[asyncio.Task[None]] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n".encode())
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()
        await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(asyncio.create_task(answer(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    provider = AnthropicProvider(api_key=KEY, base_url=f"http://127.0.0.1:{port}")
    try:
        yield provider
    finally:
        await provider.aclose()
        server.close()
        await asyncio.gather(*taken)
        await server.wait_closed()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_any_line_end_and_any_cut_of_the_bytes_reads_the_same(end: str):
    raw = sse(GOOD, end)
    async with server_of(*(raw[at : at + 7] for at in range(0, len(raw), 7))) as provider:
        last = await done(provider, asking("hello"))
    assert text_of(last.content) == "grün 🦊"
    assert (last.usage.input_tokens, last.usage.output_tokens) == (7, 3)


async def test_comments_pings_unknown_events_and_junk_are_passed_over():
    junk = b': hi\n\nevent: ping\ndata: {"type": "ping"}\n\nretry: 5\nwhat is this\n\n'
    new = sse([{"type": "brand_new", "index": 3, "delta": {"type": "odd", "odd": 1}}])
    async with server_of(sse(GOOD[:2]), junk, new, sse(GOOD[2:]), b"data: [DONE]\n\n") as provider:
        assert text_of((await done(provider, asking("hello"))).content) == "grün 🦊"


async def test_events_without_a_name_are_read_by_their_type():
    async with server_of(sse(GOOD, named=False)) as provider:
        assert text_of((await done(provider, asking("hello"))).content) == "grün 🦊"


async def test_a_call_whose_arguments_come_at_its_start_is_read():
    block: JsonObject = {"type": "tool_use", "id": "t1", "name": "bash", "input": {"command": "ls"}}
    start: JsonObject = {"type": "content_block_start", "index": 0, "content_block": block}
    async with server_of(sse([GOOD[0], start, *GOOD[3:]])) as provider:
        (call,) = (await done(provider, asking("hello"))).content
    assert getattr(call, "input", None) == {"command": "ls"}


async def test_a_connection_that_closes_early_in_unframed_replies_is_a_failure():
    async with server_of(sse(GOOD[:3])) as provider:
        error, pieces = await fails(provider, asking("hello"))
    assert pieces == [ModelText("grün 🦊")]
    assert "before message_stop" in str(error)


async def test_a_page_instead_of_a_stream_is_told_as_such():
    async with server_of(b"<html>sign in</html>", kind="text/html") as provider:
        error, _ = await fails(provider, asking("hello"))
    assert "text/html" in str(error)


@pytest.mark.parametrize(
    "raw",
    [
        b'event: x\ndata: {"type": 5}\n\n',
        b'event: x\ndata: {"no": "type"}\n\n',
        b"event: x\ndata: null\n\n",
        b"event: x\ndata: \xff\xfe\n\n",
        b'event: content_block_delta\ndata: {"type": "content_block_delta", "index": "a"}\n\n',
    ],
)
async def test_hostile_events_are_one_clear_failure(raw: bytes):
    async with server_of(sse(GOOD[:2]), raw) as provider:
        error, _ = await fails(provider, asking("hello"))
    assert error.verdict is Verdict.TEMPORARY
    assert "can't be read" in str(error)


async def test_events_out_of_place_are_passed_over():
    stray: JsonObject = {"type": "content_block_delta", "index": 9, "delta": {"type": "text_delta", "text": "?"}}
    bare: JsonObject = {"type": "content_block_start", "index": 4}
    async with server_of(sse([stray, bare, *GOOD])) as provider:
        assert text_of((await done(provider, asking("hello"))).content) == "grün 🦊"


@pytest.mark.parametrize("url", ["not a url", "ftp://127.0.0.1", "http://[::1", "http://", "http://h:port"])
async def test_what_is_no_servers_address_is_told_as_such(url: str):
    provider = AnthropicProvider(api_key=KEY, base_url=url)
    error, _ = await fails(provider, asking("hello"))
    await provider.aclose()
    assert url.rstrip("/") in str(error)
    assert "ANTHROPIC_BASE_URL" in str(error)
    assert error.verdict is Verdict.INVALID_REQUEST


@pytest.mark.parametrize("key", [f"{KEY}\nx", f"{KEY}ä", f"{KEY}\0"])
async def test_a_key_that_no_header_can_carry_is_told_without_showing_it(key: str):
    async with simulated(api_key=key) as (_, provider):
        error, _ = await fails(provider, asking("hello"))
    assert error.verdict is Verdict.AUTHENTICATION


async def test_white_space_around_a_key_does_no_harm():
    async with simulated(api_key=f" {KEY}\n") as (_, provider):
        await done(provider, asking("hello"))
