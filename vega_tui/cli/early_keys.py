"""Takes and echoes keys while the app is still being imported, and gives them up without losing a byte.

Understands letters, Backspace, Enter, Ctrl+J, Ctrl+U, Ctrl+C and paste. From the first other key on it only
keeps bytes, for the app's own parser.
"""

import codecs
import os
import select
import threading
import time
from collections.abc import Callable

from vega_tui.tui.startup import Typed

PASTE_BEGIN = b"\x1b[200~"
PASTE_END = b"\x1b[201~"
_PATIENCE_S = 0.05  # for the rest of a paste or of a character that is half read when the app takes over


class KeyParser:
    """Bytes in, prompt text out. Pure."""

    def __init__(self) -> None:
        self.text = ""
        self.sent: list[str] = []
        self.quit = False
        self._buffer = b""
        self._pasting = False
        self._raw = False

    @property
    def whole(self) -> bool:
        """True when nothing is half read."""
        return self._raw or (not self._pasting and not self._buffer)

    @property
    def rest(self) -> bytes:
        """What was read and not understood. A paste that never ended begins with its mark again."""
        return (PASTE_BEGIN if self._pasting else b"") + self._buffer

    def feed(self, data: bytes) -> None:
        """Take bytes as the terminal sent them."""
        self._buffer += data
        while self._buffer and not self._raw and self._step():
            pass

    def _step(self) -> bool:
        if self._pasting:
            return self._paste()
        first = self._buffer[0]
        if first == 0x1B:
            if self._buffer.startswith(PASTE_BEGIN):
                self._buffer = self._buffer[len(PASTE_BEGIN) :]
                self._pasting = True
                return True
            if PASTE_BEGIN.startswith(self._buffer):
                return False
            self._raw = True
            return False
        if first >= 0x20 and first != 0x7F:
            return self._letter()
        if not self._control(first):
            self._raw = True
            return False
        self._buffer = self._buffer[1:]
        return True

    def _letter(self) -> bool:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        for count in range(1, min(4, len(self._buffer)) + 1):
            letter = decoder.decode(self._buffer[count - 1 : count])
            if letter:
                self.text += letter
                self._buffer = self._buffer[count:]
                return True
        return False

    def _paste(self) -> bool:
        end = self._buffer.find(PASTE_END)
        if end < 0:
            return False
        pasted = self._buffer[:end].decode("utf-8", "replace")
        self.text += pasted.replace("\r\n", "\n").replace("\r", "\n")
        self._buffer = self._buffer[end + len(PASTE_END) :]
        self._pasting = False
        return True

    def _control(self, byte: int) -> bool:
        match byte:
            case 0x7F | 0x08:
                self.text = self.text[:-1]
            case 0x0D:
                if self.text.strip():
                    self.sent.append(self.text)
                    self.text = ""
            case 0x0A:
                self.text += "\n"
            case 0x15:
                self.text = ""
            case 0x03:
                self.quit = not self.text
                self.text = ""
            case _:
                return False
        return True


class EarlyKeys:
    """A thread that reads `fd` until `take()`. `show(text)` draws; `leave()` is called on Ctrl+C.

    In the first `cooked` bytes a line feed is Enter: the terminal was not ours yet when they were typed.
    """

    def __init__(self, fd: int, show: Callable[[str], None], leave: Callable[[], None], cooked: int = 0) -> None:
        self._fd = fd
        self._cooked = cooked
        self._show = show
        self._leave = leave
        self._parser = KeyParser()
        self._wake_read, self._wake_write = os.pipe()
        self._stopping = False
        self._taken = False
        self._thread = threading.Thread(target=self._run, name="early-keys", daemon=True)
        self._thread.start()

    def take(self) -> Typed:
        """End the reading. Bytes that come from now on stay in the terminal for the next reader."""
        if not self._taken:
            self._taken = True
            self._stopping = True
            os.write(self._wake_write, b".")
            self._thread.join()
            os.close(self._wake_read)
            os.close(self._wake_write)
        return Typed(self._parser.text, tuple(self._parser.sent), self._parser.rest)

    def _run(self) -> None:
        while not self._stopping:
            ready, _, _ = select.select([self._fd, self._wake_read], [], [])
            if self._fd in ready and not self._read():
                return
        deadline = time.monotonic() + _PATIENCE_S
        while not self._parser.whole and (left := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select([self._fd], [], [], left)
            if not ready or not self._read():
                return

    def _read(self) -> bool:
        try:
            data = os.read(self._fd, 4096)
        except OSError:
            return False
        if not data:
            return False
        early, data = data[: self._cooked].replace(b"\n", b"\r"), data[self._cooked :]
        self._cooked -= len(early)
        self._parser.feed(early + data)
        if self._parser.quit:
            self._leave()
            return False
        self._show(self._parser.text)
        return True
