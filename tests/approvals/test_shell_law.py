"""The oracle is bash itself: it runs nothing that our reading of the line did not name."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from vega_tui.approvals.shell import segments

# No program can be found, so each one that bash tries to run is told to fd 9 instead.
PRELUDE = 'PATH=/nowhere\ncommand_not_found_handle() { builtin echo "$1" >&9; return 0; }\n'
PROGRAMS = ["c1", "c2", "c3", "c4"]
PIECES = [
    *PROGRAMS, *PROGRAMS, " ", " ", " ", "\n", ";", "&&", "||", "|", "&", "|&", "!", "(", ")", "{ ", "; }",
    "$(", "`", ")", "`", '"', "'", '"', "'", "\\", "\\\n", "#", "$", "${x:-", "${x", "}", "<(", ">(",
    "<<EOF\n", "<<'EOF'\n", "<<-EOF\n", "<<E\\OF\n", '<<"EO"F\n', "\nEOF\n", "\n\tEOF\n", "EOF", "<<<",
    " > f", " 2>&1", " >&2", "< f", "if ", "; then ", "; fi", "else ", "for i in ", "; do ", "; done",
    "while ", "case x in ", "x) ", ";; ", "esac", "f() ", "function g ", "x=", "a=(", "=", "[[ ", " ]]",
    "[ ", " ]", "$((", "))", "((", "x[", "]", "$'", "\\'", "eval ", "{", ",", "..", "~", "*", "time ",
    "command ", "-v ", "coproc ", "\r", "\t", "é", "$[", "@P}", "-x ",
]  # fmt: skip


def ran(line: str, folder: Path) -> set[str]:
    """The programs that bash tried to run."""
    told = folder / "told"
    try:
        subprocess.run(
            ["bash", "--norc", "-c", f"exec 9>{told}\n{PRELUDE}eval \"$1\"", "bash", line],
            cwd=folder, env={}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=2, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:  # an endless loop: what it ran so far is told
        pass
    return set(told.read_text("utf-8", "replace").split("\n")) - {""}


def around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Lines one level deeper than `inner`."""
    frame = st.sampled_from(
        [
            "$(@)", "`@`", '"$(@)"', "<(@)", "c1 $(@) x", 'c1 "a `@`"', "(@)", "{ @; }", "if @; then c1; fi", "! @",
            "while ! @; do break; done", "for i in $(@); do c1 $i; done", "f() { @; }; f", "case $(@) in *) @;; esac",
            "x=$(@)", "x=$(@) c1", "c1 <<EOF\n$(@)\nEOF\n", "c1 <<'EOF'\n$(@)\nEOF\n@", "c1 <<< $(@)", "c1 > $(@)",
            "c1 ${x:-$(@)}", "a=($(@))", "[[ -n $(@) ]]", "export A=$(@)", "eval '@'", "time @", "@ # @", "c1 '@'",
            'c1 "@"', "c1 \\@", "[ $(@) = x ]", "c1 {a,$(@)}", "c1 $((1 + $(@)))", "declare -a a=($(@))", "@ &",
            "until @; do break; done", "c1 <<-EOF\n\t$(@)\n\tEOF\n@", "command @", "coproc @", "c1 ${x#$(@)}",
        ]
    )  # fmt: skip
    nested = st.tuples(frame, inner).map(lambda pair: pair[0].replace("@", pair[1]))
    joined = st.tuples(inner, st.sampled_from(["; ", " && ", " || ", " | ", "\n", " |& ", " & "]), inner).map("".join)
    return nested | joined


BROKEN = st.lists(st.sampled_from(PIECES), min_size=2, max_size=14).map("".join)
WHOLE = st.recursive(st.sampled_from(PROGRAMS), around, max_leaves=6)


@pytest.mark.skipif(shutil.which("bash") is None, reason="the oracle is bash")
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BROKEN | WHOLE)
@example("c1 <<EOF\n$(c2)\nEOF\nc3")
@example("c1 <<'EOF'\nx\nEOF\nc2")
@example('c1 "`c2 \\"$(c3)\\"`"')
@example("case x in x) c1 ;; esac; f() { c2; }; f")
def test_bash_runs_nothing_that_was_not_found_in_the_line(line: str) -> None:
    parsed = segments(line)
    if parsed.problem or any(command.opaque for command in parsed.commands):
        return
    with tempfile.TemporaryDirectory() as folder:
        tried = {name for name in ran(line, Path(folder)) if name in PROGRAMS}
    named = {word.value for command in parsed.commands for word in command.words}
    assert tried <= named
