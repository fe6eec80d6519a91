import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.terminal import Terminal
from vega_tui.core import events as ev
from vega_tui.core.words import CallState, Decision

Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the program in an empty home and a folder with two files; ends all that was started."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "one.txt").write_text("1\n")
    (work / "two.txt").write_text("2\n")
    started: list[Terminal] = []

    def run(*args: str, columns: int = 100, rows: int = 30) -> Terminal:
        terminal = Terminal(tmp_path / "home", work, *args, columns=columns, rows=rows)
        started.append(terminal)
        return terminal

    yield run
    for terminal in reversed(started):
        terminal.close()


def in_prompt(text: str) -> Callable[[str], bool]:
    return lambda screen: any(line.lstrip().startswith(f"› {text}") for line in screen.splitlines())


def decided(events: list[ev.AnyEvent]) -> list[Decision]:
    return [event.decision for event in events if isinstance(event, ev.ApprovalDecided)]


def test_what_is_typed_and_sent_before_the_program_is_there_is_answered(start: Start) -> None:
    terminal = start()
    terminal.type("stream 5 at 0 tag EARLY\rand a draft")
    terminal.until("ENDEARLY").until(in_prompt("and a draft"))
    said = [event for event in terminal.events() if isinstance(event, ev.InputReceived)]
    assert [event.text for event in said] == ["stream 5 at 0 tag EARLY"]


def test_a_command_runs_only_after_the_operator_said_yes(start: Start) -> None:
    terminal = start(columns=120, rows=40)
    terminal.until("Message root").type("list files here\r")
    terminal.until("F5 decide")
    assert not any(isinstance(event, ev.ToolStarted) for event in terminal.events())
    terminal.press("f5").until("this session").until_live("y").press("y")
    terminal.until("two.txt").until("exit 0")
    assert decided(terminal.events()) == [Decision.ONCE]


def test_a_denial_tells_the_process_why_and_runs_nothing(start: Start) -> None:
    terminal = start()
    terminal.until("Message root").type("run touch never\r")
    terminal.until("F5 decide").press("f5").until("deny, why").until_live("f").press("f")
    terminal.until("say why; the process reads it").type("not today").until("not today")
    terminal.until_live("t").press("enter").until("denied")
    events = terminal.events()
    assert next(event.feedback for event in events if isinstance(event, ev.ApprovalDecided)) == "not today"
    assert not any(isinstance(event, ev.ToolStarted) for event in events)


def test_the_screen_follows_the_size_of_the_terminal(start: Start) -> None:
    terminal = start(columns=120, rows=40)
    terminal.until("Message root").until("No alerts.")
    terminal.resize(80, 24)
    terminal.until("7 Sessions").until("Message root")
    terminal.resize(200, 60)
    terminal.until("Nothing waits for you.").until("Message root")
    terminal.type("still here").until(in_prompt("still here"))


def test_a_host_that_is_killed_in_mid_stream_comes_back_and_nothing_said_is_lost(start: Start) -> None:
    terminal = start()
    terminal.until("Message root").type("stream 3 at 0 tag ONE\r").until("ENDONE")
    terminal.type("stream 4000 at 100 tag TWO\r").until("supervisor")
    before = terminal.host_pid
    os.kill(before, signal.SIGKILL)
    terminal.until("Back after")
    assert terminal.host_pid != before
    terminal.until("ENDONE").type("stream 3 at 0 tag THREE\r").until("ENDTHREE")
    inputs = [event.text for event in terminal.events() if isinstance(event, ev.InputReceived)]
    assert inputs == ["stream 3 at 0 tag ONE", "stream 4000 at 100 tag TWO", "stream 3 at 0 tag THREE"]
    assert sum(isinstance(event, ev.HostRecovered) for event in terminal.events()) == 1


def test_a_closed_terminal_ends_nothing_and_continue_comes_back_to_it(start: Start) -> None:
    terminal = start()
    terminal.until("Message root").type("stream 60 at 40 tag LONG\r").until("supervisor")
    terminal.type("half a thought").until(in_prompt("half a thought"))
    terminal.hang_up()
    again = start("-c")
    again.until("ENDLONG").until(in_prompt("half a thought"))
    finished = [event for event in again.events() if isinstance(event, ev.RunFinished)]
    assert [event.stop_reason for event in finished] == ["text"]


def test_alt_keys_work_in_a_terminal_without_a_keyboard_protocol(start: Start) -> None:
    terminal = start(columns=120, rows=40)
    terminal.until("Message root").type("stream 40 at 10 tag FIRST\r").until("supervisor")
    terminal.type("hello").press("alt+enter").until("after this turn  hello")
    terminal.press("alt+3").until("Calls that need your yes come here.")


def test_quitting_gives_the_terminal_back_and_says_nothing(start: Start) -> None:
    terminal = start()
    terminal.until("Message root").press("ctrl+d")
    assert terminal.ended() == 0


def test_no_call_is_left_open_by_an_interrupted_turn(start: Start) -> None:
    terminal = start("--permission-mode", "yolo")
    terminal.until("Message root").type("run sleep 30\r").until("sleep 30").until(lambda s: "● bash" in s)
    terminal.press("esc").until(lambda screen: "● bash" not in screen)
    states = [event.state for event in terminal.events() if isinstance(event, ev.ToolFinished)]
    assert states in ([CallState.CANCELLED], [CallState.INTERRUPTED])


@pytest.mark.parametrize("typed", ["put it by the sea", "yes please", "y\r\n", "so\ny\n", "no"])
def test_a_text_that_reaches_a_card_stands_in_the_prompt_and_decides_nothing(start: Start, typed: str) -> None:
    terminal = start(columns=120, rows=40)
    terminal.until("Message root").type("list files here\r")
    terminal.until("F5 decide").press("f5").until("this session").until_live("y").type(typed)
    terminal.until(in_prompt(typed.split()[0])).until(lambda screen: "deny and stop it" not in screen)
    assert decided(terminal.events()) == []
    terminal.press("f5").until("deny and stop it").until_live("y").press("y").until("exit 0")
    assert decided(terminal.events()) == [Decision.ONCE]
