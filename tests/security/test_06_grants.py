"""Line 6: a remembered yes covers what was seen, and nothing else unless that was chosen."""

import asyncio
from pathlib import Path

import pytest

from tests.approvals.ruling import HOME, KINDS, bash, rule
from tests.fakes.recording_bus import RecordingBus
from vega_tui.approvals.breadth import too_wide
from vega_tui.approvals.facts import facts_of
from vega_tui.approvals.grants import refusal
from vega_tui.approvals.policy import decide
from vega_tui.approvals.queue import ApprovalQueue
from vega_tui.approvals.rules import parse_rule
from vega_tui.core.errors import UserError
from vega_tui.core.events import GrantAdded
from vega_tui.core.messages import JsonObject
from vega_tui.core.records import Approval
from vega_tui.core.words import Decision, Mode

# command, offered, offered as wider
SEEN = [
    ("pytest -q tests", "bash(pytest -q tests)", "bash(pytest *)"),
    ("git commit -m x", "bash(git commit -m x)", "bash(git commit *)"),
    ("git -C sub commit -m x", "bash(git -C sub commit -m x)", ""),
    ("git push origin main", "bash(git push origin main)", "bash(git push *)"),
    ("git config user.name x", "bash(git config user.name x)", ""),
    ("git clone https://h/x", "bash(git clone https://h/x)", ""),
    ("git rebase -x make main", "bash(git rebase -x make main)", ""),
    ("cargo build --release", "bash(cargo build --release)", "bash(cargo build *)"),
    ("cargo run x", "bash(cargo run x)", ""),
    ("go test ./...", "bash(go test ./...)", "bash(go test *)"),
    ("go run .", "bash(go run .)", ""),
    ("timeout 5 pytest", "bash(pytest)", "bash(pytest *)"),
    ("ls src/*.py", r"bash(ls src/\*.py)", "bash(ls *)"),
    ("python3 x.py", "bash(python3 x.py)", ""),
    ("python3 -m pytest", "bash(python3 -m pytest)", ""),
    ("python3 -c 'print(1)'", "bash(python3 -c 'print(1)')", ""),
    ("python3.11 x.py", "bash(python3.11 x.py)", ""),
    ("awk '{print $1}' f", "bash(awk '{print $1}' f)", ""),
    ("node x.js", "bash(node x.js)", ""),
    ("perl x.pl", "bash(perl x.pl)", ""),
    ("ruby x.rb", "bash(ruby x.rb)", ""),
    ("sed -i s/a/b/ f", "bash(sed -i s/a/b/ f)", ""),
    ("bash x.sh", "bash(bash x.sh)", ""),
    ("npx tsc --noEmit", "bash(npx tsc --noEmit)", ""),
    ("uvx ruff check", "bash(uvx ruff check)", ""),
    ("pipx run x", "bash(pipx run x)", ""),
    ("uv run pytest", "bash(uv run pytest)", ""),
    ("npm run build", "bash(npm run build)", ""),
    ("npm install", "bash(npm install)", ""),
    ("make test", "bash(make test)", ""),
    ("docker run --rm x", "bash(docker run --rm x)", ""),
    ("docker ps", "bash(docker ps)", "bash(docker ps *)"),
    ("ssh h ls", "bash(ssh h ls)", ""),
    ("curl https://h", "bash(curl https://h)", ""),
    ("env make", "bash(env make)", ""),
    ("find . -name x", "bash(find . -name x)", ""),
    ("find . -name '*.py'", r"bash(find . -name '\*.py')", ""),
    ("gdb x", "bash(gdb x)", ""),
    ("sqlite3 x.db 'select 1'", "bash(sqlite3 x.db 'select 1')", ""),
    ("/usr/bin/git status", "bash(/usr/bin/git status)", ""),
    ("./run.sh", "bash(./run.sh)", ""),
    ("bin/run x", "bash(bin/run x)", ""),
    ("vega-tui approvals approve x", "", ""),
    ("/usr/bin/vega-tui config trust", "", ""),
    ("python3 -m vega_tui approvals approve x", "", ""),
    ("python3 -c 'import vega_tui'", "", ""),
    ("env vega-tui ps", "", ""),
    ("echo 'x vega-tui'", "", ""),
    ("rm x", "", ""),
    ("rm -rf x", "", ""),
    ("mv a b", "", ""),
    ("chmod +x a", "", ""),
    ("make $X", "", ""),
    ("make $(date)", "", ""),
    ("A=1 make", "", ""),
    ("make > x", "", ""),
    ("make; pytest", "", ""),
    ("eval x", "", ""),
    ("xargs rm", "", ""),
    ("watch ls", "", ""),
    ("sudo ls", "", ""),
    ("git $X", "", ""),
    ("cat .env", "", ""),
]


