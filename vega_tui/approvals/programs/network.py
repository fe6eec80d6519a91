"""Programs that reach other machines: what they run here, and which files their options write."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from vega_tui.approvals.programs.reading import PLAIN, Reader, Reading, named

_SSH_RUNS: Final = re.compile(
    r"(?i)\s*(?:ProxyCommand|LocalCommand|PermitLocalCommand|KnownHostsCommand|Match|Include|PKCS11Provider|"
    r"SecurityKeyProvider|XAuthLocation|ControlPath|IdentityAgent|UserKnownHostsFile|SendEnv|SetEnv|ForwardAgent|"
    r"LocalForward|RemoteForward|DynamicForward|Tunnel)"
)
_SSH_VALUED: Final = "BbcDEeFIiJLlmOoPpQRSWw"


def _ssh(args: Sequence[str], piped: bool) -> Reading:
    """`ssh`: the command it runs there is one that deny rules know too."""
    rest = list(args)
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        at = next((i for i, each in enumerate(word[1:], 1) if each in _SSH_VALUED), 0)
        value = (word[at + 1 :] or (rest.pop(0) if rest else "")) if at else ""
        if at and word[at] == "o" and _SSH_RUNS.match(value):
            return Reading(acts=f"sets {value[:40]}", scripts=(re.sub(r"^\s*\w+\s*[= ]\s*", "", value),))
        if (at and word[at] in "FIELRDWwSE") or "A" in word or "X" in word or "Y" in word or "M" in word:
            return Reading(acts=f"reads settings, or opens a way in, by {word}")
    return Reading(scripts=(" ".join(rest[1:]),) if len(rest) > 1 else ())


def _scp(args: Sequence[str], piped: bool) -> Reading:
    for at, word in enumerate(args):
        if re.match(r"-[a-zA-Z0-9]*[SFoD]", word):
            value = "".join(args[at + 1 : at + 2])
            return Reading(acts=f"runs or reads what {word} names", scripts=(re.sub(r"^\s*\w+\s*[= ]\s*", "", value),))
    return PLAIN


_CURL_WRITES: Final = (
    "--output", "--output-dir", "--remote-name", "--remote-name-all", "--remote-header-name", "--dump-header",
    "--cookie-jar", "--trace", "--trace-ascii", "--stderr", "--libcurl", "--etag-save", "--hsts", "--alt-svc",
)  # fmt: skip
_CURL_READS: Final = (
    "--config",
    "--upload-file",
    "--netrc-file",
    "--engine",
    "--unix-socket",
    "--abstract-unix-socket",
)
_CURL_VALUED: Final = "AbCdDeEFhHKmoPQrtTuUwxXyYz"


def _curl(args: Sequence[str], piped: bool) -> Reading:
    """curl: writes files by its options, sends files by `@`, and takes more options from files."""
    for at, word in enumerate(args):
        letters = _clustered(word, _CURL_VALUED)
        if (word.startswith("--") and word.partition("=")[0] in _CURL_WRITES) or any(x in letters for x in "oOJDc"):
            target = "".join(args[at + 1 : at + 2])
            if not (letters[-1:] == "o" and target in ("/dev/null", "-")) and not (
                word == "--output" and target in ("/dev/null", "-")
            ):
                return Reading(acts=f"writes the file it names ({word})")
        if (word.startswith("--") and word.partition("=")[0] in _CURL_READS) or "K" in letters or "T" in letters:
            return Reading(acts=f"reads options or sends a file ({word})")
        if word.startswith("@") or re.match(r"-[dF].*@|--(?:data|form|json|url-query)[\w-]*=.*@", word):
            return Reading(acts="sends a file")
        if re.match(r"-[dF]$|--(?:data|form|json|url-query)", word) and "@" in "".join(args[at + 1 : at + 2]):
            return Reading(acts="sends a file")
        if word.lower().startswith(("file:", "scp:", "sftp:")):
            return Reading(acts="reads a file by its address")
    return PLAIN


def _clustered(word: str, valued: str) -> str:
    """The letters of a short option, up to the one that takes the rest for its value."""
    if not re.match(r"-[A-Za-z#0-9]", word):
        return ""
    at = next((i for i, each in enumerate(word) if i and each in valued), len(word))
    return word[1 : at + 1]


_WGET_RUNS: Final = ("--use-askpass", "--execute", "--config", "--input-file", "--post-file", "--body-file")
_WGET_WRITES: Final = (
    "--output-document", "--output-file", "--append-output", "--directory-prefix", "--save-cookies", "--warc-file",
    "--warc-tempdir", "--warc-cdx", "--rejected-log", "--hsts-file",
)  # fmt: skip
_WGET_VALUED: Final = "aAbBcDeIloOPQRtTUwX"


def _wget(args: Sequence[str], piped: bool) -> Reading:
    for at, word in enumerate(args):
        letters = _clustered(word, _WGET_VALUED.replace("b", "").replace("c", ""))
        if named(word, *_WGET_RUNS) or "e" in letters or "i" in letters:
            return Reading(acts=f"runs a program, or takes settings ({word})")
        if named(word, *_WGET_WRITES) or any(each in letters for each in "OoaP"):
            target = word.partition("=")[2] or "".join(args[at + 1 : at + 2])
            if target not in ("-", "/dev/null") and letters[-2:] != "O-" and not word.endswith("O-"):
                return Reading(acts=f"writes the file it names ({word})")
    return PLAIN


def _netcat(args: Sequence[str], piped: bool) -> Reading:
    for at, word in enumerate(args):
        if re.match(r"-[a-zA-Z0-9]*[ec]", word) or named(word, "--exec", "--sh-exec", "--lua-exec"):
            return Reading(acts="gives a program to whoever connects", scripts=("".join(args[at + 1 : at + 2]),))
    return PLAIN


def _socat(args: Sequence[str], piped: bool) -> Reading:
    found = [word for word in args if re.match(r"(?i)(?:exec|system|shell)[:,]", word)]
    scripts = tuple(re.split(r"[:,]", word, maxsplit=1)[1] for word in found)
    return Reading(acts="runs a program at one end", scripts=scripts) if found else PLAIN


PROGRAMS: Final[Mapping[str, Reader]] = {
    "ssh": _ssh,
    **dict.fromkeys(("scp", "sftp"), _scp),
    "curl": _curl,
    "wget": _wget,
    **dict.fromkeys(("nc", "ncat", "netcat"), _netcat),
    "socat": _socat,
}
