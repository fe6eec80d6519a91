"""What must hold of any ruling, whatever the call and the rules are."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.approvals.ruling import rule
from vega_tui.core.messages import JsonObject
from vega_tui.core.words import Mode

SIMPLE = [
    "git log",
    "rm -rf x",
    "ls",
    "cat .env",
    "make",
    "echo a > b",
    "echo a > .git/config",
    "eval x",
    "$X",
    "cd ..",
]
COMMANDS = st.lists(st.sampled_from(SIMPLE), min_size=1, max_size=4).map(" && ".join)
PATHS = st.sampled_from(["a.txt", "src/a.py", "../x", "/etc/passwd", ".git/config", ".env", "~/x"])
CALLS: st.SearchStrategy[tuple[str, JsonObject]] = st.one_of(
    COMMANDS.map(lambda command: ("bash", JsonObject(command=command))),
    st.tuples(st.sampled_from(["read", "list", "write", "edit"]), PATHS).map(lambda c: (c[0], JsonObject(path=c[1]))),
    st.sampled_from(
        [("fetch", JsonObject(url="https://x.com")), ("task", JsonObject(name="a")), ("other", JsonObject())]
    ),
)
RULE = st.sampled_from(
    [
        "bash", "bash(git *)", "bash(rm *)", "bash(ls)", "bash(cd:*)", "bash(echo *)", "bash(make)", "read",
        "read(.env)", "read(//etc/**)", "edit", "edit(src/**)", "edit(**)", "edit(//**)",
        "fetch(domain:*)", "task", "other", "write",
    ]
)  # fmt: skip
RULES = st.lists(RULE, max_size=4)
STRICTNESS = {"allow": 0, "ask": 1, "deny": 2}


@settings(max_examples=150, deadline=None)
@given(call=CALLS, allow=RULES, ask=RULES, deny=RULES, more=RULE, mode=st.sampled_from(Mode))
def test_rules_pull_only_their_own_way(
    *, call: tuple[str, JsonObject], allow: list[str], ask: list[str], deny: list[str], more: str, mode: Mode
) -> None:
    tool, args = call
    before = STRICTNESS[rule(tool, args, mode=mode, allow=allow, ask=ask, deny=deny).verdict]
    stricter = STRICTNESS[rule(tool, args, mode=mode, allow=allow, ask=ask, deny=[*deny, more]).verdict]
    looser = STRICTNESS[rule(tool, args, mode=mode, allow=[*allow, more], ask=ask, deny=deny).verdict]
    asking = STRICTNESS[rule(tool, args, mode=mode, allow=allow, ask=[*ask, more], deny=deny).verdict]
    assert looser <= before <= stricter
    assert asking >= before
    assert (looser == 2) == (before == 2)  # no yes outweighs a no
    assert (asking == 2) == (before == 2)


@settings(max_examples=150, deadline=None)
@given(CALLS, RULES, RULES, RULES)
def test_each_mode_allows_all_that_the_one_before_allows(
    call: tuple[str, JsonObject], allow: list[str], ask: list[str], deny: list[str]
) -> None:
    tool, args = call
    modes = [Mode.MANUAL, Mode.EDITS, Mode.AUTO, Mode.YOLO]
    found = [rule(tool, args, mode=mode, allow=allow, ask=ask, deny=deny) for mode in modes]
    strictness = [STRICTNESS[one.verdict] for one in found]
    assert strictness == sorted(strictness, reverse=True)
    assert len({one.verdict == "deny" for one in found}) == 1


@settings(max_examples=100, deadline=None)
@given(COMMANDS, st.sampled_from(SIMPLE), RULES, st.sampled_from([Mode.MANUAL, Mode.EDITS, Mode.AUTO]))
def test_a_longer_line_is_never_freer(line: str, more: str, allow: list[str], mode: Mode) -> None:
    alone = rule("bash", {"command": line}, mode=mode, allow=allow)
    together = rule("bash", {"command": f"{line} && {more}"}, mode=mode, allow=allow)
    assert STRICTNESS[together.verdict] >= STRICTNESS[alone.verdict]
    assert len(together.segments) >= len(alone.segments) or "bash" in allow
