import itertools

from hypothesis import given
from hypothesis import strategies as st

from vega_tui.agent.history import to_messages
from vega_tui.core.messages import Observation, Text, ToolResult, ToolUse
from vega_tui.core.records import Entry


def entry(kind: str, **fields: object) -> Entry:
    return Entry(id="e", session="s", process="root", kind=kind, **fields)  # pyright: ignore[reportArgumentType] - a test's shorthand


def said(text: str) -> Entry:
    return entry("user", content=(Text(text=text),))


def answered(text: str, *calls: str) -> Entry:
    blocks = (*((Text(text=text),) if text else ()), *(ToolUse(id=call, name="bash", input={}) for call in calls))
    return entry("assistant", content=blocks)


def came_to(call: str, text: str = "done") -> Entry:
    return entry("tool_result", call=call, tool="bash", observation=Observation(text=text))


def test_what_got_no_answer_stays_a_message_of_its_own() -> None:
    messages = to_messages([said("fail"), entry("system", note="401", mark="error"), said("hello")])
    assert [message.content for message in messages] == [(Text(text="fail"),), (Text(text="hello"),)]


def test_a_steering_message_follows_the_results_in_the_same_message() -> None:
    messages = to_messages([said("go"), answered("", "a"), came_to("a"), said("and quickly")])
    assert [type(block) for block in messages[-1].content] == [ToolResult, Text]


def test_a_call_whose_result_was_lost_gets_one_that_says_so() -> None:
    messages = to_messages([said("go"), answered("", "a", "b"), came_to("b"), said("on")])
    results = [block for block in messages[-1].content if isinstance(block, ToolResult)]
    assert {result.tool_use_id: result.is_error for result in results} == {"a": True, "b": False}


def test_a_result_of_a_call_that_nobody_made_is_left_out() -> None:
    assert to_messages([said("go"), came_to("ghost")]) == to_messages([said("go")])


def test_an_empty_answer_is_no_message() -> None:
    assert len(to_messages([said("go"), answered("  "), said("on")])) == 2


def test_the_notes_of_the_program_are_not_the_models_business() -> None:
    notes = [entry("system", note="#1 died"), entry("label", note="here")]
    assert to_messages([said("go"), *notes]) == to_messages([said("go")])


ENTRIES = st.lists(
    st.one_of(
        st.sampled_from(["hi", "", "more"]).map(said),
        st.lists(st.sampled_from("abcd"), unique=True, max_size=3).map(lambda calls: answered("ok", *calls)),
        st.sampled_from("abcd").map(came_to),
        st.just(entry("system", note="x")),
    ),
    max_size=30,
)


@given(ENTRIES)
def test_whatever_the_log_holds_the_request_is_one_that_the_api_takes(entries: list[Entry]) -> None:
    messages = to_messages(entries)
    assert not messages or messages[0].role == "user"
    for before, after in itertools.pairwise(messages):
        assert (before.role, after.role) != ("assistant", "assistant")
        calls = {block.id for block in before.content if isinstance(block, ToolUse)}
        results = {block.tool_use_id for block in after.content if isinstance(block, ToolResult)}
        assert calls == results
    assert all(message.content for message in messages)
    if messages and messages[-1].role == "assistant":
        assert not any(isinstance(block, ToolUse) for block in messages[-1].content)
