"""Line 10: what was approved is what runs. Everything is swapped at the very moment of the yes, or right after it."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tools.kit import Kit
from vega_tui.approvals.grants import Permissions
from vega_tui.approvals.rules import parse_rule
from vega_tui.core.messages import JsonObject, Observation
from vega_tui.core.records import Approval
from vega_tui.core.words import Decision, Mode
from vega_tui.tools.context import ToolContext
from vega_tui.tools.opened import Changed, folder, regular

Swap = Callable[[], object]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    for name in ("work/sub", "outside/sub"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("work/a.txt", "work/sub/a.txt", "outside/a.txt", "outside/sub/a.txt"):
        (tmp_path / name).write_text(f"{name}\nsecond\n")
    return tmp_path / "work"


async def answered(kit: Kit, call: tuple[str, JsonObject], *swaps: Swap) -> tuple[Observation, list[Approval]]:
    """The call's result and what was asked: each question is answered yes, after its swap."""
    asked: list[Approval] = []
    running = asyncio.create_task(kit.batch(call))
    for swap in (*swaps, lambda: None):
        waiting = asyncio.create_task(kit.pending())
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if running.done():
            break
        (question,) = kit.queue.pending()
        asked.append(question)
        swap()
        kit.queue.decide(question.id, Decision.ONCE, "you")
    return (await running).outcomes[0].observation, asked


def linked(path: Path, to: Path) -> Swap:
    def swap() -> None:
        path.rename(path.with_name(path.name + ".was"))
        path.symlink_to(to)

    return swap


WRITE: tuple[str, JsonObject] = ("write", {"path": "sub/a.txt", "content": "mine\n"})
EDIT: tuple[str, JsonObject] = ("edit", {"path": "sub/a.txt", "old": "second", "new": "mine"})
READ: tuple[str, JsonObject] = ("read", {"path": "sub/a.txt"})


@pytest.mark.parametrize("call", [WRITE, EDIT])
@pytest.mark.parametrize("part", ["sub", "sub/a.txt"])
async def test_a_path_that_leads_elsewhere_after_the_yes_asks_again(
    call: tuple[str, JsonObject], part: str, work: Path
) -> None:
    outside = work.parent / "outside"
    swap = linked(work / part, outside / part)
    observation, asked = await answered(Kit(work, mode=Mode.MANUAL), call, swap)
    assert len(asked) == 2
    assert str(outside / "sub/a.txt") in asked[1].why
    assert not observation.error, "the second yes was told where it leads"
    kit = Kit(work, mode=Mode.MANUAL)
    (work / part).unlink()
    (work / f"{part}.was").rename(work / part)
    (outside / "sub/a.txt").write_text("untouched\nsecond\n")
    running = asyncio.create_task(kit.batch(call))
    await kit.pending()
    swap()
    kit.queue.decide(kit.queue.pending()[0].id, Decision.ONCE, "you")
    await kit.pending()
    kit.queue.decide(kit.queue.pending()[0].id, Decision.DENY, "you")
    assert (await running).outcomes[0].observation.error
    assert (outside / "sub/a.txt").read_text() == "untouched\nsecond\n"


async def test_what_moves_again_after_the_second_yes_is_not_run(work: Path) -> None:
    outside = work.parent / "outside"

    def again() -> None:
        (work / "sub").unlink()
        (work / "sub").symlink_to(work / "sub.was")

    observation, asked = await answered(
        Kit(work, mode=Mode.MANUAL), WRITE, linked(work / "sub", outside / "sub"), again
    )
    assert (len(asked), observation.error) == (2, True)
    assert "Not run" in observation.text
    assert "mine" not in (outside / "sub/a.txt").read_text()
    assert "mine" not in (work / "sub.was/a.txt").read_text()


