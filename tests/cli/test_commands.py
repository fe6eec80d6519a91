import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.cli.said import Fd, Said
from tests.fakes.running_host import RunningHost
from tests.fakes.scripted_host import ScriptedHost
from vega_tui.core import clock
from vega_tui.core.errors import LimitReached, NotFound, UserError
from vega_tui.core.home import Home
from vega_tui.core.messages import Observation, Text, ToolUse
from vega_tui.core.records import Approval, Entry
from vega_tui.core.words import Decision, ProcessKind, Risk
from vega_tui.protocol import operations as ops
from vega_tui.protocol.rows import BranchRow, ProcessRow, SessionRow, Snapshot

ROW = SessionRow(id="s_1", name="auth refactor", cwd="/w", model="m", updated=5.0, entries=1204, preview="fix\nit")
ASKED = Approval(
    id="ap_12ab",
    session="s_1",
    process="root/w1",
    call="c",
    tool="bash",
    args={"command": "rm x"},
    summary="rm x",
    risk=Risk.HIGH,
    rule="Bash(rm x)",
)
STATUS = ops.HostStatus(
    pid=7, version="0.1.0", protocol=1, home="/h", started=1.0, clients=1, sessions=2, processes=3, working=1,
    waiting_approvals=1, seq=1234, database_bytes=5_000_000, memory_mib=64.0,
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("VEGA_HOME", str(tmp_path / "home"))
    for name in [name for name in os.environ if name.startswith("VEGA_") or name.startswith("ANTHROPIC_")]:
        if name != "VEGA_HOME":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    home = Home()
    home.ensure()
    return home


@pytest.fixture
def running(home: Home) -> Generator[ScriptedHost]:
    running = RunningHost(home)
    running.host.answers |= {"host.status": STATUS, "process.list": ops.Processes(processes=())}
    running.start()
    try:
        yield running.host
    finally:
        running.stop()


# --- where no host runs ------------------------------------------------------------------------------------


def test_nothing_lives_where_no_host_runs(home: Home, capfdbinary: Fd) -> None:
    assert Said(capfdbinary, "ps", "--json").json == []
    assert Said(capfdbinary, "approvals", "--json").json == []
    assert "no host runs" in Said(capfdbinary, "ps").out


@pytest.mark.parametrize("argv", [["kill", "root"], ["send", "root", "hi"], ["approvals", "approve", "a"]])
def test_what_needs_a_host_ends_with_5_and_says_how_to_start_one(home: Home, capfdbinary: Fd, argv: list[str]) -> None:
    said = Said(capfdbinary, *argv)
    assert (said.code, said.out) == (5, "")
    assert "vega-tui host start" in said.err
    assert said.err.count("\n") == 1


def test_the_status_of_no_host_is_5(home: Home, capfdbinary: Fd) -> None:
    said = Said(capfdbinary, "host", "status", "--json")
    assert (said.code, said.json["running"]) == (5, False)


def test_stopping_no_host_is_no_error(home: Home, capfdbinary: Fd) -> None:
    assert Said(capfdbinary, "host", "stop").code == 0


def test_a_socket_left_over_from_a_dead_host_counts_as_none(home: Home, capfdbinary: Fd) -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(home.socket))
    assert Said(capfdbinary, "ps", "--json").json == []
    assert Said(capfdbinary, "kill", "root").code == 5


def test_logs_without_any_say_what_to_do(home: Home, capfdbinary: Fd) -> None:
    said = Said(capfdbinary, "host", "logs")
    assert said.code == 1
    assert "no host has said anything" in said.err


def test_logs_show_their_end(home: Home, capfdbinary: Fd) -> None:
    home.log.write_text("one\ntwo\nthree\n")
    assert Said(capfdbinary, "host", "logs", "--limit", "2").out == "two\nthree\n"
    assert Said(capfdbinary, "host", "logs", "--limit", "1", "--json").json == {"line": "three"}


# --- where one runs ----------------------------------------------------------------------------------------


def test_status_says_who_runs(running: ScriptedHost, capfdbinary: Fd) -> None:
    said = Said(capfdbinary, "host", "status")
    assert said.code == 0
    assert "pid 7" in said.out
    assert Said(capfdbinary, "host", "status", "--json").json["memory_mib"] == 64.0


def test_sessions_are_listed_for_people_and_for_scripts(running: ScriptedHost, capfdbinary: Fd) -> None:
    running.answers["session.list"] = ops.Sessions(sessions=(ROW,))
    said = Said(capfdbinary, "sessions")
    assert "auth refactor" in said.out
    assert "1,204" in said.out
    assert len(said.out.splitlines()) == 2
    assert Said(capfdbinary, "sessions", "list", "--json").json[0]["id"] == "s_1"


