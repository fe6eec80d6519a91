"""Modes are rows of one table; what has no row is free of nothing."""

from pathlib import Path

import pytest

from tests.approvals.ruling import rule
from vega_tui.approvals import modes
from vega_tui.core.messages import JsonObject
from vega_tui.core.words import Mode

CALLS: list[tuple[str, JsonObject]] = [
    ("read", {"path": "a.txt"}),
    ("list", {"path": "."}),
    ("write", {"path": "a.txt", "content": ""}),
    ("bash", {"command": "ls"}),
    ("bash", {"command": "ls < a.txt > /dev/null"}),
    ("bash", {"command": "> /dev/null"}),
    ("bash", {"command": "< /dev/null"}),
    ("bash", {"command": "echo a > b"}),
    ("bash", {"command": "$(cat x)"}),
    ("bash", {"command": ""}),
    ("fetch", {"url": "https://example.com/a"}),
    ("task", {"name": "a", "prompt": "b"}),
    ("weather", {"city": "Vega"}),
]
EVERY = ["bash", "read", "edit", "fetch", "task", "weather", "bash(ls)", "bash(ls *)", "read(/**)"]


def test_every_mode_has_a_row() -> None:
    assert set(modes.MODES) == set(Mode)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("allow", [[], EVERY], ids=["no rules", "rules that allow all"])
@pytest.mark.parametrize("call", CALLS)
def test_a_mode_that_nobody_described_allows_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: Mode, allow: list[str], call: tuple[str, JsonObject]
) -> None:
    monkeypatch.delitem(modes.MODES, mode)
    assert rule(*call, cwd=tmp_path, mode=mode, allow=allow).verdict == "ask"


@pytest.mark.parametrize("mode", list(Mode))
def test_deny_rules_hold_in_every_mode_and_ask_rules_in_all_that_do_not_free_everything(
    tmp_path: Path, mode: Mode
) -> None:
    call: JsonObject = {"path": "a.txt"}
    assert rule("read", call, cwd=tmp_path, mode=mode, deny=["read"]).verdict == "deny"
    asked = rule("read", call, cwd=tmp_path, mode=mode, ask=["read"]).verdict
    assert asked == ("allow" if modes.freedom(mode).everything else "ask")
