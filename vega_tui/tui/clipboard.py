"""Copying out of the terminal: OSC 52, which every good terminal takes, and tmux's own buffer beside it."""

import asyncio
import base64
import shutil
from collections.abc import Callable, Mapping
from typing import Final

MOST_BYTES: Final = 64 * 1024  # some terminals drop longer sequences, silently
_TMUX_S: Final = 2.0


def osc52(text: str) -> str:
    """The sequence that asks the terminal to take `text`."""
    return f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"


async def copy(text: str, write: Callable[[str], None], env: Mapping[str, str]) -> str:
    """Copy and give one line that says so. Under tmux its buffer takes the text too: it ignores OSC 52 by default."""
    size = len(text.encode())
    if size > MOST_BYTES:
        return f"too long to copy: {size:,} bytes, terminals take {MOST_BYTES:,}"
    write(osc52(text))
    said = f"copied {len(text):,} character{'s' if len(text) != 1 else ''}"
    tmux = shutil.which("tmux") if env.get("TMUX") else None
    if tmux and await _load_buffer(tmux, text):
        return f"{said}, in tmux's buffer too"
    return said


async def _load_buffer(tmux: str, text: str) -> bool:
    process = await asyncio.create_subprocess_exec(
        tmux,
        "load-buffer",
        "-w",
        "-",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_TMUX_S):
            await process.communicate(text.encode())
    except TimeoutError:
        process.kill()
        await process.wait()
        return False
    return process.returncode == 0
