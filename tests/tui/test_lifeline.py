import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vega_tui.tui.paint.cells import Line, text_of, width_of
from vega_tui.tui.paint.document import Document, item_text
from vega_tui.tui.paint.glyphs import ASCII, UNICODE
from vega_tui.tui.paint.items import (
    AssistantItem,
    Item,
    LifeItem,
    RetryItem,
    SummaryItem,
    SystemItem,
    ThinkingItem,
    ToolItem,
    UserItem,
)
from vega_tui.tui.paint.lifeline import item_lines

EVERY: list[Item] = [
    UserItem("u", "Package the app.", time="11:30", note="steer"),
    UserItem("p", "Smoke-test the login page.", author="planner", time="11:33", note="task"),
    ThinkingItem("th", "long thoughts " * 12, 6, 340),
    ToolItem("t1", "wait", "bash", "make dist", "limiter", "1.2 s"),
    ToolItem("t2", "run", "bash", "make dist", "", "12 s", lines=("a", "b", "wheel: 41 of 88 files"), total_lines=47),
    ToolItem(
        "t3",
        "ask",
        "task",
        "tester#3: package and smoke-test",
        time="42 s",
        hint=[("bash  cd app && ", "muted"), ("rm -rf build", "strong bold"), (" && make dist", "muted")],
        hint_fact="HIGH",
    ),
    ToolItem("t4", "ok", "read", "src/a/very/long/path/that/does/not/fit/here/auth/session.py", "214 lines", "0.1 s"),
    ToolItem("t5", "ok", "bash", "make check", "exit 0", "2.1 s", lines=("18 targets, 0 stale", *["x"] * 89)),
    ToolItem("t6", "ok", "edit", "src/auth/cookies.py", "+12 −9", "0.1 s"),
    ToolItem("t7", "fail", "bash", "pytest -q tests/ws", "exit 1", "8.4 s", lines=("3 failed, 28 passed",)),
    ToolItem("t8", "denied", "bash", "curl -s http://10.0.3.7", time="you", hint=[("“not that host”", "text italic")]),
    ToolItem("t9", "expired", "bash", "make bench", time="15m", hint="nobody answered; r asks again"),
    ToolItem(
        "t10", "interrupted", "bash", "make dist", time="3.1 s", hint="the host ended while it ran; not run again"
    ),
    RetryItem("r", "claude-sonnet-4-5", "529, retry 2 of 3", "in 4 s"),
    SummaryItem("s", "summary of turns 1–3, context 63 % to 18 %", "what was said"),
    LifeItem("l0", "handed", "handed to reviewer", "with 6 messages"),
    LifeItem("l1", "died", "#2 died", "timeout after 14m 02s", "lost nothing"),
    LifeItem("l2", "backed_off", "backed off 2 s"),
    LifeItem("l3", "took_over", "#3 took over", "at turn 14"),
    SystemItem("n", "copied 412 characters"),
    AssistantItem("a1", "I split the **work**.\n\n- one\n- two", name="root", model="claude-sonnet-4-5", time="11:31"),
    AssistantItem("a2", "The wheel is built and the smoke test", open=True, tail="412 tokens · 6 s"),
]


def shown(item: Item, width: int = 66) -> list[str]:
    return [text_of(line).rstrip() for line in item_lines(item, width, UNICODE)]


def all_lines(document: Document) -> list[Line]:
    return [document.line(at, line) for at in range(len(document)) for line in range(document.height(at))]


def test_calls_stand_in_their_columns() -> None:
    (row,) = shown(EVERY[3])
    assert row == "◌ bash    make dist                                 limiter  1.2 s"
    assert shown(EVERY[9])[0] == "✕ bash    pytest -q tests/ws                         exit 1  8.4 s"


def test_a_running_call_shows_its_last_two_lines_and_how_many_more() -> None:
    assert shown(EVERY[4])[1:] == [
        "┊         b",
        "┊         wheel: 41 of 88 files                          +45 lines",
    ]


def test_a_finished_call_folds_to_two_lines() -> None:
    rows = shown(EVERY[7])
    assert len(rows) == 4
    assert rows[3] == "│         88 more lines                                         ^O"


