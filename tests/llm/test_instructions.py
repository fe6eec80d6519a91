from typing import Any

import pytest

from tests.llm.talk import TOOLS, answered, asking, done, simulated, tool
from vega_tui.core.messages import Message, Text, Thinking, ToolResult, ToolUse, text_of
from vega_tui.core.ports import ModelDone, ModelRequest
from vega_tui.llm.simulator.instructions import plan

SCHEMAS = {tool.name: tool.input_schema for tool in TOOLS}


def calls(text: str) -> list[list[tuple[str, Any]]]:
    """What a text makes the model call, message by message."""
    return [[(wish.tool, wish.input(SCHEMAS[wish.tool])) for wish in step.wishes] for step in plan(text) if step.wishes]


@pytest.mark.parametrize(
    "text",
    ["list files here", "List files here.", "please list the files here", "can you list all files here?", "ls here"],
)
def test_listing_here_runs_ls(text: str):
    assert calls(text) == [[("bash", {"command": "ls -la"})]]


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("list src", "list", {"path": "src"}),
        ("list files in src/app", "list", {"path": "src/app"}),
        ("list the files in `my dir`", "list", {"path": "my dir"}),
        ("read README.md", "read", {"path": "README.md"}),
        ("Read the file docs/plan.txt.", "read", {"path": "docs/plan.txt"}),
        ("please show me setup.cfg", "read", {"path": "setup.cfg"}),
        ("read Makefile", "read", {"path": "Makefile"}),
        ("read @src/app.py", "read", {"path": "src/app.py"}),
        ("read `a b.txt`", "read", {"path": "a b.txt"}),
        ("run date", "bash", {"command": "date"}),
        ("run `echo a then read b`", "bash", {"command": "echo a then read b"}),
        ("run the command: make test", "bash", {"command": "make test"}),
        ("execute sleep 5 && echo done", "bash", {"command": "sleep 5 && echo done"}),
        ("run echo 'it is 5; or so'", "bash", {"command": "echo 'it is 5; or so'"}),
        ("write notes.txt: some text", "write", {"path": "notes.txt", "content": "some text"}),
        ("write a file a.py with content print(1)", "write", {"path": "a.py", "content": "print(1)"}),
        ("write a.py:\n```python\na = 1\nb = 2\n```", "write", {"path": "a.py", "content": "a = 1\nb = 2\n"}),
        ("edit a.py: replace foo with bar baz", "edit", {"path": "a.py", "old": "foo", "new": "bar baz"}),
        ('edit a.py: replace "with x" with "by y"', "edit", {"path": "a.py", "old": "with x", "new": "by y"}),
        ("search for TODO in src", "grep", {"pattern": "TODO", "path": "src"}),
        ("grep for def main", "grep", {"pattern": "def main", "path": "."}),
        ('grep "a b" in x', "grep", {"pattern": "a b", "path": "x"}),
        ("search src for x y.", "grep", {"pattern": "x y", "path": "src"}),
        ("find main in src/app.py", "grep", {"pattern": "main", "path": "src/app.py"}),
        ("ls -la /", "bash", {"command": "ls -la /"}),
        ("run the tests", "bash", {"command": "make test"}),
        ("run date.", "bash", {"command": "date"}),
        ("please read setup.cfg and tell me what it is", "read", {"path": "setup.cfg"}),
        ("read setup.cfg, then summarise it", "read", {"path": "setup.cfg"}),
        ("ask the planner to rest", "ask", {"agent": "planner", "message": "rest"}),
        ("fetch http://127.0.0.1:80/x?y=1", "fetch", {"url": "http://127.0.0.1:80/x?y=1"}),
        ("ask planner to split the work", "ask", {"agent": "planner", "message": "split the work"}),
        ("ask root/w1 what it found", "ask", {"agent": "root/w1", "message": "what it found"}),
        ("task tester: run the tests", "task", {"name": "tester", "task": "run the tests"}),
        ("have tester run the tests", "task", {"name": "tester", "task": "run the tests"}),
        ("spawn a helper to read X.md", "spawn", {"name": "helper-1", "task": "read X.md"}),
    ],
)  # fmt: skip
def test_plain_words_become_one_call(text: str, name: str, arguments: dict[str, str]):
    assert calls(text) == [[(name, arguments)]]


def test_workers_are_spawned_side_by_side_under_numbered_names():
    expected = [("spawn", {"name": f"worker-{n}", "task": "list files here"}) for n in (1, 2, 3)]
    assert calls("spawn 3 workers to list files here") == [expected]
    assert calls("spawn three workers: list files here") == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "list files here then read README.md then run date",
        "List files here, then read README.md, and then run date.",
        "list files here\nread README.md\nrun date",
        "1. list files here\n2. read README.md\n3. run date",
        "- list files here\n- read README.md\n- run date",
        "First list files here; read README.md. Run date",
    ],
)
def test_several_steps_are_taken_in_order(text: str):
    found = calls(text)
    assert [call[0][0] for call in found] == ["bash", "read", "bash"]
    assert found[1] == [("read", {"path": "README.md"})]
    assert found[2][0][1]["command"].rstrip(".") == "date"


