"""What became of a headless run, folded from its events. Pure: events in, one result out."""

from dataclasses import dataclass, field

import msgspec

from vega_tui.core import events as ev
from vega_tui.core.exits import Exit
from vega_tui.core.ids import ROOT
from vega_tui.core.messages import Usage, text_of
from vega_tui.core.words import RunStatus, StopReason

_POLICY = "policy"  # who said no where nobody could be asked, or a rule did


@dataclass(frozen=True, slots=True)
class Denial:
    """A call that did not run, since nobody allowed it."""

    tool: str
    summary: str
    process: str


@dataclass(slots=True)
class Outcome:
    """The run of one input: fed with events in order until `done`."""

    input: str
    run: str = ""
    text: str = ""
    done: bool = False
    dropped: str = ""  # why the input never became a run
    lost: str = ""  # why no more events come
    finished: ev.RunFinished | None = None
    denials: dict[str, Denial] = field(default_factory=dict[str, Denial])
    interrupted: bool = False
    _asked: dict[str, Denial] = field(default_factory=dict[str, Denial])  # by approval
    _calls: dict[str, Denial] = field(default_factory=dict[str, Denial])  # by call, of all processes

    def take(self, event: ev.AnyEvent) -> bool:
        """Fold an event of the session; True when it belongs to this run or came while it was under way."""
        if self.done:
            return False
        match event:
            case ev.RunStarted(input=self.input) if event.process == ROOT:
                self.run = event.run
            case ev.InputDropped(input=self.input):
                self.dropped = event.reason or "it was dropped"
                self.done = True
            case ev.SessionRemoved():
                self.dropped = "the session was removed"
                self.done = True
            case _:
                pass
        if not self.run:
            return self.done
        match event:
            case ev.EntryAdded(entry=entry) if entry.kind == "assistant" and entry.run == self.run:
                self.text = text_of(entry.content) or self.text
            case ev.ToolProposed():
                self._calls[event.call] = Denial(event.tool, event.summary, event.process)
            case ev.ApprovalRequested(approval=asked):
                self._asked[asked.id] = Denial(asked.tool, asked.summary, asked.process)
            case ev.ApprovalDecided() if event.decision.denies and event.approval in self._asked:
                denial = self._asked[event.approval]
                self.denials[f"{denial.process} {denial.tool} {denial.summary}"] = denial
            case ev.ToolBlocked() if event.by.startswith(_POLICY):
                denial = self._calls.get(event.call, Denial(event.tool, "", event.process))
                self.denials[f"{denial.process} {denial.tool} {denial.summary}"] = denial
            case ev.RunFinished(run=self.run):
                self.finished = event
                self.done = True
            case _:
                pass
        return True

    @property
    def error(self) -> str:
        """One line for stderr; empty where the run completed and nothing was denied."""
        if self.lost or self.dropped:
            return self.lost or f"the prompt was not answered: {self.dropped}"
        if self.interrupted:
            return "interrupted"
        end = self.finished
        if end is None:
            return "the run has no end"
        if end.status is not RunStatus.COMPLETED:
            return _why(end)
        return ""

    @property
    def exit(self) -> Exit:
        """The exit code that fits."""
        if self.interrupted:
            return Exit.INTERRUPTED
        if self.lost:
            return Exit.HOST
        if self.finished is not None and self.finished.stop_reason is StopReason.BUDGET_EXHAUSTED:
            return Exit.BUDGET
        if self.error:
            return Exit.ERROR
        return Exit.DENIED if self.denials else Exit.OK


def _why(end: ev.RunFinished) -> str:
    if end.error:
        return " ".join(end.error.split())
    match end.stop_reason:
        case StopReason.MAX_TURNS:
            own = "1 was its own" if end.turns == 1 else f"{end.turns} were its own"
            return f"the prompt's turns are used up ({own}, the rest its children's); raise --max-turns"
        case StopReason.BUDGET_EXHAUSTED:
            return "the budget does not cover the next call; raise --max-budget-usd"
        case StopReason.CANCELLED:
            return "the run was cancelled"
        case reason:
            return f"the run stopped: {reason.value}"


class Tokens(msgspec.Struct, frozen=True):
    """Usage with every field written out."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int


class Denied(msgspec.Struct, frozen=True):
    """A denied call as scripts read it."""

    tool: str
    summary: str
    process: str


class Result(msgspec.Struct, frozen=True, kw_only=True, tag="result", tag_field="type"):
    """The one object that json prints, and the last line of stream-json."""

    result: str
    stop_reason: str
    is_error: bool
    error: str | None
    exit_code: int
    session_id: str
    run_id: str
    model: str
    simulated: bool
    usage: Tokens
    cost_usd: float | None  # None: the model's price is unknown
    num_turns: int
    duration_s: float
    denied: tuple[Denied, ...]


def result_of(outcome: Outcome, *, session: str, model: str, simulated: bool, duration_s: float) -> Result:
    """The outcome as one object for scripts."""
    end = outcome.finished
    usage = end.usage if end else Usage()
    stop = end.stop_reason if end else StopReason.INTERRUPTED if outcome.interrupted else StopReason.ERROR
    return Result(
        result=outcome.text,
        stop_reason=stop.value,
        is_error=bool(outcome.error),
        error=outcome.error or None,
        exit_code=int(outcome.exit),
        session_id=session,
        run_id=outcome.run,
        model=model,
        simulated=simulated,
        usage=Tokens(usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens),
        cost_usd=end.cost_usd if end else None,
        num_turns=end.turns if end else 0,
        duration_s=round(duration_s, 3),
        denied=tuple(Denied(each.tool, each.summary, each.process) for each in outcome.denials.values()),
    )
