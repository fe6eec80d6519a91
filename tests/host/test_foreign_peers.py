"""Who connects as another user: gets no answer."""

import os
import socket
import struct

import pytest

from vega_tui.client.connection import Connection
from vega_tui.core.errors import HostError
from vega_tui.core.home import Home
from vega_tui.host import Host
from vega_tui.host.peers import Peer, peer_of
from vega_tui.protocol import operations as op
from vega_tui.protocol.frames import PROTOCOL_VERSION

HELLO = op.Hello(protocol=PROTOCOL_VERSION, client="test")


class OfAnother(socket.socket):
    """A socket of which the kernel says that somebody else is at its other end."""

    def getsockopt(self, level: int, name: int, size: int = 0) -> bytes:  # pyright: ignore[reportIncompatibleMethodOverride]
        assert (level, name) == (socket.SOL_SOCKET, socket.SO_PEERCRED)
        return struct.pack("3i", os.getpid(), os.getuid() + 1, os.getgid())


@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="the system tells in another way")
def test_another_user_is_nobody() -> None:
    with OfAnother(socket.AF_UNIX) as sock:
        assert peer_of(sock) is None


async def test_nobody_is_let_in(home: Home, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[socket.socket] = []

    def another_user(sock: socket.socket) -> Peer | None:
        seen.append(sock)

    monkeypatch.setattr("vega_tui.host.host.peer_of", another_user)
    with pytest.raises(HostError):
        await Connection.to_unix(home, HELLO)
    assert len(seen) == 1
