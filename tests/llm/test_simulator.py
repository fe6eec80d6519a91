import asyncio
import json
import sys
from contextlib import aclosing, suppress
from pathlib import Path

import msgspec
import pytest

from tests.llm.talk import answered, asking, done, simulated
from vega_tui.core.errors import ProviderError, UserError
from vega_tui.core.messages import JsonObject, text_of
from vega_tui.core.ports import ModelText
from vega_tui.llm import simulator as simulator_package
from vega_tui.llm.simulator import Simulator, load_scenario, make_scenario
from vega_tui.llm.simulator.check import complaint

HELLO: list[JsonObject] = [{"role": "user", "content": "hello"}]
CALL: JsonObject = {"type": "tool_use", "id": "t1", "name": "bash", "input": {}}
RESULT: JsonObject = {"type": "tool_result", "tool_use_id": "t1", "content": "ok"}
TEXT: JsonObject = {"type": "text", "text": "and now?"}
UNSIGNED: JsonObject = {"type": "thinking", "thinking": "x"}
TOOL: JsonObject = {"name": "a", "input_schema": {}}
LARGE = pytest.mark.filterwarnings("ignore:Sending a large body")  # aiohttp's own, at 1 MiB
NEW, OLD = "2026-10-21", "2023-06-01"


def body(messages: list[JsonObject], **more: object) -> JsonObject:
    return {"model": "simulated", "max_tokens": 1000, "messages": messages, **more}


def after_call(*blocks: JsonObject) -> list[JsonObject]:
    return [*HELLO, {"role": "assistant", "content": [CALL]}, {"role": "user", "content": list(blocks)}]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (body(HELLO, temprature=1), "temprature: Extra inputs"),
        (body(HELLO, temperature=1.0), "temperature: Extra inputs"),
        ({"model": "simulated", "messages": HELLO}, "max_tokens: Field required"),
        ({"max_tokens": 1, "messages": HELLO}, "model: Field required"),
        (body([]), "at least one message"),
        (body([{"role": "user", "content": " "}]), "non-whitespace"),
        (body([{"role": "user", "content": []}]), "non-empty"),
        (body([{"role": "robot", "content": "x"}]), "role"),
        (body([*HELLO, {"role": "assistant", "content": "I say"}]), "prefill"),
        (body([*HELLO, {"role": "assistant", "content": [CALL]}]), "prefill"),
        (body([*HELLO, {"role": "assistant", "content": [CALL]}, *HELLO]), "without `tool_result`"),
        (body(after_call(TEXT, RESULT)), "must come first"),
        (body(after_call(RESULT | {"tool_use_id": "t2"})), "unexpected `tool_use_id`"),
        (body([{"role": "user", "content": [RESULT]}]), "unexpected `tool_use_id`"),
        (body([{"role": "user", "content": [CALL]}]), "not allowed"),
        (body([*HELLO, {"role": "assistant", "content": [UNSIGNED]}, *HELLO]), "signature"),
        (body(HELLO, tools=[{"name": "a"}]), "input_schema"),
        (body(HELLO, tools=[TOOL, TOOL]), "unique"),
        (body([{"role": "user", "content": [TEXT | {"citations": [1]}]}]), "citations"),
    ],
)  # fmt: skip
def test_what_the_api_refuses_is_refused(request_: JsonObject, words: str):
    assert words in (complaint(request_, NEW) or "accepted")


@pytest.mark.parametrize(
    ("request_", "version"),
    [
        (body(HELLO), NEW),
        (body(HELLO, temperature=1.0), OLD),
        (body(after_call(RESULT)), NEW),
        (body(after_call(RESULT, TEXT)), NEW),
        (body([*after_call(RESULT), *HELLO]), NEW),
        (body([{"role": "system", "content": "x"}, *HELLO]), NEW),
        (body(HELLO, system="x", stream=True, metadata={}, thinking={"type": "adaptive"}), NEW),
    ],
)
def test_what_the_api_takes_is_taken(request_: JsonObject, version: str):
    assert complaint(request_, version) is None


