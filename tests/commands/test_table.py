import re
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

from tests.fakes.command_face import CommandFace
from vega_tui.commands.command import RESERVED_KEYS, Command, Key, parse_key
from vega_tui.commands.context import CommandContext
from vega_tui.commands.keymap import Keymap
from vega_tui.commands.keys_in_force import read_keymap
from vega_tui.commands.table import ENTRY_POINTS, CommandTable, load_table
from vega_tui.core.errors import BugError, NotFound
from vega_tui.protocol import operations as ops

TABLE = load_table(plugins=False)


async def do_nothing(ctx: CommandContext, args: str) -> None:
    pass


def command(id: str, *keys: str, slash: tuple[str, ...] = ()) -> Command:
    return Command(id=id, title=id, description="", group="View", run=do_nothing, keys=keys, slash=slash)


def test_no_two_commands_want_the_same_key_and_none_hangs_on_a_reserved_one() -> None:
    assert Keymap(TABLE).problems() == []


def test_every_command_can_be_found_by_key_or_word_and_says_what_it_does() -> None:
    for one in TABLE:
        assert one.keys or one.slash, one.id
        assert one.description.endswith("."), one.id
        assert not one.title.endswith("."), one.id
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", one.id), one.id


def test_slash_words_that_people_know_from_elsewhere_are_there() -> None:
    expected = (
        "help new clear resume rename fork branch model context cost status agents permissions theme keys copy quit"
    )
    assert set(expected.split()) <= set(TABLE.by_slash)


def test_a_slash_line_is_a_command_and_its_arguments() -> None:
    found, args = TABLE.parse_slash("/Rename  the auth work ")
    assert (found.id, args) == ("session.rename", "the auth work")


def test_a_mistyped_word_names_the_nearest() -> None:
    with pytest.raises(NotFound, match="no command /renmae; did you mean /rename"):
        TABLE.parse_slash("/renmae x")
    with pytest.raises(NotFound, match="/help lists them"):
        TABLE.parse_slash("/xyzzy")


def test_completions_list_each_command_once() -> None:
    words = [word for word, _ in TABLE.completions("re")]
    assert words == ["rename", "restart", "resume", "rewind"]
    ids = [one.id for _, one in TABLE.completions("")]
    assert len(ids) == len(set(ids))


def test_two_commands_of_one_name_or_word_are_a_bug() -> None:
    with pytest.raises(BugError, match="two commands are called"):
        CommandTable((command("a.b"), command("a.b")))
    with pytest.raises(BugError, match="/x is both"):
        CommandTable((command("a.b", slash=("x",)), command("a.c", slash=("x",))))


def test_a_plugin_adds_commands_and_a_broken_one_is_named_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    fitting, clashing = ModuleType("fitting"), ModuleType("clashing")
    vars(fitting)["COMMANDS"] = (command("their.own", slash=("own",)),)
    vars(clashing)["COMMANDS"] = (command("their.theme", slash=("theme",)),)
    monkeypatch.setitem(sys.modules, "fitting", fitting)
    monkeypatch.setitem(sys.modules, "clashing", clashing)
    names = ("fitting", "clashing", "not_there_at_all")
    points = [metadata.EntryPoint(name=name, value=name, group=ENTRY_POINTS) for name in names]

    def found(*, group: str) -> list[metadata.EntryPoint]:
        return [point for point in points if point.group == group]

    monkeypatch.setattr(metadata, "entry_points", found)
    table = load_table()
    assert table.parse_slash("/own")[0].id == "their.own"
    assert table.parse_slash("/theme")[0].id == "view.theme"
    assert "their.theme" not in table.by_id
    assert [problem.split(" ")[0] for problem in table.problems] == ["clashing", "not_there_at_all"]


async def test_a_command_that_cannot_be_used_says_why_and_does_not_run() -> None:
    face = CommandFace()
    assert not await TABLE.run(TABLE.by_id["approval.focus"], face)
    assert face.said == ["Can't decide what waits: nothing waits for you."]
    face.read_only = True
    assert not await TABLE.run(TABLE.by_id["process.kill"], face)
    assert face.said[-1] == "Can't kill the process: the session is read-only."
    face.read_only, face.live = False, False
    assert not await TABLE.run(TABLE.by_id["session.rename"], face)
    assert "being started again" in face.said[-1]
    assert face.asked == []


