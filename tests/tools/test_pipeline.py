import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from tests.tools.kit import Kit, made
from vega_tui.approvals.facts import ToolKind
from vega_tui.approvals.grants import Permissions
from vega_tui.approvals.rules import parse_rule
from vega_tui.core.errors import StorageError, ToolError
from vega_tui.core.events import ApprovalRequested, ApprovalWithdrawn, ToolBlocked, ToolFinished, ToolStarted
from vega_tui.core.messages import JsonObject, Observation, ToolUse
from vega_tui.core.words import CallState, Decision, Mode, Risk
from vega_tui.tools.context import ToolContext
from vega_tui.tools.hooks import HookRuling
from vega_tui.tools.outcome import CallOutcome
from vega_tui.tools.registry import builtin_registry
from vega_tui.tools.tool import tool


@dataclass
class Watching:
    """A hook that does as told and remembers what it saw."""

    name: str = "watch"
    ruling: HookRuling = field(default_factory=HookRuling)
    note: str = ""
    fails: bool = False
    seen: list[JsonObject] = field(default_factory=list[JsonObject])

    async def before(self, tool: str, args: JsonObject, ctx: ToolContext) -> HookRuling:
        self.seen.append(args)
        if self.fails:
            raise RuntimeError("broken")
        return self.ruling

    async def after(self, tool: str, args: JsonObject, observation: Observation, ctx: ToolContext) -> Observation:
        return Observation(text=observation.text + self.note)


async def test_a_call_goes_from_proposed_to_finished_and_is_stored_before_it_runs(tmp_path: Path) -> None:
    stored_at_run: list[int] = []

    async def run() -> str:
        stored_at_run.append(kit.bus.flushed)
        return "done"

    kit = Kit(tmp_path, tools=[made("work", run)])
    assert (await kit.call("work")).text == "done"
    assert kit.bus.kinds() == ["tool.proposed", "tool.started", "tool.finished"]
    assert stored_at_run == [2]
    assert {(e.session, e.process, e.run, e.turn) for e in kit.bus.events} == {("s_1", "root", "r_1", 1)}


async def test_all_calls_are_proposed_first_and_answered_in_their_order(tmp_path: Path) -> None:
    turn = asyncio.Event()

    async def slow() -> str:
        await turn.wait()
        return "slow"

    async def fast() -> str:
        turn.set()
        return "fast"

    kit = Kit(tmp_path, tools=[made("slow", slow), made("fast", fast)])
    result = await kit.batch(("slow", {}), ("fast", {}))
    assert [one.observation.text for one in result.outcomes] == ["slow", "fast"]
    assert kit.bus.kinds()[:2] == ["tool.proposed", "tool.proposed"]
    assert [e.tool for e in kit.bus.of(ToolFinished)] == ["fast", "slow"]


async def test_at_most_four_run_at_once_and_exclusive_ones_alone_in_their_place(tmp_path: Path) -> None:
    running: list[str] = []
    most = 0
    order: list[str] = []
    alone: list[list[str]] = []

    async def common() -> str:
        nonlocal most
        running.append("common")
        order.append("common")
        most = max(most, len(running))
        for _ in range(5):
            await asyncio.sleep(0)
        running.pop()
        return "common"

    async def single() -> str:
        alone.append(list(running))
        running.append("single")
        order.append("single")
        for _ in range(5):
            await asyncio.sleep(0)
        alone.append(list(running))
        running.pop()
        return "single"

    kit = Kit(tmp_path, tools=[made("common", common), made("single", single, exclusive=True)])
    names = ["common"] * 6 + ["single"] + ["common"] * 6
    result = await kit.batch(*[(name, JsonObject()) for name in names])
    assert [one.observation.text for one in result.outcomes] == names
    assert order == names
    assert most == 4
    assert alone == [[], ["single"]]


