"""Issue 6, line 7: what is shown of a call is what runs."""

import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from tests.tui_app.scene import approval
from vega_tui.approvals.facts import ToolKind, facts_of
from vega_tui.approvals.leads import leads
from vega_tui.approvals.risk import risk_of
from vega_tui.client.views.summaries import call_summary
from vega_tui.core.messages import JsonObject, ToolUse
from vega_tui.core.records import Approval, Entry, Segment
from vega_tui.core.visible import call_line, cut, hides, visible
from vega_tui.core.words import Mode, Risk
from vega_tui.plain import listings
from vega_tui.plain.output import one_line
from vega_tui.protocol.rows import ProcessRow, SessionRow
from vega_tui.tools.registry import full_registry
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.paint.glyphs import UNICODE
from vega_tui.tui.panes.card_keys import DEFAULT_LABELS
from vega_tui.tui.panes.card_paint import card_lines
from vega_tui.tui.panes.card_small import small_lines
from vega_tui.tui.panes.card_state import CardState
from vega_tui.tui.panes.rows_paint import ask_strip, inbox_lines

HOSTILE = "echo \x1b]; touch pwn1; echo \x07 done"
CHARS = st.characters() | st.sampled_from("⏎⇥␛⟨⟩… \x1b\n\t\r\x7f\u202e\u200b\u00a0\u3000\ue000\u0301\ud800aU+1")