async def speak(simulator: Simulator, raw: bytes) -> bytes:
    """What the server answers to these bytes, up to the end of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(simulator.url.rpartition(":")[2]))
    writer.write(raw)
    answer = b""
    with suppress(ConnectionResetError):  # the server left bytes unread
        async with asyncio.timeout(10):
            answer = await reader.read()
    writer.close()
    with suppress(ConnectionResetError):
        await writer.wait_closed()
    return answer


def http(method: str, path: str, content: bytes = b"", *more: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "host: x", "x-api-key: k", f"content-length: {len(content)}", *more]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + content


POST = json.dumps(body(HELLO)).encode()


async def test_a_whole_answer_comes_as_one_json_message():
    async with Simulator(words_per_s=0) as simulator:
        answer = await speak(simulator, http("POST", "/v1/messages", POST, "connection: close"))
    head, _, content = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    message = json.loads(content)
    assert message["content"][0]["text"].startswith("Hello!")
    assert (message["stop_reason"], message["role"]) == ("end_turn", "assistant")


async def test_one_connection_serves_many_requests_pipelined_ones_too():
    async with Simulator(words_per_s=0) as simulator:
        asked = http("POST", "/v1/messages", POST) * 3 + http("GET", "/v1/models", b"", "connection: close")
        answer = await speak(simulator, asked)
        assert answer.count(b"HTTP/1.1 200 OK") == 4
        assert [request.path for request in simulator.requests] == ["/v1/messages"] * 3 + ["/v1/models"]


async def test_chunked_bodies_are_read():
    chunked = b"%x\r\n%b\r\n%x;note=1\r\n%b\r\n0\r\n\r\n" % (10, POST[:10], len(POST) - 10, POST[10:])
    head = b"POST /v1/messages HTTP/1.1\r\nx-api-key: k\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
    async with Simulator(words_per_s=0) as simulator:
        assert b"200 OK" in await speak(simulator, head + chunked)
        assert simulator.requests[-1].body == json.loads(POST)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (http("POST", "/v1/messages", b"{", "connection: close"), b" 400 "),
        (http("POST", "/v1/messages", b"[]", "connection: close"), b" 400 "),
        (http("POST", "/v1/messages", b'{"messages": "x", "model": 1}', "connection: close"), b" 400 "),
        (http("POST", "/v1/messages", json.dumps(body([{"role": "user", "content": [7]}])).encode(),
              "connection: close"), b" 400 "),
        (http("GET", "/v1/models/simulated", b"", "connection: close"), b" 200 "),
        (http("GET", "/v1/models/zork", b"", "connection: close"), b" 404 "),
        (http("GET", "/nothing", b"", "connection: close"), b" 404 "),
        (b"GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n", b" 401 "),
        (b"GET /v1/models HTTP/1.1\r\nauthorization: Bearer k\r\nconnection: close\r\n\r\n", b" 200 "),
        (b"GET /v1/models HTTP/1.1\r\nauthorization: Bearer k\r\nx-api-key: sk-bad\r\nconnection: close\r\n\r\n",
         b" 401 "),
    ],
)  # fmt: skip
async def test_each_request_has_its_status(raw: bytes, status: bytes):
    async with Simulator(words_per_s=0) as simulator:
        assert status in (await speak(simulator, raw)).split(b"\r\n")[0]


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        http("POST", "/v1/messages").replace(b"content-length: 0", b"content-length: -5"),
        http("POST", "/v1/messages").replace(b"content-length: 0", b"content-length: 99999999999"),
        http("POST", "/v1/messages").replace(b"content-length: 0", b"content-length: x"),
        b"GET / HTTP/1.1\r\nx: " + b"a" * 200_000,
    ],
)
async def test_what_is_not_http_ends_the_connection_and_nothing_else(raw: bytes):
    async with Simulator(words_per_s=0) as simulator:
        assert await speak(simulator, raw) == b""
        assert b"200 OK" in await speak(simulator, http("POST", "/v1/messages", POST, "connection: close"))


@LARGE
async def test_megabytes_of_history_are_taken():
    async with simulated() as (_, provider):
        last = await done(provider, asking("stream 3 at 0 tag X\n" + "x" * 8_000_000))
    assert last.usage.prompt_tokens > 1_900_000
    assert text_of(last.content).endswith("ENDX")


async def test_closing_ends_replies_on_their_way():
    async with simulated() as (simulator, provider):
        events = provider.stream(asking("stall"))
        while not isinstance(await anext(events), ModelText):
            pass
        await simulator.aclose()
        with pytest.raises(ProviderError, match="cut off"):
            await anext(events)
        await simulator.aclose()


@LARGE
async def test_recorded_requests_are_kept_within_bounds():
    async with simulated() as (simulator, provider):
        for n in range(4):
            await done(provider, asking(f"say {n} " + "x" * 2_000_000))
        kept = [request.body["messages"][0]["content"][0]["text"][:5] for request in simulator.requests]
    assert kept in (["say 3"], ["say 2", "say 3"])


# Scenarios.


async def test_the_first_reply_that_fits_and_is_not_used_up_is_given():
    replies: list[JsonObject] = [
        {"when": {"user": "^plan"}, "times": 1, "say": "first"},
        {"when": {"user": "^plan"}, "say": "later"},
        {"when": {"system": "you are w1"}, "say": "w1 here"},
        {"when": {"tag": "w2"}, "say": "w2 here"},
    ]
    async with simulated(make_scenario({"replies": replies})) as (_, provider):

        async def say(text: str, system: str = "") -> str:
            return text_of((await done(provider, asking(text, system=system))).content)

        assert await say("Plan it") == "first"
        assert await say("Plan it") == "later"
        assert await say("go", "You are w1.") == "w1 here"
        assert await say("go #w2 now") == "w2 here"
        assert await say("go", "This is #w2") == "w2 here"
        assert "You said: go #w22" in await say("go #w22")


async def test_steps_are_given_turn_by_turn_and_quote_the_result():
    steps: list[JsonObject] = [
        {"calls": [{"tool": "read", "input": {"path": "A.md"}}, {"tool": "bash", "input": {"command": "ls"}}]},
        {"say": "It holds {result}, for {user}."},
    ]
    async with simulated(make_scenario({"replies": [{"when": {"user": "look"}, "steps": steps}]})) as (_, provider):
        request = asking("look")
        first = await done(provider, request)
        assert first.stop_reason == "tool_use"
        second = await done(provider, answered(request, first, "one", "two"))
    assert text_of(second.content) == "It holds two, for look."


async def test_a_reply_may_hang_on_the_newest_result():
    replies: list[JsonObject] = [
        {"when": {"result": "exit 1"}, "say": "It failed."},
        {"when": {"turn": 0}, "calls": [{"tool": "bash", "input": {"command": "x"}}]},
    ]
    async with simulated(make_scenario({"replies": replies})) as (_, provider):
        request = asking("go")
        first = await done(provider, request)
        second = await done(provider, answered(request, first, "exit 1", error=True))
    assert text_of(second.content) == "It failed."


async def test_a_fault_strikes_as_often_as_it_says_and_then_the_reply_goes_through():
    fault: JsonObject = {"kind": "status", "status": 529, "times": 2}
    replies: list[JsonObject] = [{"say": "at last", "times": 1, "fault": fault}, {"say": "after that"}]
    async with simulated(make_scenario({"replies": replies})) as (_, provider):
        for _ in range(2):
            with pytest.raises(ProviderError, match="529"):
                await done(provider, asking("go"))
        assert text_of((await done(provider, asking("go"))).content) == "at last"
        assert text_of((await done(provider, asking("go"))).content) == "after that"


async def test_a_scenario_may_be_changed_under_way():
    async with simulated() as (simulator, provider):
        simulator.play(make_scenario({"replies": [{"say": "scripted"}]}))
        assert text_of((await done(provider, asking("hello"))).content) == "scripted"
        simulator.play(None)
        assert "Hello!" in text_of((await done(provider, asking("hello"))).content)


async def test_fail_lines_fail_as_often_as_they_say():
    async with simulated() as (_, provider):
        for _ in range(2):
            with pytest.raises(ProviderError, match="503"):
                await done(provider, asking("fail 503 times 2"))
        assert "recovered" in text_of((await done(provider, asking("fail 503 times 2"))).content)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("replies: [{sya: hello}]", "sya"),
        ("replies: [{fault: {kind: earthquake}}]", "earthquake"),
        ("replies: [{when: {user: '('}}]", "regular expression"),
        ("replies: {", "not YAML"),
        ("- a\n- b", "Expected `object`"),
        ("replies: [{calls: [{name: bash}]}]", "name"),
        ("replies: [{steps: [{when: {turn: 1}}]}]", "no `when`"),
    ],
)
def test_a_broken_scenario_names_the_file_and_the_fault(tmp_path: Path, text: str, words: str):
    path = tmp_path / "scene.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        load_scenario(path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


def test_the_example_of_the_format_is_one():
    example = load_scenario(Path(simulator_package.__file__).parent / "scenario_example.yaml")
    assert {line.fault.kind for line in example.replies if line.fault} == {"cut", "status"}


async def test_a_server_set_to_no_pace_ignores_that_of_scenarios():
    script = make_scenario({"words_per_s": 0.001, "replies": [{"say": "one two three", "first_word_s": 1000}]})
    async with simulated(script) as (_, provider):
        assert text_of((await done(provider, asking("go"))).content) == "one two three"


async def test_it_runs_alone():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "vega_tui.llm.simulator", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        line = (await process.stdout.readline()).decode()
    process.terminate()
    await process.wait()
    assert line.startswith("ANTHROPIC_BASE_URL=http://127.0.0.1:")


@pytest.mark.parametrize("limit", [1, 5, 10, 20, 30, 40, 60])
async def test_an_answer_ends_where_its_tokens_do_and_is_charged_for_no_more(limit: int):
    line = {"think": "a" * 40, "redacted": "b" * 40, "say": "c" * 40, "calls": [{"tool": "bash", "raw": "d" * 40}]}
    async with simulated(make_scenario({"replies": [line]})) as (simulator, provider):
        request = msgspec.structs.replace(asking("go"), max_tokens=limit)
        answer = await done(provider, request)
        assert answer.usage.output_tokens <= limit
        assert answer.stop_reason == ("max_tokens" if limit < 46 else "tool_use")
        assert simulator.bill.usage == answer.usage


async def test_what_was_charged_for_is_what_was_sent_when_the_client_leaves():
    async with simulated(words_per_s=1) as (simulator, provider):
        async with aclosing(provider.stream(asking("stream 1000 at 1"))) as events:
            async for piece in events:
                if isinstance(piece, ModelText):
                    break
        while simulator.streaming:
            await asyncio.sleep(0)
        assert 1 <= simulator.bill.usage.output_tokens < 10
        assert simulator.bill.usage.prompt_tokens > 0
