"""Line 8: what decides over us is nobody's to write, to widen, or to hang us with; and it holds as it is now."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from vega_tui.approvals.facts import ToolKind, facts_of
from vega_tui.approvals.grants import Permissions
from vega_tui.approvals.policy import Ruling, decide
from vega_tui.approvals.rule_book import RuleBook
from vega_tui.core.config import DEFAULT_MAX_TURNS, SETTINGS, Config, Value, load
from vega_tui.core.errors import UserError
from vega_tui.core.home import Home
from vega_tui.core.project import Standing, read_project, standing, trust, trust_file, untrust
from vega_tui.core.project_settings import PROJECT_SAYS, Say
from vega_tui.core.words import Mode

KEY = {"ANTHROPIC_API_KEY": "k"}
KINDS: dict[str, ToolKind] = {"bash": "shell", "read": "read", "write": "write"}


class Place:
    """A home, a project, and one open session's permissions."""

    def __init__(self, tmp: Path, home: Path | None = None) -> None:
        self.project = tmp / "project"
        self.inner = self.project / ".vega"
        self.inner.mkdir(parents=True)
        self.home = Home(home or tmp / "home")
        self.home.ensure()

    def says(self, config: str = "", rules: str = "") -> None:
        (self.inner / "config.yaml").write_text(config)
        (self.inner / "rules.yaml").write_text(rules)

    def mine(self, config: str = "", rules: str = "") -> None:
        self.home.config.write_text(config)
        self.home.rules.write_text(rules)

    def trust(self) -> None:
        trust(self.home, read_project(self.project))

    @property
    def standing(self) -> Standing:
        return standing(self.home, read_project(self.project))

    def load(self, flags: dict[str, Value] | None = None, env: dict[str, str] | None = None) -> Config:
        return load(self.home, self.project, env=KEY | (env or {}), flags=flags)

    def session(self, mode: Mode = Mode.MANUAL) -> Permissions:
        return Permissions(mode=mode, book=RuleBook(self.home, self.project))

    def judge(self, session: Permissions, tool: str, what: str) -> Ruling:
        args = {"command" if tool == "bash" else "path": what}
        facts = facts_of(
            tool, KINDS[tool], args, cwd=self.project, home=Path("/h"), paths=[] if tool == "bash" else [what]
        )
        return decide(facts, *session.standing())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


# --- what a trusted project may say ----------------------------------------------------------------------------


def test_each_setting_has_a_decision_on_what_a_project_may_say() -> None:
    assert set(PROJECT_SAYS) == set(SETTINGS)


@pytest.mark.parametrize("name", [name for name, say in PROJECT_SAYS.items() if say is Say.NEVER])
def test_what_is_the_users_alone_is_refused_from_a_project(place: Place, name: str) -> None:
    values = {"base_url": "https://x.example", "prices": "{m: {input: 0}}", "glyphs": "ascii", "notifications": "off"}
    place.says(f"{name}: {values.get(name, 'OTHER')}\n")
    place.trust()
    with pytest.raises(UserError, match=f"{name} is only taken from your own"):
        place.load()


@pytest.mark.parametrize(
    ("mine", "theirs", "name", "holds"),
    [
        ("", "mode: yolo", "mode", Mode.MANUAL),
        ("", "mode: auto", "mode", Mode.MANUAL),
        ("mode: auto", "mode: edits", "mode", Mode.EDITS),
        ("mode: edits", "mode: auto", "mode", Mode.EDITS),
        ("budget_usd: 2", "budget_usd: none", "budget_usd", 2.0),
        ("budget_usd: 2", "budget_usd: 20", "budget_usd", 2.0),
        ("budget_usd: 2", "budget_usd: 1", "budget_usd", 1.0),
        ("", "budget_usd: 1", "budget_usd", 1.0),
        ("max_turns: 9", "max_turns: 90", "max_turns", 9),
        ("", "max_turns: 100000", "max_turns", DEFAULT_MAX_TURNS),
        ("", "max_turns: 7", "max_turns", 7),
        ("read_only: true", "read_only: false", "read_only", True),
        ("", "read_only: true", "read_only", True),
    ],
)
def test_a_trusted_project_only_narrows(place: Place, mine: str, theirs: str, name: str, holds: object) -> None:
    place.mine(mine)
    place.says(theirs)
    place.trust()
    found = place.load()
    assert getattr(found, name) == holds
    taken = f"{place.inner}/config.yaml" in found.origins[name]
    assert taken == (theirs in ("mode: edits", "budget_usd: 1", "max_turns: 7", "read_only: true"))
    assert len(found.too_wide) == (not taken)
    assert all(line.startswith(f"{place.inner}/config.yaml:1: {name} is not taken") for line in found.too_wide)


