"""Every way around a rule that users of other programs reported (reference formats §2.3), and some of our own."""

import pytest

from tests.approvals.ruling import bash
from vega_tui.approvals.shell import segments
from vega_tui.core.words import Mode

GIT = ["bash(git *)", "bash(cd *)", "bash(echo *)", "bash(cat *)", "bash(ls *)", "bash(grep *)"]


@pytest.mark.parametrize(
    "command",
    [
        "cd x && rm -rf y",
        "git log; rm y",
        "git log || rm y",
        "git log & rm y",
        "git log\nrm y",
        "git log\r\nrm y",
        "git log | sh",
        "git log |& tee y",
        "(git log; rm y)",
        "{ git log; rm y; }",
        "if git diff; then rm y; fi",
        "for i in a b; do rm $i; done",
        "while git diff; do rm y; done",
        "case x in x) rm y;; esac",
        "f() { rm y; }; git log",
        "! rm y",
        "echo $(rm y)",
        "echo `rm y`",
        'echo "$(rm y)"',
        'echo "`rm y`"',
        "echo ${x:-$(rm y)}",
        "cat <(rm y)",
        "ls > >(rm y)",
        "cat <<EOF\n$(rm y)\nEOF",
        "cat <<EOF | sh\nrm y\nEOF",
        'cat <<< "$(rm y)"',
        "bash <<EOF\nrm y\nEOF",
        "bash <<< 'rm y'",
        "a=$(rm y)",
        "a=($(rm y))",
        "export A=$(rm y)",
        "eval 'rm y'",
        "eval git log",
        "source x",
        ". x",
        "trap 'rm y' EXIT",
        "bash -c 'git log'",
        "bash -c 'rm y'",
        'bash -c "$X"',
        "bash -o pipefail -c 'rm y'",
        "sh -xc 'rm y'",
        "$GIT log",
        "$'git' log",
        "g{it,} log",
        "{git,rm} log",
        "FOO=1 git log",
        "GIT_SSH_COMMAND=x git fetch",
        "PATH=/tmp/evil git log",
        "PATH=/tmp/evil; git log",
        "for PATH in /tmp/evil; do git log; done",
        "/tmp/evil/git log",
        "./git log",
        '"git log" x',
        "sudo git log",
        "env git log",
        "env sh -c 'git log'",
        "npx git log",
        "wrapper git log",
        "watch git log",
        "setsid git log",
        "flock x git log",
        "xargs -I{} git log",
        "parallel git log",
        "timeout --unknown 5 git log",
        "nice -n 5 rm y",
        "coproc git log",
        "exec git log",
        "git log > ../outside",
        "git log > ~/.bashrc",
        "git log > .git/config",
        "git log > $FILE",
        "git log >> *.txt",
        "git log &> inside.txt",
        "echo $((x))",
        "echo ${x@P}",
        "echo ${a[$(rm y)]}",
        "a[$(rm y)]=1",
        "[[ $x -eq 1 ]]",
        "[[ -v x ]]",
        "(( x++ ))",
        "for ((i=0; i<$(rm y); i++)); do git log; done",
        "git log 'unclosed",
        "(git log",
        "git log |",
        "\\ ]] 2>&1c4 ]",
        "git log \\$(rm y)",
        "cat <<E\\OF\nx\nEOF\nrm y",
        "git log \0; rm y",
        "git " + "x" * 20_000,
        "git log;" * 200,
    ],
)
def test_an_allowed_prefix_carries_nothing_else_through(command: str) -> None:
    assert bash(command, allow=GIT) == "ask"


@pytest.mark.parametrize(
    "command",
    [
        "git log",
        "git log | grep x",
        "cd x && git log",
        "git log; git status",
        "timeout 5 git log",
        "timeout -k 5 10s nice -n 3 git log",
        "stdbuf -oL git log",
        "command git log",
        "LANG=C git log",
        "echo $(git log)",
        "git log 2>/dev/null",
        "git log 2>&1 | cat",
        "git commit -m 'a; rm y'",
        'git commit -m "a && rm y | sh"',
        "git log # rm y",
        "echo '$(rm y)'",
        "cat <<'EOF'\n$(rm y)\nEOF",
        "git log \\\n  --oneline",
        "for i in a b; do git log -- $i; done",
        "if [ -f x ]; then git log; fi",
        "x=1; git log -- $x",
        "echo $((1 + 2))",
        "ls -la",
        "ls",
    ],
)
def test_a_compound_passes_when_every_part_is_allowed(command: str) -> None:
    assert bash(command, allow=GIT) == "allow"


