"""Line 4, the running part: a real git in a folder that means harm, through the bash tool, judged free."""

import subprocess
from pathlib import Path

import pytest

from tests.approvals.ruling import bash
from tests.tools.kit import Kit
from vega_tui.core.words import Mode

FREE = (
    "git status",
    "git status -sb",
    "git diff",
    "git diff HEAD",
    "git diff --stat",
    "git log -p -1",
    "git show HEAD",
    "git -C sub status",
    "git ls-files",
    "git blame a.txt",
    "git describe --always",
    "git rev-parse HEAD",
)
HOOKS = "post-index-change post-checkout reference-transaction fsmonitor-watchman pre-auto-gc post-rewrite pre-commit"


def git(folder: Path, *args: str) -> None:
    subprocess.run(["git", "-C", str(folder), *args], check=True, capture_output=True, timeout=60)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A repository with one commit and a change."""
    work = tmp_path / "work"
    (work / "sub").mkdir(parents=True)
    git(work, "init", "-q")
    git(work, "config", "user.email", "a@b")
    git(work, "config", "user.name", "a")
    (work / "a.txt").write_text("one\n")
    git(work, "add", "a.txt")
    git(work, "commit", "-qm", "one")
    (work / "a.txt").write_text("two\n")
    return work


def poison(work: Path) -> Path:
    """A program that leaves a mark."""
    mark, program = work.parent / "mark", work.parent / "program"
    program.write_text(f"#!/bin/sh\ntouch {mark}\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("command", FREE)
async def test_fsmonitor_pager_and_hooks_of_the_repository_start_nothing_in_a_call_that_only_reads(
    work: Path, command: str
) -> None:
    program = poison(work)
    for key in ("core.fsmonitor", "core.pager", "pager.log", "pager.status", "core.editor"):
        git(work, "-c", "core.fsmonitor=false", "config", key, str(program))
    for hook in HOOKS.split():
        (work / ".git" / "hooks" / hook).symlink_to(program)
    (work.parent / "mark").unlink(missing_ok=True)
    assert bash(command, cwd=work, mode=Mode.AUTO) == "ask"  # and with a yes they still start nothing
    await Kit(work).call("bash", command=command)
    assert not (work.parent / "mark").exists()


@pytest.mark.parametrize("command", FREE)
async def test_hooks_that_came_with_the_repository_start_nothing_in_a_free_call(work: Path, command: str) -> None:
    program = poison(work)
    for hook in HOOKS.split():
        (work / ".git" / "hooks" / hook).symlink_to(program)
    (work.parent / "mark").unlink(missing_ok=True)
    assert bash(command, cwd=work, mode=Mode.AUTO) == "allow"
    await Kit(work).call("bash", command=command)
    assert not (work.parent / "mark").exists()


@pytest.mark.parametrize("command", ["git -C sub status", "git -C sub log", "git -C sub diff"])
async def test_a_folder_that_looks_like_a_repository_is_none(work: Path, command: str) -> None:
    """HEAD, objects, refs and config are ordinary names that an agent may write without being asked."""
    program = poison(work)
    sub = work / "sub"
    (sub / "objects").mkdir()
    (sub / "refs").mkdir()
    (sub / "HEAD").write_text("ref: refs/heads/main\n")
    (sub / "config").write_text(
        f"[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = ..\n\tfsmonitor = {program}\n"
    )
    assert bash(command, cwd=work, mode=Mode.AUTO) == "allow"
    await Kit(work).call("bash", command=command)
    assert not (work.parent / "mark").exists()
    plain = subprocess.run(["git", "-C", str(sub), "status"], check=False, capture_output=True, timeout=60)
    assert plain.returncode == 0  # without our environment the trap works
    assert (work.parent / "mark").exists()


def test_what_would_take_the_protection_away_asks(work: Path) -> None:
    for line in (
        "GIT_CONFIG_COUNT=0 git status",
        "export GIT_CONFIG_COUNT=0; git status",
        "GIT_CONFIG_COUNT=0; git status",
        "unset GIT_CONFIG_COUNT; git status",
        "env -u GIT_CONFIG_COUNT git status",
        "env -i git status",
        "printf %n GIT_CONFIG_COUNT; git status",
        "printf -v GIT_CONFIG_COUNT 0; git status",
        "read GIT_CONFIG_COUNT < a.txt; git status",
        "git --git-dir=sub status",
    ):
        assert bash(line, cwd=work, mode=Mode.AUTO) == "ask", line
