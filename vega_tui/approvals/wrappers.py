"""Programs that run other programs: which can be looked behind, and which can't.

Source: the wrapper lists of reference formats §2.1. Unknown wrappers need no list: no rule covers them.
"""

import re
from dataclasses import dataclass
from typing import Final


def word_set(text: str) -> frozenset[str]:
    """The words of `text` as a set: how the tables of programs here are written."""
    return frozenset(text.split())


SHELLS: Final = word_set("sh bash dash zsh ksh ash fish")
DECLARERS: Final = word_set("declare typeset local readonly export")  # their arguments may be assignments
EVALUATORS: Final = word_set("eval source . trap alias enable bind complete mapfile readarray")
# They run a program named in their arguments in a way that a prefix rule would hide: exact rules only.
CARRIERS: Final = word_set("watch setsid ionice flock xargs parallel exec coproc entr")
# Behind these a denied program is looked for as well.
SHIFTERS: Final = CARRIERS | word_set(
    "sudo doas su runuser env chroot nsenter unshare strace ltrace script unbuffer busybox toybox npx ssh docker "
    "podman direnv devbox mise nix-shell caffeinate taskset chrt systemd-run fakeroot find nice nohup stdbuf "
    "timeout time command builtin noglob uv poetry pipenv"
)

# Wrapper → its options that take a value; options outside both sets make it unclear.
_STRIPPED: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "timeout": (
        frozenset({"-k", "-s", "--kill-after", "--signal"}),
        frozenset({"-v", "--foreground", "--preserve-status"}),
    ),
    "time": (frozenset(), frozenset({"-p"})),
    "nice": (frozenset({"-n", "--adjustment"}), frozenset()),
    "nohup": (frozenset(), frozenset()),
    "stdbuf": (frozenset({"-i", "-o", "-e"}), frozenset()),
    "command": (frozenset(), frozenset({"-p"})),
    "builtin": (frozenset(), frozenset()),
    "noglob": (frozenset(), frozenset()),
}
# Names in lower case that steer programs all the same, where the environment holds them already.
_STEERING_PREFIXES: Final = ("npm_", "pip_", "git_", "ld_", "bash_", "yarn_", "pnpm_", "cargo_")
# Variables whose value can't change what an allowed program does to files or which program runs.
SAFE_ENV: Final = word_set(
    "LANG LC_ALL LC_CTYPE TZ TERM NO_COLOR FORCE_COLOR COLUMNS LINES NODE_ENV CI DEBUG RUST_BACKTRACE RUST_LOG "
    "PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE PYTHONIOENCODING GOOS GOARCH CGO_ENABLED"
)


LOCALES: Final = word_set("LANG LC_ALL LC_CTYPE")  # a charset decides where a quote ends


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command: as written, and as it will be (None: known only when it runs)."""

    text: str
    value: str | None
    glob: bool = False
    splits: bool = False  # may become several words, or none


def is_reserved_variable(name: str) -> bool:
    """True for names that steer other programs or the shell itself when they are set."""
    steers = (
        name in LOCALES
        or name.endswith("_proxy")
        or name.startswith(_STEERING_PREFIXES)
        or name in ("histchars", "auto_resume")
    )
    return steers or not (name.islower() or name in SAFE_ENV)


def strip_wrappers(words: tuple[Word, ...]) -> tuple[tuple[Word, ...], str]:
    """The words behind harmless wrappers, and why that is unclear (then the words are as given)."""
    rest = words
    while len(rest) > 1 and (name := rest[0].value or "") in (*_STRIPPED, "xargs"):
        if name == "xargs":
            if (rest[1].value or "-").startswith("-"):
                return words, ""  # with options it is a carrier
            rest = (*rest[1:], Word("…", None))  # and whatever it is fed
            continue
        if name == "command" and (rest[1].value or "") in ("-v", "-V"):
            return rest, ""
        behind = _behind(rest, *_STRIPPED[name])
        if behind is None:
            return words, f"{name} is used with options we don't know"
        rest = behind
    return rest, ""


def _behind(words: tuple[Word, ...], valued: frozenset[str], flags: frozenset[str]) -> tuple[Word, ...] | None:
    name, index = words[0].value, 1
    while index < len(words) and (option := words[index].value or "$").startswith("-"):
        if option == "--":
            index += 1
            break
        if option in valued:
            index += 2
        elif (
            option in flags
            or {option.partition("=")[0], option[:2]} & valued
            or (name == "nice" and option[1:].isdecimal())  # the old form, nice -5
        ):
            index += 1
        else:
            return None
    if name == "timeout":
        if index >= len(words) or not re.fullmatch(r"[\d.]+[smhd]?", words[index].value or ""):
            return None
        index += 1
    return words[index:] or None
