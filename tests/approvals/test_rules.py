from pathlib import Path

import pytest

from tests.approvals.ruling import FAMILIES, HOME, KINDS, bash, rule
from vega_tui.approvals.facts import facts_of
from vega_tui.approvals.rules import command_matches, host_matches, parse_rule, path_matches
from vega_tui.approvals.rules_file import load_rules
from vega_tui.core.errors import UserError


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("npm run build", "npm run build", True),
        ("npm run build", "npm run build2", False),
        ("npm run *", "npm run", True),
        ("npm run *", "npm run x", True),
        ("npm run *", "npm runx", False),
        ("npm run:*", "npm run x", True),
        ("npm run:*", "npm runx", False),
        ("ls*", "lsof", True),
        ("* install", "npm install", True),
        ("git * main", "git push origin main", True),
        ("git * main", "git push origin dev", False),
        ("a:*b", "a:xb", True),
        ("a.c", "abc", False),
        ("", "anything", True),
    ],
)
def test_command_patterns_keep_the_word_boundary(pattern: str, text: str, fits: bool) -> None:
    assert command_matches(pattern, text) is fits


@pytest.mark.parametrize(
    ("pattern", "path", "allow", "deny"),
    [
        ("src/**", "/w/src/a/b.py", True, True),
        ("src/**", "/w/lib/src/a.py", False, True),
        ("src", "/w/src/a.py", True, True),
        ("./src/*", "/w/src/a.py", True, True),
        ("./src/*", "/w/src/a/b.py", True, True),
        ("*.py", "/w/a/b.py", True, True),
        ("*.py", "/x/b.py", False, True),
        ("**/x.py", "/w/a/x.py", True, True),
        ("//etc/**", "/etc/passwd", True, True),
        ("//etc/**", "/w/etc/passwd", False, False),
        ("~/k/**", "/h/k/a", True, True),
        ("/docs/**", "/root/docs/a", True, True),
        ("/docs/**", "/w/docs/a", False, False),
        ("a?c", "/w/abc", True, True),
        ("a+b", "/w/aab", False, False),
        (".env", "/w/x/.env", True, True),
        (".env", "/w/.env2", False, False),
    ],
)
def test_path_patterns_have_anchors_and_deny_reaches_further(pattern: str, path: str, allow: bool, deny: bool) -> None:
    assert path_matches(pattern, path, cwd="/w", home="/h", root="/root", anywhere=False) is allow
    assert path_matches(pattern, path, cwd="/w", home="/h", root="/root", anywhere=True) is deny


@pytest.mark.parametrize(
    ("pattern", "host", "fits"),
    [
        ("domain:x.com", "X.com.", True),
        ("domain:x.com", "a.x.com", False),
        ("domain:*.x.com", "a.b.x.com", True),
        ("domain:*.x.com", "x.com", False),
        ("domain:*.x.com", "evilx.com", False),
        ("domain:a.*.com", "a.b.com", True),
        ("domain:a.*.com", "a.b.c.com", False),
        ("domain:*", "anything", True),
        ("x.com", "x.com", False),
    ],
)
def test_domains_match_hosts_only(pattern: str, host: str, fits: bool) -> None:
    assert host_matches(pattern, host) is fits


@pytest.mark.parametrize("text", ["", "bash(", "bash()", "bash git", "(x)", "bash(x) y"])
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        parse_rule(text, "deny", "your rule 1")


@pytest.mark.parametrize("text", ["*", "b*", "mcp__*", "mcp*"])
def test_allow_rules_must_name_their_tool(text: str) -> None:
    with pytest.raises(UserError):
        parse_rule(text, "allow", "your rule 1")
    assert parse_rule(text, "deny", "your rule 1").covers("bash" if text in ("*", "b*") else "mcp__x__y")


@pytest.mark.parametrize(
    ("text", "covered", "not_covered"),
    [
        ("Bash(git *)", ["bash"], ["read"]),
        ("EDIT(src/**)", ["edit", "write"], ["read"]),
        ("Read", ["read", "list", "grep"], ["edit"]),
        ("WebFetch(domain:x.com)", ["fetch"], ["read"]),
        ("Agent(tester)", ["task", "spawn"], ["ask"]),
        ("run_command(ls)", ["bash"], []),
        ("mcp__github", ["mcp__github__get"], ["mcp__githubx__get", "mcp__other__get"]),
        ("mcp__github__get_*", ["mcp__github__get_issue"], ["mcp__github__put_issue"]),
    ],
)
def test_names_are_taken_without_regard_to_case_and_from_other_programs(
    text: str, covered: list[str], not_covered: list[str]
) -> None:
    rule = parse_rule(text, "allow", "your rule 1")
    assert all(rule.covers(tool, family_of(tool)) for tool in covered)
    assert not any(rule.covers(tool, family_of(tool)) for tool in not_covered)


def family_of(tool: str) -> str:
    return facts_of(tool, KINDS.get(tool, "other"), {}, cwd=Path("/w"), home=HOME, family=FAMILIES.get(tool, "")).family


def test_a_deny_rule_can_speak_of_any_argument() -> None:
    args = {"name": "x", "prompt": "y", "restart": "permanent"}
    assert rule("spawn", args, deny=["spawn(restart:permanent)"]).verdict == "deny"
    assert rule("spawn", args, deny=["spawn(restart:temp*)"]).verdict == "allow"


def test_rules_are_read_from_a_file_with_their_origin(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("allow:\n  - Bash(git *)\nask: []\ndeny:\n  - read(.env)\n")
    rules = load_rules(file, "project", root="/w")
    assert [(r.effect, r.tool, r.pattern, r.origin) for r in rules] == [
        ("allow", "bash", "git *", "project rule 1"),
        ("deny", "read", ".env", "project rule 2"),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("- x\n", 1),
        ("allow:\n  - bash(\n", 2),
        ("allow:\n  - read\npermit:\n  - x\n", 3),
        ("allow: bash\n", 1),
        ("deny:\n  - read\n  - {a: b}\n", 3),
        ("allow: [\n", 2),
        ("\tallow: x\n", 1),
        ("allow: ['*']\n", 1),
    ],
)
def test_a_wrong_rules_file_is_told_by_file_and_line(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(text)
    with pytest.raises(UserError, match=f"rules.yaml:{line}: "):
        load_rules(file, "your")


def test_a_missing_or_empty_rules_file_has_no_rules(tmp_path: Path) -> None:
    assert load_rules(tmp_path / "none.yaml", "your") == ()
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    assert load_rules(tmp_path / "empty.yaml", "your") == ()


def test_deny_beats_ask_beats_allow_whatever_is_more_specific() -> None:
    everything = {"allow": ["bash(git push origin main)"], "ask": ["bash(git *)"]}
    assert bash("git push origin main", allow=everything["allow"]) == "allow"
    assert bash("git push origin main", allow=everything["allow"], ask=everything["ask"]) == "ask"
    assert bash("git push origin main", allow=everything["allow"], ask=everything["ask"], deny=["bash"]) == "deny"
