"""What a shell that is started with these words would run: its options read as bash reads them. Pure."""

import re
from collections.abc import Sequence
from typing import Final

from vega_tui.approvals.wrappers import SHELLS, Word

_WITH_VALUE: Final = ("--rcfile", "--init-file")
# What other shells of sh's family read in another way: to dash, `[[ a && rm x ]]` is two commands.
_BASH_ONLY = re.compile(r"\$['\"]|\[\[|\(\(|&>|\|&|<<<|[<>]\(|[{}]|\b(?:function|select|coproc|time)\b")
_ANY_SHELL = re.compile(r"[\w\s./:@%+,;&|-]*", re.A)


def inner_script(words: Sequence[Word]) -> tuple[str, str]:
    """The text that a shell runs by `-c` (empty: none), and why it can't be judged (empty: it can)."""
    name = (words[0].value or "").rpartition("/")[2]
    at, by_text, odd = 1, False, ""
    while at < len(words):
        value = words[at].value
        if value is None:
            return "", f"{name} runs text that is not literal"
        if not re.match(r"[-+].", value):
            at += value in ("-", "+")
            break
        at += 1
        if value == "--":
            break
        if value.startswith("--"):
            odd = odd or (value if value in _WITH_VALUE else "")
            at += value in _WITH_VALUE
            continue
        by_text = by_text or ("c" in value and value[0] == "-")
        odd = odd or (value if set(value) & set("iO") else "")
        at += value.count("o") + value.count("O")
    if not by_text or at >= len(words):
        return "", f"{name} with {odd} reads other files first" if odd else ""
    script = words[at].value
    if script is None:
        return "", f"{name} runs text that is not literal"
    return script, f"{name} with {odd} reads text in its own way" if odd else _dialect(name, script)


def is_fed(words: Sequence[Word]) -> bool:
    """True when a shell is given no file to read, so that it runs what comes in."""
    return not any(re.match(r"[^-+]|--(version|help)$", word.value or "") for word in words[1:])


def _dialect(name: str, script: str) -> str:
    """Why our reading of a script may not be that of the shell that runs it."""
    plain = name == "bash" or _ANY_SHELL.fullmatch(script) is not None
    if not plain and (name in ("zsh", "fish") or name not in SHELLS or _BASH_ONLY.search(script)):
        return f"{name} may read text in its own way"
    return ""
