"""Interpreters, and other programs whose arguments hold commands: databases, debuggers, `env`."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from vega_tui.approvals.programs.reading import PLAIN, Reader, Reading, named
from vega_tui.approvals.wrappers import word_set

# Also used to know them: their grants are never wider than the exact text.
INTERPRETERS: Final = word_set(
    "python pypy python2 node nodejs deno bun ruby irb perl php lua luajit Rscript R julia tclsh wish expect "
    "guile awk gawk mawk nawk sed gsed osascript pwsh powershell groovy scala ghci runghc ocaml elixir iex erl "
    "swift java jshell sqlite3 psql mysql mariadb duckdb redis-cli gdb lldb bash sh zsh dash ksh fish ash csh "
    "tcsh vim vi nvim ex emacs ed octave gnuplot bc dc m4 xonsh nu ipython ts-node tsx"
)


def _python(args: Sequence[str], piped: bool) -> Reading:
    return _interpreter(args, piped, text="c", valued="WXmQ", names=())


def _node(args: Sequence[str], piped: bool) -> Reading:
    names = (
        "--eval",
        "--print",
        "--require",
        "--import",
        "--loader",
        "--experimental-loader",
        "--env-file",
        "--inspect",
    )
    return _interpreter(args, piped, text="epr", valued="C", names=names)


def _perl(args: Sequence[str], piped: bool) -> Reading:
    return _interpreter(args, piped, text="eEMmnpiI", valued="", names=())


def _ruby(args: Sequence[str], piped: bool) -> Reading:
    return _interpreter(args, piped, text="ernpiI", valued="CEF", names=("--require",))


def _php(args: Sequence[str], piped: bool) -> Reading:
    return _interpreter(args, piped, text="rRBEdFaz", valued="Sct", names=("--run", "--define", "--process-code"))


def _other(args: Sequence[str], piped: bool) -> Reading:
    if args and args[0] == "eval":
        return Reading(scripts=_quoted(" ".join(args[1:])))
    return _interpreter(args, piped, text="eEclr", valued="", names=("--eval", "--execute", "--command"))


def _interpreter(args: Sequence[str], piped: bool, *, text: str, valued: str, names: Sequence[str]) -> Reading:
    """The program text in the arguments. A person's rule for an interpreter means any program; the strings within
    are looked through for what a rule denies."""
    rest = list(args)
    while rest and rest[0].startswith("-") and rest[0] not in ("-", "--"):
        word = rest.pop(0)
        if word.startswith("--"):
            if names and named(word, *names):
                return Reading(scripts=_quoted(word.partition("=")[2] or "".join(rest[:1])))
            continue
        if "m" in valued and re.match(r"-[a-zA-Z]*m", word) and not re.match(r"-[a-zA-Z]*c", word):
            return PLAIN  # a module, as `python -m pytest`
        for at, each in enumerate(word[1:], 1):
            if each in text:
                return Reading(scripts=_quoted(word[at + 1 :] or "".join(rest[:1])))
            if each in valued:
                if at == len(word) - 1 and rest:
                    del rest[0]
                break
    return PLAIN


def _quoted(program: str) -> tuple[str, ...]:
    """The strings within a program: commands for a shell are usually among them."""
    return tuple(found[1] for found in re.findall(r"([\"'`])(.+?)\1", program))[:20]


_SQLITE: Final = re.compile(
    r"(?i)^\s*\.(?:shell|system|sh|sys|load|output|once|excel|import|save|backup|clone|open|cd|read|log|archive|ar|dump|trace|"
    r"restore|recover)|load_extension|writefile|readfile|edit\(|fts3_tokenizer|attach|vacuum\s+into"
)


def _sqlite(args: Sequence[str], piped: bool) -> Reading:
    risky = [
        word for word in args if _SQLITE.search(word) or re.match(r"--?(?:init|cmd|A|append|zip|vfs|unsafe)", word)
    ]
    scripts = tuple(re.sub(r"^\s*\.\w+\s*", "", word) for word in risky)
    if risky or (piped and sum(not word.startswith("-") for word in args) < 2):
        return Reading(acts="may run a shell, load code or write files", scripts=scripts)
    return PLAIN


def _database(args: Sequence[str], piped: bool) -> Reading:
    risky = any(
        re.search(r"(?i)\\!|\\o|\\copy|\\g|\bcopy\b.*\bprogram\b|\bsystem\b|into\s+(?:out|dump)file|\\\.", w)
        for w in args
    )
    options = any(named(w, "--file", "--output", "--set", "--init-command", "--defaults-file", "--pager", "--tee") or
                  re.match(r"-[fovL]", w) for w in args)  # fmt: skip
    return Reading(acts="may run a shell or write files") if risky or options or piped else PLAIN


def _debugger(args: Sequence[str], piped: bool) -> Reading:
    risky = any(
        re.match(r"--?(?:ex|eval-command|eval|command|x|ix|iex|init|o|s|p|cd|args|batch-silent)", w) for w in args
    )
    scripts = tuple(re.sub(r"^\s*(?:shell|!|python|system)\s*", "", args[i + 1]) for i in range(len(args) - 1))
    return (
        Reading(acts="runs commands of a debugger, a shell's among them", scripts=scripts) if risky or piped else PLAIN
    )


_MEDIA_SOURCES: Final = re.compile(
    r"(?i)(?:concat|subfile|pipe|tee|ephemeral|msl|mvg|label|text|caption|gopher|tcp|udp)[:@/]|[@|]"
)
_MEDIA_OPTIONS: Final = re.compile(
    r"-(?:dump_attachment|report|passlogfile|filter_complex_script|filter_script|init_hw_device|f$|y$|write|script|"
    r"path|authenticate|vstats_file|sdp_file|progress|attach)"
)


def _media(args: Sequence[str], piped: bool) -> Reading:
    """ffmpeg, ImageMagick: they write what they name last, and some inputs are programs or lists of files."""
    risky = any(_MEDIA_SOURCES.match(word) or _MEDIA_OPTIONS.match(word) for word in args)
    return Reading(acts="reads or writes what its options name") if risky else PLAIN


def _busybox(args: Sequence[str], piped: bool) -> Reading:
    rest = tuple(args)
    while rest and rest[0].startswith("-"):
        rest = rest[1:]
    return Reading(behind=rest)


def _parallel(args: Sequence[str], piped: bool) -> Reading:
    return Reading(
        acts="runs a program on what it is fed", scripts=(" ".join(w for w in args if not w.startswith("-")),)
    )


def _env(args: Sequence[str], piped: bool) -> Reading:
    rest = list(args)
    while rest and (rest[0].startswith("-") or re.match(r"\w+=", rest[0])):
        word = rest.pop(0)
        if re.match(r"-[i0v]*S", word) or named(word, "--split-string"):
            text = word.partition("=")[2] or re.sub(r"^-[i0v]*S", "", word) or "".join(rest[:1])
            return Reading(acts="splits a text into a command", scripts=(text,))
        if word in ("-u", "-C"):
            rest = rest[1:]
    return Reading(behind=tuple(rest))


PROGRAMS: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(("python", "pypy", "ipython"), _python),
    **dict.fromkeys(("node", "nodejs", "ts-node", "tsx"), _node),
    "perl": _perl,
    "ruby": _ruby,
    "php": _php,
    **dict.fromkeys(
        ("lua", "luajit", "Rscript", "R", "julia", "osascript", "pwsh", "elixir", "groovy", "deno"), _other
    ),
    "sqlite": _sqlite,
    **dict.fromkeys(("psql", "mysql", "mariadb", "duckdb"), _database),
    **dict.fromkeys(("gdb", "lldb"), _debugger),
    **dict.fromkeys(("ffmpeg", "ffprobe", "convert", "magick", "mogrify"), _media),
    **dict.fromkeys(("busybox", "toybox"), _busybox),
    **dict.fromkeys(("parallel", "rush"), _parallel),
    "env": _env,
}
