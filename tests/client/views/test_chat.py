from tests.fakes.projection import page_at, snapshot_at
from tests.fakes.story import SESSION, Story
from vega_tui.client.views.chat import ChatView
from vega_tui.client.views.chat_items import AssistantItem, SystemItem, Tail, ToolItem
from vega_tui.core import events as ev
from vega_tui.core.ids import ROOT
from vega_tui.core.messages import Observation
from vega_tui.core.records import Entry
from vega_tui.core.words import CallState, Decision, Risk, RunStatus, StopReason
from vega_tui.protocol.operations import Entries


class Telling:
    """A story with a transcript of its root that follows it."""

    def __init__(self) -> None:
        self.story = Story()
        self.root = self.story.begin()
        self.chat = ChatView(SESSION)
        self.chat.add_page(Entries(entries=()))
        self._folded = 0

    def fold(self) -> ChatView:
        for event in self.story.events[self._folded :]:
            self.chat.apply(event)
        self._folded = len(self.story.events)
        return self.chat

    def text(self, text: str) -> None:
        self.fold()
        delta = ev.TextDelta(session=SESSION, process=ROOT, run=self.root.run, turn=self.root.turn, text=text)
        self.chat.apply_delta(delta)

    def tool(self) -> ToolItem:
        return next(item for item in reversed(self.fold().items) if isinstance(item, ToolItem))


def test_text_grows_in_one_open_answer_until_its_entry_closes_it() -> None:
    telling = Telling()
    telling.story.say(telling.root)
    telling.text("Once ")
    telling.text("upon")
    answer = telling.chat.items[-1]
    assert isinstance(answer, AssistantItem)
    assert (answer.text, answer.open) == ("Once upon", True)
    telling.story.answer(telling.root, "Once upon a time.")
    assert telling.fold().items[-1] is answer
    assert (answer.text, answer.open) == ("Once upon a time.", False)


def test_a_delta_that_comes_after_its_entry_changes_nothing() -> None:
    telling = Telling()
    telling.story.say(telling.root)
    run = telling.root.run
    telling.story.answer(telling.root, "Hi.")
    telling.fold()
    telling.chat.apply_delta(ev.TextDelta(session=SESSION, process=ROOT, run=run, turn=1, text="late"))
    assert telling.chat.last_answer == "Hi."


def test_deltas_of_other_processes_are_left_aside() -> None:
    telling = Telling()
    telling.chat.apply_delta(ev.TextDelta(session=SESSION, process="root/a", run="r", turn=1, text="hi"))
    telling.chat.apply_delta(ev.TextDelta(session="s_other", process=ROOT, run="r", turn=1, text="hi"))
    assert telling.chat.items == []


def test_below_the_line_it_says_what_it_waits_for() -> None:
    telling = Telling()
    assert telling.fold().tail is None
    telling.story.say(telling.root)
    tail = telling.fold().tail
    assert tail is not None
    assert tail.kind == "waiting"
    telling.story.retry(telling.root)
    tail = telling.fold().tail
    assert tail == Tail(kind="retry", text="HTTP 529", until=telling.chat.state.retry_at, attempt=1, attempts=4)
    telling.text("Hi")
    telling.story.answer(telling.root, "Hi.")
    assert telling.fold().tail is None


def test_a_call_is_one_card_from_proposal_to_result() -> None:
    telling = Telling()
    telling.story.say(telling.root)
    call = telling.story.new_call("bash")
    telling.story.answer(telling.root, "", [call])
    card = telling.tool()
    assert (card.state, card.summary) == (CallState.PROPOSED, call.summary)
    telling.story.ask(telling.root, call, Risk.HIGH)
    assert (telling.tool().state, card.risk, card.approval) == (CallState.WAITING, "HIGH", call.approval)
    telling.story.decide(telling.root, call, Decision.ONCE)
    assert (telling.tool().state, card.risk, card.approval) == (CallState.RUNNING, "", "")
    telling.chat.apply_delta(ev.ToolOutputDelta(session=SESSION, process=ROOT, call=call.call, text="a\nb\nc\n"))
    assert card.output_tail() == ("b", "c")
    telling.story.finish(telling.root, call)
    assert telling.tool() is card
    assert (card.state, card.fact, card.duration_s, card.output, card.open) == (CallState.OK, "exit 0", 0.5, "", False)


def test_a_denied_call_says_so() -> None:
    telling = Telling()
    telling.story.say(telling.root)
    call = telling.story.new_call("bash")
    telling.story.answer(telling.root, "", [call])
    telling.story.ask(telling.root, call)
    telling.story.decide(telling.root, call, Decision.DENY)
    assert (telling.tool().state, telling.tool().fact) == (CallState.BLOCKED, "denied")


