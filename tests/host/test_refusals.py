"""What agents' programs tried is told to people: at once, then counted; and it names nothing that steers a screen."""

import asyncio

from tests.fakes.recording_bus import RecordingBus
from tests.fakes.virtual_loop import run_virtual
from vega_tui.core import events as ev
from vega_tui.core.words import Severity
from vega_tui.host.alerts import AlertDesk
from vega_tui.host.board import Board
from vega_tui.host.peers import Peer
from vega_tui.host.refusals import QUIET_S, Refusals
from vega_tui.protocol import operations as op
from vega_tui.protocol.rows import SessionRow

PEER = Peer(41, "py\x1b[2Jthon", "", "it comes from a program that this host started")


def raised(bus: RecordingBus) -> list[tuple[str, int, Severity]]:
    return [
        (event.alert.process, event.alert.count, event.alert.severity)
        for event in bus.events
        if isinstance(event, ev.AlertRaised)
    ]


def test_a_thousand_tries_are_two_events_and_the_worst_of_them_counts() -> None:
    bus = RecordingBus()

    async def story() -> None:
        refusals = Refusals(AlertDesk(bus), {"s1": Board(SessionRow(id="s1", name="", cwd="/", model="m"))})
        refusals.note(PEER, op.PROCESS_LIST)
        refusals.note(PEER, op.SESSION_CHANGE)
        for _ in range(998):
            refusals.note(PEER, op.PROCESS_LIST)
        await asyncio.sleep(QUIET_S * 3)
        refusals.note(PEER, op.PROCESS_LIST)
        refusals.note(PEER, op.PROCESS_LIST)
        refusals.close()

    run_virtual(story())
    assert raised(bus) == [
        ("root", 1, Severity.MED),
        ("root", 1000, Severity.HIGH),
        ("root", 1001, Severity.HIGH),
    ]
    told = [event.alert.message for event in bus.events if isinstance(event, ev.AlertRaised)]
    assert all("asked for process.list: refused" in text and "\x1b" not in text for text in told)


def test_it_is_told_where_a_call_is_under_way() -> None:
    bus = RecordingBus()

    async def story() -> None:
        boards = {name: Board(SessionRow(id=name, name="", cwd="/", model="m")) for name in ("s1", "s2")}
        boards["s2"].apply(ev.ToolProposed(session="s2", process="root/w", call="c", tool="bash", args={}))
        refusals = Refusals(AlertDesk(bus), boards)
        refusals.note(PEER, op.SESSION_CHANGE)
        refusals.close()

    run_virtual(story())
    assert raised(bus) == [("root/w", 1, Severity.HIGH)]
