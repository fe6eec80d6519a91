"""vega-tui in a real pty: keys in, a screen out. Every wait is for a condition, and says what the screen shows."""

import fcntl
import os
import pty
import re
import select
import signal
import sqlite3
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pyte

from vega_tui.core.events import AnyEvent

KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "f1": "\x1bOP",
    "f5": "\x1b[15~",
    "ctrl+c": "\x03",
    "ctrl+d": "\x04",
    "alt+3": "\x1b3",
    "alt+enter": "\x1b\r",
    "alt+up": "\x1b[1;3A",
}
# What pyte does not know would be printed as text: private modes, queries, keyboard protocol, strings.
_UNKNOWN = re.compile(
    rb"\x1b\[[<>=][0-9;:]*[a-zA-Z]|\x1b\[\?u|\x1b\[[0-9;?]*\$[a-z]|\x1b[PX^_].*?\x1b\\|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
KEYCAP = "26324a"  # the dark palette's `chip`
_LIMIT_S = 50.0  # only what is broken takes so long, on however busy a machine


class Terminal:
    """One run of the program. `close()` ends it and the host it started."""

    def __init__(
        self, home: Path, cwd: Path, *args: str, columns: int = 100, rows: int = 30, program: str = ""
    ) -> None:
        self.home = home
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._ahead = b""
        theirs = ("VEGA_", "ANTHROPIC_", "COLUMNS", "LINES", "NO_COLOR", "TEXTUAL")
        env = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
        env |= {"VEGA_HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        if not program:
            env["PYTHONPATH"] = str(Path(__file__).parents[2])
        argv = [program, *args] if program else [sys.executable, "-m", "vega_tui", *args]
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execve(argv[0], argv, env)
        self._ended: int | None = None
        self.resize(columns, rows)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def type(self, text: str) -> "Terminal":
        os.write(self._fd, text.encode())
        return self

    def press(self, *keys: str) -> "Terminal":
        for key in keys:
            os.write(self._fd, KEYS.get(key, key).encode())
        return self

    def until(self, wanted: str | Callable[[str], bool], limit_s: float = _LIMIT_S) -> "Terminal":
        """Read until the screen says so."""
        end = time.monotonic() + limit_s
        while not (wanted in self.text if isinstance(wanted, str) else wanted(self.text)):
            if time.monotonic() > end or not self._pump(0.05):
                raise AssertionError(f"never came: {wanted!r}; the screen:\n{self.text}\n{self._logs()}")
        return self

    def idle(self, seconds: float) -> None:
        """Read for a while, as a terminal does: for benches, where the pace is the point."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self._pump(left):
            pass

    def until_live(self, key: str) -> "Terminal":
        """Read until `key` stands on a filled keycap: before, the card takes no decision."""
        cells = lambda: (cell for row in self.screen.buffer.values() for cell in row.values())
        return self.until(lambda _: any(cell.data == key and cell.bg == KEYCAP for cell in cells()))

    def ended(self, limit_s: float = _LIMIT_S) -> int:
        """Wait for its end; the exit code."""
        end = time.monotonic() + limit_s
        while self._ended is None:
            self._pump(0.02)
            self._reap()
            if time.monotonic() > end:
                raise AssertionError(f"it did not end; the screen:\n{self.text}")
        return self._ended

    def hang_up(self) -> None:
        """What closing the terminal's window does."""
        os.kill(self.pid, signal.SIGHUP)
        self.ended()

    @property
    def host_pid(self) -> int:
        return int((self.home / "run" / "host.lock").read_text())

    def events(self) -> list[AnyEvent]:
        """What the store holds, in order."""
        with sqlite3.connect(f"file:{self.home / 'vega.db'}?mode=ro", uri=True) as db:
            rows = db.execute("select seq, body from events order by seq").fetchall()
        db.close()
        decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
        return [decoder.decode(body) for _, body in rows]

    def close(self) -> None:
        if self._ended is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._fd)
        try:
            os.kill(self.host_pid, signal.SIGTERM)
        except (OSError, ValueError):
            pass

    def _reap(self) -> None:
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            self._ended = os.waitstatus_to_exitcode(status)

    def _pump(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        if not data:
            return False
        data = self._ahead + data
        # A sequence may be cut by the end of the read: its beginning waits for the rest.
        cut = data.rfind(b"\x1b", max(0, len(data) - 40))
        whole = cut < 0 or re.match(rb"\x1b(?:\[[0-9;?<>=:$]*[a-zA-Z~@`]|[=>()78MDEHc].?)", data[cut:])
        self._ahead = b"" if whole else data[cut:]
        self._stream.feed(_UNKNOWN.sub(b"", data if whole else data[:cut]))
        return True

    def _logs(self) -> str:
        logs = self.home / "logs"
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-2000:]}" for path in sorted(logs.glob("*.log"))
        )