async def test_what_the_host_refuses_becomes_one_line() -> None:
    face = CommandFace()

    def refuse() -> ops.Nothing:
        raise NotFound("no session “s1”")

    face.results["session.change"] = refuse
    assert not await TABLE.run(TABLE.by_id["session.rename"], face, "new name")
    assert face.said == ["no session “s1”"]


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("ctrl+o", "^O"),
        ("f5", "F5"),
        ("list:question_mark", "?"),
        ("prompt:shift+tab", "Shift+Tab"),
        ("prompt:alt+enter", "Alt+Enter"),
        ("card:K", "K"),
        ("list:f", "f"),
        ("prompt:escape", "Esc"),
        ("global:alt+7", "Alt+7"),
    ],
)
def test_keys_are_written_as_people_read_them(key: str, label: str) -> None:
    assert parse_key(key).label == label


def test_the_same_letter_means_what_the_place_says() -> None:
    keymap = Keymap(TABLE)
    assert [keymap.command(place, "a") for place in ("list", "card", "prompt")] == [
        TABLE.by_id["alert.acknowledge"],
        TABLE.by_id["approval.always"],
        None,
    ]
    for place in ("list", "card", "prompt"):
        assert keymap.command(place, "f5") is TABLE.by_id["approval.focus"]


def test_letters_never_start_anything_from_the_prompt() -> None:
    for key, _ in Keymap(TABLE).bindings("prompt"):
        assert len(key.key) > 1, key


def test_a_key_that_works_everywhere_meets_those_of_each_place() -> None:
    table = CommandTable(
        (
            command("a.b", "global:x"),
            command("a.c", "list:x"),
            command("a.d", "card:x", "prompt:y"),
            command("a.e", "y"),
        )
    )
    problems = [str(problem) for problem in Keymap(table).problems()]
    assert problems == [
        "a.c: list:x already starts a.b",
        "a.d: card:x already starts a.b",
        "a.e: global:y already starts a.d",
    ]


@pytest.mark.parametrize("key", sorted(RESERVED_KEYS))
def test_a_reserved_key_may_only_be_one_of_several(key: str) -> None:
    alone = Keymap(CommandTable((command("a.b", key),)))
    assert "often taken by the terminal" in str(alone.problems()[0])
    assert Keymap(CommandTable((command("a.b", key, "f9"),))).problems() == []


def test_a_users_keymap_moves_keys_and_keeps_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "keymap.yaml"
    file.write_text('process.kill: "K"\nview.tools: [ctrl+o, f8]\nprocess.pause: []\n')
    keymap, problems = read_keymap(file, TABLE)
    assert problems == []
    assert keymap.keys("process.kill") == (Key("list", "K"),)
    assert keymap.command("list", "k") is None
    assert keymap.label("view.tools") == "^O"
    assert keymap.command("card", "f8") is TABLE.by_id["view.tools"]
    assert keymap.keys("process.pause") == ()
    assert keymap.label("approval.once", "card") == "y"


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    keymap, problems = read_keymap(tmp_path / "none.yaml", TABLE)
    assert problems == []
    assert keymap.label("process.kill") == "k"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("process.kil: K", ":1: no command process.kil; did you mean process.kill?"),
        ("\nprocess.kill: zone:K", ":2: 'zone' is no place for keys"),
        ("process.kill: {a: b}", ":1: must be a key or a list of keys"),
        ("process.kill: hyper+k", "'hyper' is no modifier"),
        ("process.kill: ctrl+", "is no key"),
        ("- a", ":1: must be a mapping"),
        ("a: [", ":1"),
        ("view.theme: f5", ":1: view.theme: global:f5 already starts approval.focus"),
        ("process.kill: list:p", ":1: process.kill: list:p already starts process.pause"),
        ("view.tools: ctrl+b", ":1: view.tools: ^B is often taken by the terminal"),
    ],
)
def test_what_is_wrong_with_a_keymap_is_named_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "keymap.yaml"
    file.write_text(text)
    _, problems = read_keymap(file, TABLE)
    assert problems
    assert problem in str(problems[0])
    assert str(file) in str(problems[0])
