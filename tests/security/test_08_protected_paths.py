"""Line 8: what decides for us is never written beforehand, wherever our home is and whatever name it goes by."""

import os
from pathlib import Path

import pytest

from vega_tui.approvals.facts import ToolKind, facts_of
from vega_tui.approvals.policy import decide
from vega_tui.approvals.rules import parse_rule
from vega_tui.core.words import Mode, Risk

MODES = [Mode.MANUAL, Mode.EDITS, Mode.AUTO]


class Work:
    """A work folder with our home inside, under a name that nobody would guess."""

    def __init__(self, tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = tmp / "work"
        self.home = self.folder / "state"
        (self.home / "run").mkdir(parents=True)
        (self.home / "rules.yaml").write_text("")
        (self.folder / "src").mkdir()
        monkeypatch.setenv("VEGA_HOME", str(self.home))

    def verdict(self, tool: str, what: str, mode: Mode, *allow: str, cwd: Path | None = None) -> str:
        kind: ToolKind = "shell" if tool == "bash" else "write"
        args = {"command" if tool == "bash" else "path": what}
        paths = [] if tool == "bash" else [what]
        facts = facts_of(tool, kind, args, cwd=cwd or self.folder, home=self.folder.parent / "person", paths=paths)
        return decide(facts, mode, [parse_rule(text, "allow", "your rule") for text in allow]).verdict


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    return Work(tmp_path, monkeypatch)


PLACES = [
    "state/rules.yaml", "state/config.yaml", "state/trusted_folders", "state/keymap.yaml", "state/themes/x.yaml",
    "state/new", "./state//rules.yaml", "src/../state/rules.yaml", "STATE/RULES.YAML", "link/rules.yaml", "hard.txt",
    "state/run/host.sock", ".vega/rules.yaml", ".VEGA/rules.yaml", ".vega./rules.yaml", "src/.vega/config.yaml",
    ".git/config", ".GIT/hooks/pre-commit", ".git /config", ".g\u200cit/config", "GIT~1/config", ".git/", "src/.git/x",
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("place", PLACES)
def test_no_tool_writes_there_unasked(work: Work, place: str, mode: Mode) -> None:
    (work.folder / "link").symlink_to(work.home)
    os.link(work.home / "rules.yaml", work.folder / "hard.txt")
    for tool in ("write", "edit"):
        assert work.verdict(tool, place, mode) == "ask"
        assert work.verdict(tool, place, mode, "edit(**)", "edit(//**)", "write") == "ask"
    assert work.verdict("write", place, Mode.YOLO) == "allow"


@pytest.mark.parametrize("mode", MODES)
def test_the_rest_of_the_work_folder_stays_free(work: Work, mode: Mode) -> None:
    assert work.verdict("write", "src/a.py", mode, "edit(**)") == "allow"
    assert work.verdict("bash", "cp a.py src/b.py", mode, "bash(cp *)") == "allow"
    assert work.verdict("bash", "cat .git/config", mode, "bash(cat *)") == "allow"


COMMANDS = [
    "cp x state/rules.yaml", "cp -t state x", "cp --target-directory=state x", "mv x .vega/rules.yaml",
    "tee state/rules.yaml", "tee -a .git/config", "sed -i s/deny/allow/ state/rules.yaml", "ln -sf x state/config.yaml",
    "ln -s state s", "rm state/rules.yaml", "rm -r .vega", "mv .vega old", "install x state/rules.yaml",
    "rsync -a x/ state/", "dd of=state/rules.yaml if=x", "truncate -s0 state/rules.yaml", "touch .vega/config.yaml",
    "cd state && cp ../x rules.yaml", "cp x .v*/rules.yaml", "cp x st?te/rules.yaml", "cp x link/rules.yaml",
    "cp x hard.txt", "cp x .GIT/config", "cp x $PWD/state/rules.yaml", "patch state/rules.yaml x",
    "echo x > state/rules.yaml", "echo x >> .vega/rules.yaml", "echo x > link/config.yaml", "cat x > hard.txt",
    "echo x > .git/hooks/pre-commit", "echo x > st*te/rules.yaml", "echo x >| state/rules.yaml",
    "echo x &> .git/config",
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_writes_there_unasked_whatever_rules_allow(work: Work, command: str, mode: Mode) -> None:
    (work.folder / ".vega").mkdir()
    (work.folder / ".vega" / "rules.yaml").touch()
    (work.folder / "link").symlink_to(work.home)
    os.link(work.home / "rules.yaml", work.folder / "hard.txt")
    programs = ("cp", "mv", "tee", "sed", "ln", "rm", "install", "rsync", "dd", "truncate", "touch", "cd", "patch")
    allow = [f"bash({name} *)" for name in (*programs, "echo", "cat")]
    assert work.verdict("bash", command, mode, *allow, "edit(**)") == "ask"


@pytest.mark.parametrize("mode", MODES)
def test_of_a_home_that_the_work_folder_lies_in_only_our_own_files_are_kept(work: Work, mode: Mode) -> None:
    inner = work.home / "projects"
    inner.mkdir()
    assert work.verdict("write", "a.py", mode, "edit(**)", cwd=inner) == "allow"
    assert work.verdict("write", "../rules.yaml", mode, "edit(//**)", cwd=inner) == "ask"
    assert work.verdict("write", "rules.yaml", mode, "edit(**)", cwd=work.home) == "ask"
    assert work.verdict("write", "vega.db-wal", mode, "edit(**)", cwd=work.home) == "ask"


@pytest.mark.parametrize("command", ["cat .envrc", "head -3 ~/.ssh/id_rsa"])
def test_a_reader_of_a_protected_secret_asks_for_what_it_does(command: str, tmp_path: Path) -> None:
    facts = facts_of("bash", "shell", {"command": command}, cwd=tmp_path, home=tmp_path / "home")
    ruling = decide(facts, Mode.MANUAL, [parse_rule("bash(cat *)", "allow", "your rule 1")])
    assert (ruling.verdict, ruling.risk) == ("ask", Risk.HIGH)
    assert "may reach secrets" in ruling.why
    assert "write" not in ruling.why
