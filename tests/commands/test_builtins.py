import msgspec
import pytest

from tests.fakes.command_face import CommandFace
from tests.fakes.projection import page_at, snapshot_at
from tests.fakes.story import SESSION, Story
from vega_tui.commands.command import Command
from vega_tui.commands.table import load_table
from vega_tui.core import events as ev
from vega_tui.core.errors import HostError
from vega_tui.core.words import InputMode, Mode, Risk
from vega_tui.protocol import operations as ops
from vega_tui.protocol.rows import BranchRow, SessionRow

TABLE = load_table(plugins=False)
ROW = SessionRow(id=SESSION, name="one", cwd="/work", model="sim")


async def run(face: CommandFace, command: str, args: str = "") -> bool:
    return await TABLE.run(TABLE.by_id[command], face, args)


def at(story: Story) -> CommandFace:
    face = CommandFace(snapshot_at(story.events))
    face.views.chat.add_page(page_at(story.events, "root"))
    return face


def asking() -> tuple[Story, CommandFace]:
    """A root with two calls that wait, the second of them of HIGH risk."""
    story = Story()
    root = story.begin()
    story.say(root)
    calls = [story.new_call("read"), story.new_call("bash")]
    story.answer(root, "", calls)
    story.ask(root, calls[0], Risk.MED)
    story.ask(root, calls[1], Risk.HIGH)
    face = at(story)
    face.results["approval.decide"] = ops.Nothing
    return story, face


def begun() -> tuple[Story, CommandFace]:
    story = Story()
    story.begin()
    return story, at(story)


async def test_sending_clears_the_prompt_at_once_and_steers() -> None:
    _, face = begun()
    face.results["process.send"] = lambda: ops.Sent(input="i1", delivered=True)
    face.prompt.text = "go"
    assert await run(face, "prompt.send")
    assert face.prompt.text == ""
    assert face.asked == [("process.send", ops.Send(session=SESSION, text="go", process="root", mode=InputMode.STEER))]


async def test_what_could_not_be_sent_is_back_in_the_prompt() -> None:
    _, face = begun()

    def lost() -> ops.Sent:
        raise HostError("the host went away")

    face.results["process.send"] = lost
    face.prompt.text = "go"
    assert not await run(face, "prompt.follow_up")
    assert face.prompt.text == "go"
    assert face.said == ["the host went away"]


async def test_a_waiting_message_can_be_taken_back_into_the_prompt() -> None:
    story, _ = begun()
    story.say(story.actors["root"])
    story.say(story.actors["root"], "wait for me")
    face = at(story)
    face.prompt.text = "draft"
    assert await run(face, "prompt.take_back")
    assert face.prompt.text == "wait for me\ndraft"
    assert [name for name, _ in face.asked] == ["input.withdraw"]


async def test_interrupting_is_only_for_what_runs() -> None:
    story, face = begun()
    assert not await run(face, "process.interrupt")
    assert face.said == ["Can't interrupt the turn: nothing is running."]
    story.say(story.actors["root"])
    face = at(story)
    assert await run(face, "process.interrupt")
    assert face.asked == [("process.interrupt", ops.ProcessRef(process="root", session=SESSION))]


async def test_f5_opens_the_riskiest_question() -> None:
    story, face = asking()
    assert await run(face, "approval.focus")
    assert face.did == [("card", story.actors["root"].calls[1].approval)]


CARD = [one.id for one in TABLE if any(key.startswith("card:") for key in one.keys)]


@pytest.mark.parametrize("command", CARD)
async def test_the_card_has_one_implementation_of_its_keys_and_the_commands_use_it(command: str) -> None:
    _, face = asking()
    assert await run(face, command) is False
    face.card = msgspec.structs.replace(face.views.inbox.ordered[1], rule="Bash(make *)")
    assert await run(face, command)
    assert face.did == [("use_card", command)]
    assert face.asked == []


async def test_no_slash_word_gives_an_approval() -> None:
    words = [word for word, one in TABLE.by_slash.items() if one.group == "Decide" and one.id != "approval.focus"]
    assert words == []


async def test_a_call_no_rule_can_cover_is_never_always() -> None:
    _, face = asking()
    face.card = face.views.inbox.first
    assert not await run(face, "approval.always")
    assert face.said == ["Can't always: no rule can cover this call."]


