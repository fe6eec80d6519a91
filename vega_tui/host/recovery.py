"""After an earlier host's end: closes what it left open. Calls that ran are interrupted, never run again."""

from typing import Final

from vega_tui.agent.conversation import Conversation
from vega_tui.core import events as ev
from vega_tui.core.messages import Observation, Text
from vega_tui.core.ports import Bus
from vega_tui.core.words import CallState, StopReason, status_of
from vega_tui.host.services import Thread
from vega_tui.sessions.rows import CallRow, PartialRow, ProcessRow, RunRow
from vega_tui.sessions.store import Store

ENDED: Final = "the host ended"
INTERRUPTED: Final = "interrupted"  # exit reason of a process that had a run under way
_RAN: Final = Observation(
    text="Interrupted: the host ended while this ran. What it had done stays done; the rest is unknown. "
    "It was not run again.",
    fact="interrupted",
    error=True,
    synthetic=True,
)
_NOT_RUN: Final = Observation(
    text="Not run: the host ended before this was decided.", fact="interrupted", error=True, synthetic=True
)


async def recover(store: Store, bus: Bus) -> None:
    """Publish the ends of everything that an earlier host left open, session by session, and flush."""
    runs = await store.open_runs()
    partials = {(row.session, row.process): row for row in await store.partials()}
    calls = await store.open_calls()
    for approval in await store.pending_approvals():
        bus.publish(
            ev.ApprovalWithdrawn(
                session=approval.session,
                process=approval.process,
                run=approval.run,
                approval=approval.id,
                reason=f"{ENDED} before anyone answered",
            )
        )
    await _say_heard(store, bus, runs)
    for run in runs:
        mine = [call for call in calls if (call.session, call.run) == (run.session, run.id)]
        await _close_run(store, bus, run, mine, partials.get((run.session, run.process)))
    for row in await store.processes(live_only=True):
        _close_process(bus, row, cut_off=any((r.session, r.process) == (row.session, row.path) for r in runs))
    for session in {run.session for run in runs}:
        bus.publish(
            ev.HostRecovered(
                session=session,
                interrupted_calls=sum(1 for call in calls if call.session == session),
                interrupted_runs=sum(1 for run in runs if run.session == session),
            )
        )
    await bus.flush()


async def _say_heard(store: Store, bus: Bus, runs: list[RunRow]) -> None:
    """Where the log ends between an input's entry and the word that it was heard, say so: it is not heard again."""
    for row in await store.pending_inputs():
        mine = [run for run in runs if (run.session, run.process) == (row.session, row.process)]
        facts = [event for run in mine for event in await _events_of(store, run)]
        if any(isinstance(event, ev.EntryAdded) and event.entry.input == row.id for event in facts):
            bus.publish(ev.InputDelivered(session=row.session, process=row.process, input=row.id))


async def _close_run(
    store: Store, bus: Bus, run: RunRow, open_calls: list[CallRow], partial: PartialRow | None
) -> None:
    where: ev.Where = {"session": run.session, "process": run.process, "run": run.id, "turn": run.turns}
    heads = {row.name: row.head for row in await store.branches(run.session, run.process)}
    stored = Thread(store, bus, run.session, run.process)
    conversation = Conversation(bus, session=run.session, process=run.process, stored=stored)
    conversation.place(run.branch, heads.get(run.branch, ""))
    facts = await _events_of(store, run)
    turn = max((event.turn for event in facts), default=0)
    where["turn"] = turn
    if partial is not None and (partial.run, partial.turn) == (run.id, turn):
        _keep_said(bus, conversation, partial, facts, where)
    finished = {event.call: event for event in facts if isinstance(event, ev.ToolFinished | ev.ToolBlocked)}
    recorded = {
        event.entry.call for event in facts if isinstance(event, ev.EntryAdded) and event.entry.kind == "tool_result"
    }
    still_open = {call.call: call for call in open_calls}
    for event in [event for event in facts if isinstance(event, ev.ToolProposed)]:
        if event.call in still_open:
            state, observation = _end_call(bus, still_open[event.call], where)
        elif (end := finished.get(event.call)) is not None:
            state, observation = _known_end(end)
        else:
            continue
        if event.call not in recorded:
            conversation.append(
                "tool_result",
                run=run.id,
                turn=event.turn,
                call=event.call,
                tool=event.tool,
                observation=observation,
                state=state.value,
            )
    conversation.append(
        "system", run=run.id, turn=turn, mark="interrupted", note=f"{ENDED} while this ran; nothing was run again"
    )
    started = sum(1 for event in facts if isinstance(event, ev.TurnStarted))
    ended = [event for event in facts if isinstance(event, ev.TurnFinished)]
    if started > len(ended):
        model = next((event.model for event in reversed(facts) if isinstance(event, ev.TurnStarted)), "")
        bus.publish(ev.TurnFinished(model=model, error=ENDED, cost_usd=_settle(bus, facts, where), **where))
    reason = StopReason.INTERRUPTED
    bus.publish(
        ev.RunFinished(
            status=status_of(reason), stop_reason=reason, error=ENDED, turns=started, usage=run.usage, **where
        )
    )


