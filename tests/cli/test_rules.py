"""`vega-tui rules`: what holds here, and taking a remembered yes back."""

import asyncio
from pathlib import Path

import pytest

from tests.cli.said import Fd, Said
from vega_tui.core.events import GrantAdded
from vega_tui.core.home import Home
from vega_tui.sessions.store import Store


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("VEGA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    home = Home()
    home.ensure()
    return home


def remember(home: Home, cwd: Path) -> None:
    async def keep() -> None:
        store = await Store.open(home.database)
        try:
            grants = [
                GrantAdded(seq=1, ts=1.0, grant="g_1", rule="bash(pytest *)", scope="project", scope_id=str(cwd)),
                GrantAdded(seq=2, ts=2.0, grant="g_2", rule="bash(python3 *)", scope="user"),
                GrantAdded(seq=3, ts=3.0, grant="g_3", rule="bash(ls)", scope="project", scope_id="/elsewhere"),
            ]
            await store.append(grants)
        finally:
            await store.close()

    asyncio.run(keep())


def test_rules_of_files_and_remembered_ones_are_listed_and_taken_back(
    home: Home, tmp_path: Path, capfdbinary: Fd
) -> None:
    home.rules.write_text("deny:\n  - bash(git push *)\n")
    remember(home, tmp_path)
    rows = {row["rule"]: row for row in Said(capfdbinary, "rules", "--json").json}
    assert list(rows) == ["bash(git push *)", "bash(pytest *)", "bash(python3 *)"]
    assert rows["bash(git push *)"]["effect"] == "deny"
    assert rows["bash(pytest *)"]["grant"] == "g_1"
    assert "refused" not in rows["bash(pytest *)"]
    assert "python3" in rows["bash(python3 *)"]["refused"]
    shown = Said(capfdbinary, "rules", "list").out
    assert "not applied" in shown
    assert "rules revoke ID" in shown
    assert Said(capfdbinary, "rules", "revoke", "g_1").code == 0
    assert [row["rule"] for row in Said(capfdbinary, "rules", "--json").json] == ["bash(git push *)", "bash(python3 *)"]
    assert Said(capfdbinary, "rules", "revoke", "g_1").code == 1


def test_where_no_rule_holds_that_is_said(home: Home, capfdbinary: Fd) -> None:
    assert "no rules hold here" in Said(capfdbinary, "rules").out
