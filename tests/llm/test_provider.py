import asyncio
import json
from contextlib import aclosing

import pytest

from tests.llm.talk import TOOLS, answered, asking, collect, done, simulated, user
from vega_tui.core.errors import ProviderError, Verdict
from vega_tui.core.messages import Message, RedactedThinking, Text, Thinking, ToolResult, ToolUse, text_of
from vega_tui.core.ports import ModelDone, ModelRequest, ModelText, ModelThinking, ModelToolArgs
from vega_tui.core.provider_settings import ProviderSettings
from vega_tui.llm import make_provider
from vega_tui.llm.anthropic_provider import AnthropicProvider
from vega_tui.llm.simulator import Simulator, make_scenario
from vega_tui.llm.simulator.http import HttpReply, HttpRequest, HttpServer


async def test_an_answer_comes_in_pieces_and_then_whole():
    async with simulated() as (_, provider):
        *pieces, last = await collect(provider, asking("stream 40 at 0 tag A"))
    assert isinstance(last, ModelDone)
    said = "".join(piece.text for piece in pieces if isinstance(piece, ModelText))
    assert said == text_of(last.content)
    assert said.endswith(" ENDA")
    assert last.stop_reason == "end_turn"
    assert last.model == "simulated"
    assert last.usage.output_tokens > 0


async def test_a_tool_call_shows_its_arguments_as_they_come():
    async with simulated() as (_, provider):
        *pieces, last = await collect(provider, asking('tool bash {"command": "echo hi; echo there"}'))
    assert isinstance(last, ModelDone)
    (call,) = [block for block in last.content if isinstance(block, ToolUse)]
    assert call.input == {"command": "echo hi; echo there"}
    assert last.stop_reason == "tool_use"
    assert last.bad_calls == {}
    args = [piece for piece in pieces if isinstance(piece, ModelToolArgs)]
    assert args[0].partial == ""
    assert {piece.call for piece in args} == {call.id}
    assert json.loads("".join(piece.partial for piece in args)) == call.input


async def test_thinking_is_given_signed_and_replayed():
    async with simulated() as (simulator, provider):
        request = asking("think about foxes, then list files here")
        *pieces, last = await collect(provider, request)
        assert isinstance(last, ModelDone)
        assert any(isinstance(piece, ModelThinking) for piece in pieces)
        thought = last.content[0]
        assert isinstance(thought, Thinking)
        assert thought.signature
        await done(provider, answered(request, last, "README.md"))
        sent = simulator.requests[-1].body["messages"][1]["content"][0]
    assert sent == {"type": "thinking", "thinking": thought.thinking, "signature": thought.signature}


async def test_sealed_thinking_is_kept_and_replayed_as_it_came():
    script = make_scenario({"replies": [{"redacted": "c2VhbGVk", "say": "done"}]})
    async with simulated(script) as (simulator, provider):
        last = await done(provider, asking("hello"))
        assert last.content[0] == RedactedThinking(data="c2VhbGVk")
        history = (user("hello"), Message("assistant", last.content))
        await done(provider, asking("more", *history))
        sent = simulator.requests[-1].body["messages"][1]["content"][0]
    assert sent == {"type": "redacted_thinking", "data": "c2VhbGVk"}


@pytest.mark.parametrize("raw", ['{"command": "ec', "[1, 2]", "nonsense"])
async def test_arguments_that_are_no_json_object_are_a_bad_call_and_no_error(raw: str):
    script = make_scenario({"replies": [{"calls": [{"tool": "bash", "raw": raw}]}]})
    async with simulated(script) as (_, provider):
        last = await done(provider, asking("go"))
    (call,) = last.content
    assert isinstance(call, ToolUse)
    assert call.input == {}
    assert raw in last.bad_calls[call.id]


async def test_a_call_without_arguments_has_an_empty_input():
    script = make_scenario({"replies": [{"calls": [{"tool": "bash", "raw": ""}]}]})
    async with simulated(script) as (_, provider):
        last = await done(provider, asking("go"))
    (call,) = last.content
    assert isinstance(call, ToolUse)
    assert (call.input, last.bad_calls) == ({}, {})


async def test_the_stop_reason_of_the_server_is_kept():
    script = make_scenario({"replies": [{"say": "half an", "stop_reason": "max_tokens"}]})
    async with simulated(script) as (_, provider):
        assert (await done(provider, asking("go"))).stop_reason == "max_tokens"


async def test_cache_marks_stand_on_system_last_tool_and_last_user_block():
    async with simulated() as (simulator, provider):
        await done(provider, asking("hello", system="You are a test."))
        body = simulator.requests[-1].body
    mark = {"type": "ephemeral"}
    assert body["system"][-1]["cache_control"] == mark
    assert [("cache_control" in tool) for tool in body["tools"]] == [False] * (len(TOOLS) - 1) + [True]
    assert body["messages"][-1]["content"][-1]["cache_control"] == mark


async def test_a_repeated_prefix_is_read_from_the_cache():
    async with simulated() as (_, provider):
        first = await done(provider, asking("hello", system="You are a test."))
        history = (user("hello"), Message("assistant", first.content))
        second = await done(provider, asking("again", *history, system="You are a test."))
    assert first.usage.cache_read_tokens == 0
    assert second.usage.cache_read_tokens == first.usage.prompt_tokens
    assert second.usage.prompt_tokens > first.usage.prompt_tokens


