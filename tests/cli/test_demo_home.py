from pathlib import Path

import msgspec
import pytest

from tests.fakes.running_host import RunningHost
from vega_tui.cli.demo_home import fresh_demo_home
from vega_tui.core.errors import UserError
from vega_tui.core.home import Home
from vega_tui.protocol import operations as ops

EMPTY = ops.HostStatus(
    pid=7, version="0.1.0", protocol=1, home="/h", started=1.0, clients=1, sessions=0, processes=0, working=0,
    waiting_approvals=0, seq=0, database_bytes=0, memory_mib=1.0,
)  # fmt: skip


@pytest.fixture
def left(tmp_path: Path) -> Home:
    """A home in which an earlier demonstration left its database."""
    home = Home(tmp_path)
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "vega.db").write_text("old")
    return home


def test_what_an_earlier_demonstration_left_is_gone(left: Home) -> None:
    (left.root / "vega.db").write_text("mine")
    demo = fresh_demo_home(left)
    assert demo.root == left.root / "demo"
    assert not demo.database.exists()
    assert left.database.read_text() == "mine"


def test_the_first_demonstration_has_nothing_to_remove(tmp_path: Path) -> None:
    assert not fresh_demo_home(Home(tmp_path)).root.exists()


def test_a_link_is_never_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "keep").write_text("x")
    (tmp_path / "demo").symlink_to(tmp_path / "real")
    with pytest.raises(UserError, match="is a link"):
        fresh_demo_home(Home(tmp_path))
    assert (tmp_path / "real" / "keep").exists()


def test_a_demonstration_that_is_being_watched_is_joined(left: Home) -> None:
    demo = Home(left.root / "demo")
    demo.ensure()
    running = RunningHost(demo)
    running.host.answers["host.status"] = msgspec.structs.replace(EMPTY, clients=2)
    running.start()
    try:
        assert fresh_demo_home(left).database.exists()
        assert running.host.calls("host.stop") == []
    finally:
        running.stop()


def test_a_demonstration_that_nobody_watches_is_stopped_first(left: Home) -> None:
    demo = Home(left.root / "demo")
    demo.ensure()
    running = RunningHost(demo)
    running.host.answers["host.status"] = EMPTY

    def stop(_: ops.HostStop) -> ops.Nothing:
        running.end()
        return ops.Nothing()

    running.host.answers["host.stop"] = stop
    running.start()
    try:
        assert not fresh_demo_home(left).database.exists()
        assert [params.force for params in running.host.calls("host.stop")] == [True]
    finally:
        running.stop()
