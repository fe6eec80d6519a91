"""Writing to a pipe or a bare terminal: bytes in UTF-8, and nothing that could steer the terminal."""

import re
import unicodedata
from typing import BinaryIO, Final

from vega_tui.core.visible import visible

# C0 and C1 signs and DEL, without tab and line feed; and what reorders the text that is read.
_STEERING: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BREAKS: Final = re.compile(r"[ \t]*[\r\n\t\v\f\x85\u2028\u2029]\s*")
_SEQUENCE: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


def harmless(text: str) -> str:
    """`text` without what would move a cursor, colour a screen or set a title."""
    return _STEERING.sub("", _SEQUENCE.sub("", text))


def one_line(text: str) -> str:
    """`text` on one line, harmless and whole: what would steer is a sign; a visible text stays as it is."""
    return _STEERING.sub(lambda found: visible(found.group()), _BREAKS.sub(" ", text)).strip()


def cells(text: str) -> int:
    """How many columns `text` takes in a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def cut(text: str, width: int) -> str:
    """`text` in at most `width` columns, its end given up."""
    if cells(text) <= width:
        return text
    kept = ""
    used = 1  # the ellipsis
    for sign in text:
        used += cells(sign)
        if used > width:
            break
        kept += sign
    return kept.rstrip() + "…" if width > 0 else ""


class Out:
    """Where lines go. A reader that went away raises BrokenPipeError, at the latest when flushed."""

    def __init__(self, stream: BinaryIO, *, terminal: bool, width: int | None = None) -> None:
        self._stream = stream
        self.terminal = terminal
        self.width = width  # None: no reader cares

    def line(self, text: str = "") -> None:
        """Write a line of text for a person; harmless where it goes to a terminal."""
        shown = harmless(text) if self.terminal else text
        self.raw(shown.encode("utf-8", "replace") + b"\n")

    def raw(self, data: bytes) -> None:
        """Write bytes as they are, at once."""
        self._stream.write(data)
        self._stream.flush()
