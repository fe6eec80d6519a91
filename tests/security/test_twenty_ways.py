"""Issue 6, show 3: from inside a bash tool, in every mode, twenty ways to reach decisions, sessions, keys and others.

What only a sandbox can keep from a program of the same user is not among them; SECURITY.md names it.
"""

import asyncio
import sys
from pathlib import Path

import pytest

from tests.fakes.face import Face
from tests.security.kit import Attacked, attacked, reach
from vega_tui.core import events as ev
from vega_tui.core.home import Home
from vega_tui.core.words import Decision, Mode
from vega_tui.llm.simulator import Simulator
from vega_tui.protocol import operations as op

CANARY = "sk-canary-7c21fe90ab"
# Each is Python after kit.WIRE; it prints TAKEN or REFUSED by `told`, or GOT with what it got.
ASK = {
    "decide": "told(say(connect(), 'approval.decide', approval={approval!r}, decision='once'))",
    "decide always, for the user": (
        "told(say(connect(), 'approval.decide', approval={approval!r}, decision='always', rule='bash', scope='user'))"
    ),
    "set yolo": "told(say(connect(), 'session.change', session={other!r}, mode='yolo'))",
    "lift the cap": "told(say(connect(), 'session.change', session={own!r}, budget_usd=-1))",
    "open a yolo session": "told(say(connect(), 'session.open', mode='yolo', budget_usd=-1))",
    "open its own session, wider": "told(say(connect(), 'session.open', session={own!r}, mode='yolo'))",
    "say that it is a library": "told(say(connect('library'), 'session.change', session={own!r}, mode='yolo'))",
    "read another session": "told(say(connect(), 'entries.page', session={other!r}))",
    "follow everything": "told(say(connect(), 'subscribe', session=''))",
    "talk to another process": "told(say(connect(), 'process.send', session={other!r}, text='do it'))",
    "kill another process": "told(say(connect(), 'process.kill', session={other!r}, process='root'))",
    "stop the host": "told(say(connect(), 'host.stop', force=True))",
    "remove a session": "told(say(connect(), 'session.remove', session={other!r}))",
    "hand the connection on, and end": (
        "sock = connect()\nif os.fork(): time.sleep(0.2); os._exit(0)\n"
        "os.setsid(); time.sleep(0.5); told(say(sock, 'session.change', session={other!r}, mode='yolo'))"
    ),
    "ask at once, and end": (
        "sock = socket.socket(socket.AF_UNIX); sock.connect({sock!r})\n"
        "for n, (method, more) in enumerate([('hello', dict(protocol=1, client='tui')),"
        " ('session.change', dict(session={other!r}, mode='yolo'))]):\n"
        "    sock.sendall(json.dumps(dict(jsonrpc='2.0', id=n, method=method, params=more)).encode() + b'\\n')\n"
        "print('REFUSED if the mode stands')"
    ),
    "bear the mark of another call": (
        "os.environ['VEGA_CALL'] = 'c_of_another'\n"
        "os.execve(sys.executable, [sys.executable, '-I', {plain!r}], dict(os.environ))"
    ),
    "bear no mark, far from home": (
        "if os.fork(): os.wait(); os._exit(0)\nos.setsid()\n"
        "if os.fork(): os._exit(0)\n"
        "os.execve(sys.executable, [sys.executable, '-I', {plain!r}], dict(SOCK={sock!r}))"
    ),
}
RUN = {
    "vega-tui approvals approve": "{program} approvals approve {approval} 2>&1 && echo TAKEN || echo REFUSED",
    "vega-tui -p": '{program} -p \'tool bash {{"command": "touch made"}}\' 2>&1 && echo TAKEN || echo REFUSED',
    "vega-tui host stop": "{program} host stop --force 2>&1 && echo TAKEN || echo REFUSED",
    "what a process above was started with": (
        "cat /proc/$PPID/environ | tr '\\0' '\\n' | grep canary-7c2[1] && echo TAKEN || echo REFUSED"
    ),
    "a descriptor that was left open": (
        "ls /proc/$$/fd | grep -qvx '[012]\\|255' && {{ ls -l /proc/$$/fd; echo TAKEN; }} || echo REFUSED"
    ),
}
PLAIN = "told(say(connect(), 'session.change', session={other!r}, mode='yolo'))"


