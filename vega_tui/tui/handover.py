"""The terminal driver that takes over from the launcher without losing a byte (cli/early_keys.py).

It writes a frame with one system call from the loop's own thread: Textual's writer thread would have to wait for
the interpreter's lock, up to 5 ms when the loop is busy, between a key and its paint.
"""

import os
import select
from codecs import getincrementaldecoder
from collections.abc import Iterable
from typing import Final

from textual import events
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

_FULL_S: Final = 1.0
# What Alt sends without a keyboard protocol (tmux, xterm). Textual reads the digits as a Mac's Option glyphs (¡, £),
# and Enter without its Alt.
_ALT: Final = {"\x1b\r": "alt+enter"} | {f"\x1b{digit}": f"alt+{digit}" for digit in "0123456789"}


class Keyboard(XTermParser):
    """Textual's reading of keys, with Alt+Enter and Alt+digit in every terminal."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        if key := _ALT.get(sequence):
            return [events.Key(key, None)]
        return super()._sequence_to_key_events(sequence, alt)


# Textual's driver makes its parser by this name, in the middle of a method.
linux_driver.XTermParser = Keyboard  # pyright: ignore[reportPrivateImportUsage]  # the only place to set it


class HandoverDriver(LinuxDriver):
    """Ends the launcher's reading just before its own begins; feeds what the launcher did not understand first."""

    _frame: list[str] | None = None  # of a synchronized update that has begun

    def write(self, data: str) -> None:
        """Send to the terminal; the parts of a synchronized update go together. Waits while the terminal is full."""
        if data == SYNC_START:
            self._frame = [data]
            return
        if self._frame is not None:
            self._frame.append(data)
            if data != SYNC_END:
                return
            data, self._frame = "".join(self._frame), None
        self._send(data.encode("utf-8", "replace"))

    def _send(self, data: bytes) -> None:
        if self._file is None:
            return
        fd, rest = self._file.fileno(), memoryview(data)
        while rest:
            try:
                rest = rest[os.write(fd, rest) :]
            except BlockingIOError:
                select.select([], [fd], [], _FULL_S)
            except OSError:
                return  # the terminal is gone; the signal that says so ends the face

    def start_application_mode(self) -> None:
        if take := getattr(self._app, "take_typed", None):
            take()
        super().start_application_mode()

    def run_input_thread(self) -> None:
        rest: bytes = getattr(self._app, "typed_rest", b"")
        if rest:
            parser = Keyboard(self._debug)
            for message in parser.feed(getincrementaldecoder("utf-8")("replace").decode(rest)):
                self.process_message(message)
        super().run_input_thread()

    def _query_in_band_window_resize(self) -> None:
        """Not asked for: SIGWINCH tells of every resize, also where a terminal claims reports that it never sends."""

    def set_title(self, title: str) -> None:
        """The terminal's title."""
        self.write(f"\x1b]2;{title}\x07")
        self.flush()

    def use_mouse(self, used: bool) -> None:
        """F6: give the mouse back to the terminal, or take it again."""
        if used:
            self._enable_mouse_support()
        else:
            self._disable_mouse_support()
        self.flush()
