"""Line 3, the other way round: what an agent puts in the host's place gets no key from a face that comes to it."""

import asyncio
from pathlib import Path

import pytest

from tests.security.kit import attacked
from vega_tui.client.connection import Connection
from vega_tui.core.errors import HostError
from vega_tui.core.home import Home
from vega_tui.llm.simulator import Simulator
from vega_tui.protocol import operations as op
from vega_tui.protocol.frames import PROTOCOL_VERSION

CANARY = "sk-canary-19af03cd77"
# Takes the place, and the lock of a file of its own, and listens from a process without a mark or a family.
TAKES_THE_PLACE = """
import fcntl, signal
sock_path, lock_path = {sock!r}, {lock!r}
if os.fork(): time.sleep(50); os._exit(0)  # with its call, all that fled from it is ended
os.setsid()
if os.fork(): os._exit(0)
if "bare" not in sys.argv:
    os.execve(sys.executable, [sys.executable, "-I", __file__, "bare"], {{}})
{how}
out = os.open({heard!r}, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
sock = socket.socket(socket.AF_UNIX); sock.bind(sock_path); sock.listen()
lock = open(lock_path, "w"); lock.write(str(os.getpid())); lock.flush(); fcntl.flock(lock, fcntl.LOCK_EX)
os.rename({heard!r}, {heard!r} + ".ready")
while True:
    os.write(out, sock.accept()[0].recv(1 << 20) + b"|")
"""
HOW = {
    "another socket": "os.unlink(sock_path); os.unlink(lock_path)",
    "another run folder": "os.rename({run!r}, {run!r} + '-old'); os.mkdir({run!r}, 0o700)",
    "a link for the run folder": (
        "os.rename({run!r}, {run!r} + '-old'); os.mkdir({work!r} + '/r', 0o700); os.symlink({work!r} + '/r', {run!r})"
    ),
}


@pytest.mark.parametrize("how", HOW)
async def test_what_listens_in_the_hosts_place_gets_no_key(
    home: Home, tmp_path: Path, simulator: Simulator, how: str
) -> None:
    async with attacked(home, tmp_path / "work", simulator) as it:
        heard = it.work / "heard"
        words = {
            "sock": str(home.socket), "lock": str(home.lock), "run": str(home.run), "work": str(it.work),
            "heard": str(heard),
        }  # fmt: skip
        code = TAKES_THE_PLACE.replace("{how}", HOW[how]).format(**words)
        await it.start(it.script(code))
        taken = heard.with_name("heard.ready")
        async with asyncio.timeout(20):
            while not taken.exists():
                await asyncio.sleep(0.02)
        hello = op.Hello(
            protocol=PROTOCOL_VERSION, client="tui", cwd=str(it.work), provider=op.ProviderSettings(api_key=CANARY)
        )
        with pytest.raises(HostError, match="is not the host's") as refused:
            await Connection.to_unix(home, hello)
        assert "a program of an agent" in str(refused.value)
        assert taken.read_bytes().strip(b"|") == b""