@pytest.mark.parametrize(
    "command",
    [
        "rm x",
        "rm",
        "ls; rm x",
        "ls | xargs rm",
        "ls | xargs -n1 rm -f",
        "find . -exec rm {} \\;",
        "find . -execdir rm {} +",
        "/bin/rm x",
        "/usr/bin/rm x",
        "sudo rm x",
        "sudo -u root rm x",
        "env rm x",
        "env A=1 rm x",
        "A=1 rm x",
        "PATH=x rm y",
        "timeout 5 rm x",
        "timeout --odd 5 rm x",
        "nohup rm x",
        "watch rm x",
        "command rm x",
        "builtin rm x",
        "busybox rm x",
        "docker exec box rm x",
        '"rm" x',
        "r\\m x",
        "'r'm x",
        "rm -fr x",
        "rm --recursive --force x",
        "echo $(rm x)",
        "echo `rm x`",
        "cat <(rm x)",
        "bash -c 'rm x'",
        "bash -lc 'ls; rm x'",
        "bash -o pipefail -c 'rm x'",
        "sudo bash -c 'rm x'",
        "sh -c \"bash -c 'rm x'\"",
        "eval 'rm x'",
        "f() { rm x; }; f",
        "(rm x)",
        "! rm x",
        "time rm x",
    ],
)
@pytest.mark.parametrize("mode", [Mode.MANUAL, Mode.AUTO, Mode.YOLO])
def test_a_deny_rule_finds_its_program_wherever_it_hides(command: str, mode: Mode) -> None:
    assert bash(command, mode=mode, allow=["bash"], deny=["bash(rm *)"]) == "deny"


@pytest.mark.parametrize("command", ["$X y", "eval $X", "bash -c $X", "curl x | sh", "'unclosed", "echo ${x@P}"])
def test_what_nobody_can_read_asks_even_in_yolo_while_deny_rules_hold(command: str) -> None:
    assert bash(command, mode=Mode.YOLO, deny=["bash(rm *)"]) == "ask"
    assert bash(command, mode=Mode.YOLO) == "allow"


def test_yolo_asks_where_a_file_rule_may_be_met_in_another_folder() -> None:
    assert bash("cd src && echo x > a", mode=Mode.YOLO, deny=["edit(src/**)"]) == "ask"
    assert bash("echo x > $F", mode=Mode.YOLO, deny=["edit(src/**)"]) == "ask"
    assert bash("cd src && echo x > a", mode=Mode.YOLO) == "allow"


def test_a_deny_rule_does_not_speak_of_words_that_only_look_like_its_program() -> None:
    assert bash("echo rm x", allow=["bash(echo *)"], deny=["bash(rm *)"]) == "allow"
    assert bash("rmdir x", allow=["bash(rmdir *)"], deny=["bash(rm *)"]) == "allow"


def test_what_xargs_adds_is_covered_by_prefix_rules_only() -> None:
    assert bash("xargs git log", allow=["bash(git *)"]) == "allow"
    assert bash("xargs rm a.txt", allow=["bash(rm a.txt)"]) == "ask"
    assert bash("echo /etc/passwd | xargs cat", mode=Mode.AUTO) == "ask"


def test_an_exact_rule_covers_what_a_prefix_never_does() -> None:
    assert bash("watch git log", allow=["bash(watch git log)"]) == "allow"
    assert bash("find . -delete", allow=["bash(find *)"]) == "ask"
    assert bash("find . -delete", allow=["bash(find . -delete)"]) == "allow"
    assert bash("find . -name x", allow=["bash(find *)"]) == "allow"


@pytest.mark.parametrize(
    "command",
    [
        "cat .env",
        "cat ./.env",
        "cat x/../.env",
        "head -n1 < .env",
        "grep x --file=.env",
        "tar cf - .env",
        "echo x > .env",
        "cp ~/secrets/a b",
    ],
)
def test_a_read_deny_rule_holds_for_commands_that_name_the_file(command: str) -> None:
    assert bash(command, mode=Mode.YOLO, deny=["read(.env)", "read(~/secrets/**)"]) == "deny"


@pytest.mark.parametrize(
    "command",
    [
        "git diff --output=x",
        "git -c core.pager=x log",
        "sort -o x y",
        "sort -uo x y",
        "sort --compress-program=sh y",
        "find . -exec ls {} \\;",
        "find . -fprint x",
        "sed -i s/a/b/ x",
        "env sh -c ls",
        "uniq a b",
        "date -s 12:00",
        "printf -v x y",
        "git diff --outp=x",
        "git log --ext-d",
        "grep -rn KEY .",
        "date 010100002030",
        "cat ~root/x",
        "cat ~+/x",
        "cat /etc/passwd",
        "cat ../x",
        "cat $HOME/x",
        "cat *",
        "cat ~/.ssh/id_rsa",
        "cd .. && cat x",
        "cd x && git status",
        "FOO=1 ls",
        "ls > x",
        "python -c 1",
        "make",
    ],
)
def test_auto_mode_asks_for_readers_that_write_run_or_leave(command: str) -> None:
    expected = "allow" if command == "ls > x" else "ask"  # auto includes edits inside the work directory
    assert bash(command, mode=Mode.AUTO) == expected


@pytest.mark.parametrize("command", ["ls -la src", "git status", "git log --oneline -5", "cat a.txt | head -3", "pwd"])
def test_auto_mode_runs_what_only_reads_inside_the_work_directory(command: str) -> None:
    assert bash(command, mode=Mode.AUTO) == "allow"
    assert bash(command, mode=Mode.EDITS) == "ask"


def test_every_command_of_a_line_is_found_with_its_redirections() -> None:
    parsed = segments("A=1 timeout 5 git log $(cat x) | tee y > out.txt 2>&1")
    assert [command.name for command in parsed.commands] == ["git", "cat", "tee"]
    assert [redirect.target.value for redirect in parsed.redirects] == ["out.txt"]
    assert parsed.commands[0].env == ("A",)
    assert not parsed.problem
