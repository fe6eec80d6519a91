import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.kit import Kit
from vega_tui.approvals.grants import Permissions
from vega_tui.core.words import Mode
from vega_tui.tools.files import unified


def tree(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n")


async def test_reading_numbers_the_lines_and_says_what_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\r\nthree\nfour")
    kit = Kit(tmp_path)
    whole = await kit.call("read", path="a.txt")
    assert (whole.text, whole.fact) == ("1\tone\n2\ttwo\n3\tthree\n4\tfour", "4 lines")
    part = await kit.call("read", path="a.txt", offset=2, limit=1)
    assert (part.text, part.fact, part.truncated) == ("2\ttwo\n[2 more lines; go on with offset 3]", "1 line", True)
    assert "no line 9" in (await kit.call("read", path="a.txt", offset=9)).text


def unreadable(path: Path) -> None:
    match path.name:
        case "binary":
            path.write_bytes(b"\x7fELF\0\0")
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "empty":
            path.touch()
        case "huge":
            path.touch()
            os.truncate(path, 30_000_000)
        case "loop":
            path.symlink_to(path)
        case _:
            pass


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("binary", "binary file"),
        ("folder", "is a folder; use list"),
        ("pipe", "not a regular file"),
        ("missing", "No such file"),
        ("empty", "the file is empty"),
        ("huge", "use grep"),
        ("loop", "Too many levels"),
    ],
)
async def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, says: str) -> None:
    unreadable(tmp_path / name)
    assert says in (await Kit(tmp_path).call("read", path=name)).text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_an_edit_keeps_encoding_line_ends_and_mode(tmp_path: Path, encoding: str, end: str) -> None:
    file = tmp_path / "a.sh"
    file.write_bytes(f"é one{end}two{end}three{end}".encode(encoding))
    file.chmod(0o755)
    before = file.read_bytes()
    observation = await Kit(tmp_path).call("edit", path="a.sh", old="one\ntwo", new="1\n2\n2b")
    assert observation.fact == "+3 −2"
    assert file.read_bytes() == before.decode(encoding).replace(f"one{end}two", f"1{end}2{end}2b").encode(encoding)
    assert stat.S_IMODE(file.stat().st_mode) == 0o755


async def test_an_edit_needs_its_text_exactly_once(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("def a():\n    return 1\n\ndef b():\n    return 1\n")
    kit = Kit(tmp_path)
    for old, says in (
        ("return 2", "occurs 0 times; the nearest is line 2: return 1"),
        ("return 1", "occurs 2 times (lines 2, 5)"),
        ("", "old text is empty"),
        ("def a():\n  return 1", "its first line is line 1"),
        ("def a", "the same"),
    ):
        observation = await kit.call("edit", path="a.py", old=old, new="def a" if old == "def a" else "x")
        assert observation.error
        assert says in observation.text
    assert (await kit.call("edit", path="a.py", old="return 1", new="return 3", replace_all=True)).fact == "+2 −2"
    assert file.read_text().count("return 3") == 2


async def test_writing_makes_folders_and_says_what_changed(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    new = await kit.call("write", path="a/b/c.txt", content="1\n2\n3\n")
    assert (new.fact, new.text) == ("new, 3 lines", "Wrote a/b/c.txt: new, 3 lines.")
    assert new.diff.startswith("--- /dev/null\n+++ a/b/c.txt\n")
    (tmp_path / "a/b/c.txt").chmod(0o600)
    assert (await kit.call("write", path="a/b/c.txt", content="1\n2b\n")).fact == "+1 −2"
    assert stat.S_IMODE((tmp_path / "a/b/c.txt").stat().st_mode) == 0o600
    assert os.listdir(tmp_path / "a/b") == ["c.txt"]


async def test_writing_through_a_link_inside_keeps_the_link(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old\n")
    (tmp_path / "link.txt").symlink_to("real.txt")
    await Kit(tmp_path).call("write", path="link.txt", content="new\n")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new\n"


@pytest.mark.parametrize("path", [".", "sub", "file/below"])
async def test_what_cannot_be_written_says_why_and_leaves_nothing(tmp_path: Path, path: str) -> None:
    tree(tmp_path, "sub/x", "file")
    observation = await Kit(tmp_path).call("write", path=path, content="x")
    assert observation.error
    assert sorted(os.listdir(tmp_path)) == ["file", "sub"]


@pytest.mark.skipif(shutil.which("patch") is None, reason="the oracle is patch")
@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from("abc"), max_size=30), st.lists(st.sampled_from("abc"), max_size=30), st.integers(0, 9))
def test_a_diff_applied_to_the_old_text_gives_the_new(old: list[str], new: list[str], same: int) -> None:
    def text(lines: list[str]) -> str:
        around = [str(number) for number in range(same)]
        return "".join(f"{line}\n" for line in [*around, *lines, *around])

    diff = unified(text(old), text(new), "f")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "f").write_text(text(old))
        if diff:
            subprocess.run(["patch", "-s", "-F0", "f"], input=diff.encode(), cwd=folder, check=True)
        assert (Path(folder) / "f").read_text() == text(new)


