"""Programs that pack and unpack: each can hand its data to another program."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from vega_tui.approvals.programs.reading import PLAIN, Reader, Reading, before_end, named

_TAR_RUNS: Final = (
    "--checkpoint-action", "--use-compress-program", "--to-command", "--info-script", "--new-volume-script",
    "--rsh-command", "--rmt-command",
)  # fmt: skip
_TAR_WRITES: Final = ("--index-file", "--absolute-names", "--listed-incremental", "--volno-file")
_EXACT: Final = ("--file", "--partial", "--backup", "--remove-files")  # whole names that begin others


def _tar(args: Sequence[str], piped: bool) -> Reading:
    """`tar`: also its old form, whose first word is a cluster of letters without a dash."""
    words = list(args)
    if words and re.fullmatch(r"[A-Za-z]+", words[0]):
        words[0] = "-" + words[0]
    for at, word in enumerate(words):
        if word.partition("=")[0] in _EXACT:
            continue
        if option := named(word, *_TAR_RUNS):
            _, equals, value = word.partition("=")
            value = value if equals else "".join(words[at + 1 : at + 2])
            script = re.sub(r"^exec=", "", value)
            return Reading(acts=f"runs a program ({option})", scripts=(script,))
        if named(word, *_TAR_WRITES):
            return Reading(acts=f"writes outside what it unpacks ({word.partition('=')[0]})")
        if named(word, "--files-from"):
            return Reading(acts="takes names, and options among them, from a file")
        cluster = _cluster(word)
        if found := next((each for each in cluster if each in "IF"), ""):
            value = word[word.index(found) + 1 :] or "".join(words[at + 1 : at + 2])
            return Reading(acts=f"runs a program (-{found})", scripts=(value,))
        if "P" in cluster or "g" in cluster:
            return Reading(acts="writes outside what it unpacks")
        if "T" in cluster:
            return Reading(acts="takes names, and options among them, from a file")
    if any(re.match(r"(?:--file=|-[A-Za-z]*f)?[\w.@-]+:", word) for word in words):
        return Reading(acts="reaches another machine")
    return PLAIN


def _cluster(word: str) -> str:
    """Letters of a short option; of a value that is glued to one (`-fARCHIVE`) nobody can tell, so all count."""
    return word[1:] if re.match(r"-[A-Za-z]", word) else ""


def _zip(args: Sequence[str], piped: bool) -> Reading:
    for word in before_end(args):
        if re.match(r"-T.*T|-[A-Za-z]*TT", word) or named(word, "--unzip-command"):
            return Reading(acts="runs a program to test with")
    return PLAIN


def _seven(args: Sequence[str], piped: bool) -> Reading:
    """`7z`: list files name more files, and an archive may be split by a plug-in of its folder."""
    if any(word.startswith("@") or re.match(r"-[ix].*@", word) for word in args):
        return Reading(acts="takes names from a file")
    return PLAIN


def _rsync(args: Sequence[str], piped: bool) -> Reading:
    for at, word in enumerate(args):
        if word.partition("=")[0] in _EXACT:
            continue
        runs = named(word, "--rsh", "--rsync-path", "--remote-option", "--copy-as", "--daemon", "--config")
        if not runs and re.match(r"-[A-Za-z0-9]*[eM]", word):
            runs = "-e" if "e" in word else "-M"
        if runs:
            _, equals, value = word.partition("=")
            glued = re.match(r"-[A-Za-z0-9]*?e(.+)", word) if not word.startswith("--") else None
            value = value if equals else glued[1] if glued else "".join(args[at + 1 : at + 2])
            return Reading(acts=f"runs a program ({runs})", scripts=(value,))
        if named(
            word, "--log-file", "--write-batch", "--only-write-batch", "--partial-dir", "--temp-dir", "--backup-dir"
        ):
            return Reading(acts=f"writes the file or folder it names ({word.partition('=')[0]})")
    return PLAIN


def _cpio(args: Sequence[str], piped: bool) -> Reading:
    if any(
        named(word, "--rsh-command", "--absolute-filenames", "--file") or re.match(r"-[a-zA-Z]*[FOI]", word)
        for word in args
    ):
        return Reading(acts="runs a program or writes where it is told")
    return PLAIN


PROGRAMS: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(("tar", "gtar", "bsdtar"), _tar),
    **dict.fromkeys(("zip",), _zip),
    **dict.fromkeys(("7z", "7za", "7zr", "7zz"), _seven),
    "rsync": _rsync,
    "cpio": _cpio,
}