async def test_a_file_that_changed_after_its_diff_was_shown_asks_again_with_the_new_diff(work: Path) -> None:
    file = work / "sub/a.txt"
    observation, asked = await answered(Kit(work, mode=Mode.MANUAL), WRITE, lambda: file.write_text("by another\n"))
    assert not observation.error
    assert len(asked) == 2
    assert "-second" in asked[0].diff
    assert "-by another" in asked[1].diff
    assert "-second" not in asked[1].diff
    assert "changed since the change was shown" in asked[1].why


async def test_an_edit_whose_own_lines_stand_elsewhere_by_now_is_still_the_same(work: Path) -> None:
    file = work / "sub/a.txt"
    file.write_text("".join(f"{n}\n" for n in range(20)) + "second\n")
    observation, asked = await answered(
        Kit(work, mode=Mode.MANUAL), EDIT, lambda: file.write_text("new\n" + file.read_text())
    )
    assert (len(asked), observation.error) == (1, False)
    assert file.read_text() == "new\n" + "".join(f"{n}\n" for n in range(20)) + "mine\n"


async def test_a_long_change_that_is_not_shown_line_by_line_is_known_by_its_content(work: Path) -> None:
    file = work / "sub/a.txt"
    file.write_text("".join(f"{n}\n" for n in range(4_000)))
    call: tuple[str, JsonObject] = ("write", {"path": "sub/a.txt", "content": "x\ny\n" * 2_000})
    _, asked = await answered(Kit(work, mode=Mode.MANUAL), call, lambda: file.write_text("q\n" * 4_000))
    assert len(asked) == 2


@pytest.mark.parametrize("kind", ["pipe", "folder", "device"])
@pytest.mark.parametrize("call", [WRITE, EDIT])
async def test_a_file_that_became_something_else_is_not_opened(
    kind: str, call: tuple[str, JsonObject], work: Path
) -> None:
    file = work / "sub/a.txt"

    def swap() -> None:
        file.unlink()
        if kind == "pipe":
            os.mkfifo(file)
        elif kind == "folder":
            file.mkdir()
        else:
            file.symlink_to("/dev/zero")

    observation, asked = await answered(Kit(work, mode=Mode.MANUAL), call, swap)
    assert (len(asked), observation.error) == (2, True)
    assert kind == "folder" or not file.is_file()


@pytest.mark.parametrize("how", ["a link", "another folder"])
@pytest.mark.parametrize("call", [("bash", {"command": "touch here"}), WRITE])
async def test_a_work_folder_that_was_swapped_asks_again(how: str, call: tuple[str, JsonObject], work: Path) -> None:
    def swap() -> None:
        work.rename(work.with_name("was"))
        if how == "a link":
            work.symlink_to(work.parent / "outside")
        else:
            (work / "sub").mkdir(parents=True)

    kit = Kit(work, mode=Mode.MANUAL)
    running = asyncio.create_task(kit.batch(call))
    await kit.pending()
    swap()
    kit.queue.decide(kit.queue.pending()[0].id, Decision.ONCE, "you")
    await kit.pending()
    assert "another folder now" in kit.queue.pending()[0].why
    kit.queue.decide(kit.queue.pending()[0].id, Decision.DENY, "you")
    await running
    assert not (work / "here").exists()
    assert "mine" not in (work.parent / "outside/sub/a.txt").read_text()


@pytest.mark.parametrize(
    "command", ["cat sub/a.txt", "cat < sub/a.txt", "sort sub/*", "wc --files0-from=sub/a.txt", "echo x > sub/a.txt"]
)
async def test_files_that_a_command_line_was_judged_by_are_looked_at_again(command: str, work: Path) -> None:
    (work / "sub/b.txt").write_text("b")
    swap = linked(work / "sub", work.parent / "outside")
    _, asked = await answered(Kit(work, mode=Mode.MANUAL), ("bash", {"command": command}), swap)
    assert len(asked) == 2 or "*" in command