async def test_killing_names_what_would_end_and_what_it_cost_and_can_be_left() -> None:
    story, _ = begun()
    root = story.actors["root"]
    story.say(root)
    call = story.new_call("task")
    story.answer(root, "", [call])
    story.start(root, call)
    face = at(story)
    face.confirms = False
    await run(face, "process.kill", "sup")
    assert face.questions == ["Kill sup and 1 process below it? $0.00 spent there."]
    assert face.asked == []
    face.confirms = True
    await run(face, "process.kill", call.child)
    assert face.asked == [("process.kill", ops.ProcessRef(process=call.child, session=SESSION))]


async def test_a_process_that_is_not_there_is_named_with_the_nearest() -> None:
    _, face = begun()
    assert not await run(face, "process.restart", "rooot")
    assert face.said == ["no process rooot; did you mean root?"]


async def test_pausing_what_is_paused_lets_it_go_on() -> None:
    story, face = begun()
    await run(face, "process.pause")
    story.pause(story.actors["root"])
    again = at(story)
    await run(again, "process.pause")
    assert [name for name, _ in (*face.asked, *again.asked)] == ["process.pause", "process.resume"]


async def test_the_mode_cycle_never_reaches_yolo() -> None:
    _, face = begun()
    face.results["session.change"] = lambda: ROW
    seen: list[Mode | None] = []
    for mode in Mode:
        face.views.apply(ev.SessionChanged(session=SESSION, mode=mode))
        await run(face, "session.next_mode")
        asked = face.asked[-1][1]
        assert isinstance(asked, ops.SessionChange)
        seen.append(asked.mode)
    assert seen == [Mode.EDITS, Mode.AUTO, Mode.MANUAL, Mode.MANUAL]


async def test_yolo_is_asked_for_twice() -> None:
    _, face = begun()
    face.confirms = False
    await run(face, "session.mode", "yolo")
    assert face.asked == []
    assert not await run(face, "session.mode", "wild")
    assert "no mode wild" in face.said[-1]


@pytest.mark.parametrize(("text", "cap"), [("5.00", 5.0), ("$2.50", 2.5), ("1,000", 1000.0), ("off", -1.0), ("0", 0.0)])
async def test_a_budget_is_an_amount_or_off(text: str, cap: float) -> None:
    _, face = begun()
    face.results["session.change"] = lambda: ROW
    assert await run(face, "session.budget", text)
    assert face.asked == [("session.change", ops.SessionChange(session=SESSION, budget_usd=cap))]


@pytest.mark.parametrize("text", ["five", "-3", "nan", "inf"])
async def test_what_is_no_amount_is_refused(text: str) -> None:
    _, face = begun()
    assert not await run(face, "session.budget", text)
    assert "is no amount" in face.said[0]
    assert face.asked == []


async def test_forking_offers_what_you_said_newest_first_and_gives_its_text_back() -> None:
    story, _ = begun()
    root = story.actors["root"]
    for text in ("first", "second"):
        story.say(root, text)
        story.answer(root, "Done.")
    face = at(story)
    face.results["session.fork"] = lambda: ops.Forked(branch="b2", head="e", text="second")
    entry = face.views.chat.items[2].key
    face.choices = [entry]
    assert await run(face, "session.fork", "b2")
    assert [choice.title for choice in face.offered[0]] == ["second", "first"]
    assert face.asked == [("session.fork", ops.Fork(session=SESSION, entry=entry, name="b2"))]
    assert face.prompt.text == "second"


async def test_switching_to_a_branch_that_is_not_there_lists_those_that_are() -> None:
    _, face = begun()
    branches = (BranchRow(name="main", head="e1", active=True), BranchRow(name="old", head="e2"))
    face.results["branch.list"] = lambda: ops.Branches(branches=branches)
    assert not await run(face, "session.branch", "odl")
    assert face.said == ["no branch odl; there are main, old"]
    await run(face, "session.branch", "main")
    await run(face, "session.branch", "old")
    assert face.asked[-1] == ("branch.switch", ops.BranchSwitch(session=SESSION, branch="old"))
    assert [name for name, _ in face.asked].count("branch.switch") == 1


