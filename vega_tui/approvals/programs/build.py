"""Programs that build: what they run is the project's, unless their words bring something of their own.

A rule `make *` means this project's makefile; it doesn't mean a command that stands in the arguments.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from vega_tui.approvals.programs.reading import PLAIN, Reader, Reading, named
from vega_tui.approvals.wrappers import word_set


def _make(args: Sequence[str], piped: bool) -> Reading:
    """make: `--eval`, another makefile or folder, and variables in which recipes take their programs from."""
    places: list[str] = []
    for at, word in enumerate(args):
        following = "".join(args[at + 1 : at + 2])
        if named(word, "--eval") or re.match(r"-[a-zA-Z]*E", word):
            text = word.partition("=")[2] or following
            return Reading(
                acts="runs what its words say (--eval)", scripts=tuple(re.findall(r"\$\(shell ([^)]*)\)", text))
            )
        if named(word, "--file", "--makefile", "--include-dir") or re.match(r"-[bBdeikmnpqrRsStwBL]*[fI]", word):
            return Reading(acts="takes another makefile")
        if named(word, "--directory") or re.match(r"-[bBdeikmnpqrRsStwBL]*C", word):
            places.append(word.partition("=")[2] or re.sub(r"^-[a-zA-Z]*?C", "", word) or following)
        set_by = re.match(r"([^-=:!?+][^=:!?+]*)[:!?+]*=(.*)", word, re.S)
        if set_by and not _plain_value(set_by[1], set_by[2]):
            return Reading(acts=f"sets {set_by[1]}, and a recipe would run it", scripts=(set_by[2],))
    return Reading(places=tuple(places))


def _plain_value(name: str, value: str) -> bool:
    """A value that can only be a word of a recipe, of a variable that names no program."""
    programs = (
        r"SHELL|\.SHELLFLAGS|MAKE\w*|CC|CXX|CPP|LD|AR|AS|\w*(?:CMD|COMMAND|EXEC|PROGRAM|RUN|PYTHON|NODE|BIN|TOOL)\w*"
    )
    return bool(re.fullmatch(r"[\w.,:/@%+-]*", value)) and not re.fullmatch(programs, name, re.I)


_NPM_RUNS: Final = (
    "--script-shell", "--node-options", "--prefix", "--global", "--location", "--userconfig", "--globalconfig",
    "--registry", "--shell", "--call", "--git", "--init-module", "--editor", "--viewer", "--browser",
    "--ignore-scripts=false", "--require", "--use-yarnrc", "--cwd", "--dir", "--config", "--shell-mode", "--exec",
)  # fmt: skip


def _npm(args: Sequence[str], piped: bool) -> Reading:
    for word in before_dashes(args):
        option = word.partition("=")[0]
        if option in _NPM_RUNS or word in ("-g", "-c"):
            return Reading(acts=f"runs or installs elsewhere ({option})", scripts=_after(args, word))
    verb = next((word for word in args if not word.startswith("-")), "")
    behind = tuple(args[list(args).index(verb) + 1 :]) if verb in ("exec", "x", "dlx", "create", "init") else ()
    if behind:
        return Reading(acts=f"fetches a program and runs it ({verb})", behind=_program(behind))
    return Reading(acts="changes npm's settings" if verb in ("config", "set", "edit") else "")


def before_dashes(args: Sequence[str]) -> list[str]:
    """The words before `--`, which are the program's own."""
    words = list(args)
    return words[: words.index("--")] if "--" in words else words


def _after(args: Sequence[str], word: str) -> tuple[str, ...]:
    at = list(args).index(word)
    return (word.partition("=")[2] or "".join(args[at + 1 : at + 2]),)


def _program(words: Sequence[str]) -> tuple[str, ...]:
    rest = list(words)
    while rest and rest[0].startswith("-"):
        del rest[0]
    return tuple(rest)


def _npx(args: Sequence[str], piped: bool) -> Reading:
    for word in before_dashes(args):
        if word == "-c" or named(word, "--call", "--script-shell", "--node-options", "--shell"):
            return Reading(acts="runs a text in a shell", scripts=_after(args, word))
        if not word.startswith("-"):
            break
    return Reading(behind=_program(args))


_PIP_ELSEWHERE: Final = (
    "--target", "--prefix", "--root", "--src", "--index-url", "--extra-index-url", "--find-links", "--trusted-host",
    "--python", "--editable", "--log", "--cache-dir", "--global-option", "--build-option", "--config-settings",
    "--proxy", "--cert", "--client-cert", "--break-system-packages", "--dest", "--wheel-dir", "--report",
)  # fmt: skip


