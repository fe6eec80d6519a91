"""The command line as data: `parse(argv)` gives one `Arguments`. Light: the launcher imports it first of all."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeAlias

from vega_tui.core.near import near
from vega_tui.core.version import __version__

PROGRAM: Final = "vega-tui"
MODES: Final = ("manual", "edits", "auto", "yolo")
FORMATS: Final = ("text", "json", "stream-json")
_OTHER_NAMES: Final = {  # words of other programs, taken for ours
    "default": "manual",
    "acceptEdits": "edits",
    "bypassPermissions": "yolo",
    "streaming": "stream-json",
}
# What a group of commands does when no more is said.
_DEFAULT_WORD: Final = {"approvals": "list", "rules": "list", "sessions": "list", "host": "status", "config": "show"}
_ON_PROCESSES: Final = {
    "kill": "kill a process and what is linked to it",
    "restart": "end a process and start its next life",
    "terminate": "let a process shut down in order; it stays down",
    "pause": "hold a process before its next model call",
    "resume": "let a paused process go on",
}
_COMMANDS: Final = ("demo", "ps", *_ON_PROCESSES, "send", "approvals", "rules", "sessions", "host", "doctor", "config")

_EPILOG: Final = """commands:
  demo                     a team at work on the simulated model, in a home of its own
  ps                       the processes that live
  kill PATH                kill a process; also restart, terminate, pause, resume PATH
  send PATH TEXT           say something to a process
  approvals [list]         what waits for an answer; approvals approve|deny ID
  rules [list]             what is allowed, asked, denied; rules revoke ID
  sessions [list]          conversations; sessions show|tree|fork|rename|rm|search
  host [status]            the background host; host start|stop|logs
  doctor                   check this installation, or one session's events
  config [show]            settings in force; --origin says where each comes from; config trust|untrust

vega-tui COMMAND --help says more. Exit codes: 0 ok, 1 error, 2 usage, 3 budget,
4 approval needed or denied, 5 host unreachable, 130 interrupted."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What was asked for. `command` is `chat`, `print` (-p), `demo`, or the words of a command: `sessions list`."""

    command: str = "chat"
    prompt: str = ""
    continue_: bool = False
    resume: str | None = None  # None: not asked; empty: choose from a list
    name: str = ""
    model: str = ""
    mode: str = ""
    budget_usd: float | None = None
    max_turns: int | None = None
    cwd: str = ""
    theme: str = ""
    read_only: bool = False
    no_session: bool = False
    output_format: str = "text"
    json: bool = False
    target: str = ""  # the session, process or approval that a command is about
    targets: tuple[str, ...] = ()
    text: str = ""
    session: str = ""
    entry: str = ""
    scope: str = "once"  # of an approval: once, session, always
    wider: bool = False  # remember the wider rule that is offered
    all: bool = False
    limit: int = 50
    follow: bool = False
    force: bool = False
    origin: bool = False

    @property
    def demo(self) -> bool:
        """True when the demonstration is to be opened."""
        return self.command == "demo"

    @property
    def interactive(self) -> bool:
        """True when a screen is to be opened."""
        return self.command in ("chat", "demo")


def parse(argv: Sequence[str]) -> Arguments:
    """The meaning of `argv` (without the program's name).

    Ends as argparse does: SystemExit 0 after --help and --version, 2 after one line on stderr for what can't be
    understood.
    """
    try:
        return _command(argv) if argv and argv[0] in _COMMANDS else _chat(argv)
    except _Wrong as wrong:
        print(f"{PROGRAM}: {wrong}", file=sys.stderr)
        raise SystemExit(2) from None


