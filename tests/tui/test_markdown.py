from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from vega_tui.tui.markdown.blocks import parser
from vega_tui.tui.markdown.stream import MarkdownStream, markdown_lines
from vega_tui.tui.paint.cells import Line, text_of, width_of
from vega_tui.tui.paint.glyphs import ASCII

PARTS = [
    "# Title\n\n",
    "A **bold** word, `code`, a [link](http://x.y) and ~~gone~~.\n\n",
    "plain text that is long enough to be wrapped more than once in a narrow column\n",
    "- one\n- two\n  - nested\n\n",
    "1. first\n2. second\n\n   more of it\n\n",
    "- [ ] open\n- [x] done\n",
    "```python\ndef f():\n    '''doc\n    end'''\n    return 1  # x\n```\n",
    "````\n```\nnested\n````\n",
    "    indented code\n\n",
    "| a | b |\n|---|--:|\n| 1 | 2 |\n\n",
    "> quoted\n> more\n\n",
    "---\n\n",
    "line  \nbreak\n",
    "\n",
    "中文字符 🙂 text\n",
    "*open mark",
    "`tick",
    "```",
    "|",
    "[x]",
    "text " * 180,
    "**bold** and `code` " * 50,
]
LAW = settings(deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # shrinking takes minutes
sources = st.lists(st.sampled_from(PARTS), max_size=8).map("".join)


def plain(source: str, cells: int = 40) -> list[str]:
    return [text_of(line).rstrip() for line in markdown_lines(source, cells)]


def styled(lines: list[Line], text: str) -> str:
    return next(style for line in lines for piece, style in line if piece == text)


@given(sources, st.lists(st.integers(7, 60), min_size=1, max_size=6), st.integers(10, 60))
@settings(LAW, max_examples=60)
def test_streamed_text_ends_as_it_would_have_been_drawn_at_once(source: str, sizes: list[int], cells: int) -> None:
    stream = MarkdownStream(cells)
    at = step = 0
    while at < len(source):
        size = sizes[step % len(sizes)]
        stream.feed(source[at : at + size])
        at, step = at + size, step + 1
    assert stream.lines == markdown_lines(source, cells)


@given(sources, st.integers(4, 60))
@settings(LAW, max_examples=60)
def test_no_line_is_wider_than_the_column(source: str, cells: int) -> None:
    assert all(width_of(line) <= cells for line in markdown_lines(source, cells))


@given(sources)
@settings(LAW, max_examples=40)
def test_lines_that_were_frozen_never_change(source: str) -> None:
    stream = MarkdownStream(30)
    frozen: list[Line] = []
    for at in range(0, len(source), 7):
        stream.feed(source[at : at + 7])
        assert stream.frozen[: len(frozen)] == frozen
        frozen = list(stream.frozen)


def test_paragraphs_are_wrapped_and_parted_by_a_blank_line() -> None:
    assert plain("one two three four\nfive\n\nsix", 10) == ["one two", "three four", "five", "", "six"]


def test_lists_hang_and_nest() -> None:
    assert plain("1. one two three\n2. b\n   - c\n", 12) == ["1  one two", "   three", "2  b", "   • c"]


def test_tasks_show_boxes() -> None:
    assert plain("- [ ] open\n- [x] done") == ["☐ open", "☑ done"]


def test_tables_are_aligned_and_wrapped_to_the_width() -> None:
    source = "| name | cost |\n|:---|---:|\n| a | 1.06 |\n| a long name indeed | 12 |\n"
    assert plain(source, 40) == [
        "name                cost",
        "────────────────────────",
        "a                   1.06",
        "a long name indeed    12",
    ]
    assert plain(source, 16)[2:] == ["a           1.06", "a long        12", "name", "indeed"]


def test_text_is_literal_and_never_our_markup() -> None:
    lines = markdown_lines("see list[int] and [/b] and [ask]x[/ask] <b>html</b> &amp;", 80)
    assert text_of(lines[0]) == "see list[int] and [/b] and [ask]x[/ask] <b>html</b> &amp;"
    assert {style for _, style in lines[0]} == {"text"}


def test_escape_sequences_of_a_model_are_shown_not_obeyed() -> None:
    assert plain("a\x1b]52;c;x\x07 `\x1b[2J`\n\n```\n\x1b[0m\n```") == ["a␛]52;c;x␇ ␛[2J", "", "  ␛[0m"]


def test_a_link_shows_where_it_leads() -> None:
    lines = markdown_lines("[safe](http://evil.example) <http://a.b>", 80)
    assert text_of(lines[0]) == "safe (http://evil.example) http://a.b"
    assert styled(lines, "safe") == "accent underline"


def test_marks_become_styles() -> None:
    lines = markdown_lines("**b** *i* ~~s~~ `c`", 80)
    assert styled(lines, "b") == "strong bold"
    assert styled(lines, "i") == "text italic"
    assert styled(lines, "s") == "text strike"
    assert styled(lines, "c") == "str"


def test_code_is_tinted_and_stands_on_its_ground() -> None:
    lines = markdown_lines("```python\ndef sign(x):  # note\n    return 'a' + 12\n```", 40)
    assert styled(lines, "def") == "kw on surface"
    assert styled(lines, "sign") == "fn bold on surface"
    assert styled(lines, "# note") == "com on surface"
    assert styled(lines, "'a'") == "str on surface"
    assert styled(lines, "12") == "num on surface"
    assert all(width_of(line) == 40 for line in lines)


def test_long_code_lines_go_on_below_without_losing_a_space() -> None:
    assert plain("```\nab  cd  ef\n```", 8) == ["  ab  cd", "    ef"]


def test_an_open_fence_shows_its_unfinished_line() -> None:
    stream = MarkdownStream(30)
    stream.feed("```py\nx = 1\ny =")
    assert [text_of(line).rstrip() for line in stream.lines] == ["  x = 1", "  y ="]
    stream.feed(" 2\n``")
    assert [text_of(line).rstrip() for line in stream.lines] == ["  x = 1", "  y = 2"]
    stream.feed("`\n\nend")
    assert [text_of(line).rstrip() for line in stream.lines] == ["  x = 1", "  y = 2", "", "end"]


def test_a_long_open_fence_parses_no_markdown_again() -> None:
    stream = MarkdownStream(60)
    stream.feed("```\n" + "line\n" * 500)
    assert len(stream.frozen) == 500
    assert stream.open_lines == []


def test_a_very_long_paragraph_is_frozen_as_it_grows() -> None:
    stream = MarkdownStream(60)
    stream.feed("some words here " * 500)
    assert len(stream.frozen) > 100
    assert len(stream.open_lines) < 40


def test_a_cut_never_makes_a_block_of_what_follows() -> None:
    for sign in ("# x", "- x", "1. x", "> x"):
        source = "word " * 161 + sign + " and more words"
        stream = MarkdownStream(40)
        for at in range(0, len(source), 9):
            stream.feed(source[at : at + 9])
        assert stream.lines == markdown_lines(source, 40)
        assert sign in " ".join(text_of(line) for line in stream.lines)


def test_ascii_signs_are_used_everywhere() -> None:
    lines = markdown_lines("- a\n\n> q\n\n---\n\n| a |\n|---|\n| b |", 20, ASCII)
    assert all(text_of(line).isascii() for line in lines)


def test_the_parser_is_shared() -> None:
    assert parser() is parser()