@pytest.mark.parametrize(("command", "narrow", "wider"), SEEN)
def test_what_is_offered_for_a_command_is_its_text_and_wider_is_apart(command: str, narrow: str, wider: str) -> None:
    found = rule("bash", {"command": command})
    assert (found.rule, found.wider) == (narrow, wider)
    for text in filter(None, (narrow, wider)):
        assert bash(command, allow=[text]) == "allow"
    if narrow:
        for other in (f"{command} y", f"{command}y", f"y{command}", command.replace("*", "y")):
            assert other == command or bash(other, allow=[narrow]) == "ask"


@pytest.mark.parametrize(
    ("tool", "path", "narrow", "wider"),
    [
        ("write", "src/a.py", "edit(src/a.py)", "edit(src/**)"),
        ("edit", "a.py", "edit(/a.py)", "edit(**)"),
        ("write", "/etc/x/hosts", "edit(//etc/x/hosts)", ""),
        ("write", "~/notes.txt", "edit(//home/someone/notes.txt)", ""),
        ("write", ".git/config", "", ""),
        ("write", "~/.bashrc", "", ""),
        ("read", "/usr/include/stdio.h", "read(//usr/include/stdio.h)", "read(//usr/include/**)"),
        ("read", "~/notes.txt", "read(//home/someone/notes.txt)", ""),
        ("read", "~/.config/x/y", "read(//home/someone/.config/x/y)", "read(//home/someone/.config/x/**)"),
        ("read", "~/.ssh/config", "", ""),
        ("read", "/etc/shadow", "", ""),
        ("read", "/passwd", "read(//passwd)", ""),
        ("list", "~", "list(//home/someone/.)", ""),
        ("list", "~/x", "list(//home/someone/x/.)", ""),
        ("list", "/", "list(//.)", ""),
        ("list", "~/.ssh", "", ""),
        ("grep", "~", "", ""),
        ("grep", "/", "", ""),
        ("grep", "/usr/include", "grep(//usr/include)", ""),
    ],
)
def test_what_is_offered_for_a_path_is_that_path(tool: str, path: str, narrow: str, wider: str) -> None:
    args: JsonObject = {"path": path, "pattern": "x", "content": ""}
    found = rule(tool, args, ask=[tool])
    assert (found.rule, found.wider) == (narrow, wider)
    for text in filter(None, (narrow, wider)):
        assert rule(tool, args, allow=[text]).verdict == "allow"


@pytest.mark.parametrize("path", ["~/x", "~/.ssh", "~/a/b", "~/.bash_history"])
@pytest.mark.parametrize("tool", ["list", "read", "grep"])
def test_a_yes_to_listing_the_home_reads_nothing_in_it(path: str, tool: str) -> None:
    offered = rule("list", {"path": "~"}).rule
    assert rule("list", {"path": "~"}, allow=[offered]).verdict == "allow"
    assert rule(tool, {"path": path, "pattern": "x"}, allow=[offered]).verdict == "ask"


def test_in_a_home_that_is_the_work_folder_nothing_wider_is_offered(tmp_path: Path) -> None:
    args: JsonObject = {"path": "a.txt", "content": ""}
    facts = facts_of("write", KINDS["write"], args, cwd=tmp_path, home=tmp_path, paths=["a.txt"])
    found = decide(facts, Mode.MANUAL, ())
    assert (found.rule, found.wider) == ("edit(/a.txt)", "")


