"""Line 4: a repository whose own settings name programs. The canary must never run unasked, nor under a wide rule."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from tests.approvals.ruling import bash, rule
from tests.security.test_04_git_poison import FREE, git, poison
from tests.tools.kit import Kit
from vega_tui.approvals.git_config import BadConfig, parsed
from vega_tui.core.words import Decision, Mode

RUNS = """
core.pager=PROGRAM
core.editor=PROGRAM
core.fsmonitor=PROGRAM
core.sshCommand=PROGRAM
core.askPass=PROGRAM
core.gitProxy=PROGRAM
core.hooksPath=FOLDER
core.alternateRefsCommand=PROGRAM
core.worktree=/
sequence.editor=PROGRAM
pager.log=PROGRAM
pager.diff=PROGRAM
diff.external=PROGRAM
diff.x.command=PROGRAM
diff.x.textconv=PROGRAM
diff.x.wSErrorHighlight=PROGRAM
difftool.x.cmd=PROGRAM
merge.x.driver=PROGRAM
mergetool.x.path=PROGRAM
filter.x.clean=PROGRAM
filter.x.smudge=PROGRAM
filter.x.process=PROGRAM
filter.lfs.clean=PROGRAM
filter.lfs.process=git-lfs filter-process; PROGRAM
gpg.program=PROGRAM
gpg.ssh.program=PROGRAM
gpg.ssh.defaultKeyCommand=PROGRAM
gpg.format=x
log.showSignature=true
format.pretty=%GG
pretty.x=%GG
credential.helper=!PROGRAM
credential.https://h.helper=!PROGRAM
include.path=../evil
includeIf.gitdir:/.path=../evil
remote.origin.url=ext::PROGRAM
remote.origin.url=evil://x
remote.origin.pushurl=ext::PROGRAM
remote.origin.vcs=x
remote.origin.uploadpack=PROGRAM
remote.origin.receivepack=PROGRAM
branch.main.remote=ext::PROGRAM
branch.main.mergeoptions=-s evil
remote.pushDefault=ext::PROGRAM
url.ext::PROGRAM.insteadOf=https://
submodule.x.update=!PROGRAM
submodule.x.url=ext::PROGRAM
gc.recentObjectsHook=PROGRAM
uploadpack.packObjectsHook=PROGRAM
trailer.x.cmd=PROGRAM
trailer.x.command=PROGRAM
tar.x.command=PROGRAM
interactive.diffFilter=PROGRAM
web.browser=x
browser.x.cmd=PROGRAM
man.x.cmd=PROGRAM
lfs.customtransfer.x.path=PROGRAM
lfs.extension.x.clean=PROGRAM
protocol.ext.allow=always
help.autoCorrect=immediate
pull.rebase=interactive
sendemail.smtpServer=PROGRAM
hook.x.command=PROGRAM
some.newer.key=PROGRAM
""".strip().splitlines()
USUAL = """
core.bare=false
core.fileMode=true
core.autocrlf=input
core.fsmonitor=true
core.pager=cat
user.name=a
user.email=a@b
user.signingKey=ABC
commit.gpgSign=true
gpg.format=ssh
remote.origin.url=https://example.org/a/b.git
remote.origin.url=git@example.org:a/b.git
remote.origin.url=../other
remote.origin.fetch=+refs/heads/*:refs/remotes/origin/*
remote.origin.gh-resolved=base
branch.main.remote=origin
branch.feature/a.b.merge=refs/heads/main
branch.main.rebase=true
alias.st=status -sb
alias.x=!rm y
color.ui=auto
diff.python.xfuncname=^def
merge.conflictStyle=zdiff3
url.git@example.org:.insteadOf=https://example.org/
filter.lfs.clean=git-lfs clean -- %f
filter.lfs.smudge=git-lfs smudge -- %f
filter.lfs.process=git-lfs filter-process
filter.lfs.required=true
lfs.repositoryformatversion=0
submodule.lib.url=https://example.org/lib
submodule.lib.active=true
submodule.lib.update=rebase
pull.rebase=true
extensions.worktreeConfig=true
http.https://example.org/.extraheader=x
""".strip().splitlines()


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A repository with one commit and a change."""
    return repository(tmp_path / "work")


def repository(work: Path) -> Path:
    (work / "sub").mkdir(parents=True)
    git(work, "init", "-q", "-b", "main")
    git(work, "config", "user.email", "a@b")
    git(work, "config", "user.name", "a")
    (work / "a.txt").write_text("one\n")
    git(work, "add", "a.txt")
    git(work, "commit", "-qm", "one")
    (work / "a.txt").write_text("two\n")
    return work


def put(work: Path, setting: str) -> str:
    """Set it as a file that came with the folder would; gives the key as git has it."""
    key, _, value = setting.partition("=")
    value = value.replace("PROGRAM", str(work.parent / "program")).replace("FOLDER", str(work))
    key = key.replace("PROGRAM", str(work.parent / "program"))
    git(work, "-c", "core.fsmonitor=false", "config", "--file", str(work / ".git" / "config"), "--add", key, value)
    return key


@pytest.mark.parametrize("setting", RUNS)
def test_a_setting_that_may_start_something_makes_git_ask_and_is_named(work: Path, setting: str) -> None:
    assert bash("git diff", cwd=work, mode=Mode.AUTO) == "allow"
    key = put(work, setting)
    found = rule("bash", {"command": "git diff"}, cwd=work, mode=Mode.AUTO)
    assert found.verdict == "ask"
    assert "this repository's configuration runs programs: " in found.why
    assert key.lower()[:60] in found.why.lower()
    for command in FREE:
        assert bash(command, cwd=work, mode=Mode.AUTO, allow=["Bash(git *)"]) == "ask", command
    assert bash("git diff", cwd=work, allow=["Bash(git diff)"]) == "allow"  # a rule with these words and no others
    assert bash("git diff", cwd=work, mode=Mode.YOLO) == "allow"


def test_what_a_clone_usually_sets_asks_for_nothing(work: Path) -> None:
    for setting in USUAL:
        put(work, setting)
        assert bash("git status", cwd=work, mode=Mode.AUTO) == "allow", setting
    assert bash("git commit -m x", cwd=work, allow=["Bash(git commit *)"]) == "allow"


@pytest.mark.parametrize("line", ["git diff", "git status", "git log -p", "git show HEAD", "git diff | cat"])
async def test_a_canary_in_a_filter_or_a_diff_driver_runs_only_where_it_was_asked_for(work: Path, line: str) -> None:
    program = poison(work)
    (work / ".gitattributes").write_text("*.txt diff=x filter=x\n")
    for setting in ("diff.x.textconv=PROGRAM", "diff.x.command=PROGRAM", "filter.x.clean=PROGRAM"):
        put(work, setting)
    assert program.exists()
    assert bash(line, cwd=work, mode=Mode.AUTO, allow=["Bash(git *)", "Bash(cat *)"]) == "ask"
    subprocess.run(["sh", "-c", f"touch a.txt; {line}"], cwd=work, check=False, capture_output=True, timeout=60)
    assert (work.parent / "mark").exists()  # the trap works
    (work.parent / "mark").unlink()
    kit = Kit(work, mode=Mode.AUTO)
    call = asyncio.create_task(kit.call("bash", command=line))
    await kit.pending()
    (asked,) = kit.queue.pending()
    assert "this repository's configuration runs programs" in asked.why
    assert not (work.parent / "mark").exists()
    kit.queue.decide(asked.id, Decision.DENY, by="you")
    await call
    assert not (work.parent / "mark").exists()


def test_a_worktree_takes_the_settings_of_its_repository_and_its_own(work: Path) -> None:
    git(work, "worktree", "add", "-q", "../tree")
    tree = work.parent / "tree"
    assert bash("git status", cwd=tree, mode=Mode.AUTO) == "allow"
    (work / ".git" / "worktrees" / "tree" / "config.worktree").write_text("[diff]\nexternal = x\n")
    assert bash("git status", cwd=tree, mode=Mode.AUTO) == "ask"
    assert bash("git status", cwd=work, mode=Mode.AUTO) == "allow"
    (work / ".git" / "worktrees" / "tree" / "config.worktree").unlink()
    put(work, "diff.external=x")
    assert bash("git status", cwd=tree, mode=Mode.AUTO) == "ask"


def test_a_repository_is_found_from_below_by_options_and_after_a_change_of_folder(work: Path) -> None:
    inner = repository(work / "inner")
    put(inner, "diff.external=x")
    assert bash("git status", cwd=work, mode=Mode.AUTO) == "allow"
    assert bash("git status", cwd=inner / "sub", mode=Mode.AUTO) == "ask"
    wide = ["Bash(git *)", "Bash(cd *)", "Bash(timeout *)", "Bash(env *)"]
    for line in (
        "git -C inner diff",
        "git -C inner/sub diff",
        "cd inner && git diff",
        "cd $x && git diff",
        "timeout 5 git -C inner diff",
        "env git -C inner diff",
        "bash -c 'cd inner; git diff'",
        "/usr/bin/git -C inner diff",
    ):
        assert bash(line, cwd=work, mode=Mode.AUTO, allow=wide) == "ask", line


def test_a_repository_that_the_index_names_counts_as_a_part(work: Path) -> None:
    """A status of the outer repository is a status of those inside it, with their filters."""
    inner = repository(work / "inner")
    git(work, "add", "inner")
    assert bash("git status", cwd=work, mode=Mode.AUTO) == "allow"
    put(inner, "filter.x.clean=PROGRAM")
    assert bash("git status", cwd=work, mode=Mode.AUTO) == "ask"


def test_a_submodule_whose_files_lie_where_it_was_found_is_usual(work: Path) -> None:
    lib = repository(work.parent / "lib")
    git(work, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(lib), "lib")
    assert bash("git status", cwd=work / "lib", mode=Mode.AUTO) == "allow"
    assert bash("git status", cwd=work, mode=Mode.AUTO) == "allow"
    (work / ".git" / "modules" / "lib" / "config").write_text('[filter "x"]\nclean = x\n')
    assert bash("git status", cwd=work, mode=Mode.AUTO) == "ask"


def test_a_configuration_that_cannot_be_read_as_git_does_asks(work: Path) -> None:
    config = work / ".git" / "config"
    usual = config.read_bytes()
    for more in (
        b"[diff] external = x\n",
        b"[DIFF]\nExTernal=x\n",
        b"[diff]\n\texternal\n",
        b"[diff.x]\ncommand = x\n",
        b'[diff "a\\"]"] command = x\n',
        b"[core]\nabbrev = 7 \\\n  8\n[diff]\nexternal = x",
        b"[core] ; [x]\nabbrev = 7 # \\\n[diff]external=x\n",
        b"\r\n[diff]\r\nexternal = x\r\n",
        b"[diff\n",
        b'[core]\nabbrev = "7\n',
        b"[core]\nabbrev = \\q\n",
        b"\0",
        b"[core]\n" + b"abbrev = 7\n" * 40_000,
    ):
        config.write_bytes(usual + more)
        assert bash("git diff", cwd=work, mode=Mode.AUTO) == "ask", more[:60]
    config.write_bytes(b"\xef\xbb\xbf" + usual)
    assert bash("git diff", cwd=work, mode=Mode.AUTO) == "allow"


@pytest.mark.parametrize("kind", ["fifo", "folder", "device", "loop", "file of another kind"])
def test_a_configuration_that_is_no_file_asks_and_holds_nobody_up(work: Path, kind: str) -> None:
    config = work / ".git" / "config"
    config.unlink()
    match kind:
        case "fifo":
            os.mkfifo(config)
        case "folder":
            config.mkdir()
        case "device":
            config.symlink_to("/dev/zero")
        case "loop":
            config.symlink_to(config)
        case _:
            (work / ".git").rename(work / "git")
            (work / ".git").write_text("gitdir: ")
            (work / ".git").write_text("elsewhere\n")
    assert bash("git diff", cwd=work, mode=Mode.AUTO) == "ask"


@pytest.mark.parametrize("setting", [*RUNS[:20], *USUAL])
def test_our_reader_sees_the_keys_that_git_sees(work: Path, setting: str) -> None:
    put(work, setting)
    with (work / ".git" / "config").open("a") as file:
        file.write('[a "b\\c\\"d] e"] f = "x ; y" \\\n z # end\n\tg\n[H.I]J-k=\t 1  \n')
    path = work / ".git" / "config"
    told = subprocess.run(
        ["git", "config", "--no-includes", "-z", "-l", "--file", str(path)], check=True, capture_output=True, timeout=60
    ).stdout.decode("latin-1")
    seen = [(each.name, each.value) for each in parsed(path.read_text("latin-1"))]
    assert seen == [
        (name, value if newline else "true")
        for name, newline, value in (entry.partition("\n") for entry in told.rstrip("\0").split("\0"))
    ]


def test_a_remote_that_is_really_a_folder_asks(work: Path) -> None:
    repository(work / "evil")
    put(work, "remote.origin.url=https://example.org/x")
    for line in ("git fetch evil", "git pull evil main", "git push evil", "git fetch --depth 1 evil",
                 "git ls-remote evil", "git push -o origin evil", "git clone evil copy"):  # fmt: skip
        assert bash(line, cwd=work, allow=["Bash(git *)"]) == "ask", line
    for line in ("git fetch origin", "git push origin sub", "git fetch", "git pull origin main"):
        assert bash(line, cwd=work, allow=["Bash(git *)"]) == "allow", line


def test_words_that_only_the_run_will_know_could_be_options_and_ask_under_a_prefix(work: Path) -> None:
    wide = ["Bash(git log *)", "Bash(git *)", "Bash(tar *)", "Bash(rsync *)"]
    for line in ("x=--output=f; git log $x", "git log $x", "git log \"$x\"", "git log a$x", "git diff ${x}",
                 "git log $(cat a.txt)", "tar $x", "rsync $x a b"):  # fmt: skip
        assert bash(line, cwd=work, allow=wide) == "ask", line
    assert bash('git log "v$x"', cwd=work, allow=wide) == "allow"
    assert bash("git log -- $x", cwd=work, allow=wide) == "allow"
    assert bash("git log $x", cwd=work, allow=["Bash(git log $x)"]) == "allow"


def test_what_git_cannot_read_nobody_reads() -> None:
    for text in ("x = 1\n", "[a\nb]", "[a ]", '[a "b]', '[a "b" ]', "[a]\n1 = 2", "[a]\nb ? c", "[a b]\n"):
        with pytest.raises(BadConfig):
            parsed(text)
