"""One host per home: an advisory lock that the kernel gives back however its holder ends."""

import fcntl
import os
from types import TracebackType
from typing import Self

from vega_tui.core.errors import HostError
from vega_tui.core.home import Home


class HomeLock:
    """Held from `take()` to `release()`; the file names the holder for people, the lock itself is the kernel's."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._fd: int | None = None

    def take(self) -> None:
        """Become the host of this home. Raises HostError naming who is."""
        fd = os.open(self._home.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(fd, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(fd)
            raise HostError(f"another host has this home already (pid {holder}); connect to it") from error
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        self._fd = fd
        self._home.hold()

    def release(self) -> None:
        """Let another host have the home; idempotent."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
            self._home.let_go()

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
