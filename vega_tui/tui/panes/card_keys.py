"""The two rows of keys under a card: which keys decide, which look closer, and what is about to be done."""

from collections.abc import Mapping
from typing import Final

from vega_tui.commands.builtins.decide import COMMANDS
from vega_tui.tui.paint.cells import Line, width_of
from vega_tui.tui.paint.meters import keycap
from vega_tui.tui.panes.card_state import CardState

DEFAULT_LABELS: Final = {
    command.id: command.parsed_keys()[0].label for command in COMMANDS if command.id != "approval.focus"
}
_LONG: Final = 104  # columns that the keys need in full words
_BACK: Final = "any key takes it back"
_DOING: Final = {
    "approval.once": "allowing once…",
    "approval.session": "allowing in this session…",
    "approval.always": "to the rule…",
    "approval.edit": "to the arguments…",
    "approval.deny": "denying…",
    "approval.deny_saying": "to the reason…",
    "approval.deny_stop": "denying and stopping…",
}
_SMALL: Final = (
    ("approval.once", "once"),
    ("approval.deny", "deny"),
    ("approval.leave", "back"),
    ("approval.view", "all"),
    ("approval.session", "session"),
    ("approval.deny_saying", "why"),
    ("approval.deny_stop", "stop"),
    ("approval.edit", "edit"),
)


def key_rows(
    card: CardState, width: int, place: tuple[int, int], labels: Mapping[str, str], *, live: bool
) -> list[Line]:
    """The rows at the card's foot. A command without a key has no place in them."""
    if card.step != "choose":
        return _step_rows(card, live=live)
    short = width < (_LONG if card.approval.rule else _LONG + 22)
    return [_armed(card, labels) or _deciding(card, labels, short=short, live=live), _looking(labels, place, short)]


def small_row(card: CardState, width: int, labels: Mapping[str, str], *, live: bool) -> Line:
    """One row where there is no room for two: as many keys as fit, whole."""
    if card.step != "choose":
        return _step_rows(card, live=live)[0]
    row = _armed(card, labels)
    if row:
        return row
    row = [(" ", "")]
    for command, text in _SMALL:
        cap = keycap(labels[command], text, live=live) if command in labels else []
        if cap and width_of(row) + 1 + width_of(cap) <= width:
            row += [(" ", ""), *cap]
    return row


def _armed(card: CardState, labels: Mapping[str, str]) -> Line:
    if card.armed is None:
        return []
    command = card.armed.command
    return [("  ", ""), *keycap(labels.get(command, ""), _DOING[command]), ("   ", ""), (_BACK, "ask")]


def _deciding(card: CardState, labels: Mapping[str, str], *, short: bool, live: bool) -> Line:
    refused = "" if card.approval.rule else "no rule can cover it"
    gap = (" " * (1 if short else 3), "")
    row: Line = [("  ", "")]

    def add(command: str, text: str, forbidden: str = "") -> None:
        nonlocal row
        if key := labels.get(command):
            if forbidden and short:
                row += [*keycap(key, "no rule", live=False), gap]
            else:
                row += [*keycap(key, text, live=live, forbidden=forbidden), gap]

    add("approval.once", "once")
    add("approval.session", "session" if short else "this session")
    add("approval.always", "always…", refused)
    row += [("│", "line"), gap]
    add("approval.deny", "deny")
    add("approval.deny_saying", "deny, why" if short else "deny, say why")
    add("approval.deny_stop", "stop it" if short else "deny and stop it")
    return row[:-1]


def _looking(labels: Mapping[str, str], place: tuple[int, int], short: bool) -> Line:
    pairs = [("approval.edit", "edit first"), ("approval.explain", "explain"), ("approval.view", "full view")]
    pairs += [("approval.later", "later")]
    pairs += [("approval.next", "next" if short else f"next of {place[1]}")] if place[1] > 1 else []
    pairs.append(("approval.leave", "back" if short else "back to the prompt"))
    row: Line = [("   ", "")]
    for command, text in pairs:
        if key := labels.get(command):
            row += [*keycap(key, text, quiet=True), ("   ", "")]
    return row


def _step_rows(card: CardState, *, live: bool) -> list[Line]:
    if card.armed is not None:
        doing = "allowing, and writing the rule…" if card.step == "always" else "denying…"
        return [[("  ", ""), *keycap("Enter", doing), ("   ", ""), (_BACK, "ask")], []]
    yes = {"always": "allow and remember", "edit": "take these arguments", "feedback": "deny"}[card.step]
    first: Line = [("  ", ""), *keycap("Enter", yes, live=live), ("   ", ""), *keycap("Esc", "back to the choices")]
    hint: Line = [("   ", "")]
    if card.step == "always":
        hint += [*keycap("Tab", "next field", quiet=True), ("   ", ""), *keycap("← →", "choose", quiet=True)]
    return [first, hint]
