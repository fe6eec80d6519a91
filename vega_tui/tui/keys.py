"""Keys' meaning from the command table: which command a key starts here, the footer, the palette, the help."""

from collections.abc import Sequence
from typing import Final

from vega_tui.commands.command import GROUPS, Command, Context, Key
from vega_tui.commands.context import CommandContext
from vega_tui.commands.keymap import Keymap
from vega_tui.commands.table import CommandTable
from vega_tui.tui.paint.cells import Line
from vega_tui.tui.panes.panel import Choice

# What the screen itself does with keys, for the help page: moving about is not a command.
_MOVING: Final = (
    ("Tab", "next pane; on an empty prompt: the question that waits"),
    ("Alt+1 to Alt+7", "jump to a pane; 1 to 7 in a list"),
    ("Shift+Enter, ^J", "new line"),
    ("PgUp, PgDn", "scroll the chat; End on an empty prompt: to its end"),
    ("Esc", "in a pane: back to the prompt"),
    ("←, →", "in the fleet: fold and unfold what is below a process"),
    ("^C", "copy the marked text, else clear; twice: quit"),
    ("F6", "give the mouse to the terminal, for its own marking"),
)
_MOVES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "prompt": (("Tab", "panes"), ("Alt+1-7", "jump")),
    "list": (("1-7", "panes"), ("Tab", "next"), ("Enter", "open")),
    "detail": (("←→", "half"), ("Enter", "open"), ("Esc", "back")),
}
# Commands whose keys a footer shows, in this order, with its words; the rest are in the palette and the help.
_FOOTER: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "prompt": (
        ("process.interrupt", "interrupt"),
        ("approval.focus", "decide"),
        ("prompt.take_back", "take back"),
        ("view.tools", "tools"),
        ("view.thinking", "thinking"),
        ("prompt.editor", "editor"),
        ("program.help", "keys"),
    ),
    "list": (
        ("approval.focus", "decide"),
        ("fleet.sort", "sort"),
        ("program.palette", "command"),
        ("process.pause", "pause"),
        ("process.restart", "restart"),
        ("process.kill", "kill"),
        ("session.budget", "budget"),
        ("alert.acknowledge", "acknowledge"),
        ("program.help", "keys"),
    ),
    "detail": (
        ("approval.focus", "decide"),
        ("process.restart", "restart now"),
        ("process.pause", "hold"),
        ("process.terminate", "terminate"),
        ("process.kill", "kill"),
        ("session.budget", "budget"),
    ),
}


def context_of(place: str) -> Context:
    """The table's word for a place of keys."""
    if place == "prompt":
        return "prompt"
    return "card" if place == "card" else "list"


class Keys:
    """The keymap in force, asked by the screen."""

    def __init__(self, table: CommandTable, keymap: Keymap) -> None:
        self.table = table
        self.keymap = keymap

    def command(self, place: str, key: str, character: str | None) -> Command | None:
        """What a key starts in `place`."""
        context = context_of(place)
        found = self.keymap.command(context, key)
        if found is None and character and character != key:
            found = self.keymap.command(context, character)
        return found

    def on_card(self, key: str, character: str | None) -> str:
        """Id of the command that a key starts on a card, by its own keys there; empty where it starts none."""
        places = [Key("card", name) for name in (character, key) if name]
        found = (command for place in places if (command := self.keymap.at(place)))
        return next((command.id for command in found), "")

    def card_labels(self) -> dict[str, str]:
        """Ids of the card's commands that have a key, and how it reads."""
        labels = {id: self._label(id, "card") for id in self.table.by_id if id.startswith("approval.")}
        return {id: label for id, label in labels.items() if label}

    def footer(self, place: str, ctx: CommandContext) -> Sequence[tuple[str, str]]:
        """Keys that work now, here."""
        context = context_of(place)
        out = list(_MOVES.get(place, _MOVES.get(context, ())))
        for name, words in _FOOTER.get(place, _FOOTER.get(context, ())):
            command = self.table.by_id.get(name)
            if command is not None and command.why_not(ctx) is None and (label := self._label(name, context)):
                out.append((label, words))
        return out

    def _label(self, command: str, context: Context) -> str:
        keys = [key for key in self.keymap.keys(command) if key.context in (context, "global")]
        own = [key for key in keys if key.context == context]
        return (own or keys)[0].label if keys else ""

    def palette(self, ctx: CommandContext) -> list[Choice]:
        """Every command, with its key, its slash word, and why it can't be used now."""
        out: list[Choice] = []
        for command in self.table.by_id.values():
            slash = f"/{command.slash[0]}" if command.slash else ""
            key = self.keymap.label(command.id)
            note = "  ".join(part for part in (slash, key) if part)
            out.append(Choice(command.id, command.title, note, command.why_not(ctx) or ""))
        return sorted(out, key=lambda choice: bool(choice.reason))

    def help_lines(self) -> list[Line]:
        """The page of keys."""
        lines: list[Line] = [_help(key, words) for key, words in _MOVING]
        for group in GROUPS:
            commands = [command for command in self.table.by_id.values() if command.group == group]
            if not commands:
                continue
            lines += [[], [("  ", ""), (group, "text bold")]]
            for command in commands:
                keys = ", ".join(key.label for key in self.keymap.keys(command.id))
                slash = f"/{command.slash[0]} {command.args_hint}".strip() if command.slash else ""
                lines.append(_help(keys or slash, command.description, slash if keys else ""))
        return lines


def _help(key: str, words: str, slash: str = "") -> Line:
    line: Line = [("  ", ""), (f"{key:<18}", "strong bold"), (words, "muted")]
    return [*line, ("  " + slash, "faint")] if slash else line