async def test_a_pattern_that_fits_a_secret_by_now_asks_again(work: Path) -> None:
    permissions = Permissions(mode=Mode.YOLO, rules=[parse_rule("read(.env)", "deny", "your rule")])
    kit = Kit(work, permissions=permissions)
    (work / ".e").write_text("x")

    call: tuple[str, JsonObject] = ("bash", {"command": "cat .e* $x"})
    _, asked = await answered(kit, call, lambda: (work / ".env").write_text("KEY"))
    assert ["may reach" in one.why for one in asked] == [False, True]


async def test_a_rule_that_came_meanwhile_holds_at_once(work: Path) -> None:
    kit = Kit(work, mode=Mode.MANUAL)
    deny = parse_rule("edit(sub/**)", "deny", "your rule")
    observation, asked = await answered(kit, WRITE, lambda: kit.permissions.also([deny]))
    assert len(asked) == 1
    assert "denied by your rule" in observation.text
    assert "mine" not in (work / "sub/a.txt").read_text()


@pytest.mark.parametrize("call", [WRITE, EDIT, READ])
async def test_a_link_put_in_the_way_after_the_last_look_is_not_followed(
    call: tuple[str, JsonObject], work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = Kit(work, mode=Mode.YOLO)
    flush, swap = kit.bus.flush, linked(work / "sub", work.parent / "outside/sub")

    async def swapping() -> None:
        await flush()
        if (work / "sub").is_symlink():
            return
        swap()

    monkeypatch.setattr(kit.bus, "flush", swapping)
    observation = await kit.call(call[0], **call[1])
    assert observation.error
    assert "elsewhere" in observation.text or "outside" in observation.text
    assert "mine" not in (work.parent / "outside/sub/a.txt").read_text()


async def test_a_shell_starts_in_the_folder_that_was_judged_or_not_at_all(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = Kit(work, mode=Mode.YOLO)
    flush = kit.bus.flush

    async def swapping() -> None:
        await flush()
        work.rename(work.with_name("was"))
        work.symlink_to(work.parent / "outside")

    monkeypatch.setattr(kit.bus, "flush", swapping)
    observation = await kit.call("bash", command="touch here")
    assert observation.error
    assert not (work.parent / "outside/here").exists()


async def test_calls_of_one_turn_that_build_on_each_other_ask_no_more_than_once_each(work: Path) -> None:
    kit = Kit(work, mode=Mode.EDITS)
    result = await kit.batch(
        ("write", {"path": "n.txt", "content": "one\ntwo\n"}),
        ("edit", {"path": "n.txt", "old": "one", "new": "1"}),
        ("edit", {"path": "n.txt", "old": "two", "new": "2"}),
        ("read", {"path": "n.txt"}),
    )
    assert [one.observation.error for one in result.outcomes] == [False] * 4
    assert (work / "n.txt").read_text() == "1\n2\n"


def test_a_descriptor_is_had_through_real_folders_only(work: Path) -> None:
    (work / "way").symlink_to("sub")
    with pytest.raises(Changed), regular(work / "way/a.txt"):
        pass
    with pytest.raises(Changed), folder(work / "way/new", make=True):
        pass
    (work / "sub/l.txt").symlink_to("a.txt")
    with pytest.raises(Changed), regular(work / "sub/l.txt"):
        pass
    with regular(work / "sub/a.txt") as (descriptor, _):
        assert os.read(descriptor, 4) == b"work"


async def test_writing_keeps_the_mode_and_a_link_that_was_there_before(work: Path) -> None:
    (work / "sub/a.txt").chmod(0o640)
    (work / "l.txt").symlink_to("sub/a.txt")
    kit = Kit(work, mode=Mode.EDITS)
    assert not (await kit.call("write", path="l.txt", content="new\n")).error
    assert (work / "l.txt").is_symlink()
    assert (work / "sub/a.txt").read_text() == "new\n"
    assert (work / "sub/a.txt").stat().st_mode & 0o777 == 0o640


def test_the_context_of_a_tool_leads_where_the_call_was_judged(work: Path) -> None:
    kit = Kit(work)
    assert isinstance(kit.ctx, ToolContext)
    assert kit.ctx.path("sub/a.txt") == (work / "sub/a.txt").resolve()
