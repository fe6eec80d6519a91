import pytest

from vega_tui.client.views.summaries import call_summary
from vega_tui.core.messages import JsonObject
from vega_tui.tools.registry import full_registry

CALLS: list[tuple[str, JsonObject]] = [
    ("bash", {"command": "cd app &&\n  make"}),
    ("bash", {"command": "x" * 300}),
    ("bash", {}),
    ("read", {"path": "a/b.py"}),
    ("write", {"path": "a/b.py", "content": "x"}),
    ("edit", {"path": "a/b.py", "old": "x", "new": "y"}),
    ("list", {}),
    ("list", {"path": "src"}),
    ("grep", {"pattern": "def ", "path": "src"}),
    ("grep", {"pattern": "def "}),
    ("fetch", {"url": "http://example.org"}),
    ("ask", {"to": "helper", "message": "why?"}),
    ("task", {"name": "w1", "prompt": "do it"}),
    ("spawn", {"name": "w1", "prompt": "do it", "restart": "transient"}),
]


@pytest.mark.parametrize(("tool", "args"), CALLS)
def test_an_old_call_is_summed_up_as_its_tool_did(tool: str, args: JsonObject) -> None:
    assert call_summary(tool, args) == full_registry().get(tool).summary(args)


def test_every_tool_of_ours_is_among_them() -> None:
    assert set(full_registry().names()) == {tool for tool, _ in CALLS}


def test_another_tool_shows_all_it_was_given() -> None:
    assert call_summary("mcp__x", {"a": 1, "b": "two"}) == "a=1, b='two'"