@pytest.mark.parametrize(
    ("name", "args", "says"),
    [
        ("raed", {}, "did you mean read"),
        ("", {}, "no tool is called"),
        ("x" * 5_000, {}, "no tool is called"),
        ("read", {}, "missing required field `path`"),
        ("read", {"path": 3}, "Expected `str`, got `int` - at `path`"),
        ("read", {"path": ["a"]}, "got `array`"),
        ("read", {"path": None}, "got `null`"),
        ("read", {"path": "a", "limit": -1}, ">= 1"),
        ("read", {"path": "a", "limit": "5"}, "Expected `int`"),
        ("read", {"pth": "a", "path": "b"}, "unknown field `pth`"),
        ("read", {"path": "a\0b"}, "null byte"),
        ("write", {"path": "a", "content": "x" * 6_000_000}, "larger than"),
        ("bash", {"command": "ls", "timeout_s": 100_000}, "<= 600"),
        ("spawn", {"name": "a", "prompt": "b", "restart": "always"}, "always"),
    ],
)
async def test_wrong_calls_are_told_to_the_model_and_run_nothing(
    tmp_path: Path, name: str, args: JsonObject, says: str
) -> None:
    kit = Kit(tmp_path)
    observation = await kit.call(name, **args)
    assert says in observation.text
    assert (observation.error, observation.synthetic) == (True, True)
    assert kit.bus.kinds() == ["tool.proposed", "tool.blocked"]
    assert len(observation.text) < 1_000


async def test_calls_whose_json_was_broken_say_so(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    calls = [ToolUse(id="c_1", name="read", input={})]
    result = await kit.pipeline.run_batch(calls, kit.ctx, bad_calls={"c_1": "Expecting value at 7"})
    assert result.outcomes[0].observation.text == "The arguments are not JSON: Expecting value at 7"


async def test_halves_of_surrogate_pairs_are_replaced_before_anything_is_published(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    await kit.batch(("bash", {"command": "echo \ud800", "x": {"\udc00": 1}}))
    assert msgspec.json.encode(kit.bus.events)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ToolError("no such thing"), "no such thing"),
        (ValueError("bad"), "work failed: ValueError: bad"),
        (RecursionError("deep"), "work failed: RecursionError: deep"),
        (TimeoutError(), "work failed: timed out"),
    ],
)
async def test_what_a_tool_raises_is_its_result(tmp_path: Path, error: Exception, text: str) -> None:
    async def run() -> str:
        raise error

    kit = Kit(tmp_path, tools=[made("work", run)])
    observation = await kit.call("work")
    assert (observation.text, observation.error) == (text, True)
    assert kit.bus.of(ToolFinished)[0].state is CallState.ERROR


async def test_a_tool_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    @tool(timeout_s=0.01)
    async def hang() -> str:
        """Never ends."""
        await asyncio.Event().wait()
        return ""

    observation = await Kit(tmp_path, tools=[hang]).call("hang")
    assert (observation.text, observation.fact) == ("hang took longer than 0.01 s", "timed out")


async def test_asking_shows_the_call_and_a_yes_runs_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n")
    kit = Kit(tmp_path, mode=Mode.MANUAL)
    running = asyncio.create_task(kit.call("edit", path="a.txt", old="one", new="two"))
    await kit.pending()
    (approval,) = kit.queue.pending()
    assert (approval.tool, approval.summary, approval.says, approval.cwd) == (
        "edit",
        "a.txt",
        "I will do it.",
        str(tmp_path),
    )
    assert (approval.risk, approval.rule, approval.call) == (Risk.MED, "edit(/a.txt)", "c_1")
    assert "-one\n+two" in approval.diff
    assert [s.verdict for s in approval.segments] == ["ask"]
    assert (tmp_path / "a.txt").read_text() == "one\n"
    kit.queue.decide(approval.id, Decision.ONCE, "you")
    assert (await running).fact == "+1 −1"
    assert (tmp_path / "a.txt").read_text() == "two\n"


@pytest.mark.parametrize(
    ("feedback", "text"), [("use trash", "Denied by the operator: “use trash”"), ("", "denied by operator, no reason")]
)
async def test_a_no_reaches_the_model_in_the_operators_words(tmp_path: Path, feedback: str, text: str) -> None:
    kit = Kit(tmp_path, mode=Mode.MANUAL)
    running = asyncio.create_task(kit.call("bash", command="touch x"))
    await kit.pending()
    kit.queue.decide(kit.queue.pending()[0].id, Decision.DENY, "ann", feedback=feedback)
    observation = await running
    assert (observation.text, observation.error, observation.synthetic) == (text, True, True)
    assert kit.bus.of(ToolBlocked)[0].by == "ann"
    assert not (tmp_path / "x").exists()