def _keep_said(
    bus: Bus, conversation: Conversation, partial: PartialRow, facts: list[ev.AnyEvent], where: ev.Where
) -> None:
    """Store what had been said of an answer that never came whole."""
    answered = any(
        isinstance(event, ev.EntryAdded) and event.entry.kind == "assistant" and event.turn == partial.turn
        for event in facts
    )
    if answered or not partial.text.strip():
        return
    entry = conversation.append(
        "assistant",
        run=partial.run,
        turn=partial.turn,
        content=(Text(text=partial.text),),
        author=partial.process,
        stop_reason="interrupted",
        interrupted=True,
    )
    bus.publish(ev.MessageInterrupted(entry=entry.id, reason=ENDED, **where))


def _settle(bus: Bus, facts: list[ev.AnyEvent], where: ev.Where) -> float:
    """What a model call that was under a cap may have cost: nobody knows any more, so all that was held for it."""
    settled = {event.hold for event in facts if isinstance(event, ev.BudgetSettled)}
    lost = [event for event in facts if isinstance(event, ev.BudgetReserved) and event.hold not in settled]
    for event in lost:
        bus.publish(ev.BudgetSettled(hold=event.hold, amount_usd=event.amount_usd, **where))
    return sum(event.amount_usd for event in lost)


def _end_call(bus: Bus, call: CallRow, where: ev.Where) -> tuple[CallState, Observation]:
    if call.state is CallState.RUNNING:
        state, observation = CallState.INTERRUPTED, _RAN
        bus.publish(ev.ToolFinished(call=call.call, tool=call.tool, state=state, observation=observation, **where))
    else:
        state, observation = CallState.BLOCKED, _NOT_RUN
        bus.publish(ev.ToolBlocked(call=call.call, tool=call.tool, reason=ENDED, by="host", **where))
    return state, observation


def _known_end(event: ev.ToolFinished | ev.ToolBlocked) -> tuple[CallState, Observation]:
    if isinstance(event, ev.ToolFinished):
        return event.state, event.observation
    return CallState.BLOCKED, Observation(text=f"Not run: {event.reason}", error=True, synthetic=True, fact="denied")


def _close_process(bus: Bus, row: ProcessRow, *, cut_off: bool) -> None:
    bus.publish(
        ev.ProcessExited(
            session=row.session,
            process=row.path,
            incarnation=row.incarnation,
            reason=INTERRUPTED if cut_off else "shutdown",
            text=f"{ENDED} while it worked" if cut_off else ENDED,
            abnormal=cut_off,
        )
    )


async def _events_of(store: Store, run: RunRow) -> list[ev.AnyEvent]:
    """All events of the run."""
    found: list[ev.AnyEvent] = []
    seq = 0
    while page := await store.events_since(seq, run.session, run=run.id, limit=5_000):
        found.extend(page)
        seq = page[-1].seq
    return found