def test_sessions_are_those_of_this_folder_unless_all_are_asked(
    running: ScriptedHost, capfdbinary: Fd, tmp_path: Path
) -> None:
    running.answers["session.list"] = ops.Sessions(sessions=())
    Said(capfdbinary, "sessions")
    Said(capfdbinary, "sessions", "--all")
    assert [params.cwd for params in running.calls("session.list")] == [str(tmp_path), ""]


def test_a_transcript_shows_words_calls_and_results(running: ScriptedHost, capfdbinary: Fd) -> None:
    def entry(kind: Any, **more: Any) -> Entry:
        return Entry(id=f"e_{kind}", session="s_1", process="root", kind=kind, **more)

    running.answers["session.show"] = Snapshot(seq=1, session=ROW)
    running.answers["entries.page"] = ops.Entries(
        entries=(
            entry("user", content=(Text(text="list files"),), author="you"),
            entry(
                "assistant", content=(Text(text="I look\x1b[2J."), ToolUse(id="c", name="list", input={"path": "."}))
            ),
            entry("tool_result", tool="list", observation=Observation(text="a\nb"), state="ok"),
        )
    )
    said = Said(capfdbinary, "sessions", "show", "s_1").out
    for words in ("list files", "I look", '→ list {"path":"."}', "   b"):
        assert words in said
    assert "\x1b" not in said
    assert len(Said(capfdbinary, "sessions", "show", "s_1", "--json").json["entries"]) == 3


def test_removing_looks_all_of_them_up_before_the_first_goes(running: ScriptedHost, capfdbinary: Fd) -> None:
    def show(params: ops.SessionRef) -> Snapshot:
        if params.session == "wrong":
            raise NotFound("no session wrong")
        return Snapshot(seq=1, session=ROW)

    running.answers["session.show"] = show
    assert Said(capfdbinary, "sessions", "rm", "s_1", "wrong").code == 1
    assert running.calls("session.remove") == []
    assert Said(capfdbinary, "sessions", "rm", "s_1").code == 0
    assert [params.session for params in running.calls("session.remove")] == ["s_1"]


def test_forking_renaming_branches_and_search_ask_the_host(running: ScriptedHost, capfdbinary: Fd) -> None:
    running.answers |= {
        "session.fork": ops.Forked(branch="fork-1", head="e_1"),
        "session.change": ROW,
        "branch.list": ops.Branches(branches=(BranchRow(name="main", head="e_9", active=True),)),
        "session.search": ops.Hits(hits=()),
    }
    assert "fork-1" in Said(capfdbinary, "sessions", "fork", "s_1", "--at", "e_1").out
    assert Said(capfdbinary, "sessions", "rename", "s_1", "auth", "refactor").code == 0
    assert "* " in Said(capfdbinary, "sessions", "tree", "s_1").out
    assert Said(capfdbinary, "sessions", "search", "needle").code == 1
    assert running.calls("session.change")[0].name == "auth refactor"
    assert running.calls("session.fork")[0].entry == "e_1"


def test_the_tree_of_processes_is_drawn_children_below_parents(running: ScriptedHost, capfdbinary: Fd) -> None:
    def process(path: str, **more: Any) -> ProcessRow:
        return ProcessRow(session="s_1", path=path, **more)

    running.answers["process.list"] = ops.Processes(
        processes=(
            process("root/sup", kind=ProcessKind.SUPERVISOR, strategy="one_for_one", intensity=3),
            process("root", state="run", now="waiting"),
            process("root/sup/w1", supervisor="root/sup", incarnation=3, state="RSTR"),
        )
    )
    lines = Said(capfdbinary, "ps").out.splitlines()
    names = [line.split()[1] for line in lines[2:]]
    assert names == ["root", "sup", "w1#3"]
    assert lines[3].index("sup") < lines[4].index("w1#3")


def test_ps_shows_what_of_a_supervisors_intensity_is_used_and_when_a_process_comes_back(
    running: ScriptedHost, capfdbinary: Fd
) -> None:
    now = clock.wall()
    rows = (
        ProcessRow(
            session="s_9", path="root/sup", kind=ProcessKind.SUPERVISOR, state="run", strategy="rest_for_one",
            intensity=3, period_s=60.0,
        ),
        ProcessRow(
            session="s_9", path="root/sup/w1", supervisor="root/sup", state="RSTR", now="HTTP 529",
            restarts=(now - 70, now - 5), restart_at=now + 600,
        ),
    )  # fmt: skip
    running.answers["process.list"] = ops.Processes(processes=rows)
    out = Said(capfdbinary, "ps").out
    assert "rest_for_one, 1 of 3 restarts in 60 s" in out
    assert "HTTP 529, again in " in out


