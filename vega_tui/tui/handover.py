"""The terminal driver that takes over from the launcher without losing a byte (cli/early_keys.py)."""

from codecs import getincrementaldecoder

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver


class HandoverDriver(LinuxDriver):
    """Ends the launcher's reading just before its own begins; feeds what the launcher did not understand first."""

    def start_application_mode(self) -> None:
        if take := getattr(self._app, "take_typed", None):
            take()
        super().start_application_mode()

    def run_input_thread(self) -> None:
        rest: bytes = getattr(self._app, "typed_rest", b"")
        if rest:
            parser = XTermParser(self._debug)
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
