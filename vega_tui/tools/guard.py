"""Ends the programs that tools started when this process dies without being able to: by kill -9, or a crash.

A tiny shell of its own session reads from a pipe which process groups live; the kernel closes the pipe however
this process ends, and then the shell kills what is left. Where there is no bash, there is no guard.
"""

import asyncio
import logging
import os
from contextlib import AbstractContextManager
from typing import Final

from vega_tui.core.own_process import environment, program
from vega_tui.core.processes import MARK
from vega_tui.tools.leftovers import Leftovers, Swept

log: Final = logging.getLogger(__name__)

_CLOSE_S: Final = 2.0
# The mark finds what has left its process group (Linux; elsewhere the group must do).
_SCRIPT: Final = f"""
trap '' HUP INT TERM
list=
while read -r sign group mark; do
  item="$group:$mark"
  if [ "$sign" = + ]; then list="$list $item"; continue; fi
  kept=
  for each in $list; do [ "$each" = "$item" ] || kept="$kept $each"; done
  list=$kept
done
for each in $list; do
  kill -KILL -- "-${{each%%:*}}"
  mark=${{each#*:}}
  [ -n "$mark" ] || continue
  for environ in /proc/[0-9]*/environ; do
    grep -qzxF "{MARK}=$mark" "$environ" || continue
    pid=${{environ#/proc/}}
    kill -KILL "${{pid%/environ}}"
  done
done
"""


class Guard:
    """One per process that runs tools. The shell is started when there is something to guard."""

    def __init__(self, *, alone: bool = False) -> None:
        self._leftovers = Leftovers(alone=alone)
        self._process: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()
        self._closed = False

    async def add(self, group: int, mark: str = "") -> None:
        """Kill this process group, and what carries the mark, should this process die."""
        self._leftovers.began(group, mark)
        async with self._starting:
            if self._process is None and not self._closed:
                with self.starting():
                    self._process = await _start()
                    if self._process is not None:
                        self._leftovers.began(self._process.pid)
        self._tell("+", group, mark)

    def remove(self, group: int, mark: str = "") -> None:
        """It has ended: its number may soon be another's."""
        self._leftovers.ended(group)
        self._tell("-", group, mark)

    def starting(self) -> AbstractContextManager[None]:
        """Around the start of a program of ours, until `add` knows it."""
        return self._leftovers.starting()

    def own(self, pid: int) -> None:
        """A program of ours, no leftover; told before the next wait."""
        self._leftovers.began(pid)

    async def sweep(self, mark: str = "") -> Swept:
        """End what a call that has ended, or any such call, left running. It may have fled from its group."""
        return await self._leftovers.sweep(mark)

    async def aclose(self) -> None:
        """Kill what is still guarded or left and end the shell. Idempotent."""
        if not self._closed:
            await self.sweep()
        self._closed = True
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            async with asyncio.timeout(_CLOSE_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def _tell(self, sign: str, group: int, mark: str) -> None:
        if self._process is not None and self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(f"{sign} {group} {mark}\n".encode())


async def _start() -> asyncio.subprocess.Process | None:
    try:
        return await asyncio.create_subprocess_exec(
            program("bash", os.environ) or "bash", "-c", _SCRIPT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd="/",
            env={"PATH": environment(os.environ).get("PATH", os.defpath)},
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        log.warning("no guard against a sudden end: %s", error)
        return None
