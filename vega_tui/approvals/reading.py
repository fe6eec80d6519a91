"""Programs by what they do with files: those that open none, that show them, that open more than they are told."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from vega_tui.approvals.wrappers import word_set

# They open no file that a word names (`test` looks at its status alone).
NO_FILES: Final = word_set(
    "echo printf : true false exit return sleep expr seq basename dirname pwd whoami kill wait type which export "
    "declare typeset local readonly set unset shift uname id jobs hash tr test ["
)
# They show, copy or send what they open.
DUMPERS: Final = word_set(
    "cat tac nl head tail less more bat batcat most view grep egrep fgrep rgrep zgrep rg ag ack ugrep sed gsed awk "
    "gawk mawk nawk cut paste sort uniq rev fold fmt pr expand unexpand od xxd hexdump hd strings base64 base32 "
    "basenc uuencode cp mv ln install dd rsync scp sftp curl wget nc ncat tar bsdtar zip gzip gunzip zcat bzip2 "
    "bzcat xz xzcat zstd zstdcat 7z 7za cpio pax ar jq yq diff sdiff colordiff cmp comm join column look split csplit "
    "shuf tsort iconv find xargs parallel ed ex vi vim nano pygmentize highlight gpg openssl age source . mapfile "
    "readarray tree-sitter dog pandoc envsubst m4 cpp"
)
# What is piped to them are names of files, or commands that may hold such.
FED_BY_NAMES: Final = word_set(
    "xargs parallel tar bsdtar cpio pax ed ex vi vim sqlite3 psql mysql gdb bc dc m4 awk gawk sed make gnuplot rsync"
)
SKIP_HIDDEN: Final = word_set("rg ag ack")


def reads_more(values: Sequence[str], is_folder: Callable[[str], bool]) -> str:
    """Why a command may open files that no word of it names; empty where it doesn't."""
    if not values:
        return ""
    name, rest = values[0].rpartition("/")[2], values[1:]
    if any(re.match(r"--(?:files|stdin|batch|null-from|from-file|input-file)", word) for word in rest):
        return "reads names from a list"
    if name in ("mv", "ln") and any(not word.startswith("-") and is_folder(word) for word in rest):
        return f"{name} takes whole folders along"
    if name == "git":
        return "git shows files that no word names" if _git_shows(rest, is_folder) else ""
    check = _CHECKS.get(name)
    return f"{name} opens whole folders" if check is not None and check(rest) else ""


def _always(_rest: Sequence[str]) -> bool:
    return True


def _options(letters: str, *words: str) -> Callable[[Sequence[str]], bool]:
    short = re.compile(rf"-[a-zA-Z0-9]*[{letters}]")
    return lambda rest: any(short.match(word) or (bool(words) and word.startswith(words)) for word in rest)


def _greps(rest: Sequence[str]) -> bool:
    if any(word.startswith(("--r", "--de", "--di")) or re.match(r"-[a-zA-Z0-9]*[rR]", word) for word in rest):
        return True
    return any(re.match(r"-[a-zA-Z]*d", word) for word in rest) and any("recurse" in word for word in rest)


def _tars(rest: Sequence[str]) -> bool:
    first = next((word.lstrip("-") for word in rest), "")
    long = [word for word in rest if word.startswith("--")]
    if any(word.startswith(("--ex", "--get", "--li", "--te")) for word in long):
        return False
    letters = set(first) | {letter for word in rest if re.match(r"-[A-Za-z]", word) for letter in word[1:]}
    return not letters & set("xt") or bool(letters & set("cruA"))


def _finds(rest: Sequence[str]) -> bool:
    return any(word.startswith(("-exec", "-ok", "-files0", "-fprint")) for word in rest)


_SHOWING: Final = word_set(
    "show cat-file grep archive bundle format-patch fast-export difftool checkout-index range-diff whatchanged diff "
    "diff-tree diff-index diff-files request-pull"
)
_PATCH = re.compile(r"-[a-zA-Z]*[puLGcW]|--(?:p|u|cc|co|w|ext|text|full|bin)")
_NO_PATCH = re.compile(r"--(?:stat|shortstat|numstat|dirstat|name-only|name-status|summary|no-patch|quiet|raw)\b|-s\b")
_VALUED: Final = frozenset({"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env"})


def _git_shows(rest: Sequence[str], is_folder: Callable[[str], bool]) -> bool:
    """True for what prints contents of files that no word names."""
    at = 0
    while at < len(rest) and rest[at].startswith("-"):
        at += 2 if rest[at] in _VALUED else 1
    verb, words = (rest[at], rest[at + 1 :]) if at < len(rest) else ("", rest[:0])
    patch = any(_PATCH.match(word) for word in words)
    match verb:
        case "log" | "stash" | "reflog" | "add" | "commit" | "checkout" | "restore" | "reset":
            shows = patch and not (verb in ("add", "commit", "checkout", "restore", "reset") and "-p" not in words)
        case _:
            shows = verb in _SHOWING and (patch or not any(_NO_PATCH.match(word) for word in words))
    return shows and not _named(verb, words, is_folder)


def _named(verb: str, words: Sequence[str], is_folder: Callable[[str], bool]) -> bool:
    """True when every file that is shown stands there by name."""
    if verb in ("show", "diff", "log") and "--" in words:
        files = words[list(words).index("--") + 1 :]
        return bool(files) and all(Path(file).suffix and not is_folder(file) for file in files)
    operands = [word for word in words if not word.startswith("-")]
    return verb == "show" and bool(operands) and all(re.search(r":.*[^/]\.\w+$", word) for word in operands)


_CHECKS: Final[Mapping[str, Callable[[Sequence[str]], bool]]] = {
    **dict.fromkeys(("grep", "egrep", "fgrep", "zgrep", "bzgrep", "xzgrep"), _greps),
    **dict.fromkeys(
        ("rgrep", "rg", "ag", "ack", "ugrep", "rsync", "cpio", "pax", "7z", "7za", "xargs", "parallel"), _always
    ),
    **dict.fromkeys(("tar", "bsdtar"), _tars),
    **dict.fromkeys(("cp", "scp"), _options("raR", "--r", "--a")),
    **dict.fromkeys(("diff", "colordiff"), _options("r", "--r")),
    **dict.fromkeys(("zip", "gzip", "sftp"), _options("rR", "--r")),
    "curl": _options("K", "--config"),
    "wget": _options("i", "--input"),
    "find": _finds,
}
