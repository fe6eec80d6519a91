"""The demonstration's own home: fresh at each start, so that it always tells the same story. Light but for its host."""

import json
import shutil
import socket
import time
from typing import Any, Final

from vega_tui.cli import host_process
from vega_tui.core import clock
from vega_tui.core.errors import UserError
from vega_tui.core.home import Home

_STOP_TIMEOUT_S: Final = 5.0
_POLL_S: Final = 0.02


def fresh_demo_home(home: Home) -> Home:
    """A home below `home`, emptied; one that another terminal shows right now is joined as it is.

    Raises UserError where what an earlier demonstration left can't be removed.
    """
    demo = Home(home.root / "demo")
    if host_process.is_listening(str(demo.socket)) and _shown_elsewhere(demo):
        return demo
    if demo.root.is_symlink():
        raise UserError(f"{demo.root} is a link, and the demonstration would empty what it points at; remove it")
    try:
        shutil.rmtree(demo.root)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise UserError(
            f"{demo.root}: what an earlier demonstration left can't be removed ({error.strerror})"
        ) from error
    return demo


def _shown_elsewhere(demo: Home) -> bool:
    """Whether a face looks at the demonstration's host; one that nobody looks at is stopped."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(_STOP_TIMEOUT_S)
        try:
            sock.connect(str(demo.socket))
            with sock.makefile("rwb") as frames:
                _call(frames, 1, "hello", {"protocol": 1, "client": "cli"})
                if _call(frames, 2, "host.status", {}).get("clients", 0) > 1:
                    return True
                _call(frames, 3, "host.stop", {"force": True})
        except (OSError, ValueError):
            return False  # it ended by itself meanwhile
    deadline = clock.monotonic() + _STOP_TIMEOUT_S
    while host_process.is_listening(str(demo.socket)) and clock.monotonic() < deadline:
        time.sleep(_POLL_S)
    return False


def _call(frames: Any, number: int, method: str, params: dict[str, Any]) -> dict[str, Any]:
    # Any: a border; frames are JSON, read here without the codec that the launcher has not loaded yet
    frames.write(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).encode() + b"\n")
    frames.flush()
    while line := frames.readline():
        answer: dict[str, Any] = json.loads(line)
        if answer.get("id") == number:
            return answer.get("result") or {}
    return {}
