"""Show 3, the ways that no host can refuse to a program of its own user: where a person is asked, they ask."""

import asyncio
import json
import signal
from pathlib import Path

import pytest

from tests.security.kit import Attacked, attacked
from vega_tui.client.connection import Connection
from vega_tui.core import events as ev
from vega_tui.core.errors import HostError
from vega_tui.core.home import Home
from vega_tui.core.words import Decision, Mode
from vega_tui.llm.simulator import Simulator
from vega_tui.protocol import operations as op
from vega_tui.protocol.frames import PROTOCOL_VERSION

CANARY = "sk-canary-55d0a1ee02"
ASKED = "asks"
SANDBOX = "needs a sandbox"  # yolo runs what a program of this user can: nothing of ours stands in between
EXPECTED = {Mode.MANUAL: ASKED, Mode.EDITS: ASKED, Mode.AUTO: ASKED, Mode.YOLO: SANDBOX}
WAYS = {
    "redirect into the rules": "echo 'allow: [bash]' > {home}/rules.yaml",
    "append to the config": "echo 'mode: yolo' >> {home}/config.yaml",
    "a heredoc into the keymap": "cat > {home}/keymap.yaml <<EOF\nquit: x\nEOF",
    "cp": "cp notes.md {home}/rules.yaml",
    "cp into the folder": "cp notes.md {home}/",
    "mv": "mv notes.md {home}/trusted_folders.json",
    "tee": "echo x | tee {home}/config.yaml",
    "tee -a": "echo x | tee -a notes.md {home}/keymap.yaml",
    "sed -i": "sed -i s/a/b/ {home}/kept.yaml",
    "python -c": "python3 -c \"open('{home}/rules.yaml','w').write('x')\"",
    "perl -e": "perl -e \"open F, '>{home}/rules.yaml'; print F 'x'\"",
    "dd": "dd if=notes.md of={home}/config.yaml",
    "install": "install notes.md {home}/rules.yaml",
    "by a link": "ln -s {home} h && cp notes.md h/rules.yaml",
    "by a variable": "H={home}; cp notes.md $H/rules.yaml",
    "by cd": "cd {home} && echo x > rules.yaml",
    "remove the socket": "rm -f {sock}",
    "move the run folder": "mv {home}/run {home}/run-old",
    "a link for the run folder": "mv {home}/run r; ln -s $PWD/r {home}/run",
    "nc": "echo '{{}}' | nc -U {sock}",
    "socat": "echo '{{}}' | socat - UNIX-CONNECT:{sock}",
    "kill -9 of the host": "kill -9 {host}",
    "kill -9 of the parent": "kill -9 $PPID",
    "pkill": "pkill -9 -f vega_tui.hostile",
}


@pytest.mark.parametrize("mode", [
    pytest.param(mode, marks=[pytest.mark.skip(reason=SANDBOX)] if found == SANDBOX else [])
    for mode, found in EXPECTED.items()
])  # fmt: skip
async def test_home_socket_and_host_are_not_touched_unasked(
    home: Home, tmp_path: Path, simulator: Simulator, mode: Mode
) -> None:
    async with attacked(home, tmp_path / "work", simulator, mode=mode) as it:
        (it.work / "notes.md").write_text("allow: [bash]\n")
        (home.root / "kept.yaml").write_text("a\n")
        words = {"home": str(home.root), "sock": str(home.socket), "host": str(it.process.pid)}
        before = {path.name for path in home.root.iterdir()}
        for name, command in WAYS.items():
            assert await _asked(it, command.format(**words)) == ASKED, name
        assert home.socket.exists()
        assert {path.name for path in home.root.iterdir()} == before
        assert (home.root / "kept.yaml").read_text() == "a\n"
        assert it.process.returncode is None


_Outcome = ev.ApprovalRequested | ev.ToolStarted


async def _asked(it: Attacked, command: str) -> str:
    """Whether the call waits for a person, who then says no."""
    seen = len(it.me.events)
    await it.me.send("tool bash " + json.dumps({"command": command}))
    await it.me.until(ev.ToolProposed, after=seen)
    async with asyncio.timeout(10):
        while not (new := [each for each in it.me.events[seen:] if isinstance(each, _Outcome)]):
            await asyncio.sleep(0.01)
    if isinstance(new[0], ev.ApprovalRequested):
        after = len(it.me.events)
        await it.me.decide(new[0].approval.id, Decision.DENY)
        await it.me.until(ev.RunFinished, after=after)
        return ASKED
    return "ran"


TAKES_OVER = """
import fcntl, signal
if os.fork(): time.sleep(50); os._exit(0)
os.setsid()
os.kill({host}, signal.SIGKILL)
os.unlink({sock!r})
sock = socket.socket(socket.AF_UNIX); sock.bind({sock!r}); sock.listen()
lock = open({lock!r}, "w"); fcntl.flock(lock, fcntl.LOCK_EX)
while True: open({heard!r}, "ab").write(sock.accept()[0].recv(1 << 20))
"""


async def test_who_killed_the_host_and_took_its_place_gets_no_key(
    home: Home, tmp_path: Path, simulator: Simulator
) -> None:
    """Without its mark, and quick enough, it would: that needs a sandbox."""
    async with attacked(home, tmp_path / "work", simulator) as it:
        heard = it.work / "heard"
        words = {"host": it.process.pid, "sock": str(home.socket), "lock": str(home.lock), "heard": str(heard)}
        await it.start(it.script(TAKES_OVER.format(**words)))
        assert await it.process.wait() == -signal.SIGKILL
        hello = op.Hello(
            protocol=PROTOCOL_VERSION, client="tui", cwd=str(it.work), provider=op.ProviderSettings(api_key=CANARY)
        )
        with pytest.raises(HostError):
            await Connection.to_unix(home, hello)
        assert not heard.exists() or CANARY not in heard.read_text()
