"""A Textual app's screen as text: what it says, and which style each cell has. Snapshots compare with files."""

import os
from pathlib import Path

from rich.style import Style
from textual.app import App

AnyApp = App[None] | App[int] | App[str]
_FOLDER = Path(__file__).parent.parent / "snapshots"
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def screen_text(app: AnyApp) -> str:
    """The rows of the screen, without blanks at their ends."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


def screen_dump(app: AnyApp) -> str:
    """The screen twice, as text and as one letter per style, then what the letters mean."""
    letters: dict[str, str] = {}
    text: list[str] = []
    styles: list[str] = []
    for strip in app.screen._compositor.render_strips():
        text.append("|" + strip.text + "|")
        row = ""
        for segment in strip:
            words = _words(segment.style or Style())
            if not segment.text.strip():
                words = words.split(" ", 1)[1]  # of a blank only the ground shows
            letter = letters.setdefault(words, _LETTERS[len(letters) % len(_LETTERS)])
            row += letter * segment.cell_length
        styles.append("|" + row + "|")
    legend = [f"{letter} = {words}" for words, letter in letters.items()]
    return "\n".join([*text, "", *styles, "", *legend]) + "\n"


def _words(style: Style) -> str:
    names = ("bold", "dim", "italic", "underline", "strike", "reverse")
    attributes = [name for name in names if getattr(style, name)]
    front = style.color.name if style.color else "default"
    back = style.bgcolor.name if style.bgcolor else "default"
    return " ".join([front, "on:" + back, *attributes])


def assert_snapshot(name: str, dump: str) -> None:
    """Compare with tests/snapshots/NAME.txt; SNAPSHOT_UPDATE=1 writes it."""
    path = _FOLDER / f"{name}.txt"
    if os.environ.get("SNAPSHOT_UPDATE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(dump, encoding="utf-8")
        return
    assert path.is_file(), f"no snapshot {path.name}: run with SNAPSHOT_UPDATE=1 and look at it"
    assert dump == path.read_text(encoding="utf-8"), f"the screen differs from {path.name}"
