"""The terminal's state, taken once and given back on every way out. Imports only what the first frame needs."""

import atexit
import os
import signal
import sys
import termios
from collections.abc import Callable
from types import FrameType

_ENTER = "\x1b[?1049h\x1b[?2004h"
# Every mode that we or the app may have set: keyboard protocol, mouse, focus, paste, resize reports, line wrap.
_LEAVE = (
    "\x1b[<u\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b[?1004l\x1b[?2004l\x1b[?2048l"
    "\x1b[?2026l\x1b[?7h\x1b[0m\x1b[?25h\x1b[?1049l"
)


class Terminal:
    """The controlling terminal, in raw mode on its second screen from `enter()` to `leave()`."""

    def __init__(self, fd_in: int = 0, fd_out: int = 1) -> None:
        self._in = fd_in
        self._out = fd_out
        self._before: list[int | list[bytes | int]] | None = None
        self._on_signal: Callable[[], None] | None = None

    def enter(self) -> None:
        """Take the terminal; from here on every exit, crash or signal gives it back."""
        self._before = termios.tcgetattr(self._in)
        atexit.register(self.leave)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, self._signalled)
        mode = termios.tcgetattr(self._in)
        mode[0] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
        mode[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
        mode[6][termios.VMIN] = 1
        mode[6][termios.VTIME] = 0
        # TCSANOW: what is typed already stays to be read.
        termios.tcsetattr(self._in, termios.TCSANOW, mode)
        self.write(_ENTER)

    def leave(self) -> None:
        """Give the terminal back as it was; a second time does nothing."""
        before, self._before = self._before, None
        if before is None:
            return
        self.write(_LEAVE)
        try:
            termios.tcsetattr(self._in, termios.TCSADRAIN, before)
        except (termios.error, OSError):
            pass  # it is gone, as after SIGHUP

    def write(self, text: str) -> None:
        """Write all of `text`; a terminal that is gone takes nothing and is no error here."""
        data = text.encode("utf-8", "replace")
        try:
            while data:
                data = data[os.write(self._out, data) :]
        except OSError:
            pass

    def size(self) -> tuple[int, int]:
        """(columns, rows), 80 by 24 where nobody knows."""
        try:
            columns, rows = os.get_terminal_size(self._out)
        except OSError:
            return 80, 24
        return columns or 80, rows or 24

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        # The face holds no truth, so it may end at once; what lives goes on in the host.
        self.leave()
        sys.stderr.flush()
        os._exit(128 + number)