def test_what_a_person_says_by_flag_or_environment_beats_what_a_project_narrows(place: Place) -> None:
    place.says("mode: manual\nbudget_usd: 1\n")
    place.trust()
    found = place.load({"budget_usd": 9.0}, {"VEGA_MODE": "auto"})
    assert (found.mode, found.budget_usd) == (Mode.AUTO, 9.0)


@pytest.mark.parametrize("rule", ["bash", "Bash(*)", "bash(**)", "exec", "fetch", "WebFetch(*)"])
def test_a_project_cannot_allow_every_command_or_address(place: Place, rule: str) -> None:
    place.says(rules=f"allow:\n  - {rule}\n")
    place.trust()
    with pytest.raises(UserError, match=r"rules.yaml:2: .*only your own rules.yaml may say that"):
        place.session()


def test_what_you_ask_or_deny_holds_against_what_a_project_allows(place: Place) -> None:
    place.mine(rules="ask: [bash(make *)]\ndeny: [bash(curl *)]\n")
    place.says(rules="allow: [bash(make *), bash(curl *), bash(ls *)]\n")
    place.trust()
    session = place.session()
    assert [place.judge(session, "bash", each).verdict for each in ("make x", "curl x", "ls x")] == [
        "ask", "deny", "allow"
    ]  # fmt: skip


# --- trust is of content -----------------------------------------------------------------------------------------


def test_a_change_of_what_was_trusted_asks_again_and_nothing_of_it_is_taken(place: Place) -> None:
    place.says("model: theirs\n", "allow: [bash(make *)]\n")
    place.trust()
    assert place.load().model == "theirs"
    place.says("model: theirs\n", "allow: [bash(make *), bash(rm *)]\n")
    found = place.load()
    assert (found.model != "theirs", found.untrusted, found.why_untrusted) == (
        True, place.project, "it has changed since it was trusted"
    )  # fmt: skip
    assert place.judge(place.session(), "bash", "make x").verdict == "ask"


@pytest.mark.parametrize("name", ["config.yaml", "rules.yaml"])
def test_a_file_that_comes_or_goes_is_a_change(place: Place, name: str) -> None:
    place.says("theme: light\n", "deny: [bash(x)]\n")
    place.trust()
    (place.inner / name).unlink()
    assert place.standing == "changed"


def test_content_cannot_move_from_one_file_to_another(place: Place) -> None:
    place.says("a", "")
    place.trust()
    place.says("", "a")
    assert place.standing == "changed"


def test_trust_of_an_older_version_that_named_only_the_folder_counts_no_more(place: Place) -> None:
    place.says("theme: light\n")
    trust_file(place.home).write_text(f"{place.project}\n")
    assert place.standing == "unknown"


def test_a_folder_with_a_line_in_its_name_cannot_vouch_for_another(tmp_path: Path) -> None:
    victim = Place(tmp_path / "victim")
    victim.says("theme: light\n")
    forged = read_project(victim.project).digest
    evil = tmp_path / f"x\n{forged}  " / str(victim.project).lstrip("/") / "y\\n"
    (evil / ".vega").mkdir(parents=True)
    (evil / ".vega" / "config.yaml").write_text("")
    trust(victim.home, read_project(evil))
    assert standing(victim.home, read_project(evil)) == "trusted"
    assert victim.standing == "unknown"


def test_an_untrusted_project_is_not_parsed(place: Place) -> None:
    place.says("mode: [", "allow: {")
    assert place.load().why_untrusted == "nobody trusts it yet"
    place.session()


# --- files that are no files -------------------------------------------------------------------------------------