@pytest.mark.parametrize(("word", "done"), [("restart", "restarted"), ("terminate", "terminated"), ("pause", "paused")])
def test_a_process_can_be_acted_on_from_the_command_line(
    running: ScriptedHost, capfdbinary: Fd, word: str, done: str
) -> None:
    running.answers[f"process.{word}"] = ops.Nothing()
    said = Said(capfdbinary, word, "root/w1", "--session", "s_9")
    assert (said.code, said.out) == (0, f"{done} root/w1\n")
    assert running.calls(f"process.{word}") == [ops.ProcessRef(process="root/w1", session="s_9")]


def test_send_finds_the_session_that_has_the_process(running: ScriptedHost, capfdbinary: Fd) -> None:
    running.answers["process.list"] = ops.Processes(processes=(ProcessRow(session="s_9", path="root/w1"),))
    running.answers["process.send"] = ops.Sent(input="i_1", delivered=True)
    assert Said(capfdbinary, "send", "root/w1", "go", "on").code == 0
    (sent,) = running.calls("process.send")
    assert (sent.session, sent.process, sent.text) == ("s_9", "root/w1", "go on")


def test_send_to_a_path_of_two_sessions_asks_which(running: ScriptedHost, capfdbinary: Fd) -> None:
    running.answers["process.list"] = ops.Processes(
        processes=(ProcessRow(session="s_1", path="root"), ProcessRow(session="s_2", path="root"))
    )
    said = Said(capfdbinary, "send", "root", "hi")
    assert said.code == 1
    assert "--session s_1" in said.err
    assert running.calls("process.send") == []


def test_send_to_nobody_names_who_may_have_been_meant(running: ScriptedHost, capfdbinary: Fd) -> None:
    running.answers["process.list"] = ops.Processes(processes=(ProcessRow(session="s_1", path="root/worker"),))
    assert "did you mean root/worker?" in Said(capfdbinary, "send", "root/wroker", "hi").err


@pytest.mark.parametrize(
    ("flags", "decision", "rule"),
    [([], Decision.ONCE, ""), (["--session"], Decision.SESSION, ""), (["--always"], Decision.ALWAYS, "Bash(rm x)")],
)
def test_approving_sends_the_scope_that_was_asked(
    running: ScriptedHost, capfdbinary: Fd, flags: list[str], decision: Decision, rule: str
) -> None:
    running.answers["approval.list"] = ops.Approvals(approvals=(ASKED,))
    assert Said(capfdbinary, "approvals", "approve", "ap_12ab", *flags).code == 0
    (sent,) = running.calls("approval.decide")
    assert (sent.approval, sent.decision, sent.rule) == ("ap_12ab", decision, rule)


@pytest.mark.parametrize(("flag", "decision"), [("--always", Decision.ALWAYS), ("--session", Decision.SESSION)])
def test_wider_remembers_the_wider_rule_that_was_offered_and_says_it(
    running: ScriptedHost, capfdbinary: Fd, flag: str, decision: Decision
) -> None:
    running.answers["approval.list"] = ops.Approvals(approvals=(replace(ASKED, wider="Bash(rm *)"),))
    said = Said(capfdbinary, "approvals", "approve", "ap_12ab", flag, "--wider")
    assert "Bash(rm *)" in said.out
    (sent,) = running.calls("approval.decide")
    assert (sent.decision, sent.rule) == (decision, "Bash(rm *)")


@pytest.mark.parametrize("flags", [["--always", "--wider"], ["--wider"]])
def test_wider_is_refused_where_nothing_wider_is_offered_or_nothing_remembered(
    running: ScriptedHost, capfdbinary: Fd, flags: list[str]
) -> None:
    running.answers["approval.list"] = ops.Approvals(approvals=(ASKED,))
    assert Said(capfdbinary, "approvals", "approve", "ap_12ab", *flags).code == 1
    assert running.calls("approval.decide") == []


def test_always_is_refused_where_no_rule_can_be_offered(running: ScriptedHost, capfdbinary: Fd) -> None:
    bare = Approval(id="ap_1", session="s_1", process="root", call="c", tool="bash", args={}, summary="x | y")
    running.answers["approval.list"] = ops.Approvals(approvals=(bare,))
    assert Said(capfdbinary, "approvals", "approve", "ap_1", "--always").code == 1
    assert running.calls("approval.decide") == []