async def test_a_diff_that_would_take_too_long_is_a_note(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    await kit.call("write", path="a", content="".join(f"{n}\n" for n in range(4_000)))
    far = await kit.call("edit", path="a", old="\n3000\n", new="\nx\n")
    assert "@@ -2998,7 +2998,7 @@" in far.diff
    other = await kit.call("write", path="a", content="y\n" * 4_000)
    assert "too long to compare" in other.diff


@pytest.mark.parametrize("tool", ["read", "list", "grep", "write", "edit"])
@pytest.mark.parametrize("path", ["../x", "/etc/hostname", "a/../../x", "out/x", "~/x"])
async def test_nothing_outside_is_touched_without_a_yes(tmp_path: Path, tool: str, path: str) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (tmp_path / "x").write_text("secret")
    (work / "out").symlink_to(tmp_path)
    extra = {"write": {"content": "y"}, "edit": {"old": "secret", "new": "y"}, "grep": {"pattern": "s"}}
    kit = Kit(work, permissions=Permissions(mode=Mode.EDITS, no_one_to_ask=True))
    observation = await kit.call(tool, path=path, **extra.get(tool, {}))
    assert "outside the work directory" in observation.text
    assert "secret" not in observation.text
    assert (tmp_path / "x").read_text() == "secret"


async def test_listing_puts_folders_first_and_leaves_out_what_is_ignored(tmp_path: Path) -> None:
    tree(tmp_path, "b.txt", "src/x.py", "build/y", "a.log", "keep.log", ".git/config", "node_modules/z/i.js")
    (tmp_path / ".gitignore").write_text("# comment\nbuild/\n*.log\n!keep.log\n")
    (tmp_path / "link").symlink_to("b.txt")
    kit = Kit(tmp_path)
    found = await kit.call("list")
    assert [line.split("  ")[0] for line in found.text.split("\n")] == [
        "src/", ".gitignore", "b.txt", "keep.log", "link -> b.txt",
    ]  # fmt: skip
    assert found.fact == "5 entries"
    assert "src/x.py  9 B" in (await kit.call("list", depth=2)).text
    short = await kit.call("list", limit=1)
    assert (short.fact, short.truncated) == ("1+ entries", True)
    assert "not there" in (await kit.call("list", path="nowhere")).text
    assert "not a folder" in (await kit.call("list", path="b.txt")).text


async def test_grep_finds_lines_with_their_place(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "src/b.py", "src/c.txt", "hidden/d.py")
    (tmp_path / ".gitignore").write_text("hidden\n")
    (tmp_path / "bin").write_bytes(b"\0a.py b.py")
    kit = Kit(tmp_path)
    found = await kit.call("grep", pattern=r"\w\.py$")
    assert (found.text, found.fact) == ("a.py:1:a.py\nsrc/b.py:1:src/b.py", "2 matches")
    assert (await kit.call("grep", pattern="B", path="src", glob="*.py", ignore_case=True)).fact == "1 match"
    assert (await kit.call("grep", pattern="b", path="src", glob="*.txt")).text == "(no match)"
    assert (await kit.call("grep", pattern="py", limit=1)).truncated
    assert (await kit.call("grep", pattern="a", path="a.py")).text == "a.py:1:a.py"
    (tmp_path / ".env").write_text("KEY=1\n")
    assert (await kit.call("grep", pattern="KEY")).text.startswith("(no match)\n[1 left out")
    assert (await kit.call("grep", pattern="KEY", path=".env")).fact == "1 match"
    assert "not a regular expression" in (await kit.call("grep", pattern="(")).text


async def test_a_pattern_that_never_ends_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("a" * 60 + "b\n")
    monkeypatch.setattr("vega_tui.tools.builtins.grep._TIMEOUT_S", 0.5)
    assert "took longer" in (await Kit(tmp_path).call("grep", pattern="(a+)+$")).text
