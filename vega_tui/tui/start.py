"""Puts a face together from the command line and the settings, runs it, and gives the exit code."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from vega_tui.client.connection import Connection
from vega_tui.client.environment import hello_for
from vega_tui.client.feed import Feed
from vega_tui.client.opening import opening
from vega_tui.commands.keys_in_force import read_keymap
from vega_tui.commands.table import load_table
from vega_tui.core.config import Config, load
from vega_tui.core.home import Home
from vega_tui.core.words import Mode
from vega_tui.tui.app import VegaApp
from vega_tui.tui.hosting import listening, reach
from vega_tui.tui.keys import Keys
from vega_tui.tui.startup import FaceOptions, Startup
from vega_tui.tui.wardrobe import Wardrobe


def run(home: Home, startup: Startup) -> int:
    """Run the screen until it is left. Raises what ended it, where that was no wish of the person's."""
    import gc

    config = _config(home, startup.options)
    startup.options.read_only = config.read_only
    gc.freeze()  # what was imported stays: the collector needn't look at it again
    gc.enable()
    return asyncio.run(_run(home, startup, config))


async def _run(home: Home, startup: Startup, config: Config) -> int:
    complaints = startup.words
    if config.untrusted is not None:
        complaints.append(f"vega-tui config trust: this .vega/ is not read, {config.why_untrusted}")
    table = load_table()
    complaints += [f"command {problem}" for problem in table.problems]
    keymap, problems = read_keymap(home.root / "keymap.yaml", table)
    complaints += [str(problem) for problem in problems]
    wardrobe = Wardrobe(home, config.theme, ascii_only=_ascii(config), complain=complaints.append)
    # The app needs the feed and the feed tells the app: nothing is told before the feed is opened.
    feed = make_feed(home, startup, config, lambda: app.changed())  # noqa: PLW0108
    app = VegaApp(feed, startup, wardrobe, Keys(table, keymap), begin=lambda: _begin(home, startup, feed))
    loop = asyncio.get_running_loop()

    def leave() -> None:
        loop.call_soon_threadsafe(app.exit)

    startup.on_signal(leave)
    try:
        await app.run_async()
    finally:
        await app.close()
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0


def make_feed(home: Home, startup: Startup, config: Config, on_change: Callable[[], None]) -> Feed:
    """The feed of the session that the command line asks for."""
    options = startup.options
    asked = opening(
        config,
        session=options.resume or "",
        latest=options.latest,
        name=options.name,
        ephemeral=options.ephemeral,
        demo=options.demo,
    )
    hello = hello_for("tui", config, Path.cwd())

    async def restart() -> None:
        startup.start_host()
        await reach(lambda: listening(home.socket), startup.host_ended, home)

    connect = partial(Connection.to_unix, home, hello)
    return Feed(connect, asked, restart_host=restart, on_change=on_change, read_only=config.read_only)


async def _begin(home: Home, startup: Startup, feed: Feed) -> None:
    await reach(lambda: listening(home.socket), startup.host_ended, home)
    await feed.open()


def _config(home: Home, options: FaceOptions) -> Config:
    flags: dict[str, str | float | int | bool | Mode | None] = {
        "model": options.model,
        "mode": Mode(options.mode) if options.mode else None,
        "budget_usd": options.budget_usd,
        "max_turns": options.max_turns,
        "theme": options.theme,
        "read_only": options.read_only or None,
    }
    return load(home, Path.cwd(), flags=flags)


def _ascii(config: Config) -> bool:
    return config.glyphs == "ascii"
