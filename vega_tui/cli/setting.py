"""What every command works with: its arguments, the home, the settings, where its words go."""

import io
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import msgspec

from vega_tui.cli.arguments import Arguments
from vega_tui.client.environment import hello_for
from vega_tui.core.config import Config, Value, load
from vega_tui.core.errors import UserError
from vega_tui.core.home import Home
from vega_tui.plain.output import Out
from vega_tui.protocol.operations import Hello


@dataclass(frozen=True, slots=True)
class Setting:
    """A command's surroundings. `cwd` is where it works, which --cwd may have moved."""

    asked: Arguments
    home: Home
    cwd: Path
    out: Out
    notes: Out  # stderr

    def config(self) -> Config:
        """The settings in force; raises UserError naming the place of a mistake."""
        asked = self.asked
        flags: dict[str, Value] = {
            "model": asked.model,
            "mode": asked.mode,
            "theme": asked.theme,
            "budget_usd": asked.budget_usd,
            "max_turns": asked.max_turns,
            "read_only": asked.read_only or None,
        }
        return load(self.home, self.cwd, flags=flags)

    def hello(self, client: str = "cli", *, can_ask: bool = True) -> Hello:
        """How this command greets the host."""
        return hello_for(client, self.config(), self.cwd, can_ask=can_ask)

    def tell(self, value: msgspec.Struct | Sequence[Any] | dict[str, Any], lines: Sequence[str]) -> None:
        """Print `value` as JSON where that was asked for, `lines` otherwise."""
        # Any: what goes out is plain JSON
        if self.asked.json:
            self.out.raw(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
            return
        for line in lines:
            self.out.line(line)


def setting_of(asked: Arguments) -> Setting:
    """The surroundings of this process. Raises UserError where --cwd is no folder."""
    cwd = Path(asked.cwd or ".").expanduser().absolute()
    if not cwd.is_dir():
        raise UserError(f"--cwd {asked.cwd}: no such folder")
    return Setting(asked=asked, home=Home(), cwd=Path(os.path.normpath(cwd)), out=_out(1), notes=_out(2))


def _out(descriptor: int) -> Out:
    stream: TextIO | None = sys.stdout if descriptor == 1 else sys.stderr
    if stream is None:
        return Out(io.BytesIO(), terminal=False)  # closed by the caller, who wants none of it
    terminal = stream.isatty()
    return Out(stream.buffer, terminal=terminal, width=shutil.get_terminal_size().columns if terminal else None)