async def test_deny_and_stop_ends_the_other_calls_and_tells_the_caller(tmp_path: Path) -> None:
    permissions = Permissions(rules=[parse_rule("bash(sleep *)", "allow", "your rule 1")])
    kit = Kit(tmp_path, permissions=permissions)
    batch = asyncio.create_task(
        kit.batch(
            ("bash", {"command": "touch x"}), ("bash", {"command": "touch y"}), ("bash", {"command": "sleep 100"})
        )
    )
    await kit.pending(2)
    await kit.bus.until(lambda: len(kit.bus.of(ToolStarted)) == 1)
    kit.queue.decide(kit.queue.pending()[1].id, Decision.DENY_STOP, "you")
    result = await batch
    assert result.stop
    assert [(one.state, one.observation.text) for one in result.outcomes] == [
        (CallState.BLOCKED, "Not run: the operator stopped this process."),
        (CallState.BLOCKED, "denied by operator, no reason"),
        (CallState.CANCELLED, "Cancelled while it ran; what it had done stays done."),
    ]
    assert kit.queue.pending() == ()
    assert len(kit.bus.of(ApprovalWithdrawn)) == 1
    assert {e.call for e in kit.bus.of(ToolBlocked)} == {"c_1", "c_2"}
    assert [(e.call, e.state) for e in kit.bus.of(ToolFinished)] == [("c_3", CallState.CANCELLED)]


async def test_edited_arguments_are_checked_and_judged_again(tmp_path: Path) -> None:
    permissions = Permissions(rules=[parse_rule("bash(rm *)", "deny", "your rule 1")])
    for edited, text in (
        ({"command": "echo two"}, "two"),
        ({"command": 5}, "don't fit"),
        ({"command": "rm -rf x"}, "denied by your rule 1"),
    ):
        kit = Kit(tmp_path, permissions=permissions)
        running = asyncio.create_task(kit.call("bash", command="echo one"))
        await kit.pending()
        kit.queue.decide(kit.queue.pending()[0].id, Decision.ONCE, "you", args=edited)
        observation = await running
        assert text in observation.text
        assert "one" not in observation.text
        started = kit.bus.of(ToolStarted)
        assert [(e.args, e.edited) for e in started] == ([(edited, True)] if text == "two" else [])


async def test_a_remembered_yes_covers_the_next_call_and_no_other(tmp_path: Path) -> None:
    kit = Kit(tmp_path, mode=Mode.MANUAL)
    running = asyncio.create_task(kit.call("bash", command="touch x"))
    await kit.pending()
    kit.queue.decide(kit.queue.pending()[0].id, Decision.SESSION, "you")
    await running
    assert (await kit.call("bash", command="touch x")).fact == "exit 0"
    running = asyncio.create_task(kit.call("bash", command="touch x; touch y"))
    await kit.pending()
    assert [s.verdict for s in kit.queue.pending()[0].segments] == ["allow", "ask"]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_with_nobody_to_ask_a_call_without_a_rule_is_denied(tmp_path: Path) -> None:
    kit = Kit(tmp_path, permissions=Permissions(no_one_to_ask=True))
    observation = await kit.call("bash", command="touch x")
    assert observation.text == "Denied: nobody to ask; no rule covers it."
    assert kit.bus.of(ToolBlocked)[0].by == "policy"
    assert not (tmp_path / "x").exists()


async def test_a_rule_that_denies_is_named_and_nobody_is_asked(tmp_path: Path) -> None:
    kit = Kit(tmp_path, permissions=Permissions(rules=[parse_rule("bash(touch *)", "deny", "project rule 3")]))
    observation = await kit.call("bash", command="touch x")
    assert observation.text == "Denied: denied by project rule 3: bash(touch *)"
    assert kit.bus.of(ApprovalRequested) == []


