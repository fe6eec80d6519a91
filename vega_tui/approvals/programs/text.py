"""Programs that work on text, with a language in which text becomes a command: sed, awk, jq, editors, pagers."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from vega_tui.approvals.programs.reading import PLAIN, Reader, Reading, named, options, split

# --- sed ---------------------------------------------------------------------------------------------------

_SED: Final = options(
    "nErsuz",
    "el",
    "quiet silent regexp-extended separate unbuffered null-data posix debug sandbox",
    "expression line-length",
)
_ADDRESS: Final = r"(?:\d+(?:~\d+)?|\$|/(?:[^/\\\n]|\\.)*/[IM]*)"
_RANGE: Final = re.compile(rf"(?:{_ADDRESS}(?:\s*,\s*(?:{_ADDRESS}|[+~]\d+))?\s*!?\s*)?")
_SIMPLE: Final = re.compile(
    r"[pPdDgGhHxnNz=lF{]|[qQ]\s*\d*|#[^\n]*|[aic][^\n]*(?<!\\)(?=\n|$)|[btT:]\s*\w*(?=\s*(?:[;\n}]|$))"
)
_FLAGS: Final = re.compile(r"[gpiIM0-9]*(?=\s*(?:[;\n}#]|$))")


def plain_script(text: str) -> bool:
    """True for a sed script that can only print and change lines: no `e`, `w` or `r`, nothing unknown."""
    at = 0
    while True:
        while at < len(text) and text[at] in " \t\n;}":
            at += 1
        if at >= len(text):
            return True
        found = _RANGE.match(text, at)
        at = found.end() if found else at
        if text[at : at + 1] in ("s", "y"):
            at = _behind_delimited(text, at + 1)
            flags = _FLAGS.match(text, at) if at else None
        else:
            flags = _SIMPLE.match(text, at)
        if flags is None:
            return False
        at = flags.end()


def _behind_delimited(text: str, at: int) -> int:
    """Where `/x/y/` ends, whatever its delimiter; 0 when it doesn't, or holds a newline."""
    mark = text[at : at + 1]
    if not mark or mark.isalnum() or mark in " \\\n\t;":
        return 0
    part = rf"(?:[^{re.escape(mark)}\\\n]|\\.)*"
    found = re.compile(re.escape(mark) + part + re.escape(mark) + part + re.escape(mark)).match(text, at)
    return found.end() if found else 0


def _sed(args: Sequence[str], piped: bool) -> Reading:
    """Free where it only prints. Editing in place is what it is for; running and writing by its script isn't."""
    in_place = [word for word in args if re.match(r"-[nErsuz]*i", word) or word.startswith("--in-place")]
    # What follows -i is the ending of a copy, not more options.
    rest = [re.sub(r"^(-[nErsuz]*)i.*", r"\1", word) for word in args if not word.startswith("--in-place")]
    found = split([word for word in rest if word != "-"], _SED)
    scripts = found.values("e", "expression") or found.operands[:1]
    if found.strange:
        return Reading(acts="takes its script from a file, or options that nobody knows")
    if not all(len(text) < 2000 and plain_script(text) for text in scripts):
        return Reading(acts="its script may run or write something", scripts=_commands(scripts))
    return PLAIN if in_place else Reading(free=True, texts=tuple(scripts))


def _commands(scripts: Sequence[str]) -> tuple[str, ...]:
    """What stands behind an `e`, and what `s///e` would put together, as far as one can see."""
    return tuple(
        part.strip() for text in scripts for part in re.split(r"[;\n{}]|(?:^|[\d$/,!\s%])e\s+", text) if part.strip()
    )


# --- awk ---------------------------------------------------------------------------------------------------

_AWK: Final = options("", "Fv", "", "field-separator assign")


def _awk(args: Sequence[str], piped: bool) -> Reading:
    """Nothing of awk is free; a program without pipes, redirections and `system` is as plain as a filter."""
    found = split_first(args)
    if found is None:
        return Reading(acts="takes its program from a file, or options that run or write")
    text = found.replace("||", " ")
    # Behind a `print`, `>` may write; before any it compares.
    if re.search(r"system|getline|[|@]|print.*>", text, re.S):
        return Reading(acts="its program may run or write something", scripts=tuple(re.findall(r'"([^"\\]*)"', found)))
    return PLAIN


