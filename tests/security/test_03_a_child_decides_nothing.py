"""Issue 6, line 3: what an agent starts decides nothing, whoever it says it is."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.security.kit import attacked
from vega_tui.core import events as ev
from vega_tui.core.home import Home
from vega_tui.core.processes import look
from vega_tui.core.words import Decision, Mode
from vega_tui.llm.simulator import Simulator
from vega_tui.protocol import operations as op
from vega_tui.protocol.operations import Operation

# Any: each operation has types of its own
OPERATIONS: dict[str, Operation[Any, Any]] = {
    found.name: found for found in vars(op).values() if isinstance(found, Operation)
}
FOR_AGENTS = {"hello", "host.status"}

SET_YOLO = """
sock = connect()
told(say(sock, "session.change", session={session!r}, mode="yolo", budget_usd=-1.0))
"""


def test_every_operation_is_a_persons_but_these() -> None:
    assert {name for name, found in OPERATIONS.items() if found.agents} == FOR_AGENTS


async def test_no_operation_is_answered_to_a_program_of_an_agent(
    home: Home, tmp_path: Path, simulator: Simulator
) -> None:
    async with attacked(home, tmp_path / "work", simulator) as it:
        names = sorted(OPERATIONS)
        out = await it.run(f"sock = connect()\nfor name in {names!r}: print(name, end=' '); told(say(sock, name))")
    taken = {line.split()[0] for line in out.splitlines() if " TAKEN " in line}
    refused = {line.split()[0]: line for line in out.splitlines() if " REFUSED " in line}
    assert taken == {"host.status"}  # hello is only the first frame
    assert set(refused) == set(names) - taken
    assert all("only what a person started" in line for name, line in refused.items() if name not in FOR_AGENTS)


WAYS = {
    "at once": "{program}",
    "in the background": "{program} & wait",
    "its parent ends": "({program} > out &) ; while ! grep -q D out; do sleep 0.05; done; cat out",
    "a session of its own": "setsid -w {program}",
    "setsid, its parent ends": "(setsid {program} > out &) ; while ! grep -q D out; do sleep 0.05; done; cat out",
    "without its mark": "env -i {program}",
    "without its mark, its parent ends": (
        "(env -i setsid {program} > out &) ; while ! grep -q D out; do sleep 0.05; done; cat out"
    ),
    "nohup": "nohup {program} 2>/dev/null",
    "as another shell": "exec -a vega-tui {program}",
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_program_that_left_its_parents_is_known_all_the_same(
    home: Home, tmp_path: Path, simulator: Simulator, way: str
) -> None:
    async with attacked(home, tmp_path / "work", simulator) as it:
        program = it.script(SET_YOLO.format(session=it.me.row.id))
        out = await it.bash("touch out; " + WAYS[way].format(program=program))
        row = (await it.me.show()).session
    assert "REFUSED" in out
    assert row is not None
    assert row.mode is Mode.YOLO
    assert "TAKEN" not in out


async def test_a_decision_says_which_program_at_which_terminal_gave_it(
    home: Home, tmp_path: Path, simulator: Simulator
) -> None:
    async with attacked(home, tmp_path / "work", simulator, mode=Mode.MANUAL) as it:
        await it.start("touch made")
        approval = await it.me.asked()
        await it.me.decide(approval.id, Decision.ONCE)
        by = (await it.me.until(ev.ApprovalDecided)).by
    seen = look(os.getpid())
    assert seen is not None
    assert by.startswith(f"you ({seen.name}, ")
    assert by.endswith(f"pid {seen.pid})")


async def test_what_it_tried_is_an_alert_that_a_person_sees(home: Home, tmp_path: Path, simulator: Simulator) -> None:
    async with attacked(home, tmp_path / "work", simulator) as it:
        tries = "for _ in range(500): say(sock, 'session.change', session={session!r}, mode='yolo')\n"
        await it.run("sock = connect()\nsay(sock, 'process.list')\n" + tries.format(session=it.me.row.id))
        alerts = (await it.me.show()).alerts
        told = [event for event in it.me.events if isinstance(event, ev.AlertRaised)]
    assert [(alert.kind, alert.process) for alert in alerts] == [("refused_operation", "root")]
    assert "asked for process.list: refused" in alerts[0].message
    assert len(told) == 1  # the rest is counted when it has been quiet for a while


STAYS = "sh -c 'echo $$ >> pids; exec sleep 1000'"
FLIGHTS = {
    "in the background": f"{STAYS} &",
    "a session of its own": f"setsid {STAYS} &",
    "without its mark": f"env -i setsid {STAYS} &",
    "its parent ends": f"(setsid {STAYS} &)",
    "its parent ends, without its mark": f"(env -i setsid {STAYS} &)",
    "twice": f"(env -i setsid sh -c '(setsid {STAYS.replace(chr(39), chr(34)).replace('$', chr(92) + '$')} &)' &)",
    "with children": "(env -i setsid sh -c 'setsid sleep 1000 & echo $! >> pids; echo $$ >> pids; wait' &)",
    "nohup": f"nohup {STAYS} >/dev/null 2>&1 &",
    "deaf": "(env -i setsid sh -c 'trap \"\" TERM HUP INT; echo $$ >> pids; while :; do sleep 1; done' &)",
}


@pytest.mark.parametrize("flight", FLIGHTS)
async def test_what_fled_from_a_call_ends_with_it(
    home: Home, tmp_path: Path, simulator: Simulator, flight: str
) -> None:
    async with attacked(home, tmp_path / "work", simulator) as it:
        out = await it.bash(f"rm -f pids; {FLIGHTS[flight]}\nuntil [ -s pids ]; do sleep 0.05; done; sleep 0.2")
        pids = [int(word) for word in (it.work / "pids").read_text().split()]
        left = [seen for pid in pids if (seen := look(pid)) is not None and not seen.dead]
    assert pids
    assert left == []
    assert "processes left in the background were ended" in out
