"""`vega-tui doctor`: is this installation sound? With --session, are a session's events?"""

import asyncio
import importlib
import os
import platform
import shutil
import stat
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from vega_tui.cli.connect import connected, in_process
from vega_tui.cli.setting import Setting
from vega_tui.client.environment import provider_settings
from vega_tui.client.locate import Presence, find_host
from vega_tui.core import events as ev
from vega_tui.core.assets import asset_dir
from vega_tui.core.errors import VegaError
from vega_tui.core.exits import Exit
from vega_tui.core.secrecy import without_userinfo
from vega_tui.core.version import __version__
from vega_tui.plain.tables import Column, table
from vega_tui.protocol import operations as ops

if TYPE_CHECKING:
    from vega_tui.commands.table import CommandTable
    from vega_tui.tools.registry import Registry

Verdict: TypeAlias = Literal["ok", "note", "FAIL"]
_MOST_SHOWN: Final = 20


class Finding(NamedTuple):
    """One thing that was looked at."""

    what: str
    verdict: Verdict
    text: str


async def run(setting: Setting) -> Exit:
    """Print what was found; 1 where something is broken."""
    if setting.asked.session:
        found = await _session(setting, setting.asked.session)
    else:
        found = [_program(), _terminal(), *_home(setting), _settings(setting), _assets(), *_plugins()]
        found += [await _host(setting), await asyncio.to_thread(_database, setting)]
    columns = (Column(""), Column("WHAT"), Column("FOUND"))
    setting.tell(
        [each._asdict() for each in found], table(columns, [[each.verdict, each.what, each.text] for each in found])
    )
    return Exit.ERROR if any(each.verdict == "FAIL" for each in found) else Exit.OK


def _program() -> Finding:
    text = f"vega-tui {__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    return Finding("program", "ok" if sys.version_info >= (3, 11) else "FAIL", text)


def _terminal() -> Finding:
    term = os.environ.get("TERM", "")
    size = shutil.get_terminal_size()
    colours = "24-bit colour" if os.environ.get("COLORTERM") in ("truecolor", "24bit") else "256 colours or fewer"
    inside = ", in tmux" if os.environ.get("TMUX") else ", in screen" if term.startswith("screen") else ""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    text = f"{term or 'no TERM'}, {size.columns}×{size.lines}, {colours}, {encoding or 'no encoding'}{inside}"
    if not term or term == "dumb":
        return Finding("terminal", "note", f"{text}: the screen needs another; -p works everywhere")
    if encoding != "utf8":
        return Finding("terminal", "note", f"{text}: set a UTF-8 locale, or glyphs: ascii in config.yaml")
    return Finding("terminal", "ok", text)


def _home(setting: Setting) -> Iterable[Finding]:
    home = setting.home
    try:
        home.ensure()
    except VegaError as error:
        return [Finding("home", "FAIL", str(error))]
    free = shutil.disk_usage(home.root).free
    found = [Finding("home", "ok" if free > 100_000_000 else "FAIL", f"{home.root}, {free // 1_000_000:,} MB free")]
    open_to = [path for path in (home.run, home.database) if path.exists() and _others_may_write(path.stat().st_mode)]
    found += [Finding("home", "FAIL", f"{path} can be written by others; chmod go-w {path}") for path in open_to]
    return found


def _others_may_write(mode: int) -> bool:
    return bool(stat.S_IMODE(mode) & (stat.S_IWGRP | stat.S_IWOTH))


def _settings(setting: Setting) -> Finding:
    try:
        config = setting.config()
    except VegaError as error:
        return Finding("settings", "FAIL", str(error))
    provider = provider_settings(config)
    if provider.simulated:
        return Finding("settings", "note", f"{config.model}: no key in {config.api_key_env}, so the simulator answers")
    key = f"key from {config.api_key_env}" if provider.api_key else f"no key in {config.api_key_env}"
    return Finding(
        "settings", "ok", f"{config.model}, {key}, {without_userinfo(provider.base_url) or 'the provider itself'}"
    )


