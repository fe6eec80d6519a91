"""Builtins of bash that set variables, or evaluate their arguments as names or numbers. Pure.

Bash runs `$(…)` inside the subscript of a name or number that it evaluates, so `printf -v 'a[$(rm x)]' y` is a
command; and a variable such as PATH decides what later commands are.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from vega_tui.approvals.wrappers import DECLARERS, Word, is_reserved_variable, word_set

_UNARY: Final = word_set("-a -b -c -d -e -f -g -h -k -n -p -r -s -t -u -w -x -z -G -L -N -O -S")
_BINARY: Final = word_set("= == != -eq -ne -gt -ge -lt -le -nt -ot -ef < >")
_RUNS: Final = word_set("let hash fc compgen shopt")  # with any argument they may run something or rename programs
_NAME = re.compile(r"[A-Za-z_]\w*", re.A)
_SETTINGS = re.compile(r"[-+][euxfC]+|[-+][eux]*o|pipefail|errexit|nounset|xtrace|noglob|noclobber")


def is_plain_test(operands: Sequence[Word]) -> bool:
    """True when what `[` evaluates is beyond doubt: operators are literal, and each operand is one word.

    An unquoted `$x` may become `-v a[$(…)]`, which runs.
    """
    if any(word.splits for word in operands):
        return False
    values, at = [word.value for word in operands], 0
    while at < len(values):
        while at < len(values) and values[at] in ("!", "("):
            at += 1
        rest = values[at:]
        if len(rest) >= 3 and rest[1] in _BINARY:
            at += 3
        elif len(rest) >= 2 and rest[0] in _UNARY:
            at += 2
        elif len(rest) == 1 or (rest and rest[1] in ("-a", "-o")):
            at += 1
        else:
            return False
        while at < len(values) and values[at] == ")":
            at += 1
        if at < len(values) and values[at] not in ("-a", "-o"):
            return False
        at += 1
    return True


def steers_the_shell(core: Sequence[Word]) -> bool:
    """True for a builtin that sets what decides over later commands, such as PATH."""
    name, rest = core[0].value or "", core[1:]
    if name == "set":
        return not all(word.value is not None and _SETTINGS.fullmatch(word.value) for word in rest)
    if name in DECLARERS or name in ("read", "getopts", "unset", "wait", "printf"):
        names = (_NAME.match(word.text) for word in _named(name, rest))
        return any(found is not None and is_reserved_variable(found[0]) for found in names)
    return False


def evaluates(core: Sequence[Word]) -> bool:
    """True for a builtin that may run what stands in its arguments, or give a program another's name."""
    name, rest = core[0].value or "", core[1:]
    if name in ("test", "["):
        return not is_plain_test(rest if name == "test" else rest[:-1])
    if name in _RUNS:
        return True
    if name == "jobs":
        return any(word.value is None or re.match(r"-\w*x", word.value) for word in rest)
    if name in DECLARERS:  # -i makes numbers, -n references
        options = [word for word in rest if word.text.startswith("-")]
        plain = all(re.fullmatch(r"-[grxpAaflutcF]+", word.text) for word in options)
        return not plain or any(not _is_declared(word) for word in rest if word not in options)
    if name in ("read", "getopts", "unset", "wait", "printf"):
        return any(not (word.value is not None and _NAME.fullmatch(word.value)) for word in _named(name, rest))
    return False


def _is_declared(word: Word) -> bool:
    return re.match(r"[A-Za-z_]\w*(\+?=|$)", word.text, re.A) is not None


def _named(name: str, rest: Sequence[Word]) -> Iterable[Word]:
    """The words that a builtin takes for names of variables."""
    if name == "printf":
        first = rest[0].text.lstrip("'\"") if rest else "x"
        if first == "-v":
            return rest[1:2]
        return rest[:2] if first[:1] in "-$`\\{*?[" else ()
    if name == "wait":
        return () if all(re.fullmatch(r"%?\d+|\$!|-[nf]", word.text) for word in rest) else rest
    return _behind_options(rest, "ptnNudi" if name == "read" else "")


def _behind_options(rest: Sequence[Word], valued: str) -> Iterable[Word]:
    at = 0
    while at < len(rest) and (value := rest[at].value or "").startswith("-"):
        at += 1
        if value == "--":
            break
        if "a" in value:  # the name of an array
            return rest
        if valued and value[-1] in valued and not re.search(f"[{valued}]", value[1:-1]):
            at += 1
    return rest[at:]
