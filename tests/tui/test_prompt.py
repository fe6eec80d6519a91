from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests.fakes.screen import screen_text
from vega_tui.tui.paint.cells import cell_len
from vega_tui.tui.paint.softwrap import shown, soft_rows
from vega_tui.tui.widgets.completions import Completions
from vega_tui.tui.widgets.prompt import Completion, Prompt

COMMANDS = ["/budget", "/branch", "/clear"]


def complete(word: str) -> list[Completion]:
    return [Completion(name + " ", note="command") for name in COMMANDS if name.startswith(word)]


class Stage(App[None]):
    CSS = "Screen { align: left bottom; }"

    def __init__(self) -> None:
        super().__init__()
        self.prompt = Prompt(placeholder="Message root", completer=complete, history=["first", "second\nline"])
        self.sent: list[tuple[str, str]] = []
        self.left: list[str] = []
        self.searched: list[str] = []
        self.drafts: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.prompt
        yield Completions()

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        self.sent.append((message.text, message.mode))

    def on_prompt_changed(self, message: Prompt.Changed) -> None:
        self.drafts.append(message.text)

    def on_prompt_left_empty(self, message: Prompt.LeftEmpty) -> None:
        self.left.append(message.key)

    def on_prompt_history_search(self, message: Prompt.HistorySearch) -> None:
        self.searched.append(message.text)

    def on_prompt_completing(self, message: Prompt.Completing) -> None:
        self.query_one(Completions).show_for(self.prompt, message)


@asynccontextmanager
async def stage(size: tuple[int, int] = (30, 14)) -> AsyncGenerator[tuple[Pilot[None], Prompt, Stage]]:
    app = Stage()
    async with app.run_test(size=size) as pilot:
        app.prompt.focus()
        await pilot.pause()
        yield pilot, app.prompt, app


async def write(pilot: Pilot[None], text: str) -> None:
    await pilot.press(*("space" if char == " " else "slash" if char == "/" else char for char in text))


async def test_enter_sends_and_empties() -> None:
    async with stage() as (pilot, prompt, app):
        await write(pilot, "hello you")
        await pilot.press("enter")
        assert app.sent == [("hello you", "send")]
        assert prompt.text == ""


async def test_every_change_of_the_draft_is_told_and_moves_are_not() -> None:
    async with stage() as (pilot, prompt, app):
        await pilot.press("a", "b", "left", "backspace", "enter")
        assert app.drafts == ["a", "ab", "b", ""]
        prompt.load("stored draft", 3)
        await pilot.pause()
        assert app.drafts[-1] == ""
        assert (prompt.text, prompt.cursor) == ("stored draft", 3)


async def test_alt_enter_sends_for_after_this_turn() -> None:
    async with stage() as (pilot, _prompt, app):
        await write(pilot, "later")
        await pilot.press("alt+enter")
        assert app.sent == [("later", "followup")]


async def test_a_blank_text_is_not_sent() -> None:
    async with stage() as (pilot, prompt, app):
        await pilot.press("space", "enter")
        assert app.sent == []
        assert prompt.text == " "


async def test_new_lines_grow_the_prompt_to_eight_rows_and_back() -> None:
    async with stage() as (pilot, prompt, _app):
        await pilot.press("a", "shift+enter", "b", "ctrl+j", "c")
        await pilot.pause()
        assert prompt.text == "a\nb\nc"
        assert prompt.size.height == 3
        await pilot.press(*["ctrl+j"] * 10)
        await pilot.pause()
        assert prompt.size.height == 8
        await pilot.press("enter")
        await pilot.pause()
        assert prompt.size.height == 1


async def test_long_lines_wrap_and_the_cursor_walks_rows() -> None:
    async with stage() as (pilot, prompt, app):
        prompt.load("one two three four five six seven", 33)
        await pilot.pause()
        assert [row.strip(" ›") for row in screen_text(app).split("\n")[-2:]] == [
            "one two three four five",
            "six seven",
        ]
        await pilot.press("up", "X")
        assert prompt.text == "one two tXhree four five six seven"