async def test_what_the_api_refuses_is_left_out_of_the_history():
    history = (
        user("one"),
        Message("assistant", (Thinking(thinking="cut off, so unsigned"), Text(text="  "), Text(text="two"))),
        Message("user", (Text(text=""),)),
    )
    async with simulated() as (simulator, provider):
        await done(provider, asking("three", *history))
        sent = simulator.requests[-1].body["messages"]
    assert [[block.get("text") for block in message["content"]] for message in sent] == [
        ["one"],
        ["two"],
        ["three"],
    ]


async def test_temperature_goes_only_when_set_and_with_the_version_that_takes_it():
    async with simulated() as (simulator, provider):
        await done(provider, asking("hello"))
        await done(provider, asking("hello", temperature=0.2))
        plain, set_ = simulator.requests
    assert "temperature" not in plain.body
    assert set_.body["temperature"] == 0.2
    assert set_.headers["anthropic-version"] == "2023-06-01"
    assert plain.headers["anthropic-version"] != "2023-06-01"


async def test_tokens_are_counted_and_models_listed_by_the_server():
    async with simulated() as (_, provider):
        assert await provider.count_tokens(asking("hello " * 100)) > 100
        assert "simulated" in await provider.models()


async def test_leaving_a_stream_ends_the_servers_work():
    async with simulated(words_per_s=5) as (simulator, provider):
        async with aclosing(provider.stream(asking("stream 1000 at 5"))) as events:
            async for piece in events:
                if isinstance(piece, ModelText):
                    assert simulator.streaming == 1
                    break
        await _until_idle(simulator)


async def test_cancelling_a_call_ends_the_servers_work():
    async with simulated() as (simulator, provider):
        begun = asyncio.Event()

        async def call() -> None:
            async for _ in provider.stream(asking("stall")):
                begun.set()

        task = asyncio.create_task(call())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await _until_idle(simulator)


async def _until_idle(simulator: Simulator) -> None:
    async with asyncio.timeout(5):
        while simulator.streaming:
            await asyncio.sleep(0)


async def test_calls_run_side_by_side_and_reuse_connections():
    async with simulated() as (simulator, provider):
        texts = [f"stream 5 at 0 tag T{n}" for n in range(20)]
        answers = await asyncio.gather(*(done(provider, asking(text)) for text in texts))
        assert [text_of(answer.content).split()[-1] for answer in answers] == [f"ENDT{n}" for n in range(20)]
        opened = simulator.connections
        await done(provider, asking("hello"))
        assert simulator.connections == opened


async def test_a_key_is_asked_for_only_by_the_official_server():
    with pytest.raises(ProviderError, match="ANTHROPIC_API_KEY") as caught:
        await collect(AnthropicProvider(api_key=""), asking("hello"))
    assert caught.value.verdict is Verdict.AUTHENTICATION
    async with simulated(api_key="") as (_, provider):
        assert text_of((await done(provider, asking("say yes"))).content) == "yes"


async def test_closing_twice_is_fine_and_calls_after_it_fail_plainly():
    async with simulated() as (_, provider):
        await done(provider, asking("hello"))
        await provider.aclose()
        await provider.aclose()
        with pytest.raises(ProviderError, match="closed"):
            await collect(provider, asking("hello"))


def test_no_repr_shows_the_key():
    settings = ProviderSettings(api_key="sk-secret", base_url="http://127.0.0.1:1")
    assert "sk-secret" not in repr(settings)
    assert "sk-secret" not in repr(make_provider(settings))


async def test_tool_results_go_back_under_their_calls():
    async with simulated() as (simulator, provider):
        request = asking("run false")
        last = await done(provider, request)
        closing = await done(provider, answered(request, last, "exit 1", error=True))
        block = simulator.requests[-1].body["messages"][-1]["content"][0]
    assert block["is_error"] is True
    assert "exit 1" in text_of(closing.content)


async def test_a_request_without_messages_is_refused_with_a_line_and_not_retried():
    async with simulated() as (_, provider):
        orphan = Message("user", (ToolResult(tool_use_id="toolu_x", content="?"),))
        with pytest.raises(ProviderError, match="unexpected `tool_use_id`") as caught:
            await collect(provider, ModelRequest(model="simulated", messages=(orphan,)))
    assert caught.value.verdict is Verdict.INVALID_REQUEST


async def test_a_connection_is_reused_though_its_end_comes_after_the_message():
    async def answer(request: HttpRequest, http: HttpReply) -> None:
        await http.start_stream()
        await http.write(b'event: message_stop\ndata: {"type": "message_stop"}\n\n')
        for _ in range(20):
            await asyncio.sleep(0)

    server = HttpServer(answer, "127.0.0.1", 0)
    await server.start()
    provider = AnthropicProvider(api_key="k", base_url=f"http://127.0.0.1:{server.port}")
    for _ in range(3):
        assert (await done(provider, asking("hello"))).content == ()
    assert server.accepted == 1
    await provider.aclose()
    await server.close()
