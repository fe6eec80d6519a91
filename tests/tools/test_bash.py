import asyncio
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from tests.tools.kit import Kit
from vega_tui.core.environment import command_environment
from vega_tui.core.events import ToolFinished
from vega_tui.core.words import CallState
from vega_tui.tools.builtins.bash import plain


def alive(pids: list[int]) -> list[int]:
    def lives(pid: int) -> bool:
        try:
            return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    return [pid for pid in pids if lives(pid)]


async def all_gone(pids: list[int]) -> None:
    """A killed process is gone only when the kernel has got round to it."""
    async with asyncio.timeout(10):
        while alive(pids):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("command", "text", "fact"),
    [
        ("echo out; echo err >&2", "out\nerr", "exit 0"),
        ("exit 3", "[exit 3]", "exit 3"),
        ("true", "(no output)", "exit 0"),
        ("kill -9 $$", "[signal 9]", "signal 9"),
        ("cat", "(no output)", "exit 0"),
        ("nosuchprogram 2>/dev/null", "[exit 127]", "exit 127"),
        ("pwd", "WORK", "exit 0"),
        ("printf 'a\\xffb'", "a\N{REPLACEMENT CHARACTER}b", "exit 0"),
        ("printf '\\xe2\\x82'; printf '\\xac'", "€", "exit 0"),
        ("printf '10%%\\r20%%\\r30%%\\nend\\r\\n'", "30%\nend", "exit 0"),
        ("printf '\\033[31mred\\033[0m\\033]0;title\\007'", "red", "exit 0"),
    ],
)
async def test_a_command_gives_what_it_printed_and_how_it_ended(
    tmp_path: Path, command: str, text: str, fact: str
) -> None:
    observation = await Kit(tmp_path).call("bash", command=command)
    assert observation.text == text.replace("WORK", str(tmp_path))
    assert observation.fact == fact
    assert observation.error is (fact != "exit 0")


async def test_output_is_shown_while_the_command_still_runs(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    running = asyncio.create_task(
        kit.call("bash", command="echo first; until [ -e go ]; do sleep 0.02; done; echo last")
    )
    await kit.bus.until(lambda: "first\n" in kit.bus.printed())
    assert kit.bus.of(ToolFinished) == []
    (tmp_path / "go").touch()
    assert (await running).text == "first\nlast"
    assert kit.bus.printed() == "first\nlast\n"


async def test_keys_never_reach_a_command(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    environ = {"PATH": "/usr/bin:/bin", "HOME": "/h", "ANTHROPIC_API_KEY": "k", "GITHUB_TOKEN": "t", "X_SECRET": "s"}
    kit.ctx = replace(kit.ctx, env=command_environment(environ))
    text = (await kit.call("bash", command="env")).text
    assert "HOME=/h" in text
    assert "TERM=dumb" in text
    assert not any(name in text for name in ("API_KEY", "TOKEN", "SECRET"))


STUBBORN = (
    "trap '' TERM\n"
    "sleep 1000 & echo $!\n"
    "setsid sleep 1000 & echo $!\n"
    "(trap '' TERM; sleep 1000 & echo $!; wait) &\n"
    "echo $!; echo $$; echo ready; wait"
)


@pytest.mark.parametrize("how", ["cancel", "timeout"])
async def test_a_command_that_is_stopped_takes_all_its_children_along(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vega_tui.tools.builtins.bash._GRACE_S", 0.3)
    kit = Kit(tmp_path)
    running = asyncio.create_task(kit.call("bash", command=STUBBORN, timeout_s=1 if how == "timeout" else 600))
    await kit.bus.until(lambda: len(kit.bus.printed().split()) == 6)
    pids = [int(word) for word in kit.bus.printed().split() if word.isdecimal()]
    assert len(pids) == 5
    assert alive(pids) == pids
    if how == "cancel":
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert kit.bus.of(ToolFinished)[0].state is CallState.CANCELLED
    else:
        observation = await running
        assert observation.fact == "timed out"
        assert "stopped after 1 s" in observation.text
    await all_gone(pids)


async def test_what_a_command_leaves_in_the_background_is_ended_and_told(tmp_path: Path) -> None:
    observation = await Kit(tmp_path).call("bash", command="sleep 1000 & echo $!")
    pid, note = observation.text.split("\n")
    assert note == "[processes left in the background were ended]"
    await all_gone([int(pid)])


async def test_what_stays_in_the_background_and_ignores_the_request_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vega_tui.tools.builtins.bash._GRACE_S", 0.2)
    command = "(trap '' TERM; touch ready; sleep 1000) & echo $!; until [ -e ready ]; do sleep 0.01; done"
    observation = await Kit(tmp_path).call("bash", command=command)
    await all_gone([int(observation.text.split("\n")[0])])


async def test_a_flood_is_kept_to_its_head_and_tail(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    observation = await kit.call("bash", command="echo HEAD; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo TAIL")
    assert observation.text.startswith("HEAD")
    assert observation.text.endswith("TAIL")
    assert observation.truncated
    assert len(observation.text) < 31_000
    assert max(len(delta.text) for delta in kit.bus.deltas) <= 8_000


@pytest.mark.parametrize("command", ["", "  ", "a\0b"])
async def test_what_is_no_command_is_not_run(tmp_path: Path, command: str) -> None:
    assert "null byte" in (await Kit(tmp_path).call("bash", command=command)).text


async def test_a_work_directory_that_is_gone_is_an_answer(tmp_path: Path) -> None:
    observation = await Kit(tmp_path / "gone").call("bash", command="ls")
    assert "can't be started" in observation.text


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("a\rb\n", "b\n"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("a\r", "a"),
        ("a\r\r\nb", "a\nb"),
        ("\x1b[2K\x1b[1Ga\x08\x00b", "ab"),
    ],
)
def test_plain_text_shows_what_a_terminal_would_at_last(printed: str, text: str) -> None:
    assert plain(printed) == text
