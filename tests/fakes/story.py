"""Valid stories of a session, as the host would publish them: agents at work, calls, questions, crashes, restarts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

import msgspec

from vega_tui.core import events as ev
from vega_tui.core.ids import ROOT
from vega_tui.core.messages import AnyBlock, Observation, Text, ToolUse, Usage
from vega_tui.core.records import Alert, Approval, Entry, EntryKind
from vega_tui.core.words import CallState, Decision, InputMode, Mode, Risk, RunStatus, Severity, StopReason

SESSION = "s_story"
SUPERVISOR = "root/sup"

E = TypeVar("E", bound=ev.Event)
T = TypeVar("T")


@dataclass(slots=True)
class Call:
    call: str
    tool: str
    args: dict[str, str]
    summary: str
    state: str = "proposed"  # asked, running
    approval: str = ""
    child: str = ""


@dataclass(slots=True)
class Actor:
    path: str
    parent: str = ""
    supervisor: str = ""
    incarnation: int = 1
    phase: str = "idle"  # model, tools, down, gone
    run: str = ""
    turn: int = 0
    hold: str = ""
    head: str = ""
    calls: list[Call] = field(default_factory=list[Call])
    paused: bool = False
    usage: Usage = field(default_factory=Usage)  # of the run under way


class Story:
    """Tells events one move at a time; every move leaves a valid history."""

    def __init__(self) -> None:
        self.events: list[ev.AnyEvent] = []
        self.actors: dict[str, Actor] = {}
        self.inputs: list[tuple[str, str]] = []
        self.alerts: list[str] = []
        self._numbers = 0

    def tell(self, event: ev.AnyEvent, actor: Actor | None = None) -> None:
        seq = len(self.events) + 1
        where = {"process": actor.path, "run": actor.run, "turn": actor.turn} if actor else {"process": event.process}
        stamped = msgspec.structs.replace(event, seq=seq, ts=1000.0 + seq * 0.5, session=SESSION, **where)
        self.events.append(stamped)

    def number(self, prefix: str) -> str:
        self._numbers += 1
        return f"{prefix}{self._numbers}"

    # --- moves ---------------------------------------------------------------------------------------------

    def begin(self) -> Actor:
        created = ev.SessionCreated(name="a story", cwd="/work", model="sim", budget_usd=5.0, simulated=True)
        self.tell(created)
        root = Actor(ROOT)
        self.tell(ev.BranchCreated(branch="main"), root)
        self.tell(ev.ProcessSpawned(agent="root", model="sim", context_tokens=1000), root)
        self.tell(ev.ProcessStarted(), root)
        self.actors[ROOT] = root
        spawned = ev.ProcessSpawned(
            kind=ev.ProcessKind.SUPERVISOR, parent=ROOT, strategy="one_for_one", intensity=5, period_s=60.0
        )
        self.tell(spawned, Actor(SUPERVISOR))
        return root

    def enter(self, actor: Actor, kind: EntryKind, content: tuple[AnyBlock, ...] = (), **rest: object) -> str:
        seq = len(self.events) + 1
        entry = Entry(
            id=self.number("e"),
            session=SESSION,
            process=actor.path,
            kind=kind,
            parent=actor.head,
            ts=1000.0 + seq * 0.5,
            run=actor.run,
            turn=actor.turn,
            incarnation=actor.incarnation,
            content=content,
        )
        entry = msgspec.structs.replace(entry, **rest)
        actor.head = entry.id
        self.tell(ev.EntryAdded(branch="main", entry=entry), actor)
        return entry.id

    def say(self, actor: Actor, text: str = "go on") -> None:
        """Direct when idle, else it waits."""
        given = self.number("i")
        idle = actor.phase == "idle"
        self.tell(ev.InputReceived(input=given, mode=InputMode.STEER, text=text), actor)
        if not idle:
            self.inputs.append((actor.path, given))
            return
        actor.run, actor.turn, actor.phase = self.number("r"), 1, "model"
        self.tell(ev.InputDelivered(input=given), actor)
        self.tell(ev.RunStarted(input=given), actor)
        self.enter(actor, "user", (Text(text=text),), author="you", mode="steer", input=given)
        self.start_turn(actor)

    def start_turn(self, actor: Actor) -> None:
        actor.hold = self.number("h")
        self.tell(ev.TurnStarted(model="sim"), actor)
        self.tell(ev.BudgetReserved(hold=actor.hold, amount_usd=0.25), actor)

    def retry(self, actor: Actor) -> None:
        event = ev.ModelRetry(attempt=1, attempts=4, delay_s=2.0, verdict="overloaded", message="HTTP 529")
        self.tell(event, actor)

    def answer(self, actor: Actor, text: str, calls: Sequence[Call] = (), price: float | None = 0.125) -> None:
        self.tell(ev.BudgetSettled(hold=actor.hold, amount_usd=price or 0.0), actor)
        uses = tuple(ToolUse(id=call.call, name=call.tool, input=call.args) for call in calls)
        content: tuple[AnyBlock, ...] = ((Text(text=text),) if text else ()) + uses
        entry = self.enter(actor, "assistant", content, model="sim", cost_usd=price)
        self.tell(ev.MessageCompleted(entry=entry), actor)
        actor.calls = list(calls)
        for call in calls:
            proposed = ev.ToolProposed(call=call.call, tool=call.tool, args=call.args, summary=call.summary)
            self.tell(proposed, actor)
        if calls:
            actor.phase = "tools"
        else:
            self.end_turn(actor, price)
            self.end_run(actor, RunStatus.COMPLETED, StopReason.TEXT)

    def end_turn(self, actor: Actor, price: float | None = 0.125) -> None:
        usage = Usage(input_tokens=10, output_tokens=5)
        actor.usage = actor.usage + usage
        self.tell(ev.TurnFinished(model="sim", usage=usage, cost_usd=price, context_tokens=100 * actor.turn), actor)

    def end_run(self, actor: Actor, status: RunStatus, why: StopReason, error: str = "") -> None:
        if error:
            self.enter(actor, "system", note=error, mark="error")
        finished = ev.RunFinished(status=status, stop_reason=why, error=error, turns=actor.turn, usage=actor.usage)
        self.tell(finished, actor)
        actor.run, actor.turn, actor.phase, actor.calls, actor.usage = "", 0, "idle", [], Usage()

    def new_call(self, tool: str) -> Call:
        number = self.number("c")
        args = {"bash": {"command": f"make {number}"}, "read": {"path": f"src/{number}.py"}}
        given = args.get(tool, {"name": f"w{number}", "prompt": f"do {number}"})
        return Call(number, tool, given, ": ".join(given.values()))

    def ask(self, actor: Actor, call: Call, risk: Risk = Risk.MED) -> None:
        call.state, call.approval = "asked", self.number("a")
        approval = Approval(
            id=call.approval,
            session=SESSION,
            process=actor.path,
            run=actor.run,
            call=call.call,
            tool=call.tool,
            args=call.args,
            summary=call.summary,
            risk=risk,
            created=1000.0 + (len(self.events) + 1) * 0.5,
        )
        self.tell(ev.ApprovalRequested(approval=approval), actor)

    def decide(self, actor: Actor, call: Call, decision: Decision) -> None:
        self.tell(ev.ApprovalDecided(approval=call.approval, decision=decision, by="you"), actor)
        call.approval = ""
        if decision is Decision.DENY:
            self.tell(ev.ToolBlocked(call=call.call, tool=call.tool, reason="denied by you"), actor)
            seen = Observation(text="denied by you", fact="denied", error=True, synthetic=True)
            self.result(actor, call, CallState.BLOCKED, seen)
        else:
            self.start(actor, call)

    def start(self, actor: Actor, call: Call) -> None:
        call.state = "running"
        self.tell(ev.ToolStarted(call=call.call, tool=call.tool, args=call.args, summary=call.summary), actor)
        if call.tool == "task":
            self.spawn(actor, call)

    def spawn(self, actor: Actor, call: Call) -> Actor:
        child = Actor(f"{SUPERVISOR}/{call.args['name']}", parent=actor.path, supervisor=SUPERVISOR)
        call.child = child.path
        self.actors[child.path] = child
        spawned = ev.ProcessSpawned(
            parent=actor.path,
            supervisor=SUPERVISOR,
            agent=call.args["name"],
            model="sim",
            task=call.summary,
            restart="transient",
            context_tokens=1000,
        )
        self.tell(ev.BranchCreated(branch="main"), child)
        self.tell(spawned, child)
        self.tell(ev.ProcessStarted(), child)
        self.say(child, call.summary)
        return child

    def finish(self, actor: Actor, call: Call, state: CallState = CallState.OK) -> None:
        details = {"process": call.child} if call.child else {}
        seen = Observation(text=f"did {call.call}", fact="exit 0", details=details)
        self.tell(ev.ToolFinished(call=call.call, tool=call.tool, state=state, observation=seen, duration_s=0.5), actor)
        self.result(actor, call, state, seen, 0.5)

    def result(self, actor: Actor, call: Call, state: CallState, seen: Observation, duration_s: float = 0.0) -> None:
        actor.calls.remove(call)
        self.enter(
            actor,
            "tool_result",
            call=call.call,
            tool=call.tool,
            observation=seen,
            state=state.value,
            duration_s=duration_s,
        )
        if not actor.calls:
            self.end_turn(actor)
            actor.turn += 1
            actor.phase = "model"
            for path, given in [pair for pair in self.inputs if pair[0] == actor.path]:
                self.inputs.remove((path, given))
                self.tell(ev.InputDelivered(input=given, how="steered"), actor)
                self.enter(actor, "user", (Text(text="go on"),), author="you", mode="steer", input=given)
            self.start_turn(actor)

    def crash(self, actor: Actor) -> None:
        self.tell(ev.BudgetSettled(hold=actor.hold, amount_usd=0.0), actor)
        self.end_run(actor, RunStatus.FAILED, StopReason.ERROR, "HTTP 401: bad key")
        self.tell(
            ev.ProcessExited(incarnation=actor.incarnation, reason="ProviderError", text="HTTP 401", abnormal=True),
            actor,
        )
        event = ev.ProcessRestarting(
            incarnation=actor.incarnation + 1, intensity=5, period_s=60.0, delay_s=1.0, reason="HTTP 401"
        )
        self.tell(event, actor)
        actor.phase = "down"

    def come_back(self, actor: Actor) -> None:
        actor.incarnation += 1
        self.tell(ev.ProcessStarted(incarnation=actor.incarnation), actor)
        self.tell(ev.ProcessRestarted(incarnation=actor.incarnation), actor)
        self.enter(actor, "system", note=f"#{actor.incarnation - 1} died: HTTP 401", mark="died")
        self.enter(actor, "system", note=f"#{actor.incarnation} took over", mark="took_over")
        actor.phase = "idle"

    def leave(self, actor: Actor) -> None:
        self.tell(ev.ProcessExited(incarnation=actor.incarnation, reason="normal"), actor)
        actor.phase = "gone"

    def kill(self, actor: Actor) -> None:
        self.tell(ev.ProcessStopping(incarnation=actor.incarnation), actor)
        if actor.phase == "model":
            self.tell(ev.BudgetSettled(hold=actor.hold, amount_usd=0.0), actor)
        for call in list(actor.calls):
            if call.approval:
                self.tell(ev.ApprovalWithdrawn(approval=call.approval, reason="killed"), actor)
            seen = Observation(text="cancelled", synthetic=True)
            finished = ev.ToolFinished(call=call.call, tool=call.tool, state=CallState.CANCELLED, observation=seen)
            self.tell(finished, actor)
            self.enter(
                actor, "tool_result", call=call.call, tool=call.tool, observation=seen, state=CallState.CANCELLED.value
            )
        if actor.phase in {"model", "tools"}:
            self.end_run(actor, RunStatus.CANCELLED, StopReason.CANCELLED)
        self.tell(ev.ProcessExited(incarnation=actor.incarnation, reason="killed"), actor)
        actor.phase = "gone"

    def pause(self, actor: Actor) -> None:
        actor.paused = not actor.paused
        self.tell(ev.ProcessPaused() if actor.paused else ev.ProcessResumed(), actor)

    def change(self, changed: ev.SessionChanged) -> None:
        self.tell(changed)

    def alarm(self, actor: Actor) -> None:
        alert = Alert(
            id=self.number("l"),
            session=SESSION,
            process=actor.path,
            kind=self.number("kind"),
            severity=Severity.MED,
            message="restarted",
            last=1000.0 + len(self.events),
        )
        self.alerts.append(alert.id)
        self.tell(ev.AlertRaised(alert=alert), actor)

    def acknowledge(self) -> None:
        self.tell(ev.AlertAcknowledged(alert=self.alerts.pop()))


def told(random: Random, moves: int) -> list[ev.AnyEvent]:
    """A story of about that many moves, each drawn from what could happen next."""
    story = Story()
    story.begin()
    for _ in range(moves):
        actor = random.choice([actor for actor in story.actors.values() if actor.phase != "gone"])
        random.choice(_possible(story, actor, random))()
    return story.events


def _possible(story: Story, actor: Actor, random: Random) -> list[Callable[[], None]]:
    moves: list[Callable[[], None]] = [lambda: story.alarm(actor), lambda: story.pause(actor)]
    moves.append(lambda: story.change(random.choice(_CHANGES)))
    if story.alerts:
        moves.append(story.acknowledge)
    if actor.phase == "down":
        return [lambda: story.come_back(actor)]
    moves += [lambda: story.say(actor)] * 2
    if actor.phase == "model":
        tools = [random.choice(["bash", "read", "task"]) for _ in range(random.randint(1, 3))]
        moves += [lambda: story.retry(actor), lambda: story.answer(actor, "Done.", price=random.choice([0.125, None]))]
        moves += [lambda: story.answer(actor, random.choice(["", "I look."]), [*map(story.new_call, tools)])] * 3
        if actor.path != ROOT:
            moves += [lambda: story.crash(actor)] * 2
    for call in actor.calls:
        moves += _with_call(story, actor, call)
    if actor.path != ROOT:
        moves.append(lambda: story.kill(actor))
        if actor.phase == "idle":
            moves.append(lambda: story.leave(actor))
    return moves


def _with_call(story: Story, actor: Actor, call: Call) -> list[Callable[[], None]]:
    match call.state:
        case "proposed":
            return [lambda: story.ask(actor, call), lambda: story.start(actor, call)] * 2
        case "asked":
            return [
                lambda: story.decide(actor, call, Decision.ONCE),
                lambda: story.decide(actor, call, Decision.DENY),
            ] * 2
        case _:
            return [lambda: story.finish(actor, call)] * 3


_CHANGES = (
    ev.SessionChanged(name="another name"),
    ev.SessionChanged(mode=Mode.AUTO),
    ev.SessionChanged(model="another model", simulated=False),
    ev.SessionChanged(budget_usd=2.0),
    ev.SessionChanged(budget_usd=-1.0),
)