def fifo(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path is short
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(path.name)
    finally:
        os.chdir(here)


def elsewhere(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def nowhere(path: Path) -> None:
    path.symlink_to(path)


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


FILES = [fifo, listening, elsewhere, endless, nowhere, huge, Path.mkdir]


@pytest.mark.parametrize("name", ["config.yaml", "rules.yaml"])
@pytest.mark.parametrize("make", FILES)
def test_what_is_no_plain_small_file_is_refused_in_one_line_and_can_never_be_trusted(
    place: Place, make: Callable[[Path], object], name: str
) -> None:
    make(place.inner / name)
    found = place.load()
    assert found.untrusted == place.project
    assert f".vega/{name}: " in found.why_untrusted
    assert "\n" not in found.why_untrusted
    place.session()
    with pytest.raises(UserError, match=name):
        place.trust()


def test_a_vega_folder_that_is_a_link_out_of_the_project_is_not_read(place: Place, tmp_path: Path) -> None:
    other = Place(tmp_path / "other")
    other.says("theme: light\n")
    other.trust()
    place.inner.rmdir()
    place.inner.symlink_to(other.inner)
    assert "can't be read as a folder of the project" in place.load().why_untrusted


@pytest.mark.parametrize("make", [fifo, listening, endless, huge, Path.mkdir])
def test_your_own_files_are_as_little_waited_for(place: Place, make: Callable[[Path], object]) -> None:
    make(place.home.rules)
    with pytest.raises(UserError, match=r"rules.yaml: "):
        place.session()


BOMB = "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nallow: [*b, *b]\n"


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "allow: " + "[" * 30_000,
        "allow: " + "{a: " * 10_000,
        "- " * 20_000,
        "? " * 20_000,
        "allow: [" + "x, " * 20_000 + "]",
        "allow:\n" + "  - bash(x)\n" * 1_001,
        "allow:\n  - bash(" + "a*" * 5_000 + "b)\n",
        "allow: !!python/object/apply:os.system ['touch pwned']\n",
        "max_turns: " + "9" * 5_000,
        "theme: 2001-99-99\n",
        "\0\1\2",
        "allow: \"\\ud800\"\n",
    ],
    ids=str.__len__,
)  # fmt: skip
def test_a_bomb_ends_in_one_line(place: Place, text: str) -> None:
    place.says(text, text)
    place.trust()
    with pytest.raises(UserError, match=r"config.yaml") as first:
        place.load()
    with pytest.raises(UserError, match=r"rules.yaml") as second:
        place.session()
    assert "\n" not in f"{first.value}{second.value}"
    assert len(str(first.value)) < 500


# --- an edit holds at once ---------------------------------------------------------------------------------------


def test_a_deny_rule_that_is_written_while_a_session_is_open_holds_from_the_next_call_on(place: Place) -> None:
    session = place.session(Mode.YOLO)
    assert place.judge(session, "bash", "curl x").verdict == "allow"
    place.mine(rules="deny: [bash(curl *)]\n")
    assert place.judge(session, "bash", "curl x").verdict == "deny"
    place.mine(rules="deny: [bash(wget *)]\n")  # as long as before, in the same moment
    assert place.judge(session, "bash", "curl x").verdict == "allow"
    place.home.rules.unlink()
    assert place.judge(session, "bash", "wget x").verdict == "allow"


@pytest.mark.parametrize("mode", list(Mode))
def test_with_a_broken_edit_what_was_denied_stays_so_and_all_else_asks(place: Place, mode: Mode) -> None:
    place.mine(rules="allow: [bash(ls *)]\ndeny: [bash(curl *)]\n")
    session = place.session(mode)
    assert place.judge(session, "bash", "ls x").verdict == "allow"
    place.mine(rules="allow: [bash(ls *)]\ndeny: [bash(curl *), bash(wget\n")
    assert place.judge(session, "bash", "curl x").verdict == "deny"
    for tool, what in (("bash", "ls x"), ("bash", "wget x"), ("read", "a.txt"), ("write", "a.txt")):
        ruling = place.judge(session, tool, what)
        assert ruling.verdict == "ask"
        assert f"{place.home.rules}:" in ruling.why
    place.mine(rules="deny: [bash(wget *)]\n")
    assert place.judge(session, "read", "a.txt").verdict == "allow"
    assert place.judge(session, "bash", "wget x").verdict == "deny"


def test_a_projects_changed_rules_lose_what_they_allow_and_keep_what_they_forbid_until_they_are_trusted(
    place: Place,
) -> None:
    place.says(rules="allow: [bash(make *)]\ndeny: [read(.secret)]\n")
    place.trust()
    session = place.session()
    assert place.judge(session, "bash", "make x").verdict == "allow"
    place.says(rules="allow: [bash(make *), bash(rm *)]\n")
    assert place.judge(session, "bash", "make x").verdict == "ask"
    assert place.judge(session, "read", ".secret").verdict == "deny"
    place.trust()
    assert place.judge(session, "bash", "rm x").verdict == "allow"
    assert place.judge(session, "read", ".secret").verdict == "allow"
    untrust(place.home, place.project)
    assert place.judge(session, "bash", "rm x").verdict == "ask"


def test_a_projects_rules_that_vanish_keep_forbidding(place: Place) -> None:
    place.says(rules="allow: [bash(make *)]\ndeny: [read(.secret)]\n")
    place.trust()
    session = place.session()
    (place.inner / "rules.yaml").unlink()
    (place.inner / "config.yaml").unlink()
    assert place.judge(session, "read", ".secret").verdict == "deny"
    assert place.judge(session, "bash", "make x").verdict == "ask"