class _Wrong(Exception):
    """One line: what is wrong and what to do."""


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:  # Any: argparse's own options
        # Shortened flags are not taken: a script's must not change its meaning when a flag is added.
        options["allow_abbrev"] = False
        super().__init__(**options)

    def error(self, message: str) -> NoReturn:
        raise _Wrong(f"{message}; see {self.prog} --help")

    def _check_value(self, action: argparse.Action, value: Any) -> None:  # Any: argparse's own signature
        if action.choices is None or value in action.choices:
            return
        choices = [str(choice) for choice in action.choices]
        meant = near(str(value), [*choices, *(other for other, ours in _OTHER_NAMES.items() if ours in choices)])
        what = action.option_strings[-1] if action.option_strings else "command"
        hint = f"did you mean {_translated(meant)!r}?" if meant else f"it is one of {', '.join(choices)}"
        raise _Wrong(f"{what} {str(value)!r} is unknown; {hint}")

    def understand(self, words: Sequence[str]) -> argparse.Namespace:
        """Like parse_args; an unknown flag is answered with the one it may have meant."""
        parsed, unknown = self.parse_known_args(list(words))
        if unknown:
            flag = unknown[0].partition("=")[0]
            meant = near(flag, self.flags()) if flag.startswith("--") else ""
            hint = f"did you mean {meant}?" if meant else f"see {self.prog} --help"
            raise _Wrong(f"{flag!r} is unknown; {hint}")
        return parsed

    def flags(self) -> list[str]:
        """Long flags of this parser and of those below it."""
        own: list[str] = []
        for action in self._actions:
            own += [option for option in action.option_strings if option.startswith("--")]
            if action.nargs == argparse.PARSER:
                below: Any = action.choices  # Any: argparse doesn't say that these are its parsers by name
                parsers: dict[str, _Parser] = below
                own += [flag for parser in parsers.values() for flag in parser.flags()]
        return own


_Subparsers: TypeAlias = "argparse._SubParsersAction[_Parser]"


def _chat(argv: Sequence[str]) -> Arguments:
    parsed = _chat_parser().understand(argv)
    words: list[str] = parsed.words
    if words and words[0] in _COMMANDS and argv[0] != "--":
        raise _Wrong(f"the command {words[0]} comes before its flags; to send it as a prompt: {PROGRAM} -- {words[0]}")
    if len(words) == 1 and " " not in words[0] and parsed.print is None and argv[0] != "--":
        meant = near(words[0], _COMMANDS)
        if meant:
            raise _Wrong(
                f"{words[0]!r} is no command; did you mean {meant!r}? To send it as a prompt: {PROGRAM} -- {words[0]}"
            )
    if parsed.yolo and parsed.mode not in ("", "yolo"):
        raise _Wrong(f"--yolo and --permission-mode {parsed.mode} contradict each other; give one of them")
    if parsed.no_session and (parsed.continue_ or parsed.resume is not None):
        raise _Wrong("--no-session keeps nothing, so it can't go on from a kept session; leave one of them out")
    headless = parsed.print is not None
    if headless and parsed.resume == "":
        raise _Wrong("-r with -p needs the session: -r ID or -r NAME (vega-tui sessions list shows them)")
    prompt = " ".join([*([parsed.print] if parsed.print else []), *words])
    return Arguments(
        command="print" if headless else "chat",
        prompt=prompt,
        continue_=parsed.continue_,
        resume=parsed.resume,
        name=parsed.name,
        model=parsed.model,
        mode="yolo" if parsed.yolo else parsed.mode,
        budget_usd=parsed.budget_usd,
        max_turns=parsed.max_turns,
        cwd=parsed.cwd,
        theme=parsed.theme,
        read_only=parsed.read_only,
        no_session=parsed.no_session,
        output_format=parsed.output_format,
        json=parsed.output_format != "text",
    )