def printable(text: str) -> bool:
    return all(char.isprintable() and unicodedata.category(char) not in ("Cf", "Co", "Cn") for char in text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (HOSTILE, "echo ␛]; touch pwn1; echo ␇ done"),
        ("a\nb", "a⏎b"),
        ("a\tb\r", "a⇥b␍"),
        ("a⏎b", "a⟨U+23CE⟩b"),
        ("⟨U+202E⟩", "⟨U+27E8⟩U+202E⟨U+27E9⟩"),
        ("x\u202egpj.exe", "x⟨U+202E⟩gpj.exe"),
        ("ls\u00a0-a", "ls⟨U+00A0⟩-a"),
        ("ls\u3000-a", "ls⟨U+3000⟩-a"),
        ("r\u200bm", "r⟨U+200B⟩m"),
        ("a\u2028b", "a⟨U+2028⟩b"),
        ("a\U000e0041", "a⟨U+E0041⟩"),
        ("a\ufe0f", "a⟨U+FE0F⟩"),
        ("\ud83d", "⟨U+D83D⟩"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("\x7f\x00", "␡␀"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 5, "e\u0301\u0301⟨U+0301⟩⟨U+0301⟩⟨U+0301⟩"),
        ("a\u0338", "a⟨U+0338⟩"),
        ("/\u0301", "/⟨U+0301⟩"),
        ("\u3164", "⟨U+3164⟩"),
        ("\u2800", "⟨U+2800⟩"),
        ("größe 日本 ✓", "größe 日本 ✓"),
    ],
)
def test_each_character_that_hides_has_a_sign(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert printable(visible(text))


@settings(max_examples=2000, deadline=None)
@given(st.text(CHARS, max_size=12), st.text(CHARS, max_size=12))
def test_two_different_texts_never_look_the_same(one: str, other: str) -> None:
    assert (visible(one) == visible(other)) is (one == other)
    assert printable(visible(one))
    assert "\n" not in visible(one)
    assert visible(one, lines=True).count("\n") == one.count("\n")


@settings(max_examples=1000, deadline=None)
@given(st.text(CHARS, max_size=60), st.integers(1, 40))
def test_what_is_cut_says_how_much_and_fits(text: str, cells: int) -> None:
    whole = visible(text)
    shown = cut(whole, cells, cell_len)
    assert cell_len(shown) <= cells
    if shown != whole and cells >= 24:
        kept, _, count = shown.rpartition("…⟨+")
        assert whole.startswith(kept)
        assert len(whole) - len(kept) == int(count.removesuffix("⟩"))


def test_a_call_in_one_line_is_whole_or_says_what_is_missing() -> None:
    assert call_line("x" * 400) == "x" * 400
    assert call_line("y" * 1000).endswith("⟩")
    assert not hides("ls\n\techo größe")
    assert hides(HOSTILE)


CALL = "echo ␛]; touch pwn1; echo ␇ done"
NOW = 1_700_000_000.0


def asked() -> Approval:
    summary = full_registry().get("bash").summary({"command": HOSTILE})
    part = Segment(text="touch pwn1", verdict="ask", why="\u202eno rule")
    return approval(args={"command": HOSTILE}, summary=summary, segments=(part,), rule="Bash(echo \x1b*)")


def drawn(lines: Sequence[Line]) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


def summed(tool: str = "bash") -> str:
    return call_summary(tool, {"command": HOSTILE})


CALLED = ToolUse(id="t", name="bash", input={"c": "a\u202eb"})
SAID = Entry(session="s", process="root", id="e", kind="assistant", content=(CALLED,))
SESSION = SessionRow(id="s", name="one", cwd="/", model="m", mode=Mode.MANUAL)
PLACES: dict[str, Callable[[], str]] = {
    "approvals list": lambda: "\n".join(listings.approvals([asked()], NOW, None)),
    "approvals list, narrow": lambda: "\n".join(listings.approvals([asked()], NOW, 160)),
    "ps": lambda: "\n".join(
        listings.processes([ProcessRow(session="s", path="root", state="ASK", now=f"bash {summed()}")], NOW, 200)
    ),
    "card": lambda: drawn(card_lines(CardState(approval=asked(), changed=0.0), 120)),
    "card, all of it": lambda: drawn(card_lines(CardState(approval=asked(), changed=0.0, full=True), 120)),
    "card, edited": lambda: drawn(card_lines(CardState(approval=asked(), changed=0.0).stepped("edit"), 120)),
    "small card": lambda: drawn(
        small_lines(
            CardState(approval=asked(), changed=0.0),
            50,
            6,
            place=(1, 1),
            wall=NOW,
            signs=UNICODE,
            live=True,
            labels=DEFAULT_LABELS,
        )
    ),
    "inbox": lambda: drawn(inbox_lines(asked(), 100, wall=NOW)),
    "strip": lambda: drawn([ask_strip(asked(), 120, waiting=1, wall=NOW)]),
    "old call": summed,
    "note of a headless run": lambda: one_line(f"bash {summed()}"),
    "transcript": lambda: "\n".join(listings.transcript(SESSION, [SAID], more=False)),
}


@pytest.mark.parametrize("place", PLACES)
def test_every_place_that_shows_a_call_shows_each_of_its_characters(place: str) -> None:
    shown = PLACES[place]()
    assert printable(shown.replace("\n", "")), repr(shown)
    wanted = "a⟨U+202E⟩b" if place == "transcript" else CALL
    assert wanted in shown


def test_the_card_shows_the_odd_characters_of_rules_and_reasons() -> None:
    card = CardState(approval=asked(), changed=0.0)
    assert "Bash(echo ␛*)" in drawn(card_lines(card, 120))
    assert "Bash(echo ␛*)" in drawn(card_lines(card.stepped("always"), 120))


def test_a_here_document_is_on_the_card_with_its_line_feeds() -> None:
    text = "cat <<EOF\n`touch x`\nEOF"
    call = approval(args={"command": text}, summary=call_line(text), segments=())
    assert "cat <<EOF⏎`touch x`⏎EOF" in drawn(card_lines(CardState(approval=call, changed=0.0), 100))


def test_a_call_that_is_cut_says_how_much_is_missing_everywhere() -> None:
    text = "echo " + "harmless " * 60 + "; touch pwn"
    call = approval(args={"command": text}, summary=call_line(text), segments=())
    for shown in (
        "\n".join(listings.approvals([call], NOW, 100)),
        drawn(card_lines(CardState(approval=call, changed=0.0), 80)),
        drawn(inbox_lines(call, 80, wall=NOW)),
        drawn([ask_strip(call, 100, waiting=1, wall=NOW)]),
    ):
        assert "…⟨+" in shown


def test_where_a_link_leads_is_a_fact_of_the_call_and_on_the_card(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "notes").symlink_to("/etc/passwd")
    for facts in (
        facts_of("read", "read", {"path": "notes"}, cwd=work, home=tmp_path, paths=["notes"]),
        facts_of("bash", "shell", {"command": "cat notes"}, cwd=work, home=tmp_path),
        facts_of("bash", "shell", {"command": "echo x > notes"}, cwd=work, home=tmp_path),
    ):
        found = leads(facts)
        assert [lead.rpartition("/work/")[2] for lead in found] == ["notes → /etc/passwd"]
        card = CardState(approval=replace(approval(), leads=found), changed=0.0)
        assert "notes → /etc/passwd" in drawn(card_lines(card, 200))


@pytest.mark.parametrize(
    ("tool", "kind", "args"),
    [
        ("bash", "shell", {"command": HOSTILE}),
        ("bash", "shell", {"command": "ls \u202e"}),
        ("read", "read", {"path": "a\u200bb"}),
        ("write", "write", {"path": "a\u00a0b", "content": "x"}),
        ("fetch", "fetch", {"url": "http://a\u00adb.example"}),
    ],
)
def test_invisible_characters_make_a_call_high_risk(
    tool: str, kind: ToolKind, args: JsonObject, tmp_path: Path
) -> None:
    facts = facts_of(tool, kind, args, cwd=tmp_path, home=tmp_path)
    assert risk_of(facts) == (Risk.HIGH, "holds invisible characters")


def test_what_is_written_into_a_file_may_hold_any_character(tmp_path: Path) -> None:
    facts = facts_of("write", "write", {"path": "a", "content": "\u202e"}, cwd=tmp_path, home=tmp_path)
    assert risk_of(facts)[0] is Risk.MED