def _assets() -> Finding:
    missing = [name for name in ("themes", "sessions", "examples") if not asset_dir(name).is_dir()]
    if missing:
        return Finding("files", "FAIL", f"{', '.join(missing)}: not where they should be; install vega-tui again")
    themes = sorted(path.stem for path in asset_dir("themes").glob("*.yaml"))
    return Finding("files", "ok" if themes else "FAIL", f"themes: {', '.join(themes) or 'none; install again'}")


def _plugins() -> list[Finding]:
    """What other packages add, loaded as the host and the screen load it."""
    registry: Callable[[], Registry] = importlib.import_module("vega_tui.tools.registry").full_registry
    commands: Callable[[], CommandTable] = importlib.import_module("vega_tui.commands.table").load_table
    broken = [("tool", each) for each in registry().problems] + [("command", each) for each in commands().problems]
    found = [Finding("plugin", "FAIL", f"{kind} {text}; mend it or uninstall its package") for kind, text in broken]
    return found or [Finding("plugins", "ok", "none is broken")]


async def _host(setting: Setting) -> Finding:
    found = find_host(setting.home)
    if found.presence is Presence.ABSENT:
        return Finding("host", "ok", "none runs; it starts when it is needed")
    if found.presence is Presence.STALE:
        return Finding("host", "note", f"{found.text}; the next start clears it away")
    if found.presence is not Presence.READY:
        return Finding("host", "FAIL", found.text)
    try:
        async with connected(setting.home, setting.hello()) as host:
            status = await host.call(ops.HOST_STATUS, ops.Nothing())
    except VegaError as error:
        return Finding("host", "FAIL", str(error))
    same = status.version == __version__
    text = f"pid {status.pid}, version {status.version}, {status.processes} processes, {status.memory_mib:.0f} MiB"
    return Finding("host", "ok" if same else "note", text if same else f"{text}; restart it: vega-tui host stop")


def _database(setting: Setting) -> Finding:
    """The projections against the log, read beside a host that may be writing."""
    path = setting.home.database
    if not path.exists():
        return Finding("database", "ok", "none yet")
    compare: Callable[..., list[str]] = importlib.import_module("vega_tui.sessions.rebuild").compare
    codec = importlib.import_module("vega_tui.sessions.codec").Codec
    try:
        differences = compare(path, codec())
    except Exception as error:  # whatever is wrong with the file is a finding, not the end of the check
        return Finding("database", "FAIL", f"{path}: {error}")
    if differences:
        return Finding("database", "FAIL", f"{path}: tables differ from the log: {'; '.join(differences)}")
    return Finding("database", "ok", f"{path}, {path.stat().st_size:,} bytes; all tables agree with the log")


async def _session(setting: Setting, target: str) -> list[Finding]:
    """Every rule of a lifecycle that the session's events break, and what of its log can't be read."""
    async with in_process(setting.home, setting.hello()) as host:
        snapshot = await host.call(ops.SESSION_SHOW, ops.SessionRef(session=target))
    row = snapshot.session
    assert row is not None, "a session's snapshot has its session"
    read: Callable[[Path, str], tuple[list[ev.AnyEvent], int]]
    read = importlib.import_module("vega_tui.sessions.inspection").read_session
    validate: Callable[..., list[object]] = importlib.import_module("vega_tui.sessions.lifecycle").validate
    events, unreadable = await asyncio.to_thread(read, setting.home.database, row.id)
    broken = [str(each) for each in validate(events, complete=not row.working)]
    if unreadable:
        broken.insert(0, f"{unreadable} events can't be read")
    if not broken:
        return [Finding(row.id, "ok", f"{len(events):,} events, all as they should be")]
    more = [f"… and {len(broken) - _MOST_SHOWN} more"] if len(broken) > _MOST_SHOWN else []
    return [Finding(row.id, "FAIL", each) for each in [*broken[:_MOST_SHOWN], *more]]
