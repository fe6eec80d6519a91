"""A line of text being edited, as in the card's rule or a small dialog. Pure: keys in, text and cursor out."""

from dataclasses import dataclass, replace

from vega_tui.core.visible import visible
from vega_tui.tui.paint.cells import Line, clean


@dataclass(frozen=True, slots=True)
class LineEdit:
    """Text and where the cursor stands in it."""

    text: str = ""
    cursor: int = 0

    @classmethod
    def of(cls, text: str) -> "LineEdit":
        """`text` with the cursor at its end."""
        return cls(text, len(text))

    def insert(self, text: str) -> "LineEdit":
        """`text` typed or pasted at the cursor."""
        text = clean(text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", " "))
        return LineEdit(self.text[: self.cursor] + text + self.text[self.cursor :], self.cursor + len(text))

    def key(self, key: str, character: str | None) -> "LineEdit | None":
        """The line after a key, or None when the key is not an editing key."""
        text, at = self.text, self.cursor
        match key:
            case "left" | "right" | "home" | "end" | "ctrl+e":
                places = {"left": at - 1, "right": at + 1, "home": 0}
                return replace(self, cursor=min(len(text), max(0, places.get(key, len(text)))))
            case "backspace" | "ctrl+h":
                return LineEdit(text[: max(0, at - 1)] + text[at:], max(0, at - 1))
            case "delete":
                return LineEdit(text[:at] + text[at + 1 :], at)
            case "ctrl+u":
                return LineEdit(text[at:], 0)
            case "ctrl+w":
                kept = text[:at].rstrip().rpartition(" ")[0]
                kept += " " if kept else ""
                return LineEdit(kept + text[at:], len(kept))
            case _:
                if character and character.isprintable():
                    return self.insert(character)
                return None

    def line(self, style: str = "strong", *, focused: bool = True) -> Line:
        """The text with its cursor block."""
        if not focused:
            return [(visible(self.text, lines=True), style)]
        under = self.text[self.cursor : self.cursor + 1] or " "
        return [
            (visible(self.text[: self.cursor], lines=True), style),
            (visible(under), "accent_on on accent_fill"),
            (visible(self.text[self.cursor + 1 :], lines=True), style),
        ]
