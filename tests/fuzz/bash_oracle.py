"""Bash runs lines and tells what it ran: no program exists for it, each one that it tries is told instead.

Many lines share one bash, each in a subshell and a folder of its own, as nobody where we are root, without a
path, with limits on time, size and depth. Variables are set, so that what a line expands really expands.
"""

import contextlib
import os
import resource
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534
SCRIPT = r"""
exec 2>/dev/null </dev/null
PATH=/nowhere HOME=$PWD LANG=C.UTF-8 FUNCNEST=6
# a newline would flush half a record
command_not_found_handle() { builtin printf '%s\0' "$__i" "$#" "${@//$'\n'/ }" >&9; [[ $1 != false ]]; }
mapfile -d '' -t __lines <&8
x='a[$(c4)0]' y='c3 z' z='-v a[$(c4)0]' p='$(c4)' e='' n=1 HOST='h' a=('q[$(c4)0]' 2)
for __i in "${!__lines[@]}"; do
  ( exec 8<&-; ulimit -t 1 -f 8 -n 64; cd "$__i" && eval "${__lines[__i]}" ) >/dev/null
  builtin printf '%s\0' "$__i" - >&9
done
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """What bash did for one line: the programs that it tried, and the names of files that it made."""

    programs: tuple[tuple[str, ...], ...] = ()
    files: tuple[str, ...] = ()


class Oracle:
    """A scratch folder and the way to run lines in it."""

    def __init__(self, folder: Path, room: int) -> None:
        self._folder = folder
        self.room = room
        for index in range(room):
            self._fresh(str(index))

    def run(self, lines: Sequence[str]) -> list[Ran]:
        """What each line did. A line that hangs is told as far as it came, and the rest runs after it."""
        told: list[Ran] = []
        while len(told) < len(lines):
            told += self._batch(lines[len(told) : len(told) + self.room])
        return told

    def _batch(self, lines: Sequence[str]) -> list[Ran]:
        fields, done = self._tell(lines)
        programs: dict[int, list[tuple[str, ...]]] = {}
        ended = at = 0
        while at + 1 < len(fields):
            index, count = int(fields[at]), fields[at + 1]
            if count == "-":
                ended, at = index + 1, at + 2
                continue
            words = tuple(fields[at + 2 : at + 2 + int(count)])
            programs.setdefault(index, []).append(words)
            at += 2 + int(count)
        ended = len(lines) if done else min(ended + 1, len(lines))
        return [Ran(tuple(programs.get(index, ())), self._files(str(index))) for index in range(ended)]

    def _tell(self, lines: Sequence[str]) -> tuple[list[str], bool]:
        inner, outer = os.pipe()
        with tempfile.TemporaryFile() as text:
            text.write(b"".join(line.encode() + b"\0" for line in lines))
            text.seek(0)
            process = subprocess.Popen(
                ["bash", "--norc", "-c", f"exec 8<&{text.fileno()} 9>&{outer} {text.fileno()}<&- {outer}>&-\n{SCRIPT}"],
                cwd=self._folder, env={}, stdout=subprocess.DEVNULL, pass_fds=(text.fileno(), outer),
                start_new_session=True, preexec_fn=_limited,  # noqa: PLW1509 - limits must hold from the start
            )  # fmt: skip
        os.close(outer)
        with contextlib.closing(os.fdopen(inner, "rb", 0)) as stream:
            told, done = _read(stream.fileno(), 5 + len(lines) * 0.05)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return told.decode("utf-8", "surrogateescape").split("\0")[:-1], done

    def _files(self, name: str) -> tuple[str, ...]:
        made = tuple(sorted(os.listdir(self._folder / name)))
        if made:
            shutil.rmtree(self._folder / name)
            self._fresh(name)
        return made

    def _fresh(self, name: str) -> None:
        (self._folder / name).mkdir()
        (self._folder / name).chmod(0o777)


def _read(pipe: int, seconds: float) -> tuple[bytes, bool]:
    """All that is told until nobody holds the pipe, and whether that came in time."""
    told, until = b"", time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if not select.select([pipe], [], [], left)[0]:
            break
        if not (chunk := os.read(pipe, 65_536)):
            return told, True
        told += chunk
        if len(told) > 4_000_000:  # a line that runs programs without end
            break
    return told, False


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        resource.setrlimit(resource.RLIMIT_NPROC, (300, 300))


@contextlib.contextmanager
def oracle(room: int = 100) -> Generator[Oracle]:
    """An oracle in a scratch folder."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Oracle(Path(folder), room)
