"""`vega-tui host status|start|stop|logs`."""

import asyncio
from typing import Final

import msgspec

from vega_tui.cli import host_process
from vega_tui.cli.connect import connected
from vega_tui.cli.setting import Setting
from vega_tui.client.locate import Presence, find_host
from vega_tui.core import clock
from vega_tui.core.errors import HostError, UserError
from vega_tui.core.exits import Exit
from vega_tui.plain import listings
from vega_tui.protocol import operations as ops
from vega_tui.protocol.frames import to_builtins

_STOP_TIMEOUT_S: Final = 15.0
_POLL_S: Final = 0.05
_FOLLOW_S: Final = 0.3


async def status(setting: Setting) -> Exit:
    """`host status`: exit code 5 where none runs."""
    found = find_host(setting.home)
    if found.presence is not Presence.READY:
        setting.tell({"running": False, "home": str(setting.home.root), "reason": found.text}, [found.text])
        return Exit.HOST
    return await _print_status(setting, start=False)


async def start(setting: Setting) -> Exit:
    """`host start`: nothing new where one runs."""
    return await _print_status(setting, start=True)


async def _print_status(setting: Setting, *, start: bool) -> Exit:
    async with connected(setting.home, setting.hello(), start=start) as host:
        found = await host.call(ops.HOST_STATUS, ops.Nothing())
    setting.tell({"running": True, **to_builtins(found)}, listings.status(found, clock.wall()))
    return Exit.OK


async def stop(setting: Setting) -> Exit:
    """`host stop`: returns once it has ended. Refused while a run is under way, unless forced."""
    found = find_host(setting.home)
    if found.presence in (Presence.ABSENT, Presence.STALE):
        setting.tell({"stopped": False, "reason": found.text}, [found.text])
        return Exit.OK
    async with connected(setting.home, setting.hello()) as host:
        pid = host.welcome.pid
        await host.call(ops.HOST_STOP, ops.HostStop(force=setting.asked.force))
    deadline = clock.monotonic() + _STOP_TIMEOUT_S
    while host_process.is_listening(str(setting.home.socket)):
        if clock.monotonic() > deadline:
            raise HostError(f"the host (pid {pid}) has not ended after {_STOP_TIMEOUT_S:g} s; vega-tui host logs")
        await asyncio.sleep(_POLL_S)
    setting.tell({"stopped": True, "pid": pid}, [f"stopped (pid {pid})"])
    return Exit.OK


async def logs(setting: Setting) -> Exit:
    """`host logs`: the end of what the host said; needs no host."""
    path = setting.home.log
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
            _print_log(setting, lines[-setting.asked.limit :])
            while setting.asked.follow:
                new = file.read()
                if new:
                    _print_log(setting, new.splitlines())
                await asyncio.sleep(_FOLLOW_S)
    except FileNotFoundError:
        raise UserError(f"{path}: no host has said anything yet; vega-tui host start") from None
    return Exit.OK


def _print_log(setting: Setting, lines: list[str]) -> None:
    if setting.asked.json:
        for line in lines:
            setting.out.raw(msgspec.json.encode({"line": line}) + b"\n")
        return
    for line in lines:
        setting.out.line(line)