def split_first(args: Sequence[str]) -> str | None:
    """awk's program text, when only -F and -v stand before it."""
    rest = list(args)
    while rest and rest[0].startswith("-") and len(rest[0]) > 1:
        word = rest.pop(0)
        if word == "--":
            break
        if word in ("-F", "-v"):
            rest = rest[1:]
        elif not re.match(r"-[Fv].|--field-separator=|--assign=", word):
            return None
    return rest[0] if rest else ""


# --- others ------------------------------------------------------------------------------------------------

_JQ: Final = options(
    "nrRscCaejSM0123456789",
    "",
    "null-input raw-output raw-input slurp compact-output color-output monochrome-output ascii-output exit-status "
    "join-output sort-keys tab unbuffered arg argjson args jsonargs indent",
)


def _jq(args: Sequence[str], piped: bool) -> Reading:
    """jq runs nothing, but its modules and argument files are read from where they are named."""
    return Reading(acts="reads program text or files by an option") if split(args, _JQ).strange else PLAIN


def _pager(args: Sequence[str], piped: bool) -> Reading:
    """less, more: `!` and LESSOPEN run commands; `+cmd` and -k say which."""
    risky = any(w.startswith("+") or re.match(r"-\w*[kKoOtT]", w) or (w.startswith("--") and "=" in w) for w in args)
    return Reading(acts="can run what its keys, options or LESSOPEN say") if risky else PLAIN


def _editor(args: Sequence[str], piped: bool) -> Reading:
    """vim, nano, emacs: an editor runs what its script says, and nobody sits before it."""
    scripts = tuple(word.lstrip("+:!") for word in args if word.startswith("+"))
    scripts += tuple(args[at + 1].lstrip(":!") for at, word in enumerate(args[:-1]) if word in ("-c", "--cmd"))
    if any(word.startswith(("+", "-c", "--cmd", "-S", "-s", "-u", "-U", "-W", "-w", "--eval", "-l", "--load", "-f"))
           for word in args):  # fmt: skip
        return Reading(acts="runs what its script says", scripts=scripts)
    return PLAIN


def _man(args: Sequence[str], piped: bool) -> Reading:
    if any(word[:2] in ("-P", "-H", "-C", "-p", "-T", "-X", "-l") or named(
        word, "--pager", "--html", "--config-file", "--preprocessor", "--local-file", "--browser", "--gxditview"
    ) for word in args):  # fmt: skip
        return Reading(acts="runs a pager, a browser or a filter of its option")
    return PLAIN


def _rg(args: Sequence[str], piped: bool) -> Reading:
    if any(named(word, "--pre", "--hostname-bin", "--search-zip") or re.match(r"-[a-zA-Z]*z", word) for word in args):
        return Reading(acts="runs a program on what it reads")
    return PLAIN


def _fd(args: Sequence[str], piped: bool) -> Reading:
    for at, word in enumerate(args):
        if named(word, "--exec", "--exec-batch") or re.match(r"-[a-zA-Z]*[xX]", word):
            return Reading(acts="runs a program on what it finds", behind=tuple(args[at + 1 :]))
    return PLAIN


def _tree(args: Sequence[str], piped: bool) -> Reading:
    written = any(re.match(r"-[a-zA-Z]*o", word) or word.startswith("--output") for word in args)
    return Reading(acts="writes the file it names (-o)") if written else PLAIN


PROGRAMS: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(("sed", "gsed"), _sed),
    **dict.fromkeys(("awk", "gawk", "mawk", "nawk", "original-awk"), _awk),
    "jq": _jq,
    **dict.fromkeys(("less", "more", "most"), _pager),
    **dict.fromkeys(("vim", "vi", "nvim", "view", "ex", "vimdiff", "emacs", "nano", "ed"), _editor),
    "man": _man,
    **dict.fromkeys(("rg", "ripgrep"), _rg),
    **dict.fromkeys(("fd", "fdfind"), _fd),
    "tree": _tree,
}