async def test_cancelling_ends_every_call_in_the_log(tmp_path: Path) -> None:
    permissions = Permissions(rules=[parse_rule("bash(sleep *)", "allow", "your rule 1")])
    kit = Kit(tmp_path, permissions=permissions)
    calls: list[tuple[str, JsonObject]] = [("bash", {"command": f"sleep {n}00"}) for n in range(1, 7)]
    batch = asyncio.create_task(kit.batch(*calls, ("bash", {"command": "touch x"})))
    await kit.bus.until(lambda: len(kit.bus.of(ToolStarted)) == 4 and len(kit.queue.pending()) == 1)
    batch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await batch
    assert {e.state for e in kit.bus.of(ToolFinished)} == {CallState.CANCELLED}
    assert {e.reason for e in kit.bus.of(ToolBlocked)} == {"cancelled"}
    ended = sorted(e.call for e in [*kit.bus.of(ToolFinished), *kit.bus.of(ToolBlocked)])
    assert ended == [f"c_{n}" for n in range(1, 8)]
    assert kit.queue.pending() == ()


async def test_a_batch_in_a_task_that_is_already_cancelled_is_ended_too(tmp_path: Path) -> None:
    kit = Kit(tmp_path)

    async def already_cancelled() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await kit.batch(("bash", {"command": "touch x"}), ("bash", {"command": "touch y"}))

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(already_cancelled())
    ended = [*kit.bus.of(ToolFinished), *kit.bus.of(ToolBlocked)]
    assert sorted(event.call for event in ended) == ["c_1", "c_2"]


async def test_what_a_foreign_tool_gives_can_always_be_stored(tmp_path: Path) -> None:
    @tool
    async def odd() -> Observation:
        """Give what can't be encoded."""
        return Observation(text="a\ud800", details={"x": object()})

    kit = Kit(tmp_path, tools=[odd])
    assert (await kit.call("odd")).text == "a?"
    assert msgspec.json.encode(kit.bus.events)


