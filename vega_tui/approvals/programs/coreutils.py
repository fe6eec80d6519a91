"""Small programs that only read and print: which of their options do more than that.

Those in `_ANY` have no option that writes, runs or sets something (checked against their manuals: GNU coreutils,
util-linux, binutils).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from vega_tui.approvals.programs.reading import FREE, PLAIN, Options, Reader, Reading, letter, options, split
from vega_tui.approvals.wrappers import word_set

_ANY: Final = word_set(
    "ls cat echo pwd head tail which type cmp stat df true false basename dirname realpath readlink uname whoami "
    "id cut tr nl tac rev seq sleep cd : expr comm paste fold od hexdump"
)
_SUMS: Final = word_set("md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum")


def _any(args: Sequence[str], piped: bool) -> Reading:
    return FREE


def _within(known: Options) -> Reader:
    """Free with these options only; others read lists of files, set something, or aren't known."""

    def read(args: Sequence[str], piped: bool) -> Reading:
        return PLAIN if split(args, known).strange else FREE

    return read


_GREP: Final = options(
    "EFGPiIywxcvLlnHhoqsbazZTu0123456789",
    "ABCemf",
    "extended-regexp fixed-strings basic-regexp perl-regexp ignore-case no-ignore-case word-regexp line-regexp "
    "count invert-match files-without-match files-with-matches line-number with-filename no-filename only-matching "
    "quiet silent no-messages byte-offset text null null-data initial-tab line-buffered color colour",
    "after-context before-context context regexp max-count file label binary-files color colour",
)
_DIFF: Final = options(
    "qscenyptTiEbZwBaud0123456789N",
    "CUWFIx",
    "normal brief report-identical-files context unified ed rcs side-by-side left-column suppress-common-lines "
    "show-c-function expand-tabs initial-tab suppress-blank-empty ignore-case ignore-tab-expansion new-file "
    "ignore-trailing-space ignore-space-change ignore-all-space ignore-blank-lines text strip-trailing-cr minimal "
    "speed-large-files color",
    "width label show-function-line ignore-matching-lines tabsize exclude",
)
_SORT: Final = options(
    "bdfgiMhnRrVcCmsuz",
    "ktS",
    "ignore-leading-blanks dictionary-order ignore-case general-numeric-sort ignore-nonprinting month-sort "
    "human-numeric-sort numeric-sort random-sort reverse version-sort check merge stable unique zero-terminated debug",
    "key field-separator buffer-size parallel sort batch-size",
)
_UNIQ: Final = options(
    "cdDiuz",
    "fsw",
    "count repeated all-repeated group ignore-case unique zero-terminated",
    "skip-fields skip-chars check-chars",
)
_DU: Final = options(
    "0aAbchHklmsSxDLP",
    "dtB",
    "null all apparent-size bytes total human-readable si summarize separate-dirs one-file-system dereference "
    "no-dereference dereference-args count-links time inodes",
    "max-depth threshold exclude block-size time-style",
)
_WC: Final = options("cmlwL", "", "bytes chars lines words max-line-length", "total")
_SUM: Final = options("bt", "al", "binary text tag zero untagged", "algorithm length")
_STRINGS: Final = options("adfw0123456789oi", "ntesT", "all data print-file-name", "bytes radix encoding target")
_DATE: Final = options("uR", "dr", "utc universal rfc-email iso-8601", "date reference rfc-3339", optional="I")
_FILE: Final = options("bhiLkrNn0", "F", "brief mime mime-type mime-encoding extension dereference no-dereference")


def _grep(args: Sequence[str], piped: bool) -> Reading:
    found = split(args, _GREP)
    if found.strange:
        return PLAIN
    given = found.values("e", "regexp")
    return Reading(free=True, texts=tuple(given if given or found.has("f", "file") else found.operands[:1]))


def _strings(args: Sequence[str], piped: bool) -> Reading:
    return PLAIN if any(word.startswith("@") for word in args) or split(args, _STRINGS).strange else FREE


def _sort(args: Sequence[str], piped: bool) -> Reading:
    if not split(args, _SORT).strange:
        return FREE
    if any(word.startswith(("--compr", "--comp", "--com", "--co")) for word in args):
        return Reading(acts="runs a program to compress with")
    if any(letter(word, "oT") or word.startswith(("--o", "--t")) for word in args):
        return Reading(acts="writes the file or folder it names")
    return PLAIN


def _uniq(args: Sequence[str], piped: bool) -> Reading:
    found = split(args, _UNIQ)
    if len(found.operands) > 1:
        return Reading(acts=f"writes {found.operands[1]}")
    return PLAIN if found.strange else FREE


def _date(args: Sequence[str], piped: bool) -> Reading:
    found = split(args, _DATE)
    free = not found.strange and all(word.startswith("+") for word in found.operands)
    return FREE if free else PLAIN


def _printf(args: Sequence[str], piped: bool) -> Reading:
    """In bash, -v and %n set a variable, and a variable can steer every program after it."""
    if any(word.startswith("-v") or re.search(r"%[^a-zA-Z%]*n", word) for word in args):
        return Reading(acts="sets a variable")
    return FREE


def _test(args: Sequence[str], piped: bool) -> Reading:
    """`-v` and `-R` calculate the subscript of an array, and that runs what stands in it."""
    return Reading(acts="calculates a variable's name") if any(w.startswith(("-v", "-R")) for w in args) else FREE


PROGRAMS: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(_ANY, _any),
    **dict.fromkeys(_SUMS, _within(_SUM)),
    **dict.fromkeys(("grep", "egrep", "fgrep"), _grep),
    "diff": _within(_DIFF),
    "du": _within(_DU),
    "wc": _within(_WC),
    "strings": _strings,
    "file": _within(_FILE),
    "sort": _sort,
    "uniq": _uniq,
    "date": _date,
    "printf": _printf,
    "test": _test,
}