def test_denying_carries_its_words(running: ScriptedHost, capfdbinary: Fd) -> None:
    running.answers["approval.list"] = ops.Approvals(approvals=(ASKED,))
    assert Said(capfdbinary, "approvals", "deny", "12ab", "--feedback", "use trash").code == 0
    (sent,) = running.calls("approval.decide")
    assert (sent.decision, sent.feedback) == (Decision.DENY, "use trash")


def test_an_approval_that_fits_two_is_never_guessed(running: ScriptedHost, capfdbinary: Fd) -> None:
    other = Approval(id="ap_12cd", session="s_1", process="root", call="c", tool="bash", args={}, summary="x")
    running.answers["approval.list"] = ops.Approvals(approvals=(ASKED, other))
    assert Said(capfdbinary, "approvals", "approve", "ap_12").code == 1
    assert running.calls("approval.decide") == []


@pytest.mark.parametrize(
    ("error", "code"), [(UserError("no such\nthing"), 1), (LimitReached("over"), 3), (NotFound("gone"), 1)]
)
def test_an_error_of_the_host_is_one_line_and_its_exit_code(
    running: ScriptedHost, capfdbinary: Fd, error: Any, code: int
) -> None:
    running.answers["process.kill"] = error
    said = Said(capfdbinary, "kill", "root")
    assert (said.code, said.out, said.err.count("\n")) == (code, "", 1)


def test_a_host_of_another_version_is_named_with_what_to_do(running: ScriptedHost, capfdbinary: Fd) -> None:
    running.answers["hello"] = ops.Welcome(protocol=99, pid=7, version="9.9", started=0.0)
    said = Said(capfdbinary, "ps")
    assert said.code == 5
    assert "restart it: vega-tui host stop" in said.err


# --- settings ----------------------------------------------------------------------------------------------


def test_settings_are_shown_with_their_origin_and_without_the_key(
    home: Home, capfdbinary: Fd, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.config.write_text("theme: light\n")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-very-secret")
    said = Said(capfdbinary, "config", "show", "--origin", "--json")
    assert said.json["theme"] == {"value": "light", "origin": f"{home.config}:1"}
    assert said.json["key_set"] is True
    assert "sk-very-secret" not in said.out + Said(capfdbinary, "config", "--origin").out


def test_a_project_counts_from_the_moment_it_is_trusted_until_it_is_not(
    home: Home, capfdbinary: Fd, tmp_path: Path
) -> None:
    (tmp_path / ".vega").mkdir()
    (tmp_path / ".vega" / "config.yaml").write_text("theme: light\n")

    def theme() -> str:
        return Said(capfdbinary, "config", "--json").json["theme"]

    assert theme() == "dark"
    assert "vega-tui config trust" in Said(capfdbinary, "config").out
    assert Said(capfdbinary, "config", "trust").code == 0
    assert theme() == "light"
    assert Said(capfdbinary, "config", "untrust").code == 0
    assert theme() == "dark"


def test_there_is_nothing_to_trust_without_project_files(home: Home, capfdbinary: Fd) -> None:
    said = Said(capfdbinary, "config", "trust")
    assert said.code == 1
    assert "nothing to trust" in said.err


def test_a_mistake_in_the_settings_stops_every_command_with_one_line(home: Home, capfdbinary: Fd) -> None:
    home.config.write_text("thme: light\n")
    said = Said(capfdbinary, "config")
    assert said.code == 1
    assert "config.yaml:1: 'thme' is no setting; did you mean 'theme'?" in said.err


def test_a_folder_that_is_not_there_is_named(home: Home, capfdbinary: Fd) -> None:
    said = Said(capfdbinary, "config", "show", "--cwd", "/nowhere/at/all")
    assert said.code == 1
    assert "/nowhere/at/all" in said.err


def test_the_doctor_finds_a_sound_home_sound(home: Home, capfdbinary: Fd) -> None:
    found = {each["what"]: each["verdict"] for each in Said(capfdbinary, "doctor", "--json").json}
    assert found["home"] == "ok"
    assert found["database"] == "ok"


def test_the_doctor_names_what_is_broken_and_ends_with_1(home: Home, capfdbinary: Fd) -> None:
    home.config.write_text("mode: maybe\n")
    home.database.write_bytes(b"this is no database, only some words that fill more than one hundred bytes" * 3)
    said = Said(capfdbinary, "doctor", "--json")
    assert said.code == 1
    assert {each["what"] for each in said.json if each["verdict"] == "FAIL"} >= {"settings", "database"}


def test_the_screen_is_refused_without_a_terminal(home: Home, capfdbinary: Fd) -> None:
    said = Said(capfdbinary, "hello there")
    assert said.code == 2
    assert "vega-tui -p" in said.err