async def test_nothing_runs_when_it_cannot_be_stored(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    kit.bus.fail = True
    with pytest.raises(StorageError):
        await kit.call("bash", command="touch x")
    assert not (tmp_path / "x").exists()


async def test_hooks_may_deny_modify_and_add(tmp_path: Path) -> None:
    deny = Watching(ruling=HookRuling("deny", "not today"))
    observation = await Kit(tmp_path, hooks=[deny]).call("bash", command="touch x")
    assert observation.text == "Denied by hook watch: not today"
    modify = Watching(ruling=HookRuling("modify", args={"command": "echo two"}), note="!")
    second = Watching(name="second")
    kit = Kit(tmp_path, hooks=[modify, second])
    observation = await kit.call("bash", command="echo one")
    assert observation.text.endswith("two!")
    assert second.seen == [{"command": "echo two"}]
    assert kit.bus.of(ToolStarted)[0].edited
    assert not (tmp_path / "x").exists()


async def test_a_broken_hook_blocks_and_what_it_changes_is_judged(tmp_path: Path) -> None:
    assert "failed: broken" in (await Kit(tmp_path, hooks=[Watching(fails=True)]).call("bash", command="ls")).text
    permissions = Permissions(rules=[parse_rule("bash(rm *)", "deny", "your rule 1")], mode=Mode.YOLO)
    modify = Watching(ruling=HookRuling("modify", args={"command": "rm x"}))
    kit = Kit(tmp_path, hooks=[modify], permissions=permissions)
    assert "denied by your rule 1" in (await kit.call("bash", command="ls")).text


async def test_what_leaves_is_cut_and_without_keys(tmp_path: Path) -> None:
    secret = "Tr0ub4dor&3-and-more"

    async def run() -> str:
        return "HEAD" + "x" * 100_000 + f" {secret} sk-ant-api03-abcdefghijk AKIAABCDEFGHIJKLMNOP TAIL"

    kit = Kit(tmp_path, tools=[made("work", run)], secrets=[secret])
    observation = await kit.call("work")
    assert observation.text.startswith("HEAD")
    assert observation.text.endswith("[redacted] [redacted] [redacted] TAIL")
    assert "characters cut" in observation.text
    assert len(observation.text) < 30_100
    assert (observation.truncated, observation.redacted) == (True, True)
    assert kit.bus.of(ToolFinished)[0].observation == observation


async def test_a_link_that_is_turned_after_the_approval_is_asked_about_again(tmp_path: Path) -> None:
    work, other = tmp_path / "work", tmp_path / "other"
    work.mkdir()
    other.mkdir()
    (work / "dir").mkdir()
    kit = Kit(work, mode=Mode.MANUAL)
    running = asyncio.create_task(kit.call("write", path="dir/x", content="1"))
    await kit.pending()
    (work / "dir").rmdir()
    (work / "dir").symlink_to(other)
    kit.queue.decide(kit.queue.pending()[0].id, Decision.ONCE, "you")
    await kit.pending()
    (again,) = kit.queue.pending()
    assert f"leads to {other / 'x'} now" in again.why
    kit.queue.decide(again.id, Decision.DENY, "you")
    assert (await running).error
    assert list(other.iterdir()) == []


async def test_what_the_operator_approved_outside_may_be_written(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    kit = Kit(work, mode=Mode.EDITS)
    running = asyncio.create_task(kit.call("write", path="../x.txt", content="1\n"))
    await kit.pending()
    assert kit.queue.pending()[0].risk is Risk.HIGH
    kit.queue.decide(kit.queue.pending()[0].id, Decision.ONCE, "you")
    assert (await running).fact == "new, 1 line"
    assert (tmp_path / "x.txt").read_text() == "1\n"


async def test_what_became_of_each_call_is_what_the_log_says_of_it(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    result = await kit.batch(("bash", {"command": "echo a"}), ("read", {"path": "none"}), ("raed", {}))
    assert [one.state for one in result.outcomes] == [CallState.OK, CallState.ERROR, CallState.BLOCKED]
    told = {e.call: (e.state, e.observation, e.duration_s) for e in kit.bus.of(ToolFinished)}
    assert [(one.state, one.observation, one.duration_s) for one in result.outcomes[:2]] == [told["c_1"], told["c_2"]]


async def test_who_is_cancelled_knows_what_became_of_every_call(tmp_path: Path) -> None:
    kit = Kit(tmp_path, mode=Mode.AUTO)
    calls = [("echo done", "c_1"), ("sleep 100", "c_2"), ("touch x", "c_3"), ("rm nothing", "c_4")]
    uses = [ToolUse(id=name, name="bash", input={"command": text}) for text, name in calls]
    ended: list[CallOutcome | None] = [None] * len(uses)
    batch = asyncio.create_task(kit.pipeline.run_batch(uses, kit.ctx, ended=ended))
    await kit.pending(2)
    await kit.bus.until(lambda: len(kit.bus.of(ToolFinished)) >= 1 and len(kit.bus.of(ToolStarted)) >= 2)
    batch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await batch
    known = [one for one in ended if one is not None]
    assert known[0].state is CallState.OK
    assert known[1].observation.text == "Cancelled while it ran; what it had done stays done."
    assert [one.observation.text for one in known[2:]] == ["Not run: cancelled"] * 2


@pytest.mark.parametrize(
    ("kind", "rule", "args"),
    [
        ("read", "read(.env)", {"path": ".env"}),
        ("write", "edit(.env)", {"path": ".env"}),
        ("shell", "bash(rm *)", {"command": "ls && rm -rf x"}),
        ("fetch", "fetch(domain:evil.example)", {"url": "https://evil.example/a"}),
    ],
)
async def test_a_deny_rule_holds_for_every_tool_that_does_the_same(
    tmp_path: Path, kind: ToolKind, rule: str, args: JsonObject
) -> None:
    @tool(name="theirs", kind=kind, path_args=("path",))
    async def theirs(path: str = "", command: str = "", url: str = "") -> str:
        """Do what another tool does."""
        return path + command + url

    rules = [parse_rule(rule, "deny", "your rule 1")]
    kit = Kit(tmp_path, tools=[theirs], permissions=Permissions(mode=Mode.YOLO, rules=rules))
    assert "denied by your rule 1" in (await kit.call("theirs", **args)).text


async def test_a_tool_says_itself_whose_rules_it_obeys(tmp_path: Path) -> None:
    @tool(family="task")
    async def hire(who: str) -> str:
        """Start an agent."""
        return who

    rules = [parse_rule("task", "deny", "your rule 1")]
    kit = Kit(tmp_path, tools=[hire], permissions=Permissions(mode=Mode.YOLO, rules=rules))
    assert "denied by your rule 1" in (await kit.call("hire", who="a")).text
    builtins = builtin_registry()
    assert [name for name in builtins.names() if builtins.get(name).family == "task"] == ["spawn"]
