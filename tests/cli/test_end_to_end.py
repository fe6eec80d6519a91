import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import msgspec
import pytest

from tests.cli.said import Fd, Said
from tests.fakes.model_server import ModelServer
from vega_tui.core.events import AnyEvent
from vega_tui.core.home import Home
from vega_tui.sessions.lifecycle import validate


@pytest.fixture(scope="module")
def model() -> Generator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest.fixture
def place(model: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """A folder to work in, a home of its own, a key that the model takes, nothing on stdin."""
    for name in [name for name in os.environ if name.startswith(("VEGA_", "ANTHROPIC_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("VEGA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ANTHROPIC_BASE_URL", model.url)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-test")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        yield work


def test_an_answer_is_all_that_stands_on_stdout(place: Path, capfdbinary: Fd) -> None:
    said = Said(capfdbinary, "-p", "hello")
    assert (said.code, said.err) == (0, "")
    assert "simulated" in said.out


def test_json_is_one_object_with_session_usage_and_stop_reason(place: Path, capfdbinary: Fd) -> None:
    found = Said(capfdbinary, "-p", "hello", "--output-format", "json").json
    assert (found["type"], found["stop_reason"], found["is_error"]) == ("result", "text", False)
    assert found["usage"]["output_tokens"] > 0
    assert found["cost_usd"] > 0
    assert Said(capfdbinary, "sessions", "--json").json[0]["id"] == found["session_id"]


def test_stream_json_is_a_sound_run_and_its_result(place: Path, capfdbinary: Fd) -> None:
    said = Said(capfdbinary, "-p", "run echo hi", "--yolo", "--output-format", "stream-json")
    lines = said.out.splitlines()
    decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
    events = [decoder.decode(line) for line in lines[:-1]]
    assert validate(events) == []
    assert json.loads(lines[-1])["type"] == "result"
    assert json.loads(lines[0])["type"] == "run.started"


def test_without_a_rule_a_command_does_not_run_and_the_exit_code_is_4(place: Path, capfdbinary: Fd) -> None:
    said = Said(capfdbinary, "-p", "run touch made")
    assert said.code == 4
    assert "touch made" in said.err
    assert not (place / "made").exists()


def test_where_everything_is_allowed_it_runs(place: Path, capfdbinary: Fd) -> None:
    assert Said(capfdbinary, "-p", "run touch made", "--permission-mode", "yolo").code == 0
    assert (place / "made").exists()


def test_piped_text_reaches_the_model_below_the_prompt(
    place: Path, capfdbinary: Fd, model: ModelServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "piped").write_text("pelican-4711")
    with open(tmp_path / "piped") as piped:
        monkeypatch.setattr(sys, "stdin", piped)
        assert Said(capfdbinary, "-p", "hello").code == 0
    assert "pelican-4711" in model.heard()


def test_continue_goes_on_with_the_latest_session(place: Path, capfdbinary: Fd) -> None:
    first = Said(capfdbinary, "-p", "hello", "--output-format", "json").json
    second = Said(capfdbinary, "-c", "-p", "hello again", "--output-format", "json").json
    assert second["session_id"] == first["session_id"]
    shown = Said(capfdbinary, "sessions", "show", first["session_id"]).out
    assert shown.index("hello\n") < shown.index("hello again\n")


def test_without_a_session_nothing_is_kept(place: Path, capfdbinary: Fd) -> None:
    assert Said(capfdbinary, "-p", "hello", "--no-session").code == 0
    assert Said(capfdbinary, "sessions", "--json").json == []


def test_a_key_that_is_refused_is_one_line_without_the_key(
    place: Path, capfdbinary: Fd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-bad-very-secret")
    said = Said(capfdbinary, "-p", "hello")
    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert "sk-bad" not in said.err
    assert "ANTHROPIC_API_KEY" in said.err


def test_a_budget_holds_before_the_money_is_spent(place: Path, capfdbinary: Fd, model: ModelServer) -> None:
    said = Said(capfdbinary, "-p", "zebra-0815", "--max-budget-usd", "0.0000001")
    assert (said.code, said.out) == (3, "")
    assert "zebra-0815" not in model.heard()


def test_sessions_are_renamed_searched_checked_forked_and_removed(place: Path, capfdbinary: Fd) -> None:
    session = Said(capfdbinary, "-p", "run echo heron", "--yolo", "--output-format", "json").json["session_id"]
    assert Said(capfdbinary, "sessions", "rename", session, "birds").code == 0
    assert "birds" in Said(capfdbinary, "sessions", "search", "heron").out
    assert Said(capfdbinary, "doctor", "--session", "birds").code == 0
    assert Said(capfdbinary, "sessions", "fork", "birds", "-n", "other").code == 0
    branches = Said(capfdbinary, "sessions", "tree", "birds", "--json").json
    assert [branch["name"] for branch in branches] == ["main", "other"]
    assert Said(capfdbinary, "sessions", "rm", "birds").code == 0
    assert Said(capfdbinary, "sessions", "show", "birds").code == 1


def test_a_host_of_its_own_is_started_used_and_stopped(place: Path, capfdbinary: Fd) -> None:
    try:
        assert Said(capfdbinary, "host", "start").code == 0
        pid = Said(capfdbinary, "host", "status", "--json").json["pid"]
        assert pid != os.getpid()
        assert Said(capfdbinary, "host", "start", "--json").json["pid"] == pid
        assert Said(capfdbinary, "-p", "hello").code == 0
        assert [row["path"] for row in Said(capfdbinary, "ps", "--json").json] == ["root"]
        assert Said(capfdbinary, "send", "root", "hello").code == 0
        assert Said(capfdbinary, "kill", "root/nobody").code == 1
    finally:
        stopped = Said(capfdbinary, "host", "stop", "--force")
    assert (stopped.code, Said(capfdbinary, "host", "status").code) == (0, 5)


def test_a_host_that_cannot_start_is_one_line_with_its_last_words(
    place: Path, capfdbinary: Fd, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home()
    home.ensure()
    home.database.write_bytes(b"not a database at all, and long enough to be looked at closely by anyone" * 4)
    said = Said(capfdbinary, "host", "start")
    assert (said.code, said.out, said.err.count("\n")) == (5, "", 1)
    assert "vega-tui host logs" in said.err


def program(*argv: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "vega_tui", *argv],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_ctrl_c_ends_the_run_with_130_and_keeps_what_was_said(
    place: Path, capfdbinary: Fd, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelServer(words_per_s=20.0) as slow:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", slow.url)
        with program("-p", "hello", "--output-format", "stream-json") as running:
            assert running.stdout is not None
            while b'"turn.started"' not in running.stdout.readline():
                pass
            running.send_signal(signal.SIGINT)
            rest, err = running.communicate(timeout=30)
        assert running.returncode == 130
        assert err == b"vega-tui: interrupted\n"
        assert json.loads(rest.splitlines()[-1])["exit_code"] == 130
    (row,) = Said(capfdbinary, "sessions", "--json").json
    assert not row["working"]
    assert Said(capfdbinary, "doctor", "--session", row["id"]).code == 0


def test_a_reader_that_goes_away_is_no_noise(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer(words_per_s=150.0) as slow:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", slow.url)
        with program("-p", "hello", "--output-format", "stream-json") as running:
            assert running.stdout is not None
            assert running.stderr is not None
            running.stdout.readline()
            running.stdout.close()
            err = running.stderr.read()
    assert err == b""
    assert running.returncode == 1


def test_headless_runs_at_the_same_time_share_a_host_and_none_is_cut_off(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelServer(words_per_s=150.0) as slow:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", slow.url)
        running = [program("-p", words, "--output-format", "json") for words in ("hello", "hello there", "run date")]
        results = [(each.communicate(timeout=50), each.returncode) for each in running]
    assert [code for _, code in results] == [0, 0, 4]
    assert all(json.loads(said[0])["result"] for said, _ in results)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has such a device")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_under_stdout_is_one_line(place: Path, monkeypatch: pytest.MonkeyPatch, unbuffered: str) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "vega_tui", "ps"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (1, b"vega-tui: stdout: No space left on device\n")
