"""Requests and conversations in few words, for the tests of the model's side."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from vega_tui.core.messages import AnyBlock, Message, Text, ToolResult, ToolUse
from vega_tui.core.ports import ModelDone, ModelEvent, ModelRequest, ToolSchema
from vega_tui.llm.anthropic_provider import AnthropicProvider
from vega_tui.llm.simulator import Scenario, Simulator


def tool(name: str, *arguments: str) -> ToolSchema:
    properties = {argument: {"type": "string"} for argument in arguments}
    return ToolSchema(name=name, description=name, input_schema={"type": "object", "properties": properties})


TOOLS = (
    tool("bash", "command"),
    tool("read", "path"),
    tool("write", "path", "content"),
    tool("edit", "path", "old", "new"),
    tool("list", "path"),
    tool("grep", "pattern", "path"),
    tool("fetch", "url"),
    tool("ask", "agent", "message"),
    tool("task", "name", "task"),
    tool("spawn", "name", "task"),
)


def user(text: str) -> Message:
    return Message("user", (Text(text=text),))


def asking(text: str, *before: Message, system: str = "", temperature: float | None = None) -> ModelRequest:
    return ModelRequest(
        model="simulated",
        messages=(*before, user(text)),
        system=system,
        tools=TOOLS,
        temperature=temperature,
    )


def answered(request: ModelRequest, done: ModelDone, *results: str, error: bool = False) -> ModelRequest:
    """The next request: the model's message, and a result for each of its calls."""
    calls = [block for block in done.content if isinstance(block, ToolUse)]
    blocks: tuple[AnyBlock, ...] = tuple(
        ToolResult(tool_use_id=call.id, content=result, is_error=error)
        for call, result in zip(calls, results, strict=True)
    )
    messages = (*request.messages, Message("assistant", done.content), Message("user", blocks))
    return ModelRequest(model=request.model, messages=messages, system=request.system, tools=request.tools)


async def collect(provider: AnthropicProvider, request: ModelRequest) -> list[ModelEvent]:
    return [event async for event in provider.stream(request)]


async def done(provider: AnthropicProvider, request: ModelRequest) -> ModelDone:
    *_, last = await collect(provider, request)
    assert isinstance(last, ModelDone)
    return last


@asynccontextmanager
async def simulated(
    scenario: Scenario | None = None,
    *,
    api_key: str = "sk-simulated",
    read_timeout_s: float = 20.0,
    words_per_s: float = 0.0,
) -> AsyncGenerator[tuple[Simulator, AnthropicProvider]]:
    async with Simulator(words_per_s=words_per_s, scenario=scenario) as simulator:
        provider = AnthropicProvider(
            api_key=api_key, base_url=simulator.url, simulated=True, read_timeout_s=read_timeout_s
        )
        try:
            yield simulator, provider
        finally:
            await provider.aclose()