def _chat_parser() -> _Parser:
    parser = _Parser(
        prog=PROGRAM,
        usage=f"{PROGRAM} [flags] [PROMPT]\n       {PROGRAM} -p PROMPT [flags]\n       {PROGRAM} COMMAND …",
        description="An operator console, in a terminal, for teams of AI agents under Erlang-style supervision.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", metavar="PROMPT", help="what to say first")
    parser.add_argument("-V", "--version", action="version", version=f"{PROGRAM} {__version__}")
    add = parser.add_argument
    add("-p", "--print", nargs="?", const="", metavar="PROMPT", help="answer on stdout and end; stdin is context")
    add("--output-format", type=_translated, choices=FORMATS, default="text", metavar="F", help=" | ".join(FORMATS))
    add("-c", "--continue", dest="continue_", action="store_true", help="go on with this folder's latest session")
    add("-r", "--resume", "--session", nargs="?", const="", metavar="ID|NAME", help="go on with a session")
    add("--no-session", action="store_true", help="keep nothing of this conversation")
    add("-n", "--name", default="", help="name of the new session")
    add("-m", "--model", default="", help="model to use")
    add("--permission-mode", dest="mode", type=_translated, choices=MODES, default="", metavar="MODE",
        help=" | ".join(MODES))  # fmt: skip
    add("--yolo", "--dangerously-skip-permissions", action="store_true", help="the same as --permission-mode yolo")
    add("--max-budget-usd", dest="budget_usd", type=_dollars, metavar="X", help="stop before spending more")
    add("--max-turns", type=_count, metavar="N", help="model calls a prompt may take, its children's counted")
    add("--cwd", default="", metavar="FOLDER", help="work there instead of here")
    add("--theme", default="", help="palette of the screen")
    add("--read-only", action="store_true", help="watch; change nothing")
    return parser


def _command(argv: Sequence[str]) -> Arguments:
    words = list(argv)
    default = _DEFAULT_WORD.get(words[0])
    if default and (len(words) == 1 or (words[1].startswith("-") and words[1] not in ("-h", "--help"))):
        words.insert(1, default)
    parsed = vars(_command_parser().understand(words))
    parsed["command"] = " ".join(word for word in (parsed["command"], parsed.pop("word", "")) if word)
    if isinstance(parsed.get("targets"), list):
        parsed["targets"] = tuple(parsed["targets"])
    if isinstance(parsed.get("text"), list):
        parsed["text"] = " ".join(parsed["text"])
    return Arguments(**parsed)


def _command_parser() -> _Parser:
    parser = _Parser(prog=PROGRAM)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)

    demo = commands.add_parser("demo", help="a team at work on the simulated model")
    demo.add_argument("--theme", default="")
    ps = _leaf(commands, "ps", "the processes that live")
    ps.add_argument("--session", default="", metavar="ID", help="of one session only")
    for word, text in _ON_PROCESSES.items():
        act = _leaf(commands, word, text)
        act.add_argument("target", metavar="PATH")
        act.add_argument("--session", default="", metavar="ID", help="where several sessions have such a path")
    send = _leaf(commands, "send", "say something to a process")
    send.add_argument("target", metavar="PATH")
    send.add_argument("text", nargs="+", metavar="TEXT")
    send.add_argument("--session", default="", metavar="ID", help="where several sessions have such a path")

    _approvals(commands)
    _rules(commands)
    _sessions(commands)
    _host(commands)

    doctor = _leaf(commands, "doctor", "check this installation")
    doctor.add_argument("--session", default="", metavar="ID", help="check the events of one session")
    config = _group(commands, "config", "settings")
    show = _leaf(config, "show", "settings in force")
    show.add_argument("--origin", action="store_true", help="say where each comes from")
    show.add_argument("--cwd", default="", metavar="FOLDER", help="as seen from there")
    for word, text in (("trust", "read this project's .vega/"), ("untrust", "don't read it any more")):
        _leaf(config, word, text).add_argument("--cwd", default="", metavar="FOLDER", help="the project there")
    return parser


