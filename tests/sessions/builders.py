"""Short ways to say which events happened."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from vega_tui.core import events as ev
from vega_tui.core.events import AnyEvent
from vega_tui.core.messages import Observation, Text, Usage
from vega_tui.core.records import Alert, Approval, Entry, EntryKind
from vega_tui.core.words import CallState, Decision, InputMode, RunStatus, Severity, StopReason
from vega_tui.sessions.store import Store

S = "s_1"
START = 1_800_000_000.0


def numbered(events: Iterable[AnyEvent], after: int = 0) -> list[AnyEvent]:
    return [
        msgspec.structs.replace(event, seq=seq, ts=event.ts or START + seq)
        for seq, event in enumerate(events, start=after + 1)
    ]


async def put(store: Store, *events: AnyEvent) -> list[AnyEvent]:
    placed = numbered(events, after=store.last_seq)
    await store.append(placed)
    return placed


async def opened(tmp_path: Path) -> Store:
    return await Store.open(tmp_path / "home" / "vega.db")


def session(
    session: str = S, name: str = "night sky", cwd: str = "/work", ephemeral: bool = False
) -> ev.SessionCreated:
    return ev.SessionCreated(session=session, name=name, cwd=cwd, model="m-1", ephemeral=ephemeral)


def entry(
    id: str,
    parent: str = "",
    text: str = "",
    *,
    kind: EntryKind = "user",
    branch: str = "main",
    session: str = S,
    process: str = "root",
    output: str | None = None,
) -> ev.EntryAdded:
    added = Entry(
        id=id,
        session=session,
        process=process,
        kind=kind,
        parent=parent,
        content=(Text(text=text),) if text else (),
        observation=None if output is None else Observation(text=output, display=output),
    )
    return ev.EntryAdded(session=session, process=process, branch=branch, entry=added)


def chain(count: int, *, session: str = S, process: str = "root", start: int = 0) -> list[ev.EntryAdded]:
    return [
        entry(
            f"{session}_{process}_{n}",
            f"{session}_{process}_{n - 1}" if n else "",
            f"words {n}",
            session=session,
            process=process,
        )
        for n in range(start, start + count)
    ]


def approval(id: str = "a_1", call: str = "c_1", session: str = S, process: str = "root") -> Approval:
    args = {"command": "rm x"}
    return Approval(
        id=id, session=session, process=process, call=call, tool="bash", args=args, summary="rm x", created=START
    )


def of(process: str, *events: AnyEvent, session: str = S, run: str = "", turn: int = 0) -> list[AnyEvent]:
    """The events as facts of a process, a run and a turn."""
    return [msgspec.structs.replace(event, session=session, process=process, run=run, turn=turn) for event in events]


def a_day(session_id: str = S) -> list[AnyEvent]:
    """A session in which every table gets something, half of it still open at the end."""
    return [
        session(session_id),
        *of(
            "root",
            ev.ProcessSpawned(agent="root"),
            ev.ProcessStarted(),
            ev.BranchCreated(branch="main"),
            ev.InputReceived(input=f"i1_{session_id}", mode=InputMode.QUEUE, text="go"),
            ev.InputDelivered(input=f"i1_{session_id}"),
            ev.InputReceived(input=f"i2_{session_id}", mode=InputMode.STEER, text="also"),
            session=session_id,
        ),
        *_a_run(session_id),
        *_a_worker(session_id),
        *_lasting(session_id),
    ]


def _a_run(session_id: str) -> list[AnyEvent]:
    run, big = f"r_{session_id}", "0123456789abcdef" * 2_000
    first, second, third = (f"{session_id}_{n}" for n in ("e1", "e2", "e3"))
    asked = approval(f"a_{session_id}", "c_1", session_id)
    seen = Observation(text=big)
    return [
        *of("root", ev.RunStarted(), session=session_id, run=run),
        entry(first, "", "please count the falling stars", session=session_id),
        *of("root", ev.TurnStarted(model="m-1"), session=session_id, run=run, turn=1),
        entry(second, first, "I will count them", kind="assistant", session=session_id),
        *of(
            "root",
            ev.MessageCompleted(entry=second),
            ev.ToolProposed(call="c_1", tool="bash", args={"command": "rm x"}, summary="rm x"),
            ev.ApprovalRequested(approval=asked),
            ev.ApprovalDecided(approval=asked.id, decision=Decision.ONCE, by="you", args={"command": "ls"}),
            ev.ToolStarted(call="c_1", tool="bash", args={"command": "ls"}, summary="ls", edited=True),
            ev.ToolFinished(call="c_1", tool="bash", state=CallState.OK, observation=seen),
            session=session_id,
            run=run,
            turn=1,
        ),
        entry(third, second, kind="tool_result", output=big, session=session_id),
        *of(
            "root",
            ev.TurnFinished(model="m-1", usage=Usage(100, 20, 5, 3), cost_usd=0.25, context_tokens=128),
            session=session_id,
            run=run,
            turn=1,
        ),
        *of(
            "root",
            ev.RunFinished(status=RunStatus.COMPLETED, stop_reason=StopReason.TEXT, turns=1, usage=Usage(100, 20)),
            session=session_id,
            run=run,
        ),
    ]


def _a_worker(session_id: str) -> list[AnyEvent]:
    run = f"r2_{session_id}"
    return [
        *of(
            "root/w1",
            ev.ProcessSpawned(parent="root", task="look"),
            ev.ProcessStarted(),
            ev.ProcessExited(reason="ValueError", text="no", abnormal=True),
            ev.ProcessRestarting(incarnation=2),
            ev.ProcessRestarted(incarnation=2),
            ev.ProcessPaused(),
            session=session_id,
        ),
        *of("root/w1", ev.RunStarted(), session=session_id, run=run),
        *of(
            "root/w1",
            ev.TurnStarted(model="m-1"),
            ev.ToolProposed(call="c_2", tool="read", args={"path": "a"}),
            ev.ToolStarted(call="c_2", tool="read", args={"path": "a"}),
            ev.ToolProposed(call="c_3", tool="bash", args={}),
            ev.ApprovalRequested(approval=approval(f"a2_{session_id}", "c_3", session_id, "root/w1")),
            session=session_id,
            run=run,
            turn=1,
        ),
    ]


def _lasting(session_id: str) -> list[AnyEvent]:
    alert = Alert(
        id=f"al_{session_id}", session=session_id, process="root", kind="restarted", severity=Severity.MED, message="x"
    )
    return of(
        "root",
        ev.AlertRaised(alert=alert),
        ev.GroupJoined(group="crew"),
        ev.GroupJoined(group="idlers"),
        ev.GroupLeft(group="idlers"),
        ev.GroupLeft(group="crew", ended=True),
        ev.BoardWritten(board="crew", key="plan", value={"steps": [1, None]}, by="root"),
        ev.BoardWritten(board="crew", key="plan", value=[2], revision=2),
        ev.GrantAdded(grant=f"g1_{session_id}", rule="Bash(ls)", scope="session", scope_id=session_id),
        ev.GrantAdded(grant=f"g2_{session_id}", rule="Bash(git *)", scope="project", scope_id="/work"),
        session=session_id,
    )
