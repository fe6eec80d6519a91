"""`python -m vega_tui.host [--home PATH] [--idle SECONDS]`: the host as a process of its own."""

import argparse
import asyncio
import gc
import logging
import logging.handlers
import os
import signal
import sys
from pathlib import Path

from vega_tui.core import secrecy
from vega_tui.core.errors import HostError, VegaError
from vega_tui.core.home import Home
from vega_tui.host.host import IDLE_S, Host


def main() -> int:
    """Run until stopped or idle. 0: ended in order, or another host has the home; 1: could not start."""
    parser = argparse.ArgumentParser(prog="python -m vega_tui.host", description=__doc__)
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--idle", type=float, default=IDLE_S, metavar="SECONDS")
    options = parser.parse_args()
    home = Home(options.home)
    os.environ["VEGA_HOME"] = str(home.root)  # who asks for the home here means this one, not a relative name of it
    secrecy.withdraw(all_keys=True)
    try:
        home.ensure()
        _log_to(home)
        asyncio.run(_run(home, options.idle))
    except HostError as error:
        print(f"vega-tui host: {error}", file=sys.stderr)
        return 0 if "another host" in str(error) else 1
    except VegaError as error:
        logging.getLogger(__name__).error("could not start: %s", error)
        print(f"vega-tui host: {error}", file=sys.stderr)
        return 1
    return 0


async def _run(home: Home, idle_s: float) -> None:
    async with Host(home) as host:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, host.stop)
        loop.add_signal_handler(signal.SIGHUP, lambda: None)  # a closed terminal is no reason to end
        gc.collect()
        gc.freeze()  # what is there now stays: the collector needn't look at it again
        await host.run_until_idle(idle_s)


class _Clean(logging.Formatter):
    """Keys never come near a log, tracebacks of libraries' errors included."""

    def format(self, record: logging.LogRecord) -> str:
        return secrecy.cleaned(super().format(record))


def _log_to(home: Home) -> None:
    handler = logging.handlers.RotatingFileHandler(home.log, maxBytes=2_000_000, backupCount=2, encoding="utf-8")
    handler.setFormatter(_Clean("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.captureWarnings(True)  # of libraries, about models and the like: nobody reads a host's stderr
    # Libraries log requests with their headers; keys must never come near a log.
    for noisy in ("httpx2", "httpcore2", "anthropic", "aiohttp", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
