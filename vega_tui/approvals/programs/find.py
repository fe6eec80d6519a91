"""find: what it runs, writes or deletes."""

from collections.abc import Mapping, Sequence
from typing import Final

from vega_tui.approvals.programs.reading import FREE, PLAIN, Reader, Reading
from vega_tui.approvals.wrappers import word_set

_RUNS: Final = word_set("-exec -execdir -ok -okdir")
_WRITES: Final = word_set("-fprint -fprint0 -fprintf -fls")
# Everything else that an expression may hold; what isn't here isn't known.
_TESTS: Final = word_set(
    "-H -L -P -a -and -o -or -not -true -false -depth -d -maxdepth -mindepth -mount -xdev -noleaf -regextype "
    "-ignore_readdir_race -daystart -follow -warn -nowarn -amin -anewer -atime -cmin -cnewer -ctime -empty -executable "
    "-fstype -gid -group -ilname -iname -inum -ipath -iregex -iwholename -links -lname -mmin -mtime -name -newer "
    "-nogroup -nouser -path -perm -readable -regex -samefile -size -type -uid -used -user -wholename -writable -xtype "
    "-print -print0 -printf -prune -quit -ls -version --version --help"
)
_VALUED: Final = word_set(
    "-name -iname -path -ipath -regex -iregex -lname -ilname -wholename -iwholename -printf -newer -size -mtime "
    "-mmin -atime -amin -ctime -cmin -perm -type -xtype -maxdepth -mindepth -user -group -regextype -samefile"
)


def _read(args: Sequence[str], piped: bool) -> Reading:
    behind: tuple[str, ...] = ()
    acts = harm = ""
    free, value = True, False
    for at, word in enumerate(args):
        if value:  # a pattern may look like a test
            value = False
        elif word in _RUNS:
            acts, behind = f"runs a program on what it finds ({word})", behind or tuple(args[at + 1 :])
        elif word in _WRITES:
            acts = acts or f"writes the file it names ({word})"
        elif word == "-delete":
            acts, harm = acts or "deletes what it finds", "deletes what it finds"
        elif word.startswith("-") and not word.startswith("-newer") and word not in _TESTS:
            free = free and word.startswith("-O") and word[2:].isdecimal()
        value = not value and word in _VALUED and word not in _RUNS
    if acts:
        return Reading(acts=acts, harm=harm, behind=behind)
    return FREE if free else PLAIN


PROGRAMS: Final[Mapping[str, Reader]] = {"find": _read}