def test_a_call_that_came_to_nothing_has_a_noun_for_it() -> None:
    telling = Telling()
    telling.story.say(telling.root)
    calls = [telling.story.new_call("bash") for _ in range(3)]
    telling.story.answer(telling.root, "", calls)
    results = (
        (CallState.BLOCKED, "Denied by the operator"),
        (CallState.BLOCKED, "no tool x"),
        (CallState.CANCELLED, ""),
    )
    for call, (state, text) in zip(calls, results, strict=True):
        telling.story.result(telling.root, call, state, Observation(text=text))
    cards = [item for item in telling.fold().items if isinstance(item, ToolItem)]
    assert [card.fact for card in cards] == ["denied", "blocked", "cancelled"]


def test_arguments_show_as_they_come() -> None:
    telling = Telling()
    telling.story.say(telling.root)
    telling.fold()
    for text in ('{"comm', 'and": '):
        piece = ev.ToolArgsDelta(session=SESSION, process=ROOT, run=telling.root.run, call="c9", tool="bash", text=text)
        telling.chat.apply_delta(piece)
    assert telling.tool().partial_args == '{"command": '


def test_the_card_of_a_child_shows_what_needs_you_below_it() -> None:
    telling = Telling()
    story = telling.story
    story.say(telling.root)
    call = story.new_call("task")
    story.answer(telling.root, "", [call])
    story.start(telling.root, call)
    child = story.actors[call.child]
    calls = [story.new_call("read"), story.new_call("bash"), story.new_call("read")]
    story.answer(child, "", calls)
    story.start(child, calls[0])
    nested = telling.tool().nested
    assert nested is not None
    assert (nested.process, nested.tool, nested.state) == (child.path, "read", CallState.RUNNING)
    story.ask(child, calls[1], Risk.HIGH)
    story.start(child, calls[2])
    nested = telling.tool().nested
    assert nested is not None
    assert (nested.tool, nested.state, nested.risk) == ("bash", CallState.WAITING, "HIGH")
    story.decide(child, calls[1], Decision.DENY)
    nested = telling.tool().nested
    assert nested is not None
    assert nested.tool == "read"
    assert telling.tool().child == child.path


def test_a_failed_run_is_one_clear_line() -> None:
    telling = Telling()
    telling.story.say(telling.root)
    telling.story.end_run(telling.root, RunStatus.FAILED, StopReason.ERROR, "401: the key is not valid")
    notes = [item.note for item in telling.fold().items if isinstance(item, SystemItem)]
    assert notes == ["401: the key is not valid"]


def test_a_failed_run_without_an_entry_is_told_from_the_event() -> None:
    telling = Telling()
    telling.story.say(telling.root)
    failed = ev.RunFinished(status=RunStatus.FAILED, stop_reason=StopReason.TIMEOUT, error="no answer in 600 s")
    telling.story.tell(failed, telling.root)
    last = telling.fold().items[-1]
    assert isinstance(last, SystemItem)
    assert (last.mark, last.note) == ("error", "no answer in 600 s")


def test_a_run_cut_off_by_the_hosts_end_is_told_once() -> None:
    telling = Telling()
    telling.story.say(telling.root)
    telling.story.enter(telling.root, "system", note="the host ended while this ran", mark="interrupted")
    telling.story.end_run(telling.root, RunStatus.FAILED, StopReason.INTERRUPTED)
    notes = [item.note for item in telling.fold().items if isinstance(item, SystemItem)]
    assert notes == ["the host ended while this ran"]


def test_what_was_said_before_an_interruption_is_kept_and_marked() -> None:
    telling = Telling()
    telling.story.say(telling.root)
    telling.text("Half a sent")
    telling.story.end_run(telling.root, RunStatus.CANCELLED, StopReason.CANCELLED)
    answer = telling.fold().items[-1]
    assert isinstance(answer, AssistantItem)
    assert (answer.text, answer.open, answer.interrupted) == ("Half a sent", False, True)


def test_a_call_cut_off_by_an_earlier_hosts_end_is_interrupted() -> None:
    telling = Telling()
    telling.story.say(telling.root)
    telling.story.answer(telling.root, "", [telling.story.new_call("bash")])
    events = telling.story.events
    chat = ChatView(SESSION)
    snapshot = snapshot_at(events)
    chat.load(type(snapshot)(seq=snapshot.seq, session=snapshot.session, processes=snapshot.processes))
    chat.add_page(page_at(events, ROOT))
    card = chat.items[-1]
    assert isinstance(card, ToolItem)
    assert card.state is CallState.INTERRUPTED


def test_the_pane_is_told_what_to_paint_again() -> None:
    telling = Telling()
    telling.story.say(telling.root)
    assert telling.fold().take().reset
    assert not telling.chat.dirty
    telling.text("Hi")
    changes = telling.chat.take()
    assert (changes.reset, changes.prepended, changes.keys) == (False, 0, {telling.chat.items[-1].key})
    older = Entry(id="e_old", session=SESSION, process=ROOT, kind="label", note="begin")
    telling.chat.add_page(Entries(entries=(older,)))
    assert telling.chat.take().prepended == 1
