import subprocess
import sys

import pytest

from vega_tui.cli.arguments import Arguments, parse


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    with pytest.raises(SystemExit) as ended:
        parse(argv)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


def test_nothing_said_opens_a_chat() -> None:
    assert parse([]) == Arguments()
    assert parse([]).interactive


def test_words_are_the_prompt() -> None:
    assert parse(["fix", "the", "bug"]).prompt == "fix the bug"


def test_flags_of_a_chat_are_read() -> None:
    argv = ["-m", "m1", "--permission-mode", "edits", "--max-budget-usd", "2.5", "--max-turns", "7"]
    found = parse([*argv, "--cwd", "/x", "--theme", "light"])
    assert (found.model, found.mode, found.budget_usd, found.max_turns) == ("m1", "edits", 2.5, 7)
    assert (found.cwd, found.theme) == ("/x", "light")


def test_resume_without_a_name_asks_to_choose() -> None:
    assert parse(["-r"]).resume == ""
    assert parse(["-r", "auth"]).resume == "auth"
    assert parse([]).resume is None


@pytest.mark.parametrize(
    "argv", [["-p", "say hi"], ["-psay hi"], ["-p", "say", "hi"], ["-p", "--no-session", "say hi"], ["--print=say hi"]]
)
def test_print_takes_its_prompt_in_every_usual_place(argv: list[str]) -> None:
    found = parse(argv)
    assert (found.command, found.prompt, found.interactive) == ("print", "say hi", False)


def test_print_without_a_prompt_leaves_it_to_stdin() -> None:
    assert parse(["-p"]).prompt == ""


def test_words_of_other_programs_are_understood() -> None:
    assert parse(["-p", "x", "--output-format", "streaming"]).output_format == "stream-json"
    assert parse(["--permission-mode", "acceptEdits"]).mode == "edits"
    assert parse(["--dangerously-skip-permissions"]).mode == "yolo"


@pytest.mark.parametrize(
    ("argv", "command"),
    [
        (["sessions"], "sessions list"),
        (["sessions", "--json"], "sessions list"),
        (["host"], "host status"),
        (["approvals"], "approvals list"),
        (["config", "--origin"], "config show"),
        (["ps"], "ps"),
        (["demo"], "demo"),
    ],
)
def test_a_group_alone_does_its_usual_thing(argv: list[str], command: str) -> None:
    assert parse(argv).command == command


def test_approving_says_once_unless_more_is_asked() -> None:
    assert parse(["approvals", "approve", "a_1"]).scope == "once"
    assert parse(["approvals", "approve", "a_1", "--session"]).scope == "session"
    assert parse(["approvals", "approve", "a_1", "--always"]).scope == "always"


def test_send_joins_its_words() -> None:
    found = parse(["send", "root/w1", "go", "on", "--session", "s_1"])
    assert (found.target, found.text, found.session) == ("root/w1", "go on", "s_1")


def test_a_mistyped_command_is_named_with_its_near_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean 'sessions'?" in refused(capsys, "sesions")
    assert "did you mean 'status'?" in refused(capsys, "host", "sttus")


def test_a_mistyped_flag_is_named_with_its_near_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean --model?" in refused(capsys, "--modle", "x")
    assert "did you mean --json?" in refused(capsys, "sessions", "list", "--jsn")
    assert "did you mean 'stream-json'?" in refused(capsys, "-p", "x", "--output-format", "streming")


def test_a_word_after_two_dashes_is_always_a_prompt() -> None:
    assert parse(["--", "sesions"]).prompt == "sesions"
    assert parse(["--", "demo"]).command == "chat"


def test_a_sentence_is_never_taken_for_a_mistyped_command() -> None:
    assert parse(["sesions are broken"]).prompt == "sesions are broken"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--max-turns", "0"], "whole number"),
        (["--max-budget-usd", "lots"], "dollars"),
        (["--max-budget-usd", "nan"], "dollars"),
        (["--yolo", "--permission-mode", "manual"], "contradict"),
        (["--no-session", "-c"], "--no-session"),
        (["-p", "-r"], "needs the session"),
        (["--read-only", "demo"], "comes before its flags"),
        (["kill"], "PATH"),
        (["approvals", "approve", "a", "--always", "--session"], "not allowed"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(capsys: pytest.CaptureFixture[str], argv: list[str], said: str) -> None:
    assert said in refused(capsys, *argv)


def test_the_parser_loads_nothing_heavy() -> None:
    code = (
        "import sys; from vega_tui.cli.arguments import parse; parse(['-p', 'x']);"
        "print([m for m in ('asyncio', 'msgspec', 'yaml', 'textual', 'anthropic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