def test_a_quoted_task_keeps_its_own_steps():
    assert calls('task w1: "list files here then read A.md" then run date') == [
        [("task", {"name": "w1", "task": "list files here then read A.md"})],
        [("bash", {"command": "date"})],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "what is the weather?",
        "I read a book",
        "thanks!",
        "\0",
        "then then",
        "tell me a joke",
        "have a look",
        "start a server",
        "find out why it fails",
        "ask me anything",
    ],
)
def test_what_is_no_instruction_makes_no_plan(text: str):
    assert plan(text) == []


async def run(text: str, *results: str, error: bool = False) -> tuple[list[ModelDone], ModelRequest]:
    """The conversation that a text leads to, each call answered in turn."""
    async with simulated() as (_, provider):
        request, said = asking(text), list[ModelDone]()
        for result in (*results, ""):
            last = await done(provider, request)
            said.append(last)
            count = sum(isinstance(block, ToolUse) for block in last.content)
            if not count:
                break
            request = answered(request, last, *[result] * count, error=error)
    return said, request


async def test_each_result_leads_to_the_next_step_and_at_last_to_an_answer_that_quotes_them():
    said, _ = await run("list files here then read README.md", "README.md\nsrc", "# The title")
    assert [last.stop_reason for last in said] == ["tool_use", "tool_use", "end_turn"]
    answer = text_of(said[-1].content)
    assert "`bash` gave" in answer
    assert "README.md\nsrc" in answer
    assert "# The title" in answer


async def test_an_answer_says_what_went_wrong_and_quotes_only_the_beginning():
    said, _ = await run("run x", "denied by the operator", error=True)
    assert "did not work" in text_of(said[-1].content)
    assert "denied by the operator" in text_of(said[-1].content)
    said, _ = await run("run x", "\n".join(f"line {n}" for n in range(1000)))
    assert "(988 more lines)" in text_of(said[-1].content)
    said, _ = await run("run x", "")
    assert "said nothing" in text_of(said[-1].content)


async def test_a_new_text_beside_results_starts_a_new_plan():
    async with simulated() as (_, provider):
        request = asking("list files here then read README.md")
        last = await done(provider, request)
        (call,) = [block for block in last.content if isinstance(block, ToolUse)]
        steer = Message(
            "user", (ToolResult(tool_use_id=call.id, content="README.md"), Text(text="no, run date instead"))
        )
        plain = Message("user", (ToolResult(tool_use_id=call.id, content="README.md"), Text(text="run date")))
        history = (*request.messages, Message("assistant", last.content))
        for message, expected in ((plain, "tool_use"), (steer, "end_turn")):
            turned = ModelRequest(model="simulated", messages=(*history, message), tools=TOOLS)
            assert (await done(provider, turned)).stop_reason == expected


async def test_arguments_take_the_names_that_the_offered_tool_has():
    offered = (tool("edit", "file_path", "old_string", "new_string"), tool("ask", "to", "question"))
    async with simulated() as (_, provider):
        for text, expected in (
            ("edit a: replace b with c", {"file_path": "a", "old_string": "b", "new_string": "c"}),
            ("ask w1 to rest", {"to": "w1", "question": "rest"}),
        ):
            request = ModelRequest(model="simulated", messages=asking(text).messages, tools=offered)
            (call,) = [b for b in (await done(provider, request)).content if isinstance(b, ToolUse)]
            assert call.input == expected


async def test_a_tool_that_is_not_offered_is_not_called():
    async with simulated() as (_, provider):
        last = await done(provider, ModelRequest(model="simulated", messages=asking("run date").messages))
    assert last.stop_reason == "end_turn"
    assert "`bash`" in text_of(last.content)


async def test_thinking_comes_before_what_it_is_about():
    said, _ = await run("think about foxes")
    assert [type(block) for block in said[0].content] == [Thinking, Text]
    said, _ = await run("think about foxes, then list files here", "README.md")
    assert [type(block) for block in said[0].content] == [Thinking, Text, ToolUse]


async def test_other_texts_get_a_helpful_answer():
    for text, expected in (
        ("hello", "Hello!"),
        ("what is the weather?", "You said: what is the weather?"),
        ("show me markdown", "| Agent |"),
        ("say it works", "it works"),
    ):
        said, _ = await run(text)
        assert expected in text_of(said[0].content)
    assert "simulated" in text_of((await run("hello"))[0][0].content)


async def test_scripted_lines_are_found_in_the_last_line_that_is_one():
    said, _ = await run("some context\nstream 3 at 0 tag B\nmore")
    assert text_of(said[0].content).endswith("ENDB")
    said, _ = await run('tool bash {"command": "echo hi"}', "hi")
    assert "tool said: hi" in text_of(said[-1].content)
    said, _ = await run("code 3")
    assert text_of(said[0].content).count("def step_") == 3


HOSTILE = (
    " " * 100_000 + "x",
    "then " * 20_000,
    "- " * 50_000,
    '"' * 50_001,
    "read a " + "and " * 20_000 + "\n",
    "a \n; . " * 9_000,
)


@pytest.mark.parametrize(
    "text", [*HOSTILE, *(f"{verb} a: replace {HOSTILE[0]} in b" for verb in ("edit", "grep", "run"))]
)
def test_no_text_takes_the_plan_for_ever(text: str):
    plan(text)
