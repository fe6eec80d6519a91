"""The oracle is bash itself: of a line that is allowed, it runs nothing that would not be allowed by itself.

A slice of `make fuzz`, always the same lines.
"""

import shutil

import pytest

from tests.fuzz.bash_oracle import Ran, oracle
from tests.fuzz.shell_law import check, lines, read, settings

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the oracle is bash")


@pytest.mark.timeout(120)
def test_bash_runs_nothing_for_an_allowed_line_that_was_not_allowed_by_itself() -> None:
    judges = settings()
    with oracle() as bash:
        check(lines(1, 1200), judges, bash)
    assert {judge.name: judge.holes for judge in judges} == {judge.name: [] for judge in judges}
    assert all(judge.ran > 20 for judge in judges)  # the law speaks of something


def test_the_oracle_sees_what_expansions_run_and_which_files_are_made() -> None:
    told = ["cat $(c1)", "cat <<EOF\n`c2`\nEOF", "[[ -v $x ]]", "echo ${p@P} >f", "f() { c3 'a b'; }; f; c1 | c2", "$y"]
    with oracle() as bash:
        ran = bash.run([*told, "while :; do :; done", "rm a"])
    assert [{words[0] for words in one.programs} for one in ran] == [
        {"c1", "cat"}, {"c2", "cat"}, {"c4"}, {"c4"}, {"c1", "c2", "c3"}, {"c3"}, set(), {"rm"},
    ]  # fmt: skip
    assert ran[3].files == ("f",)
    assert ("c3", "a b") in ran[4].programs


def test_a_hole_would_be_seen() -> None:
    judge = settings()[0]
    assert judge.broken(read("cat a"), Ran(programs=(("c1",),)))
    assert judge.broken(read("cat a"), Ran(files=("f",)))
    assert not judge.broken(read("cat a"), Ran(programs=(("cat", "a"),)))
