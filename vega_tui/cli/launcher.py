"""The program's start. Decides fast whether the screen is wanted; if so, shows a usable prompt before Textual loads.

Order matters here: terminal, first frame and keys come first, then the host (it starts on another core), then the
slow imports. Everything else the command line can ask for is cli/main.py's.
"""

import os
import sys
from typing import TYPE_CHECKING

from vega_tui.cli.module_path import leave_the_folder

if TYPE_CHECKING:
    from vega_tui.cli.arguments import Arguments
    from vega_tui.cli.early_keys import EarlyKeys
    from vega_tui.cli.terminal import Terminal
    from vega_tui.tui.startup import FaceOptions

_SURE = frozenset(("-c", "--continue", "--read-only", "--no-session"))  # with only these, the screen is meant
_NO_TERMINAL = "vega-tui: the screen needs a terminal; for scripts: vega-tui -p 'PROMPT'"


def main() -> int:
    """Run the program; gives its exit code."""
    leave_the_folder()
    argv = sys.argv[1:]
    if not _SURE.issuperset(argv):
        from vega_tui.cli.arguments import parse

        if not parse(argv).interactive:
            from vega_tui.cli.main import main as command_main
            from vega_tui.core import secrecy

            secrecy.withdraw(all_keys=True)  # before anything is started
            return command_main(argv)
    if not (os.isatty(0) and os.isatty(1)) or os.environ.get("TERM", "dumb") == "dumb":
        print(_NO_TERMINAL, file=sys.stderr)
        return 2
    return _screen(argv)


def _screen(argv: list[str]) -> int:
    from vega_tui.cli.early_keys import EarlyKeys
    from vega_tui.cli.skeleton import Colours, echo, frame, palette, plain_colours
    from vega_tui.cli.terminal import Terminal

    terminal = Terminal()
    home = os.path.abspath(os.path.expanduser(os.environ.get("VEGA_HOME") or "~/.vega"))
    colours = Colours(palette(home + "/run/skeleton"), plain=plain_colours(os.environ))
    columns, rows = terminal.size()
    cooked = terminal.enter()
    terminal.write(frame(columns, rows, colours))

    def show(text: str) -> None:
        terminal.write(echo(text, columns, rows, colours))

    keys = EarlyKeys(0, show, lambda: _quit(terminal), cooked)
    try:
        return _with_keys(argv, keys, terminal)
    except BaseException as error:
        # The terminal first: what is said next must land on a screen that stays.
        terminal.leave()
        if isinstance(error, SystemExit):
            raise
        return _failed(error, home)
    finally:
        terminal.leave()


def _with_keys(argv: list[str], keys: "EarlyKeys", terminal: "Terminal") -> int:
    import gc

    gc.disable()  # nothing made while importing is garbage
    os.environ.setdefault("TEXTUAL_FPS", "120")
    os.environ.setdefault("ESCDELAY", "50")
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    from vega_tui.cli import host_process
    from vega_tui.core import secrecy
    from vega_tui.core.home import Home

    secrecy.withdraw(all_keys=False)  # before anything is started

    home = Home()
    options = None
    if argv:
        from vega_tui.cli.arguments import parse

        asked = parse(argv)
        options = _options(asked)
        if asked.cwd:
            os.chdir(asked.cwd)
        if asked.demo:
            from vega_tui.cli.demo_home import fresh_demo_home

            home = fresh_demo_home(home)
            os.environ["VEGA_HOME"] = str(home.root)
    home.ensure()
    hosts: list[int] = []

    def start_host() -> None:
        hosts.append(host_process.start(str(home.root), str(home.log)))

    if not host_process.is_listening(str(home.socket)):
        start_host()
    from vega_tui.tui.start import run
    from vega_tui.tui.startup import FaceOptions, Startup

    startup = Startup(
        options or FaceOptions(),
        take=keys.take,
        start_host=start_host,
        host_ended=lambda: bool(hosts) and host_process.ended(hosts[-1]),
        on_signal=lambda ask: setattr(terminal, "on_signal", ask),
    )
    return run(home, startup)


def _options(asked: "Arguments") -> "FaceOptions":
    from vega_tui.tui.startup import FaceOptions

    options = FaceOptions()
    options.prompt = asked.prompt
    options.latest = asked.continue_
    options.resume = asked.resume
    options.name = asked.name
    options.model = asked.model
    options.mode = asked.mode
    options.budget_usd = asked.budget_usd
    options.max_turns = asked.max_turns
    options.theme = asked.theme
    options.read_only = asked.read_only
    options.ephemeral = asked.no_session
    options.demo = asked.demo
    return options


def _quit(terminal: "Terminal") -> None:
    # Called in the keys' thread while the main one may be deep in an import: nothing was begun, so leave at once.
    terminal.leave()
    os._exit(130)


def _failed(error: BaseException, home: str) -> int:
    """One clear line on stderr; the traceback of what is not a user's error goes to the log."""
    from vega_tui.core.errors import HostError, VegaError

    if isinstance(error, KeyboardInterrupt):
        return 130
    if isinstance(error, VegaError):
        print(f"vega-tui: {error}", file=sys.stderr)
        return 5 if isinstance(error, HostError) else 1
    import traceback

    from vega_tui.core.secrecy import cleaned

    log = home + "/logs/face.log"
    try:
        os.makedirs(os.path.dirname(log), mode=0o700, exist_ok=True)
        with open(log, "a", encoding="utf-8") as file:
            file.write(cleaned("".join(traceback.format_exception(error))))
        where = f"; the traceback is in {log}"
    except OSError:
        where = ""
    print(f"vega-tui: the screen failed: {type(error).__name__}: {error}{where}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
