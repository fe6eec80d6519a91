"""Reads files of settings and rules without trusting them: regular files of a bounded size, never one that waits."""

import errno
import os
import stat
from pathlib import Path
from typing import Final

from vega_tui.core.errors import UserError

MOST_BYTES: Final = 65_536  # YAML is slow to read: a bigger file would hold up a host for more than a moment


def read_small(path: Path, *, folder: int | None = None, links: bool = True) -> bytes | None:
    """The content of a file; None where there is none.

    `folder` is an open folder that the path's name is in. Raises UserError in one line for links where they may
    not be, and for what is no regular file, too large, or can't be read.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | (0 if links else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path if folder is None else path.name, flags, dir_fd=folder)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if not links and error.errno in (errno.ELOOP, errno.EMLINK):
            raise UserError(f"{path}: is a link, which a project's file may not be; put the file there") from None
        raise UserError(f"{path}: can't be read ({error.strerror}); repair or remove it") from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise UserError(f"{path}: is not a regular file; remove it")
        # Read, not believed: files of /proc say that they are empty, and one may grow meanwhile.
        pieces: list[bytes] = []
        while (size := sum(map(len, pieces))) <= MOST_BYTES and (piece := os.read(descriptor, MOST_BYTES + 1 - size)):
            pieces.append(piece)
    except OSError as error:
        raise UserError(f"{path}: can't be read ({error.strerror}); repair or remove it") from None
    finally:
        os.close(descriptor)
    if size > MOST_BYTES:
        raise UserError(f"{path}: is larger than {MOST_BYTES:,} bytes; make it smaller")
    return b"".join(pieces)


def text_of(data: bytes, path: Path) -> str:
    """Its text. Raises UserError where it is not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: can't be read: it is not UTF-8 at byte {error.start}; repair it") from None