async def test_quitting_asks_only_while_something_works() -> None:
    story, face = begun()
    await run(face, "program.quit")
    assert face.did == [("quit",)]
    story.say(story.actors["root"])
    for choice, asked in ((None, []), ("detach", []), ("stop", ["session.close"])):
        face = at(story)
        face.choices = [choice]
        await run(face, "program.quit")
        assert [name for name, _ in face.asked] == asked
        assert face.did == ([("quit",)] if choice else [])


async def test_without_a_host_quitting_is_still_possible() -> None:
    story, _ = begun()
    story.say(story.actors["root"])
    face = at(story)
    face.live = False
    assert await run(face, "program.quit", "stop")
    assert face.did == [("quit",)]


async def test_cost_tells_cap_today_and_the_dearest() -> None:
    story, _ = begun()
    story.say(story.actors["root"])
    story.answer(story.actors["root"], "Hi.")
    face = at(story)
    await run(face, "session.cost")
    text = face.did[0][2]
    assert "session   $0.12 of $5.00" in text
    assert "today     $0.12" in text
    assert text.endswith("root")


async def test_copy_takes_the_last_answer() -> None:
    story, _ = begun()
    story.say(story.actors["root"])
    face = at(story)
    assert not await run(face, "chat.copy")
    story.answer(story.actors["root"], "Hi **you**.")
    face = at(story)
    assert await run(face, "chat.copy")
    assert face.did == [("copy", "Hi **you**.")]


async def test_alerts_are_acknowledged_one_by_one_or_all() -> None:
    story, _ = begun()
    for _ in range(3):
        story.alarm(story.actors["root"])
    face = at(story)
    face.results["alert.acknowledge"] = ops.Nothing
    face.selected_alert = story.alerts[0]
    await run(face, "alert.acknowledge")
    assert face.asked == [("alert.acknowledge", ops.AlertRef(alert=story.alerts[0]))]
    await run(face, "alert.acknowledge", "all")
    assert len(face.asked) == 4


_STATUS = ops.HostStatus(
    pid=1,
    version="1",
    protocol=1,
    home="/h",
    started=0.0,
    clients=1,
    sessions=1,
    processes=2,
    working=1,
    waiting_approvals=0,
    seq=9,
    database_bytes=10,
    memory_mib=20.0,
)


@pytest.mark.parametrize("command", [one for one in TABLE if not one.changes], ids=lambda one: one.id)
async def test_what_a_read_only_face_may_use_asks_for_no_change(command: Command) -> None:
    _, face = asking()
    face.read_only = True
    face.card = face.views.inbox.first
    face.choices = [None]
    face.results["host.status"] = lambda: _STATUS
    await command.run(face, "")
    changing = {op.name for op in vars(ops).values() if isinstance(op, ops.Operation) and op.changes}
    assert not changing & {name for name, _ in face.asked}


async def test_a_theme_that_is_not_there_is_named_with_the_nearest() -> None:
    _, face = begun()
    assert not await run(face, "view.theme", "nigth")
    assert face.said == ["no theme nigth; did you mean night?"]
    assert await run(face, "view.theme", "paper")
    assert face.themes.name == "paper"


async def test_a_process_between_two_lives_restarts_at_once_and_can_be_terminated_but_not_killed() -> None:
    story, _ = begun()
    root = story.actors["root"]
    story.say(root)
    call = story.new_call("task")
    story.answer(root, "", [call])
    story.start(root, call)
    story.crash(story.actors[call.child])
    face = at(story)
    face.selected = call.child
    assert not await run(face, "process.kill")
    face.selected = "root"
    await run(face, "process.kill", call.child)
    face.selected = call.child
    why = "it is between two lives; terminating it calls the next one off."
    assert [said.partition(": ")[2] for said in face.said] == [why, why]
    await run(face, "process.restart")
    assert face.questions == []
    await run(face, "process.terminate")
    assert [name for name, _ in face.asked] == ["process.restart", "process.terminate"]


async def test_describing_opens_the_process_that_is_named_or_chosen() -> None:
    _, face = begun()
    await run(face, "process.describe")
    await run(face, "process.describe", "sup")
    assert face.did == [("describe_process", "root"), ("describe_process", "root/sup")]