TOO_WIDE = """
bash
bash(*)
bash(**)
bash(p*)
bash(*x)
bash(python3 *)
bash(python3:*)
bash(python3.11 *)
bash(python3*)
bash(python *.py)
bash(python -m *)
bash(awk *)
bash(node *)
bash(perl *)
bash(ruby *)
bash(bash *)
bash(sh -c *)
bash(sed -n *)
bash(npx *)
bash(npx tsc *)
bash(uvx *)
bash(pipx run *)
bash(xargs *)
bash(env *)
bash(make *)
bash(npm run *)
bash(npm *)
bash(docker *)
bash(docker run *)
bash(ssh *)
bash(ssh h *)
bash(find *)
bash(tar *)
bash(sudo *)
bash(timeout *)
bash(vim *)
bash(sqlite3 *)
bash(gdb *)
bash(vega-tui *)
bash(vega-tui ps)
bash(python -m vega_tui)
bash(/usr/bin/git *)
bash(./x *)
bash(bin/x*)
bash('git' *)
bash(rm *)
bash(mv *)
bash(eval *)
read(~/**)
read(//home/someone/**)
read(//home/someone)
read(//home/**)
read(//**)
read(//)
read(//*/x)
read(~/)
list(~/**)
list(//home)
grep(//home/someone)
edit(~/**)
edit(//home/someone/*)
edit(//**)
read(~/.ssh/**)
read(//home/someone/.ssh)
read(//home/other/.aws/*)
"""


@pytest.mark.parametrize("text", TOO_WIDE.split("\n")[1:-1])
def test_a_grant_that_wide_is_refused(text: str) -> None:
    assert too_wide(parse_rule(text, "allow", "x"), str(HOME))


NARROW = r"""
bash(pytest *)
bash(git commit *)
bash(git *)
bash(python3 x.py)
bash(make test)
bash(ls *)
bash(cargo test *)
bash(docker ps *)
bash(ls src/\*.py)
read(//usr/include/**)
read(src/**)
edit(src/**)
edit(**)
list(~/.)
list(//.)
read(~/notes.txt)
read(~/projects/x/**)
edit(//etc/hosts)
fetch(domain:x.com)
task
mcp__x__y
"""


@pytest.mark.parametrize(
    "text",
    NARROW.split("\n")[1:-1],
)
def test_a_grant_that_narrow_is_taken(text: str) -> None:
    assert too_wide(parse_rule(text, "allow", "x"), str(HOME)) == ""


async def _settled(args: JsonObject | None, offered: str = "bash(pytest a)", given: str = "") -> object:
    queue = ApprovalQueue(RecordingBus())
    question = Approval(
        id="ap_1", session="s_1", process="root", call="c", tool="bash", args={"command": "pytest a"},
        summary="pytest a", cwd="/w", rule=offered, wider="bash(pytest *)",
    )  # fmt: skip
    async with asyncio.TaskGroup() as group:
        task = group.create_task(queue.request(question))
        await asyncio.sleep(0)
        try:
            return queue.decide("ap_1", Decision.ALWAYS, "you", args=args, rule=given)
        except UserError as error:
            queue.decide("ap_1", Decision.DENY, "you")
            return error
        finally:
            await task


@pytest.mark.parametrize("given", ["", "bash(pytest a)", "bash(pytest *)"])
async def test_an_edited_call_never_grants_what_was_offered_for_its_original(given: str) -> None:
    assert isinstance(await _settled({"command": "rm b"}, given=given), UserError)
    kept = await _settled({"command": "rm b"}, given="bash(rm b)")
    assert isinstance(kept, GrantAdded)
    assert kept.rule == "bash(rm b)"
    same = await _settled({"command": "pytest a"})
    assert isinstance(same, GrantAdded)
    assert same.rule == "bash(pytest a)"


def test_a_stored_grant_that_is_too_wide_is_not_applied_and_says_why() -> None:
    assert "python3 runs" in refusal(GrantAdded(grant="g", rule="bash(python3 *)", scope="user"))
    assert "no rule" not in refusal(GrantAdded(grant="g", rule="bash(pytest *)", scope="user"))
    assert refusal(GrantAdded(grant="g", rule="bash(pytest *)", scope="user")) == ""
    assert refusal(GrantAdded(grant="g", rule="what is this", scope="user"))
