"""The terminal's state, taken once and given back on every way out. Imports only what the first frame needs."""

import atexit
import fcntl
import os
import signal
import termios
from array import array
from collections.abc import Callable
from types import FrameType

_ENTER = "\x1b[?1049h\x1b[?2004h"
# Every mode that we or the app may have set: keyboard protocol, mouse, focus, paste, resize reports, line wrap.
_LEAVE = (
    "\x1b[<u\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b[?1004l\x1b[?2004l\x1b[?2048l"
    "\x1b[?2026l\x1b[?7h\x1b[0m\x1b[?25h\x1b[?1049l"
)


_PATIENCE_S = 3


class Terminal:
    """The controlling terminal, in raw mode on its second screen from `enter()` to `leave()`."""

    def __init__(self, fd_in: int = 0, fd_out: int = 1) -> None:
        self._in = fd_in
        self._out = fd_out
        self._before: list[int | list[bytes | int]] | None = None
        self.on_signal: Callable[[], None] | None = None  # asked once to end in order, before it is done the hard way

    def enter(self) -> int:
        """Take the terminal; from here on every exit, crash or signal gives it back.

        Gives how many bytes wait that were typed before: in those the terminal has made a line feed of Enter.
        """
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
        before = array("i", [0])
        fcntl.ioctl(self._in, termios.FIONREAD, before)
        self.write(_ENTER)
        return before[0]

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
        # The face holds no truth, only the last half second of a draft: what lives goes on in the host.
        ask, self.on_signal = self.on_signal, None
        if ask is not None:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(_PATIENCE_S)
            ask()
            return
        self.leave()
        os._exit(128 + number)
