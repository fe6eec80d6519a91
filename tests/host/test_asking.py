"""Who is asked, and what one answer settles beside its own question."""

from pathlib import Path

from tests.fakes.face import Face, FaceFactory
from vega_tui.core import events as ev
from vega_tui.core.records import Approval
from vega_tui.core.words import Decision
from vega_tui.llm.simulator import Simulator, make_scenario
from vega_tui.protocol import operations as op


async def asked_at_once(me: Face, simulator: Simulator, *commands: str) -> dict[str, str]:
    """Ids of the questions that one message with all these commands leads to, by command."""
    calls = [{"tool": "bash", "input": {"command": command}} for command in commands]
    simulator.play(make_scenario({"replies": [{"times": 1, "say": "All at once.", "calls": calls}]}))
    await me.send("go")
    for command in commands:
        await me.until(ev.ApprovalRequested, lambda event, command=command: event.approval.summary == command)
    return {one.summary: one.id for one in await waiting(me)}


async def waiting(me: Face) -> tuple[Approval, ...]:
    return (await me.connection.call(op.APPROVAL_LIST, op.ApprovalList(session=me.row.id))).approvals


async def test_a_grant_answers_what_else_it_covers_but_nothing_of_high_risk(
    face: FaceFactory, simulator: Simulator
) -> None:
    me = await (await face()).open()
    wild = "git push --force nowhere"
    ids = await asked_at_once(me, simulator, "git push one", "git push two", wild)
    await me.decide(ids["git push one"], Decision.SESSION, rule="bash(git push *)")
    assert [one.id for one in await waiting(me)] == [ids[wild]]
    await me.decide(ids[wild], Decision.DENY)
    await me.until(ev.RunFinished)


async def test_who_can_answer_is_asked_also_in_a_session_that_began_with_nobody_to_ask(
    face: FaceFactory, work: Path
) -> None:
    headless = await (await face(can_ask=False)).open()
    await headless.say(f'tool bash {{"command": "touch {work}/one"}}')
    me = await (await face()).open(session=headless.row.id)
    await me.send(f'tool bash {{"command": "touch {work}/two"}}')
    await me.decide((await me.asked()).id, Decision.ONCE)
    await me.until(ev.RunFinished)
    assert [made.name for made in sorted(work.iterdir())] == ["notes.md", "two"]


async def test_a_process_that_asks_and_is_paused_meanwhile_is_shown_as_asking(face: FaceFactory) -> None:
    me = await (await face()).open()
    await me.send('tool bash {"command": "echo hi"}')
    question = await me.asked()
    await me.act(op.PROCESS_PAUSE, "root")
    await me.until(ev.ProcessPaused)
    assert (await me.process("root")).state == "ASK"
    await me.decide(question.id, Decision.ONCE)
    await me.until(ev.ToolFinished)
    assert (await me.process("root")).state == "PAUS"
    await me.act(op.PROCESS_RESUME, "root")
    await me.until(ev.RunFinished)
