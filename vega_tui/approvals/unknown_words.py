"""Words that only the run will know, and the deny rules that they could meet. Pure."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from vega_tui.approvals.wrappers import Word, word_set

_SUBSTITUTED: Final = re.compile(r"[<>]\(")  # becomes a name below /dev
# Programs of daily use of which an option runs or writes something.
_LOADED: Final = word_set("git tar bsdtar rsync find fd sed awk gawk sort ssh scp curl wget zip rg")
_TEXTS: Final = ("-m", "--message", "-am")  # their value is text, whatever it looks like


def could_be(pattern: str, words: Sequence[Word]) -> bool:
    """True when a command with unknown words could fit a rule's pattern: `git $x` is `git push` to some `x`."""
    known = next((at for at, word in enumerate(words) if word.value is None or word.glob or word.splits), len(words))
    if known in (0, len(words)):
        return False
    name = (words[0].value or "").rpartition("/")[2]
    said = " ".join([name, *(word.value or "" for word in words[1:known])]) + " "
    head = pattern.removesuffix(":*").partition("*")[0]
    return head.startswith(said) or ("*" in pattern and said.startswith(head))


def could_be_option(words: Sequence[Word], fitting: Iterable[str] = ()) -> bool:
    """True when a word that only the run will know may come out as an option; `fitting`: what patterns fit here."""
    if not words or (words[0].value or "").rpartition("/")[2] not in _LOADED:
        return False
    dashed = any(name.startswith("-") for name in fitting)
    for before, word in pairwise(words):
        if word.value == "--":
            return False
        if before.value in _TEXTS and not word.splits:
            continue
        unknown = word.value is None and (word.splits or word.text.lstrip("'\"").startswith(("$", "`")))
        if (unknown and not _SUBSTITUTED.match(word.text)) or (word.glob and dashed and word.text[:1] in "*?["):
            return True
    return False
