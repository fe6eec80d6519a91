"""Words that only the run will know, and the deny rules that they could meet. Pure."""

from collections.abc import Sequence

from vega_tui.approvals.wrappers import Word


def could_be(pattern: str, words: Sequence[Word]) -> bool:
    """True when a command with unknown words could fit a rule's pattern: `git $x` is `git push` to some `x`."""
    known = next((at for at, word in enumerate(words) if word.value is None or word.glob or word.splits), len(words))
    if known in (0, len(words)):
        return False
    name = (words[0].value or "").rpartition("/")[2]
    said = " ".join([name, *(word.value or "" for word in words[1:known])]) + " "
    head = pattern.removesuffix(":*").partition("*")[0]
    return head.startswith(said) or ("*" in pattern and said.startswith(head))
