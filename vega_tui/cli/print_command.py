"""`vega-tui -p`: settings, stdin and prompt brought together for plain/headless.py."""

import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from vega_tui.cli.connect import in_process
from vega_tui.cli.setting import Setting
from vega_tui.client.connection import Connection
from vega_tui.client.opening import opening
from vega_tui.core import events as ev
from vega_tui.core.errors import HostError
from vega_tui.core.exits import Exit
from vega_tui.plain.headless import Asked, Headless
from vega_tui.plain.prompt import read_context, with_context


async def run(setting: Setting) -> Exit:
    """Ask, and end with the exit code that says what became of it."""
    asked = setting.asked
    context = read_context(sys.stdin.buffer if sys.stdin else None, setting.notes)
    prompt = with_context(asked.prompt, context)
    config = setting.config()
    if config.untrusted is not None and setting.notes.terminal:
        why = f"{config.untrusted}/.vega is not read: {config.why_untrusted}"
        setting.notes.line(f"vega-tui: {why}; vega-tui config trust")
    open_ = opening(
        config, session=asked.resume or "", latest=asked.continue_, name=asked.name, ephemeral=asked.no_session
    )
    hello = setting.hello("headless", can_ask=False)

    def connect(
        *, on_event: Callable[[ev.AnyEvent], None], on_closed: Callable[[HostError], None]
    ) -> AbstractAsyncContextManager[Connection]:
        return in_process(setting.home, hello, on_event=on_event, on_closed=on_closed, notes=say)

    def say(text: str) -> None:
        setting.notes.line(f"vega-tui: {text}")

    what = Asked(prompt=prompt, open=open_, output_format=asked.output_format)
    return await Headless(what, setting.out, setting.notes).run(connect)