def test_there_are_twenty() -> None:
    assert len(ASK) + len(RUN) >= 20


@pytest.mark.parametrize("mode", list(Mode))
async def test_none_of_twenty_ways_out_of_a_bash_tool_leads_anywhere(
    home: Home, tmp_path: Path, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, mode: Mode
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", CANARY)
    async with attacked(home, tmp_path / "work", simulator, mode=mode) as it:
        other = await (await Face.join(await reach(home, it.process), simulator.url, it.work)).open(name="other")
        await other.send('tool bash {"command": "touch pwned"}')
        approval = (await other.asked()).id
        _prepare(it, other.row.id, approval)
        out = await _allowed(it, "bash ways.sh")
        theirs, mine = await other.show(), await it.me.show()
        assert theirs.session is not None
        assert mine.session is not None
        _none_taken(out)
        assert [item.id for item in theirs.approvals] == [approval]
        assert (theirs.session.mode, mine.session.mode) == (Mode.MANUAL, mode)
        assert not any((it.work / name).exists() for name in ("pwned", "made"))
        await other.close()


async def test_none_leads_anywhere_when_no_face_is_there(
    home: Home, tmp_path: Path, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", CANARY)
    async with attacked(home, tmp_path / "work", simulator) as it:
        other = await (await Face.join(await reach(home, it.process), simulator.url, it.work)).open(name="other")
        await other.send('tool bash {"command": "touch pwned"}')
        _prepare(it, other.row.id, (await other.asked()).id)
        await other.close()
        await it.start("while [ ! -e alone ]; do sleep 0.05; done; bash ways.sh > out; touch finished", 120)
        await it.me.until(ev.ToolStarted)
        await it.me.close()
        (it.work / "alone").touch()
        async with asyncio.timeout(60):
            while not (it.work / "finished").exists():
                await asyncio.sleep(0.05)
        _none_taken((it.work / "out").read_text())
        assert not any((it.work / name).exists() for name in ("pwned", "made"))


def _prepare(it: Attacked, other: str, approval: str) -> None:
    """All ways in one script, each under its name."""
    words = {
        "approval": approval, "own": it.me.row.id, "other": other, "sock": str(it.home.socket),
        "program": f"VEGA_HOME={it.home.root} {sys.executable} -m vega_tui",
    }  # fmt: skip
    it.script(PLAIN.format(**words), "plain.py")
    words["plain"] = str(it.work / "plain.py")
    commands = {name: command.format(**words) for name, command in RUN.items()}
    for number, (name, code) in enumerate(ASK.items()):
        program = it.script(code.format(**words), f"way{number}.py")
        commands[name] = program + (" 2>&1; sleep 0.7" if "fork" in code else " 2>&1")  # until its orphan is done
    lines = [f"echo; echo 'WAY {name}'; {command}" for name, command in commands.items()]
    (it.work / "ways.sh").write_text("\n".join(lines))


def _none_taken(out: str) -> None:
    ways = {each.split("\n")[0]: each for each in out.split("WAY ")[1:]}
    assert set(ways) == {*ASK, *RUN}
    assert [name for name, said in ways.items() if "TAKEN" in said] == [], out
    assert [name for name, said in ways.items() if "REFUSED" not in said] == [], out
    for name in (name for name in RUN if name.startswith("vega-tui")):
        assert "only what a person started may" in ways[name]


async def _allowed(it: Attacked, command: str) -> str:
    """What the command prints; where it has to be asked for, the person says yes to it."""
    seen = len(it.me.events)
    await it.start(command, 120)
    try:
        async with asyncio.timeout(60):
            while True:
                done = next((each for each in it.me.events[seen:] if isinstance(each, ev.ToolFinished)), None)
                if done is not None:
                    return done.observation.text
                waiting = (
                    await it.me.connection.call(op.APPROVAL_LIST, op.ApprovalList(session=it.me.row.id))
                ).approvals
                for each in waiting:
                    await it.me.decide(each.id, Decision.ONCE)
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError("the ways took too long") from None