def _pip(args: Sequence[str], piped: bool) -> Reading:
    """pip: a package's own code runs when it is installed, so what isn't a plain name or this folder asks."""
    for word in args:
        if named(word, *_PIP_ELSEWHERE) and len(word) > 4:
            if word == "--editable":
                continue
            return Reading(acts=f"takes packages from, or writes to, another place ({word.partition('=')[0]})")
        if re.match(r"-[a-zA-Z]*[tif]", word) and not word.startswith("--"):
            return Reading(acts=f"takes packages from, or writes to, another place ({word})")
        if re.search(r"://|^git\+|^(?:\.\.|/|~)|@ ", word):
            return Reading(acts=f"installs {word[:60]}, whose code runs then")
    verb = next((word for word in args if not word.startswith("-")), "")
    return Reading(acts="changes pip's settings") if verb == "config" else PLAIN


_GO_RUNS: Final = re.compile(r"--?(?:exec|toolexec|vettool|overlay|modfile|ldflags|gcflags|asmflags|pkgdir|C)(?:=|$)")


def _go(args: Sequence[str], piped: bool) -> Reading:
    for at, word in enumerate(args):
        if _GO_RUNS.match(word):
            value = word.partition("=")[2] or "".join(args[at + 1 : at + 2])
            return Reading(
                acts=f"runs a program, or takes files of its own ({word.partition('=')[0]})", scripts=(value,)
            )
    verb = args[0] if args else ""
    if verb in ("generate", "tool") or (verb == "env" and any("=" in word or word in ("-w", "-u") for word in args)):
        return Reading(acts=f"runs or sets what its words don't show (go {verb})")
    if verb in ("run", "install", "get") and any("@" in word for word in args):
        return Reading(acts="fetches a program and builds it")
    return PLAIN


def _cargo(args: Sequence[str], piped: bool) -> Reading:
    for at, word in enumerate(before_dashes(args)):
        if named(word, "--config", "--manifest-path", "--target-dir", "--git", "--path", "--root") or word in (
            "-C",
            "-Z",
        ):
            value = word.partition("=")[2] or "".join(args[at + 1 : at + 2])
            return Reading(acts=f"takes settings or code of its own ({word.partition('=')[0]})", scripts=(value,))
    verb = next((word for word in args if not word.startswith(("-", "+"))), "")
    if verb and verb not in _CARGO_VERBS:
        return Reading(acts=f"cargo {verb} may be an alias or another program")
    return Reading(acts="fetches a program and builds it") if verb == "install" else PLAIN


_CARGO_VERBS: Final = word_set(
    "add bench build b check c clean clippy d doc fetch fix fmt generate-lockfile help info init install locate- "
    "project login logout metadata miri new nextest owner package pkgid publish read-manifest remove report rm "
    "run r rustc rustdoc search t test tree uninstall update vendor verify-project version yank"
)


def _compiler(args: Sequence[str], piped: bool) -> Reading:
    """gcc, clang, ld: plug-ins, wrappers, specs and other folders for their own programs are code that runs."""
    for at, word in enumerate(args):
        if re.match(r"-wrapper|-fplugin|-fpass-plugin|-specs|--specs|-B|-Xclang|-load|-plugin|--plugin|-fuse-ld=.*/|@|"
                    r"-Wl,.*-plugin|-dynamic-linker|--sysroot|-run|-save-temps|-wrapper", word):  # fmt: skip
            return Reading(acts=f"runs code of an option ({word[:40]})", scripts=tuple(args[at + 1 : at + 2]))
    return PLAIN


_DOCKER_REACHES: Final = (
    "--privileged", "--cap-add", "--device", "--security-opt", "--config", "--host", "--context", "--pid", "--ipc",
    "--userns", "--uts", "--cgroupns", "--mount", "--volumes-from", "--env-file", "--gpus", "--tlscacert", "--file",
)  # fmt: skip


def _docker(args: Sequence[str], piped: bool) -> Reading:
    """docker, podman: what a container may reach of this machine is said by options."""
    for at, word in enumerate(args):
        option, equals, value = word.partition("=")
        value = value if equals else "".join(args[at + 1 : at + 2])
        if option in _DOCKER_REACHES or re.match(r"-[fH]", word):
            return Reading(acts=f"reaches this machine ({option})")
        if option in ("-v", "--volume") or re.match(r"-v.", word):
            source = word[2:] if re.match(r"-v[^=]", word) else value
            if not re.match(
                r"[\w-]+:|\./|\.:|\"?\$(?:PWD|\{PWD\}|\(pwd\))[:/\"]", source
            ):  # a named volume, or a part of this folder
                return Reading(acts=f"reaches this machine ({option} {source[:40]})")
        if option in ("--network", "--net") and value == "host":
            return Reading(acts="reaches this machine's network")
    return PLAIN


PROGRAMS: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(("make", "gmake", "bmake", "remake"), _make),
    **dict.fromkeys(("npm", "pnpm", "yarn", "bun"), _npm),
    **dict.fromkeys(("npx", "bunx", "pnpx"), _npx),
    "pip": _pip,
    "go": _go,
    "cargo": _cargo,
    **dict.fromkeys(("gcc", "g++", "cc", "c++", "clang", "clang++", "ld", "tcc"), _compiler),
    **dict.fromkeys(("docker", "podman", "nerdctl"), _docker),
}
