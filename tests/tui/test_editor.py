from hypothesis import given, settings
from hypothesis import strategies as st

from vega_tui.tui.widgets.editor import Editor

moves = st.sampled_from(["left", "right", "word_left", "word_right", "line_start", "line_end"])
edits = st.one_of(
    st.tuples(st.just("insert"), st.text("ab \né\u0301中", max_size=3)),
    st.tuples(st.just("kill"), moves),
    st.tuples(st.just("move"), moves),
    st.tuples(st.just("yank"), st.just("")),
)


def act(editor: Editor, kind: str, what: str) -> None:
    if kind == "insert":
        editor.insert(what)
    elif kind == "yank":
        editor.yank()
    elif kind == "move":
        editor.move(getattr(editor, what)())
    else:
        to = getattr(editor, what)()
        editor.delete(min(to, editor.at), max(to, editor.at), kill="back" if to < editor.at else "forward")


@given(st.lists(edits, max_size=25))
@settings(max_examples=100, deadline=None)
def test_undo_leads_back_to_the_start_and_redo_to_the_end(steps: list[tuple[str, str]]) -> None:
    editor = Editor("begin")
    for kind, what in steps:
        act(editor, kind, what)
        assert 0 <= editor.at <= len(editor.text)
    end = editor.text
    for _ in range(60):
        editor.undo()
    assert editor.text == "begin"
    for _ in range(60):
        editor.redo()
    assert editor.text == end


def test_typing_a_word_is_one_step() -> None:
    editor = Editor()
    for letter in "one two":
        editor.insert(letter)
    editor.undo()
    assert editor.text == "one "
    editor.undo()
    editor.undo()
    assert editor.text == ""


def test_kills_in_a_row_come_back_together() -> None:
    editor = Editor("one two three")
    editor.delete(editor.word_left(), editor.at, kill="back")
    editor.delete(editor.word_left(), editor.at, kill="back")
    assert editor.text == "one "
    editor.yank()
    assert editor.text == "one two three"


def test_yank_again_brings_the_kill_before() -> None:
    editor = Editor("aa bb")
    editor.delete(3, 5, kill="back")
    editor.move(2)
    editor.delete(0, 2, kill="back")
    editor.yank()
    assert editor.text == "aa "
    editor.yank()
    assert editor.text == "bb "


def test_joined_characters_are_one() -> None:
    editor = Editor("ae\u0301")
    editor.delete(editor.left(), editor.at)
    assert editor.text == "a"


def test_words_are_letters_or_signs() -> None:
    editor = Editor("git commit --amend")
    editor.move(editor.word_left())
    assert editor.at == len("git commit --")
    editor.move(0)
    assert editor.word_right() == 3