def _approvals(commands: _Subparsers) -> None:
    words = _group(commands, "approvals", "what waits for an answer")
    listing = _leaf(words, "list", "what waits, highest risk first")
    listing.add_argument("--session", default="", metavar="ID", help="of one session only")
    approve = _leaf(words, "approve", "say yes")
    approve.add_argument("target", metavar="ID")
    scope = approve.add_mutually_exclusive_group()
    scope.add_argument("--session", dest="scope", action="store_const", const="session", default="once",
                       help="and to the same for the rest of the session")  # fmt: skip
    scope.add_argument("--always", dest="scope", action="store_const", const="always",
                       help="and add the offered rule to this project's")  # fmt: skip
    approve.add_argument("--wider", action="store_true", help="remember the wider rule on offer")
    deny = _leaf(words, "deny", "say no")
    deny.add_argument("target", metavar="ID")
    deny.add_argument("--feedback", dest="text", default="", metavar="TEXT", help="and say why to the model")


def _rules(commands: _Subparsers) -> None:
    words = _group(commands, "rules", "what is allowed, asked and denied")
    listing = _leaf(words, "list", "rules that hold, and where each comes from")
    listing.add_argument("--session", default="", metavar="ID", help="in that session")
    listing.add_argument("--cwd", default="", metavar="FOLDER", help="in that folder")
    _leaf(words, "revoke", "take a remembered yes back").add_argument("target", metavar="ID")


def _sessions(commands: _Subparsers) -> None:
    words = _group(commands, "sessions", "conversations")
    listing = _leaf(words, "list", "newest first")
    listing.add_argument("--all", action="store_true", help="of all folders, not only this one")
    listing.add_argument("--limit", type=_count, default=50, metavar="N")
    listing.add_argument("--cwd", default="", metavar="FOLDER", help="of that folder")
    show = _leaf(words, "show", "what was said")
    show.add_argument("target", metavar="ID")
    show.add_argument("--limit", type=_count, default=1000, metavar="N", help="the newest N entries")
    _leaf(words, "tree", "its branches").add_argument("target", metavar="ID")
    fork = _leaf(words, "fork", "a new branch")
    fork.add_argument("target", metavar="ID")
    fork.add_argument("--at", dest="entry", default="", metavar="ENTRY", help="there instead of at the end")
    fork.add_argument("-n", "--name", default="", help="name of the branch")
    rename = _leaf(words, "rename", "give it another name")
    rename.add_argument("target", metavar="ID")
    rename.add_argument("text", nargs="+", metavar="NAME")
    _leaf(words, "rm", "remove sessions and all that was said").add_argument("targets", nargs="+", metavar="ID")
    search = _leaf(words, "search", "find what was said, in all sessions")
    search.add_argument("text", nargs="+", metavar="TEXT")
    search.add_argument("--limit", type=_count, default=50, metavar="N")


def _host(commands: _Subparsers) -> None:
    words = _group(commands, "host", "the background host")
    _leaf(words, "status", "is it there, and what does it do")
    _leaf(words, "start", "start it, unless it runs")
    stop = _leaf(words, "stop", "end it; sessions stay")
    stop.add_argument("--force", action="store_true", help="even while a run is under way")
    logs = _leaf(words, "logs", "what it said")
    logs.add_argument("-f", "--follow", action="store_true", help="go on as it says more")
    logs.add_argument("--limit", type=_count, default=100, metavar="N", help="the last N lines")


def _group(commands: _Subparsers, name: str, text: str) -> _Subparsers:
    return commands.add_parser(name, help=text, description=text).add_subparsers(
        dest="word", required=True, parser_class=_Parser
    )


def _leaf(commands: _Subparsers, name: str, text: str) -> _Parser:
    leaf = commands.add_parser(name, help=text, description=text)
    leaf.add_argument("--json", action="store_true", help="plain JSON on stdout")
    return leaf


def _translated(word: str) -> str:
    return _OTHER_NAMES.get(word, word)


def _dollars(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of dollars, as 2.50") from None
    if not 0 <= amount < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no amount of dollars, as 2.50")
    return amount


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no count; it is a whole number from 1 up")
    return int(text)