def test_an_opened_call_shows_all_its_lines() -> None:
    lines = item_lines(EVERY[7], 66, UNICODE, tools_open=True)
    assert len(lines) == 91


def test_an_asking_call_waits_for_you_in_amber() -> None:
    line = item_lines(EVERY[5], 66, UNICODE)
    assert ("waits for you", "ask bold") in line[0]
    assert ("HIGH", "ask bold") in line[1]
    assert line[1][0] == ("┊", "ask")


def test_paths_lose_their_middle_and_facts_stay() -> None:
    row = shown(EVERY[6])[0]
    assert "…/" in row
    assert row.endswith("auth/session.py     214 lines  0.1 s")


def test_your_rail_is_accent_and_anothers_is_edge() -> None:
    assert item_lines(EVERY[0], 66, UNICODE)[0][0] == ("┃", "accent")
    assert item_lines(EVERY[1], 66, UNICODE)[0][0] == ("┃", "edge")


def test_thinking_has_three_states() -> None:
    item = EVERY[2]
    assert item_lines(item, 66, UNICODE, thinking="hidden") == []
    assert len(item_lines(item, 66, UNICODE, thinking="line")) == 1
    assert len(item_lines(item, 66, UNICODE, thinking="full")) > 2


def test_what_a_model_says_reaches_no_terminal_command() -> None:
    document = Document()
    evil = "\x1b]52;c;aGk=\x07\x9b2J\r"
    document.set_items(
        [
            UserItem("u", evil),
            ToolItem("t", "ok", evil, evil, evil, lines=(evil,), hint=evil),
            AssistantItem("a", evil, name=evil),
            LifeItem("l", "died", evil, evil),
        ]
    )
    assert not any(char in text_of(line) for line in all_lines(document) for char in "\x1b\x07\x9b\r")


@given(st.integers(30, 120))
@settings(max_examples=30, deadline=None)
def test_no_entry_is_wider_than_the_pane(width: int) -> None:
    document = Document(width)
    document.set_items(EVERY)
    document.tools_open = True
    assert all(width_of(line) <= width for line in all_lines(document))


def test_ascii_signs_leave_no_other_sign_of_ours() -> None:
    document = Document(66, ASCII)
    document.set_items([item for item in EVERY if item.key not in ("t6", "t8", "s", "a2")])
    assert [text_of(line) for line in all_lines(document) if not text_of(line).isascii()] == []


def test_groups_of_rows_have_no_gaps_and_speech_has() -> None:
    document = Document()
    document.set_items(EVERY[3:7] + EVERY[-2:])
    assert [document.height(at) for at in range(4)] == [2, 3, 2, 1]
    assert text_of(document.line(4, 0)) == "│"


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (EVERY[0], "Package the app."),
        (EVERY[20], "I split the **work**.\n\n- one\n- two"),
        (EVERY[9], "bash pytest -q tests/ws\n3 failed, 28 passed"),
    ],
)
def test_copying_an_entry_gives_its_source(item: Item, text: str) -> None:
    assert item_text(item) == text


def test_streaming_into_an_entry_equals_loading_it() -> None:
    text = "Some **text** that is\n\n```py\nx = 1\n```\n\n- a\n- b\n" * 3
    live = Document()
    live.append(AssistantItem("a", "", name="root", open=True))
    for at in range(0, len(text), 5):
        live.extend(0, text[at : at + 5])
        live.flush_text()
        assert live.height(0) > 0
    live.update(0, AssistantItem("a", text, name="root"))
    loaded = Document()
    loaded.append(AssistantItem("a", text, name="root"))
    assert all_lines(live) == all_lines(loaded)


def test_an_estimate_is_replaced_by_the_exact_height_when_looked_at() -> None:
    document = Document()
    document.set_items([UserItem(f"u{at}", "word " * 40) for at in range(100)])
    guessed = document.total()
    exact = sum(document.height(at) for at in range(100))
    assert document.total() == exact
    assert abs(guessed - exact) < exact * 0.5
    at, line = document.locate(exact - 1)
    assert (at, line) == (99, document.height(99) - 1)
