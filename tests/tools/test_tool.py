from collections.abc import Sequence
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import pytest

from tests.tools.kit import Kit
from vega_tui.core.errors import BugError, NotFound, ToolError
from vega_tui.core.messages import Observation
from vega_tui.tools.context import ToolContext
from vega_tui.tools.registry import builtin_registry, full_registry
from vega_tui.tools.tool import Tool, observed, tool


class Point(msgspec.Struct):
    """A place."""

    x: int
    y: int = 0


@tool
async def weather(
    ctx: ToolContext,
    city: Annotated[str, "Which city."],
    unit: Literal["c", "f"] = "c",
    days: int | None = None,
    near: Sequence[Point] = (),
) -> str:
    """Say the weather."""
    return f"{city} {unit} {days} {[p.x for p in near]} in {ctx.cwd.name}"


@tool(name="plus")
def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


def test_the_schema_is_read_from_the_signature_and_the_docstring() -> None:
    assert (weather.name, weather.description) == ("weather", "Say the weather.")
    schema = weather.input_schema
    assert schema["type"] == "object"
    assert schema["required"] == ["city"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["city"] == {"description": "Which city.", "type": "string"}
    assert schema["properties"]["unit"] == {"enum": ["c", "f"], "default": "c"}
    assert "ctx" not in schema["properties"]
    assert schema["$defs"]["Point"]["properties"]["x"] == {"type": "integer"}
    assert weather.schema.input_schema == schema


async def test_arguments_arrive_typed_with_their_defaults(tmp_path: Path) -> None:
    kit = Kit(tmp_path, tools=[weather, add])
    text = (await kit.call("weather", city="Rome", near=[{"x": 3}])).text
    assert text == f"Rome c None [3] in {tmp_path.name}"
    assert (await kit.call("plus", a=2)).text == "3"
    with pytest.raises(ToolError, match=r"near\[0\]"):
        weather.validate({"city": "Rome", "near": [{"x": "3"}]})


def test_a_tool_that_cannot_be_described_is_refused_when_it_is_made() -> None:
    def undocumented(a: int) -> int:
        return a

    with pytest.raises(BugError, match="docstring"):
        tool(undocumented)
    undocumented.__doc__ = "Documented."
    with pytest.raises(BugError, match="name"):
        tool(name="no good name")(undocumented)
    del undocumented.__annotations__["a"]
    with pytest.raises(BugError, match="type"):
        tool(undocumented)


@pytest.mark.parametrize(
    ("result", "text"),
    [("a", "a"), (None, "done"), ({"a": [1]}, '{"a":[1]}'), (Observation(text="o"), "o"), (3.5, "3.5"), (1j, "1j")],
)
def test_whatever_a_tool_gives_becomes_text(result: object, text: str) -> None:
    assert observed(result).text == text


def test_a_summary_is_one_short_line_whatever_the_arguments_are() -> None:
    bash = builtin_registry().get("bash")
    assert bash.summary({"command": "a\n  b"}) == "a⏎  b"
    assert len(bash.summary({"command": "x" * 1_000})) <= 400
    assert bash.summary({}) == "{}"
    assert weather.summary({"city": "Rome"}) == "city='Rome'"


def test_the_built_in_tools_have_one_name_each_and_known_aliases() -> None:
    registry = builtin_registry()
    assert registry.names() == ("bash", "read", "write", "edit", "list", "grep", "fetch", "ask", "task", "spawn")
    for alias, name in {
        "exec": "bash",
        "Run_Command": "bash",
        "read_file": "read",
        "Bash": "bash",
        "delegate": "ask",
    }.items():
        assert registry.get(alias).name == name
    assert registry.only(["read_file", "bash"]).names() == ("read", "bash")
    with pytest.raises(NotFound, match="did you mean grep"):
        registry.get("grpe")
    assert [schema.name for schema in registry.schemas()] == list(registry.names())
    assert all(schema.description and schema.input_schema["type"] == "object" for schema in registry.schemas())


@pytest.mark.parametrize(
    ("value", "says"),
    [("tests.tools.test_tool:weather", ""), ("tests.tools.test_tool:Point", "not made with @tool"),
     ("tests.tools.nowhere:x", "No module named"), ("vega_tui.tools.builtins.bash:bash", "is taken")],
)  # fmt: skip
def test_packages_may_add_tools(value: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def offered(*, group: str) -> EntryPoints:
        return EntryPoints([EntryPoint("x", value, group)])

    monkeypatch.setattr("importlib.metadata.entry_points", offered)
    registry = full_registry()
    if says:
        (problem,) = registry.problems
        assert f"x ({value}) is left out: " in problem
        assert says in problem
        assert registry.names() == builtin_registry().names()
    else:
        assert registry.get("weather") is weather
        assert registry.problems == ()


class Agents:
    """The agent's side, as tools see it."""

    async def task(self, name: str, prompt: str, agent: str = "") -> Observation:
        return Observation(text=f"task {name} {prompt} {agent}")

    async def spawn(self, name: str, prompt: str, agent: str = "", restart: str = "transient") -> str:
        return f"root/{name}"

    async def ask(self, to: str, message: str) -> Observation:
        return Observation(text=f"ask {to} {message}")


async def test_other_agents_are_reached_through_the_agents_own_side(tmp_path: Path) -> None:
    kit = Kit(tmp_path, delegate=Agents())
    assert (await kit.call("task", name="a", prompt="b", agent="c")).text == "task a b c"
    assert (await kit.call("ask", to="a", message="b")).text == "ask a b"
    spawned = await kit.call("spawn", name="w1", prompt="b")
    assert (spawned.text, spawned.fact, spawned.details) == ("Started root/w1.", "w1", {"path": "root/w1"})
    alone = await Kit(tmp_path).call("task", name="a", prompt="b")
    assert (alone.text, alone.error) == ("no other agents can be reached from here", True)


def test_tools_are_values() -> None:
    assert isinstance(add, Tool)
