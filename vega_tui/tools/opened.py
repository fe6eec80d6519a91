"""Opens what was judged and nothing else: from the root on, part by part, following no link.

A path that reaches this file is real: links were followed when the call was judged. A link met here was put
there since.
"""

import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from vega_tui.core.errors import ToolError

_CLOSED: Final = os.O_CLOEXEC | os.O_NOFOLLOW
# Passing through a folder needs no right to list it, where the system has a word for that.
_THROUGH: Final = _CLOSED | os.O_DIRECTORY | getattr(os, "O_PATH", os.O_RDONLY)


class Changed(ToolError):
    """What was judged is not what is there now: nothing was done."""


@contextmanager
def folder(path: Path | str, *, make: bool = False) -> Generator[int]:
    """A descriptor of a folder. With `make`, what is missing of it is made. Raises Changed and OSError."""
    at = os.open("/", _THROUGH)
    try:
        for part in Path(path).parts[1:]:
            at = _step(at, part, make=make, whole=str(path))
        yield at
    finally:
        os.close(at)


def _step(at: int, part: str, *, make: bool, whole: str) -> int:
    try:
        below = os.open(part, _THROUGH, dir_fd=at)
    except FileNotFoundError:
        if not make:
            raise
        try:
            os.mkdir(part, dir_fd=at)
        except FileExistsError:
            pass  # someone was faster: what they made is opened under the same rules
        below = os.open(part, _THROUGH, dir_fd=at)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR) and _is_link(part, at):
            raise changed(whole) from error
        raise
    os.close(at)
    return below


def _is_link(name: str, at: int) -> bool:
    try:
        return stat.S_ISLNK(os.lstat(name, dir_fd=at).st_mode)
    except OSError:
        return False


def changed(path: Path | str) -> Changed:
    """What to say of a path that leads elsewhere now."""
    return Changed(
        f"{path} leads elsewhere than when this call was judged: a link was put in its way; nothing was done"
    )


@contextmanager
def regular(path: Path) -> Generator[tuple[int, os.stat_result]]:
    """A descriptor to read a regular file from, and its status. Raises ToolError, Changed, OSError; never waits."""
    with folder(path.parent) as above:
        try:
            file = os.open(path.name or ".", os.O_RDONLY | os.O_NONBLOCK | _CLOSED, dir_fd=above)
        except OSError as error:
            if error.errno == errno.ELOOP and not _is_loop(path):
                raise changed(path) from error
            raise
    try:
        status = os.fstat(file)
        if stat.S_ISDIR(status.st_mode):
            raise ToolError(f"{path} is a folder; use list")
        if not stat.S_ISREG(status.st_mode):
            raise ToolError(f"{path} is not a regular file")
        yield file, status
    finally:
        os.close(file)


def _is_loop(path: Path) -> bool:
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def read(file: int, limit: int) -> bytes:
    """Up to `limit` bytes from where the descriptor stands."""
    parts: list[bytes] = []
    while limit > 0 and (part := os.read(file, min(limit, 1 << 20))):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)


@contextmanager
def same_folder(path: str, node: tuple[int, int]) -> Generator[str]:
    """A name to start a program in, of the very folder that was judged. Raises Changed and OSError."""
    with folder(path) as found:
        status = os.fstat(found)
        if (status.st_dev, status.st_ino) != node:
            raise changed(path)
        by_number = f"/proc/self/fd/{found}"
        yield by_number if os.path.exists(by_number) else path  # noqa: PTH110 - a link into the kernel
