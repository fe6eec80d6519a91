"""Names of living processes. Plain state owned by the system. Source: erlang(3) register/2."""

from vega_tui.runtime.errors import NameTaken, NoProcess
from vega_tui.runtime.signals import Pid


class Registry:
    """One name for one process; freed when it ends, before anyone hears of the end."""

    def __init__(self) -> None:
        self._pids: dict[str, Pid] = {}
        self._names: dict[Pid, str] = {}

    def register(self, name: str, pid: Pid) -> None:
        """Give `pid` the name; the same pair twice is no change.

        Raises: NameTaken when another process holds it, or when `pid` already has another name.
        """
        holder = self._pids.get(name)
        if holder is pid:
            return
        if holder is not None:
            raise NameTaken(name, holder)
        if pid in self._names:
            raise NameTaken(self._names[pid], pid)
        self._pids[name] = pid
        self._names[pid] = name

    def unregister(self, name: str) -> None:
        """Free the name, whoever holds it (unregister/1). Raises: NoProcess when nobody does."""
        pid = self._pids.get(name)
        if pid is None:
            raise NoProcess(name)
        self.release(pid)

    def release(self, pid: Pid) -> None:
        """Free the name that `pid` holds, if any."""
        name = self._names.pop(pid, None)
        if name is not None:
            del self._pids[name]

    def whereis(self, name: str) -> Pid | None:
        """Who holds the name."""
        return self._pids.get(name)

    def name_of(self, pid: Pid) -> str | None:
        """Which name `pid` holds."""
        return self._names.get(pid)

    def names(self) -> list[str]:
        """All names in use."""
        return list(self._pids)