async def test_up_at_the_first_row_walks_history_and_down_returns_to_the_draft() -> None:
    async with stage() as (pilot, prompt, _app):
        await write(pilot, "draft")
        await pilot.press("up")
        assert prompt.text == "second\nline"
        await pilot.press("up", "up")
        assert prompt.text == "first"
        await pilot.press("down")
        assert prompt.text == "second\nline"
        await pilot.press("down")
        assert prompt.text == "draft"


async def test_a_paste_is_kept_as_it_is() -> None:
    async with stage() as (pilot, prompt, app):
        text = "line\n" * 3000 + "end"
        prompt.post_message(events.Paste(text.replace("\n", "\r\n")))
        await pilot.pause()
        assert prompt.text == text
        await pilot.press("enter")
        assert app.sent == [(text, "send")]


async def test_words_are_deleted_and_yanked_and_undone() -> None:
    async with stage() as (pilot, prompt, _app):
        await write(pilot, "git commit now")
        await pilot.press("ctrl+w", "ctrl+w")
        assert prompt.text == "git "
        await pilot.press("ctrl+y")
        assert prompt.text == "git commit now"
        await pilot.press("ctrl+a", "ctrl+k")
        assert prompt.text == ""
        await pilot.press("ctrl+z")
        assert prompt.text == "git commit now"


async def test_a_slash_proposes_commands_and_tab_takes_one() -> None:
    async with stage() as (pilot, prompt, app):
        await write(pilot, "/b")
        await pilot.pause()
        assert "/budget" in screen_text(app)
        assert "/clear" not in screen_text(app)
        await pilot.press("down", "tab")
        await pilot.pause()
        assert prompt.text == "/branch "
        assert not app.query_one(Completions).display


async def test_escape_closes_the_proposals_and_typing_on_opens_them_again() -> None:
    async with stage() as (pilot, _prompt, app):
        await write(pilot, "/b")
        await pilot.press("escape")
        await pilot.pause()
        assert not app.query_one(Completions).display
        await write(pilot, "u")
        await pilot.pause()
        assert app.query_one(Completions).display


async def test_enter_on_a_whole_command_sends_it() -> None:
    async with stage() as (pilot, _prompt, app):
        await write(pilot, "/clear")
        await pilot.pause()
        await pilot.press("enter")
        assert app.sent == [("/clear", "send")]


async def test_a_slash_inside_a_text_proposes_nothing() -> None:
    async with stage() as (pilot, _prompt, app):
        await write(pilot, "a /b")
        await pilot.pause()
        assert not app.query_one(Completions).display


async def test_keys_for_an_empty_prompt_are_passed_on() -> None:
    async with stage() as (pilot, _prompt, app):
        await pilot.press("down", "ctrl+r")
        assert app.left == ["down"]
        assert app.searched == [""]


async def test_the_placeholder_shows_only_while_empty() -> None:
    async with stage() as (pilot, _prompt, app):
        assert screen_text(app).split("\n")[-1] == "  ›  Message root"
        await pilot.press("a")
        await pilot.pause()
        assert "Message" not in screen_text(app)


@given(st.text("ab  \t中é\u0301🙂-\n", max_size=80), st.integers(4, 20))
@settings(max_examples=150, deadline=None)
def test_rows_of_a_text_cover_it_and_fit(text: str, room: int) -> None:
    rows = soft_rows(text, room)
    assert "".join(text[start:end] for start, end in rows) == text
    assert all(cell_len(shown(text[start:end])) <= room for start, end in rows if "\t" not in text[start:end])


def test_a_text_of_plain_letters_is_broken_as_any_other() -> None:
    plain = "one two  three, four-and-five six" * 3
    marked = plain.replace("a", "\u00e4")
    assert soft_rows(plain, 12) == soft_rows(marked, 12)


async def test_escape_sequences_in_a_paste_are_shown_not_obeyed() -> None:
    async with stage() as (pilot, prompt, app):
        prompt.post_message(events.Paste("a\x1b[31mb"))
        await pilot.pause()
        assert "a␛[31mb" in screen_text(app)
        assert prompt.text == "a\x1b[31mb"
